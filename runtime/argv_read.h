/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_ARGV_READ_H
#define RUNTIME_ARGV_READ_H

#include "runtime/argv.h"

/*
 * The two grammars. runc reads with Go's flag package under urfave/cli v1 (to 1.5; main:
 * v3), crun with glibc's argp, in order (ARGP_IN_ORDER); both read once before the
 * command and once behind it.
 */
struct reader {
	struct arena *arena;
	struct invocation *invocation;
	struct error *err;
	const struct grammar *grammar;
	char **argv;
	size_t argc, next;
	const struct option *table; /* the options that are known here */
	struct givens *into;
	uint64_t names, letters; /* runc: rows of the table seen by name, by letter */
};

/*
 * Read options up to the first argument, or, where runc takes options behind arguments
 * too, all of the line; arguments go to *ret. Options that only print a text go to
 * invocation->shows.
 */
NODISCARD bool runc_read(struct reader *reader, bool options_before,
			 struct arguments *ret);
NODISCARD bool crun_read(struct reader *reader, struct arguments *ret);

/* "runc create: argument 3 '--x': ...": always false. Arguments count from 1. */
bool reader_refuse(const struct reader *reader, size_t at, const char *fmt, ...)
	PRINTF(3, 4);

/* An option that was read. */
void reader_give(struct reader *reader, const struct option *option, const char *value);

/* The rest of the line is arguments. */
void reader_rest(struct reader *reader, struct arguments *ret);

#endif
