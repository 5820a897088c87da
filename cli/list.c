/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/terminal.h"

static bool print_profile(struct arena *arena, const struct gate *gate, struct text name,
			  struct error *err)
{
	struct request request = { .profiles = { name }, .count = 1 };
	struct decision decision =
		acl_decide(arena, gate->acl, &gate->node.labels, &request);
	struct profile profile;

	if (!store_find(arena, &gate->store, name, &profile, err))
		return false;
	printf("%-16s %-8s %s\n", profile.name, decision.granted ? "allowed" : "-",
	       text_shown(arena, text_of(profile.summary)));
	return true;
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct subject nobody = { 0 };
	struct store_names names;
	struct gate gate;

	if (argc)
		return usage_error(err, &command_list, "takes no %s",
				   text_quote(arena, text_of(argv[0])));
	if (!cli_gate(arena, &gate, err) || !store_names(arena, &gate.store, &names, err))
		return false;
	if (acl_mode_for(arena, gate.acl, &gate.node.labels, &nobody) == MODE_WARN)
		fputs("powerbox: note: mode warn: every container starts, whatever is "
		      "allowed; powerbox check tells more\n",
		      stderr);
	for (size_t i = 0; i < names.count; i++)
		if (!print_profile(arena, &gate, names.items[i], err))
			return false;
	return true;
}

const struct command command_list = {
	.name = "list",
	.arguments = "",
	.summary = "List this node's profiles, and which the ACL allows to everybody",
	.help = "\nA line per profile: its name, \"allowed\" if any container may ask "
		"for it here,\n"
		"and what it lets a container do. Rules that select by namespace, image "
		"or\n"
		"container do not count here.\n",
	.run = run,
};
