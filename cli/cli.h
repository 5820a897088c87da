/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "gate/gate.h"
#include "policy/words.h"

/*
 * powerbox SUBCOMMAND. Each subcommand is one file and one row of the table in main.c.
 * It returns like everything else; main() prints the error and makes the exit status.
 * Output for people goes to stdout.
 */
struct command {
	const char *name;
	const char *arguments; /* "NAME...", for the usage line */
	const char *summary;   /* one line of powerbox --help */
	const char *help;      /* more, for powerbox NAME --help */
	bool (*run)(struct arena *arena, int argc, char **argv, struct error *err);
};

extern const struct command command_approvals, command_approve, command_audit,
	command_check, command_diff, command_explain, command_import, command_lint,
	command_list, command_log, command_metrics, command_report, command_revoke,
	command_show, command_suggest, command_union;

/* ERR_USAGE: "NAME: what; powerbox NAME --help tells more". */
bool usage_error(struct error *err, const struct command *command, const char *fmt, ...)
	PRINTF(3, 4);

/* The same, for what no option or operand of the command is. */
bool usage_unknown(struct arena *arena, struct error *err, const struct command *command,
		   const char *argument);

/* The value of "--name VALUE" or "--name=VALUE" at *i; NULL if this is not it. */
const char *option_value(const char *name, int argc, char **argv, int *i);

/* A file that is only looked at: anybody's, a link or a pipe; "-" is stdin. */
NODISCARD bool cli_read(struct arena *arena, const char *path, size_t limit,
			struct text *ret, struct error *err);

/* "CAP_A,CAP_B", "all", "none", or "docker": the fourteen that Docker gives. */
NODISCARD bool cli_caps(struct arena *arena, const char *list, struct capset *ret,
			struct error *err);

/* What an engine of oci/keys.h gives by default; nothing if there is none of the name. */
struct capset engine_caps(struct text engine);

/* The node's own files if they can be read, so that one can look without an ACL. */
NODISCARD bool cli_gate(struct arena *arena, struct gate *ret, struct error *err);

/* The node's profiles without its ACL, so that one can look even if that is broken. */
NODISCARD bool cli_profiles(struct arena *arena, struct gate *ret, struct error *err);

/* A last line of output. ERR_IO: it, or one before, is lost; what it says is so anyway.
 */
NODISCARD bool cli_done(const char *what, struct error *err);

/* The calls that are granted always, wrapped; and each rule in words. */
void syscalls_print(struct arena *arena, const struct syscalls *syscalls,
		    unsigned indent);

/*
 * Members of a JSON object, with the comma behind the one before: the name alone, a text
 * or null for what is not there, a truth, a list.
 */
void write_key(struct buffer *out, const char *name);
void write_member(struct buffer *out, const char *name, struct text text);
void write_truth(struct buffer *out, const char *name, bool truth);
void write_texts(struct buffer *out, const char *name, const struct texts *texts);
void write_labels(struct buffer *out, const char *name, const struct labels *labels);

/* "/etc/powerbox/acl.json:6", or what else a profile is allowed by; "-": nothing. */
const char *ground_words(struct arena *arena, const struct ground *ground);

/* The profile of what a runtime itself needs. */
const char *runtime_profile(struct arena *arena, enum runtime_kind kind);

/* Words on stdout, separated and broken into lines of 80 columns, indented. */
struct wrap {
	unsigned indent;
	unsigned column;
};

void wrap_word(struct wrap *wrap, const char *word);

/* Behind the last word, without a space. */
void wrap_glue(struct wrap *wrap, const char *more);
void wrap_end(struct wrap *wrap);

#endif
