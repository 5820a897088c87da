/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/check.h"
#include "cli/cli.h"

static void check(struct arena *arena, struct findings *findings)
{
	struct runtime_version version;
	struct error finding;
	bool open, known;
	struct gate gate;
	struct node node;

	check_folders(findings);
	findings->area = "node";
	if (node_read(arena, &node, &finding))
		found_ok(findings, "%s, or its defaults", NODE_FILE);
	else
		found_error(findings, &finding);
	open = check_acl(findings, &node, &gate);
	if (open)
		check_profiles(findings, &gate);
	known = check_runtime(findings, &node, &version);
	if (open && known)
		check_measured(findings, &gate, &version);
	check_programs(findings);
	check_engines(findings, &node);
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct findings findings = { .arena = arena };
	bool json = false;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") != 0)
			return usage_error(err, &command_check, "takes no %s",
					   text_quote(arena, text_of(argv[i])));
		json = true;
	}
	check(arena, &findings);
	if (json)
		findings_print_json(&findings);
	else
		findings_print(&findings);
	if (!findings.bad)
		return true;
	return error_set(err, ERR_CONFIG, "%zu finding%s to mend", findings.bad,
			 findings.bad == 1 ? "" : "s");
}

const struct command command_check = {
	.name = "check",
	.arguments = "[--json]",
	.summary = "Check this node's files, runtime, profiles and engines",
	.help = "\nReads everything that a container's start would read, with the same "
		"code, and\n"
		"prints a line per finding: ok, BAD with how to mend it, or note. Exit "
		"status 78\n"
		"if anything is bad.\n\n"
		"  --json   the same for programs: " POWERBOX_DATADIR
		"/schema/check.json\n",
	.run = run,
};
