/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "gate/approval.h"

/* What the ACL says of a profile to who is nobody in particular, in a word. */
static bool find_state(struct arena *arena, const struct gate *gate,
		       const struct profile *profile, const char **ret, struct error *err)
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
	*ret = !decision.granted ? "-" : holds ? "allowed" : "grown";
	return true;
}

static bool print_profile(struct arena *arena, const struct gate *gate, struct text name,
			  struct error *err)
{
	struct profile profile;
	const char *state;

	if (!store_find(arena, &gate->store, name, &profile, err) ||
	    !find_state(arena, gate, &profile, &state, err)) {
		printf("%-16.*s %-8s %s\n", (int)name.length, name.bytes, "broken",
		       err->msg);
		return false;
	}
	printf("%-16s %-8s %s\n", profile.name, state,
	       text_shown(arena, text_of(profile.summary)));
	return true;
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct subject nobody = { 0 };
	struct store_names names;
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

		good = print_profile(arena, &gate, names.items[i], reterr) && good;
	}
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
