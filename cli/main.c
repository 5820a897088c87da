/* SPDX-License-Identifier: Apache-2.0 */

/* powerbox: what an administrator asks and is told. Nothing here is on a hot path. */

#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

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

static bool dispatch(struct arena *arena, int argc, char **argv, struct error *err)
{
	const struct command *command;

	if (argc < 2)
		return error_set(err, ERR_USAGE,
				 "which subcommand? powerbox --help lists them");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		print_help();
		return true;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("powerbox " PACKAGE_VERSION);
		return true;
	}
	command = command_find(argv[1]);
	if (!command)
		return error_set(err, ERR_USAGE,
				 "there is no subcommand %s; powerbox --help lists them",
				 text_quote(arena, text_of(argv[1])));
	if (argc > 2 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"))) {
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
