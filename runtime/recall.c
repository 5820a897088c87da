/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/recall.h"

#include <string.h>

#include "runtime/links.h"
#include "runtime/state.h"

/* Which of the two grammars is the right one is told by which of them finds a note. */
static bool read_note(struct arena *arena, enum runtime_kind kind, int argc, char **argv,
		      struct invocation *ret, const char **ret_runtime)
{
	struct error ignored;

	return invocation_parse(arena, kind, argc, argv, ret, &ignored) && ret->id &&
	       link_runtime(arena, ret, ret_runtime);
}

static bool recall_as(struct arena *arena, enum runtime_kind kind, int argc, char **argv,
		      struct node *node, struct invocation *ret)
{
	struct invocation invocation;
	const char *runtime;

	if (!read_note(arena, kind, argc, argv, &invocation, &runtime) ||
	    invocation.effect != EFFECT_NONE)
		return false;
	node->kind = kind;
	node->runtime = runtime;
	*ret = invocation;
	return true;
}

bool recall(struct arena *arena, int argc, char **argv, struct node *node,
	    struct invocation *invocation)
{
	return recall_as(arena, RUNTIME_RUNC, argc, argv, node, invocation) ||
	       recall_as(arena, RUNTIME_CRUN, argc, argv, node, invocation);
}

/* Of a container that is there, by an id. */
static bool is_visit(const struct invocation *invocation)
{
	return invocation->id && !invocation->shows &&
	       invocation->effect != EFFECT_CREATES &&
	       invocation->effect != EFFECT_RESTORES;
}

bool recall_former(struct arena *arena, int argc, char **argv, bool parsed,
		   struct node *node, struct invocation *invocation)
{
	enum runtime_kind kind = node->kind == RUNTIME_RUNC ? RUNTIME_CRUN : RUNTIME_RUNC;
	struct invocation former;
	const char *runtime;

	if (parsed && (!is_visit(invocation) || state_kept(arena, invocation)))
		return false;
	/* A note may be older than its container's end. */
	if (!read_note(arena, kind, argc, argv, &former, &runtime) ||
	    !is_visit(&former) || !state_kept(arena, &former))
		return false;
	node->kind = kind;
	node->runtime = runtime;
	*invocation = former;
	return true;
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
