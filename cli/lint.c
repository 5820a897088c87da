/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "profiles/lint.h"

struct counts {
	size_t errors, warnings;
};

static bool lint_file(struct arena *arena, const char *path, struct counts *counts,
		      struct error *err)
{
	struct lint_findings findings;
	struct text text;

	if (!cli_read(arena, path, PROFILE_SIZE_MAX, &text, err))
		return false;
	path = text_shown(arena, text_of(path));
	findings = lint_profile(arena, path, text);
	for (size_t i = 0; i < findings.count; i++) {
		const struct lint_finding *finding = &findings.items[i];
		bool is_error = finding->level == LINT_ERROR;
		const char *kind = is_error ? "error" : "warning";

		*(is_error ? &counts->errors : &counts->warnings) += 1;
		if (finding->line)
			printf("%s:%zu: %s: %s\n", path, finding->line, kind,
			       finding->message);
		else
			printf("%s: %s\n", kind, finding->message);
	}
	return true;
}

/* A name stands for the file that a container's start would read. */
static bool lint_name(struct arena *arena, const struct gate *gate, struct text name,
		      struct counts *counts, struct error *err)
{
	struct profile profile;

	if (store_find(arena, &gate->store, name, &profile, err))
		return lint_file(arena, profile.path, counts, err);
	printf("error: %s\n", err->msg);
	counts->errors++;
	return true;
}

static bool lint_all(struct arena *arena, const struct gate *gate, struct counts *counts,
		     struct error *err)
{
	struct texts names;

	if (!store_names(arena, &gate->store, &names, err))
		return false;
	for (size_t i = 0; i < names.count; i++)
		if (!lint_name(arena, gate, names.items[i], counts, err))
			return false;
	return true;
}

static bool lint_one(struct arena *arena, const char *what, struct counts *counts,
		     struct error *err)
{
	struct gate gate;

	if (!profile_name_valid(text_of(what)))
		return lint_file(arena, what, counts, err);
	return cli_profiles(arena, &gate, err) &&
	       lint_name(arena, &gate, text_of(what), counts, err);
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct counts counts = { 0 };
	bool strict = false, any = false;
	struct gate gate;

	for (int i = 0; i < argc; i++)
		if (!strcmp(argv[i], "--strict"))
			strict = true;
		else if (argv[i][0] == '-' && argv[i][1])
			return usage_unknown(arena, err, &command_lint, argv[i]);
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--strict"))
			continue;
		any = true;
		if (!lint_one(arena, argv[i], &counts, err))
			return false;
	}
	if (!any &&
	    (!cli_profiles(arena, &gate, err) || !lint_all(arena, &gate, &counts, err)))
		return false;
	if (!counts.errors && !(strict && counts.warnings))
		return true;
	return error_set(err, ERR_CONFIG, "%zu error%s, %zu warning%s", counts.errors,
			 counts.errors == 1 ? "" : "s", counts.warnings,
			 counts.warnings == 1 ? "" : "s");
}

const struct command command_lint = {
	.name = "lint",
	.arguments = "[--strict] [NAME|FILE...]",
	.summary = "Find what is wrong with profiles that read well",
	.help = "\nRules that let through more than they seem to, or that can't mean "
		"what they say;\n"
		"powerbox(8) lists them. Without arguments, all profiles of this node. "
		"Exit\n"
		"status 78 if there is an error.\n\n"
		"  --strict   or a warning\n",
	.run = run,
};
