/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_ARGV_TABLES_H
#define RUNTIME_ARGV_TABLES_H

#include "gate/node.h"

/*
 * The command lines of runc and crun as data: every option of every command, of all
 * versions together. What one version lacks is that version's own error when it gets
 * the line. A new option is one row more.
 */
enum option_kind {
	OPTION_FLAG,
	OPTION_VALUE,	 /* a value, attached or as the next argument */
	OPTION_OPTIONAL, /* a value if one is attached */
	OPTION_DETACHED, /* a value, always as the next argument */
	OPTION_SHOWS,	 /* prints a text, and the runtime does nothing else */
	OPTION_INTERNAL, /* for debugging the runtime's option parser: refused */
};

struct option {
	const char *name; /* NULL ends a table */
	char letter;	  /* or '\0' */
	enum option_kind kind;
};

/* What a command can do to authority: how it is mediated depends on nothing else. */
enum effect {
	EFFECT_NONE,	 /* starts nothing in a container, and always passes */
	EFFECT_CREATES,	 /* create, run */
	EFFECT_RESTORES, /* restore */
	EFFECT_EXECS,	 /* exec */
	EFFECT_UPDATES,	 /* update: resources, among them devices */
	EFFECT_MOUNTS,	 /* mounts: of a running container */
};

struct command {
	const char *name; /* NULL ends a table */
	enum effect effect;
	const struct option *options;
	size_t id;	     /* which argument is the container's id; SIZE_MAX: none */
	size_t min, max;     /* how many arguments it takes; min is more than id */
	bool options_before; /* its options end at the first argument */
};

struct grammar {
	const char *runtime;		 /* its name, for messages */
	const struct option *globals;	 /* before the command */
	const struct option *everywhere; /* before and after the command */
	const struct command *commands;
};

const struct grammar *grammar_of(enum runtime_kind kind);

#endif
