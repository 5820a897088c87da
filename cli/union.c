/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/terminal.h"

struct options {
	const char *profile_dir;
	const char *runtime; /* "none": without */
	struct text names[REQUEST_PROFILES];
	size_t count;
};

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	for (int i = 0; i < argc; i++) {
		const char *value;

		if ((value = option_value("--profile-dir", argc, argv, &i))) {
			ret->profile_dir = value;
		} else if ((value = option_value("--runtime", argc, argv, &i))) {
			ret->runtime = value;
		} else if (argv[i][0] == '-') {
			return usage_unknown(arena, err, &command_union, argv[i]);
		} else if (!profile_name_valid(text_of(argv[i]))) {
			return usage_error(err, &command_union, "%s is no profile name",
					   text_quote(arena, text_of(argv[i])));
		} else if (ret->count == REQUEST_PROFILES) {
			return usage_error(err, &command_union, "more than %d profiles",
					   REQUEST_PROFILES);
		} else {
			ret->names[ret->count++] = text_of(argv[i]);
		}
	}
	if (ret->runtime && strcmp(ret->runtime, "none") &&
	    strcmp(ret->runtime, "runc") && strcmp(ret->runtime, "crun"))
		return usage_error(err, &command_union,
				   "--runtime is runc, crun or none");
	return true;
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct options options = { 0 };
	const char *runtime;
	struct outcome outcome;
	struct gate gate;
	struct text text;

	if (!parse(arena, argc, argv, &options, err) || !cli_profiles(arena, &gate, err))
		return false;
	if (options.profile_dir &&
	    !gate_look_in(&gate, options.profile_dir,
			  text_shown(arena, text_of(options.profile_dir)), err))
		return false;
	runtime = options.runtime ? options.runtime : runtime_kind_name(gate.node.kind);
	if (!strcmp(runtime, "none"))
		runtime = NULL;
	if (!gate_union(arena, &gate, options.names, options.count, runtime, &outcome,
			err))
		return false;
	text = outcome_union(arena, &outcome);
	fwrite(text.bytes, 1, text.length, stdout);
	return true;
}

const struct command command_union = {
	.name = "union",
	.arguments = "[--profile-dir DIR] [--runtime runc|crun|none] [NAME...]",
	.summary = "Print the union of profiles as a bundle gets it",
	.help = "\nOne JSON object: the values of process.capabilities, "
		"process.noNewPrivileges\n"
		"and linux.seccomp that a container with this request is given here.\n\n"
		"  --profile-dir DIR  look for profiles in DIR first (whoever owns it)\n"
		"  --runtime KIND     join the profile of this runtime; the node's if "
		"not given\n",
	.run = run,
};
