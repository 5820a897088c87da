/* SPDX-License-Identifier: Apache-2.0 */

/* powerbox: what an administrator asks and is told. Nothing here is on a hot path. */

#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#include "cli/cli.h"

static const struct command *const commands[] = {
	&command_approvals, &command_approve, &command_audit,	&command_check,
	&command_diff,	    &command_explain, &command_import,	&command_lint,
	&command_list,	    &command_log,     &command_metrics, &command_report,
	&command_revoke,    &command_show,    &command_suggest, &command_union,
};

static void print_help(void)
{
	puts("powerbox SUBCOMMAND [ARGUMENTS]: named grants for containers, per node\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
	puts("\npowerbox SUBCOMMAND --help tells more of one; powerbox(8) of all.");
}

static void print_command_help(const struct command *command)
{
	printf("powerbox %s%s%s\n\n%s.\n%s", command->name,
	       *command->arguments ? " " : "", command->arguments, command->summary,
	       command->help);
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

/* What runc and crun are asked to do; "list" is powerbox's as well. */
static const char *const runtime_commands[] = {
	"checkpoint", "create", "delete", "events", "exec",    "features",
	"kill",	      "mounts", "pause",  "ps",	    "restore", "resume",
	"run",	      "spec",	"start",  "state",  "update",
};

/* "--root /run/runc create ...": an engine that was told the wrong name speaks so. */
static bool is_for_runtime(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(runtime_commands); j++)
			if (!strcmp(argv[i], runtime_commands[j]))
				return true;
		if (argv[1][0] != '-')
			break;
	}
	return false;
}

static bool unknown_command(struct arena *arena, int argc, char **argv, struct error *err)
{
	if (is_for_runtime(argc, argv))
		return error_set(err, ERR_USAGE,
				 "this is the administrator's tool; the runtime is "
				 "powerbox-runtime: name " POWERBOX_BINDIR
				 "/powerbox-runtime to the engine");
	return error_set(err, ERR_USAGE,
			 "there is no subcommand %s; powerbox --help lists them",
			 text_quote(arena, text_of(argv[1])));
}

static bool is_help(const char *argument)
{
	return !strcmp(argument, "--help") || !strcmp(argument, "-h");
}

/* Wherever it stands: who types it behind a half-written line wants no more than that. */
static bool asks_help(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (is_help(argv[i]))
			return true;
	return false;
}

static bool dispatch(struct arena *arena, int argc, char **argv, struct error *err)
{
	const struct command *command;
	bool help;

	if (argc < 2)
		return error_set(err, ERR_USAGE,
				 "which subcommand? powerbox --help lists them");
	help = is_help(argv[1]) || !strcmp(argv[1], "help");
	if (help && (argc == 2 || is_help(argv[2]))) {
		print_help();
		return true;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("powerbox " PACKAGE_VERSION);
		return true;
	}
	/* "help approve" is "approve --help". */
	argv += help;
	argc -= help;
	command = command_find(argv[1]);
	if (!command)
		return unknown_command(arena, argc, argv, err);
	if (help || asks_help(argc, argv)) {
		print_command_help(command);
		return true;
	}
	return command->run(arena, argc - 2, argv + 2, err);
}

int main(int argc, char **argv)
{
	struct arena arena = { NULL };
	struct error err = { 0 };
	int status = 0;

	if (getauxval(AT_SECURE)) {
		fputs("powerbox: must not be setuid or have file capabilities\n", stderr);
		return ERR_USAGE;
	}
	if (!dispatch(&arena, argc, argv, &err)) {
		fflush(stdout);
		/* Without a message the output has said it. */
		if (*err.msg)
			fprintf(stderr, "powerbox: %s\n", err.msg);
		status = (int)err.code;
	} else if (fflush(stdout) || ferror(stdout)) {
		fputs("powerbox: writing to stdout failed\n", stderr);
		status = ERR_IO;
	}
	arena_free(&arena);
	return status;
}
