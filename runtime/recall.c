/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/recall.h"

#include <string.h>

#include "runtime/links.h"
#include "runtime/state.h"

/* Which of the two grammars is the right one is told by which of them finds a note. */
static bool recall_as(struct arena *arena, enum runtime_kind kind, int argc, char **argv,
		      struct node *node, struct invocation *ret)
{
	struct invocation invocation;
	struct error ignored;

	if (!invocation_parse(arena, kind, argc, argv, &invocation, &ignored) ||
	    invocation.effect != EFFECT_NONE || !invocation.id ||
	    !link_runtime(arena, &invocation, &node->runtime))
		return false;
	node->kind = kind;
	*ret = invocation;
	return true;
}

bool recall(struct arena *arena, int argc, char **argv, struct node *node,
	    struct invocation *invocation)
{
	return recall_as(arena, RUNTIME_RUNC, argc, argv, node, invocation) ||
	       recall_as(arena, RUNTIME_CRUN, argc, argv, node, invocation);
}

bool recall_unneeded(struct arena *arena, const struct node *node,
		     const struct invocation *invocation)
{
	const struct command *command = invocation->command;

	if (invocation->effect != EFFECT_NONE)
		return false;
	if (!node->guessed || !command || strcmp(command->name, "delete") != 0 ||
	    invocation->shows)
		return true;
	return invocation->id && state_kept(arena, invocation);
}
