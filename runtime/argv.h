/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_ARGV_H
#define RUNTIME_ARGV_H

#include "lib/error.h"
#include "lib/text.h"
#include "runtime/argv_tables.h"

/*
 * A command line for runc or crun, read by that runtime's own grammar and handed on in
 * normal form:
 *
 *	ARGV0 [--global=value ...] COMMAND [--option=value ...] -- ID [argument ...]
 *
 * Only the normal form is ever executed, and every version of the runtime reads it as it
 * was read here. So even where this reading of an odd line is not the runtime's, no
 * bundle and no command gets through that was not looked at. Lines that versions of one
 * runtime read differently are refused, and so is whatever is not known.
 *
 * A command without effect on authority keeps everything behind its name as it was
 * written: what is wrong there is for the runtime to say.
 */
struct given {
	const struct option *option;
	const char *value; /* NULL: none */
};

struct givens {
	struct given *items;
	size_t count, capacity;
};

struct arguments {
	char **items;
	size_t count, capacity;
};

struct invocation {
	enum runtime_kind kind;
	enum effect effect;
	const struct command *command; /* NULL: none; the runtime only says so */
	const char *shows;	       /* "help": the runtime prints it and ends */
	const char *id;		    /* of the container; NULL: none, or not to be told */
	struct givens globals;	    /* in order */
	struct givens options;	    /* of the command, in order */
	struct arguments arguments; /* of the command, with the id */
	struct arguments tail;	    /* what stood behind the command */
};

/*
 * ERR_USAGE: the line is not understood, and the message says what to write. On failure
 * too, `ret` holds what was read until then: --log says where the error is wanted. The
 * invocation points into argv. An id is never empty, "." or "..", and has no slash and
 * no leading dash: it can be the name of a file.
 */
NODISCARD bool invocation_parse(struct arena *arena, enum runtime_kind kind, int argc,
				char **argv, struct invocation *ret, struct error *err);

/*
 * The last value of an option of the command, as the runtimes take it; "" of an option
 * that has none, NULL of one that is not given.
 */
const char *invocation_option(const struct invocation *invocation, const char *name);

/* The same of a global option. */
const char *invocation_global(const struct invocation *invocation, const char *name);

/* Whether a flag of the command is given, and not taken back ("--detach=false"). */
bool invocation_flag(const struct invocation *invocation, const char *name);

/* The file of --log; NULL: none, or no file (crun's "syslog:" and "journald:"). */
const char *invocation_log(const struct invocation *invocation);

/* The value of --log-format; NULL: not given. */
const char *invocation_log_format(const struct invocation *invocation);

/* Hand on this option of the command with this value (NULL: none), and no other. */
void invocation_set(struct arena *arena, struct invocation *invocation, const char *name,
		    const char *value);

/* Do not hand on this option of the command. */
void invocation_drop(struct invocation *invocation, const char *name);

/* The normal form, with a NULL at its end. */
NODISCARD char **invocation_argv(struct arena *arena, const struct invocation *invocation,
				 const char *argv0);

#endif
