/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_ASK_H
#define LIB_ASK_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * Run a program and read what it says. It gets of this process what the question names
 * and nothing else: no other descriptor, no signal that is blocked or ignored, /dev/null
 * for standard error. When its time is up it is killed with what it has started.
 */
struct question {
	const char *path;
	char *const *argv;
	char *const *environment;
	struct text input;    /* on standard input */
	size_t limit;	      /* of the answer, in bytes; 0: nothing is listened to */
	unsigned patience_ms; /* 0: ASK_PATIENCE_MS */
};

struct answered {
	bool well;  /* status is 0 */
	int status; /* with which the program ended; -1: a signal killed it */
	struct text text;
};

#define ASK_PATIENCE_MS 2000

/*
 * ERR_RUNTIME: it can't be executed, or its time is up. ERR_DATA: it says more than its
 * limit. ERR_IO: there is no pipe to be had, or no memory for the input.
 */
NODISCARD bool ask(struct arena *arena, const struct question *question,
		   struct answered *ret, struct error *err);

#endif
