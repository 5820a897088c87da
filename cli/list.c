/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "gate/approval.h"

/* What the ACL says of a profile to who is nobody in particular, in a word. */
static bool find_state(struct arena *arena, const struct gate *gate,
		       const struct profile *profile, struct cell *ret, struct error *err)
{
	struct request request = { .profiles = { text_of(profile->name) }, .count = 1 };
	struct decision decision =
		acl_decide(arena, gate->acl, &gate->node.labels, &request);
	const struct verdict *verdict = &decision.verdicts[0];
	struct difference added;
	bool holds = true;

	if (verdict->approvals.count &&
	    !approvals_hold(arena, &verdict->approvals, &profile->policy, &holds, &added,
			    err))
		return false;
	if (!decision.granted)
		*ret = (struct cell){ "-", COLOR_PLAIN };
	else if (holds)
		*ret = (struct cell){ "allowed", COLOR_GOOD };
	else
		*ret = (struct cell){ "grown", COLOR_BAD };
	return true;
}

/* A row of the table; false: its file can't be read, which the row says as well. */
static bool add_profile(struct arena *arena, const struct gate *gate, struct text name,
			struct table *table, struct error *err)
{
	struct cell cells[] = { { arena_copy(arena, name.bytes, name.length),
				  COLOR_PLAIN },
				{ "broken", COLOR_BAD },
				{ NULL, COLOR_PLAIN } };
	struct profile profile;
	bool good = store_find(arena, &gate->store, name, &profile, err) &&
		    find_state(arena, gate, &profile, &cells[1], err);

	cells[2].text = good ? text_shown(arena, text_of(profile.summary))
			     : arena_copy(arena, err->msg, strlen(err->msg));
	*arena_push(arena, table) = (struct row){ { cells[0], cells[1], cells[2] } };
	return good;
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct subject nobody = { 0 };
	struct table table = { 0 };
	struct texts names;
	struct error ignored;
	bool good = true;
	struct gate gate;

	if (argc)
		return usage_unknown(arena, err, &command_list, argv[0]);
	if (!cli_gate(arena, &gate, err) || !store_names(arena, &gate.store, &names, err))
		return false;
	if (acl_mode_for(arena, gate.acl, &gate.node.labels, &nobody) == MODE_WARN)
		fputs("powerbox: note: mode warn: every container starts, whatever is "
		      "allowed; powerbox check tells more\n",
		      stderr);
	for (size_t i = 0; i < names.count; i++) {
		/* The first that is broken makes the exit status. */
		struct error *reterr = good ? err : &ignored;

		good = add_profile(arena, &gate, names.items[i], &table, reterr) && good;
	}
	table_print(&table);
	return good;
}

const struct command command_list = {
	.name = "list",
	.arguments = "",
	.summary = "List this node's profiles, and which the ACL allows to everybody",
	.help = "\nA line per profile: its name, \"allowed\" if any container may ask "
		"for it here,\n"
		"\"grown\" if it grants more than was approved, so that it is refused, "
		"\"broken\" if\n"
		"it can't be read, and what it lets a container do. Rules that select "
		"by\n"
		"namespace, image or container do not count here.\n",
	.run = run,
};
