/* SPDX-License-Identifier: Apache-2.0 */

/*
 * powerbox-hook: what engines that run hooks call. `precreate` rewrites a config.json on
 * its way through podman, `verify` looks at a container that a runtime has set up, `deny`
 * is how a refusal of precreate ends. Decides nothing itself: the gate does.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "hook/precreate.h"
#include "hook/verify.h"
#include "lib/file.h"
#include "lib/log.h"

#define USAGE \
	"usage: powerbox-hook precreate | verify | deny REASON... | --help | --version"

struct run {
	struct arena *arena;
	const struct log *log;
	int argc; /* the words behind the command's name */
	char **argv;
};

static bool read_input(const struct run *run, size_t limit, struct text *ret,
		       struct error *err)
{
	return file_read_fd(run->arena, STDIN_FILENO, "standard input", limit, ret, err);
}

/* A line of the decision log that is lost, where the node lets it be. */
static void note_lost(const struct run *run, const struct error *lost)
{
	if (lost->code)
		log_notice(run->log,
			   arena_printf(run->arena, "audit=failed %s", lost->msg));
}

/* A refusal that went out as a config is told to syslog here, to the user by podman. */
static bool run_precreate(const struct run *run, struct error *err)
{
	struct precreated answer;
	struct text text;

	if (!read_input(run, CONFIG_SIZE_MAX, &text, err) ||
	    !precreate(run->arena, text, &answer, err) ||
	    !file_write_fd(STDOUT_FILENO, answer.text, err))
		return false;
	note_lost(run, &answer.lost);
	if (answer.refused)
		log_refusal(run->arena, run->log, answer.why.msg);
	else if (answer.warned)
		log_notice(run->log, arena_printf(run->arena, "decision=warned %s",
						  answer.why.msg));
	else
		log_notice(run->log,
			   arena_printf(run->arena, "decision=%s %s",
					answer.outcome.decision.mode == MODE_WARN
						? "warned"
						: "granted",
					outcome_line(run->arena, &answer.outcome)));
	return true;
}

static bool run_verify(const struct run *run, struct error *err)
{
	struct verified verified = { 0 };
	bool verifies;
	struct text text;

	if (!read_input(run, STATE_SIZE_MAX, &text, err))
		return false;
	verifies = verify(run->arena, text, &verified, err);
	note_lost(run, &verified.lost);
	if (!verifies)
		return verified.container
			       ? error_in(err, "container %s", verified.container)
			       : false;
	if (verified.why.code)
		log_notice(run->log,
			   arena_printf(run->arena, "decision=warned container=%s %s",
					verified.container, verified.why.msg));
	else
		log_notice(run->log,
			   arena_printf(run->arena, "decision=verified container=%s %s",
					verified.container,
					outcome_line(run->arena, &verified.outcome)));
	return true;
}

/* The reason was written by precreate, but anybody may have put another in its place. */
static bool run_deny(const struct run *run, struct error *err)
{
	struct buffer reason = { .arena = run->arena };

	for (int i = 0; i < run->argc; i++)
		buffer_printf(&reason, "%s%s", i ? " " : "", run->argv[i]);
	for (size_t i = 0; i < reason.length; i++)
		if (reason.bytes[i] < ' ' || reason.bytes[i] > '~')
			reason.bytes[i] = '?';
	return error_set(err, ERR_DENIED, "%s", reason.bytes);
}

static bool run_help(const struct run *run, struct error *err)
{
	(void)run;
	return file_write_fd(STDOUT_FILENO,
			     text_of(USAGE "\nCalled by engines and runtimes; see "
					   "powerbox-hook(8)\n"),
			     err);
}

static bool run_version(const struct run *run, struct error *err)
{
	(void)run;
	return file_write_fd(STDOUT_FILENO,
			     text_of("powerbox-hook " PACKAGE_VERSION "\n"), err);
}

static const struct command {
	const char *name;
	bool takes_words; /* at least one; else none */
	bool (*run)(const struct run *run, struct error *err);
} commands[] = {
	{ "precreate", false, run_precreate },
	{ "verify", false, run_verify },
	{ "deny", true, run_deny },
	{ "--help", false, run_help },
	{ "--version", false, run_version },
};

static bool dispatch(struct run *run, int argc, char **argv, struct error *err)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++) {
		const struct command *command = &commands[i];

		if (strcmp(argv[1], command->name) != 0)
			continue;
		run->argc = argc - 2;
		run->argv = argv + 2;
		if (command->takes_words == (run->argc > 0))
			return command->run(run, err);
	}
	return error_set(err, ERR_USAGE, USAGE);
}

int main(int argc, char **argv)
{
	struct arena arena = { NULL };
	struct log log = { .program = "powerbox-hook" };
	struct run run = { .arena = &arena, .log = &log };
	struct error err;
	bool done = false;

	/* A reader that went away is an error of writing, not the end without a word. */
	signal(SIGPIPE, SIG_IGN);
	if (getauxval(AT_SECURE))
		error_set(&err, ERR_USAGE,
			  "must not be setuid, setgid or have file capabilities");
	else
		done = file_hold_stdio(&err) && dispatch(&run, argc, argv, &err);
	if (!done)
		log_refusal(&arena, &log, err.msg);
	arena_free(&arena);
	return done ? 0 : (int)err.code;
}
