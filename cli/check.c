/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/check.h"
#include "cli/cli.h"
#include "cli/probe.h"

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

struct options {
	bool json, probe;
	struct probe_options of_probe;
};

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	struct probe_options *of_probe = &ret->of_probe;

	for (int i = 0; i < argc; i++) {
		const char *value;

		if ((value = option_value("--runtime", argc, argv, &i)))
			of_probe->runtime = value;
		else if ((value = option_value("--output", argc, argv, &i)))
			of_probe->output = value;
		else if (!strcmp(argv[i], "--write"))
			of_probe->write = true;
		else if (!strcmp(argv[i], "--probe"))
			ret->probe = true;
		else if (!strcmp(argv[i], "--json"))
			ret->json = true;
		else
			return usage_unknown(arena, err, &command_check, argv[i]);
	}
	if (ret->probe ? ret->json
		       : of_probe->runtime || of_probe->output || of_probe->write)
		return usage_error(err, &command_check,
				   "--runtime, --output and --write go with --probe, "
				   "--json without");
	if (of_probe->output && of_probe->write)
		return usage_error(err, &command_check, "--output or --write, not both");
	if (of_probe->runtime &&
	    (*of_probe->runtime != '/' || !text_is_line(text_of(of_probe->runtime))))
		return usage_error(err, &command_check,
				   "--runtime takes an absolute path, on one line");
	return true;
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct findings findings = { .arena = arena };
	struct options options = { .json = false };

	if (!parse(arena, argc, argv, &options, err))
		return false;
	if (options.probe)
		return probe(arena, &options.of_probe, err);
	check(arena, &findings);
	if (options.json)
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
	.arguments = "[--json] | --probe [--runtime PATH] [--output FILE | --write]",
	.summary = "Check this node's files, runtime, profiles and engines",
	.help = "\nReads everything that a container's start would read, with the same "
		"code, and\n"
		"prints a line per finding: ok, BAD with how to mend it, or note. Exit "
		"status 78\n"
		"if anything is bad.\n\n"
		"  --json          the same for programs (" POWERBOX_DATADIR
		"/schema/check.json)\n\n"
		"With --probe: finds by trial, with real containers, which system calls "
		"the\n"
		"runtime itself needs, and prints a profile of them (as root).\n\n"
		"  --runtime PATH  of this runtime; the node's if not given\n"
		"  --output FILE   to this file\n"
		"  --write         to " POWERBOX_SYSCONFDIR
		"/profiles.d/runtime-KIND.json, for all\n"
		"                  containers that start from then on\n",
	.run = run,
};
