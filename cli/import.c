/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "profiles/import.h"

struct options {
	struct import_options import;
	const char *path;
};

/* "4.8", and what a distribution puts behind it. */
static bool read_kernel(const char *version, unsigned ret[2])
{
	return sscanf(version, "%u.%u", &ret[0], &ret[1]) == 2;
}

/* The option at *i. */
static bool parse_option(struct arena *arena, int argc, char **argv, int *i,
			 struct options *ret, struct error *err)
{
	struct import_options *import = &ret->import;
	const char *value;

	if ((value = option_value("--caps", argc, argv, i)))
		return cli_caps(arena, value, &import->selection.caps, err);
	if ((value = option_value("--arch", argc, argv, i))) {
		import->selection.arch = value;
		return selection_knows(value) ||
		       usage_error(err, &command_import,
				   "%s is no architecture (SCMP_ARCH_X86_64 is one)",
				   text_quote(arena, text_of(value)));
	}
	if ((value = option_value("--kernel", argc, argv, i)))
		return read_kernel(value, import->selection.kernel) ||
		       usage_error(err, &command_import, "%s is no version like 6.1",
				   text_quote(arena, text_of(value)));
	if ((value = option_value("--summary", argc, argv, i))) {
		import->summary = value;
		return (*value && text_is_line(text_of(value))) ||
		       usage_error(err, &command_import, "the summary must be one line");
	}
	if (!strcmp(argv[*i], "--skip-unknown")) {
		import->skip_unknown = true;
		return true;
	}
	return usage_unknown(arena, err, &command_import, argv[*i]);
}

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	struct utsname system;

	ret->import.selection.arch = archs_name(archs_native(), 0);
	if (!uname(&system))
		(void)read_kernel(system.release, ret->import.selection.kernel);
	for (int i = 0; i < argc; i++) {
		if (argv[i][0] == '-' && argv[i][1]) {
			if (!parse_option(arena, argc, argv, &i, ret, err))
				return false;
		} else if (ret->path) {
			return usage_error(err, &command_import, "takes one file");
		} else {
			ret->path = argv[i];
		}
	}
	return ret->path || usage_error(err, &command_import, "takes a file, or -");
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct buffer out = { .arena = arena };
	struct options options = { 0 };
	struct import_notes notes;
	struct profile profile;
	struct text text;
	const char *path;

	if (!parse(arena, argc, argv, &options, err) ||
	    !cli_read(arena, options.path, PROFILE_SIZE_MAX, &text, err))
		return false;
	path = strcmp(options.path, "-") ? text_shown(arena, text_of(options.path))
					 : "standard input";
	if (!options.import.summary)
		options.import.summary = arena_printf(arena, "Imported from %s", path);
	if (!import_read(arena, path, text, &options.import, &profile, &notes, err))
		return false;
	for (size_t i = 0; i < notes.count; i++)
		fprintf(stderr, "powerbox: %s: note: %s\n", path, notes.items[i]);
	profile_write(&out, &profile);
	fputs(out.bytes, stdout);
	return true;
}

const struct command command_import = {
	.name = "import",
	.arguments = "[OPTION...] FILE",
	.summary = "Make a profile of a seccomp file of Docker, podman or the OCI",
	.help = "\nPrints the profile; notes go to stderr. What can't be carried over "
		"exactly is\n"
		"refused, with its line. FILE may be - for standard input.\n\n"
		"  --caps LIST        the container's capabilities, which the profile "
		"grants too:\n"
		"                     CAP_A,CAP_B, docker (its fourteen), all or none "
		"(default)\n"
		"  --arch ARCH        SCMP_ARCH_X86_64 ...; this machine's if not given\n"
		"  --kernel VERSION   for minKernel; this machine's if not given\n"
		"  --summary TEXT     the profile's summary\n"
		"  --skip-unknown     leave out calls whose names are not known here\n",
	.run = run,
};
