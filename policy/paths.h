/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PATHS_H
#define POLICY_PATHS_H

#include "lib/sim.h"
#include "policy/space.h"

/*
 * All ways through a compiled filter that it can take for one call on one architecture:
 * what remains of the program once those two are known is tests of arguments, forward
 * only, down to answers.
 */
enum path_test {
	PATH_ENDS,    /* none: this is an answer */
	PATH_EQUALS,  /* (argument & mask) == value */
	PATH_ABOVE,   /* ... > value */
	PATH_REACHES, /* ... >= value */
	PATH_ANY,     /* ... != 0 */
};

struct path_step {
	enum path_test test;
	uint32_t answer; /* SECCOMP_RET_* with its data, of PATH_ENDS */
	unsigned arg;
	uint64_t mask, value;
	size_t yes, no; /* steps */
};

struct paths {
	struct path_step *items;
	size_t count, capacity;
	size_t first;
};

/* ERR_INEXACT: an instruction that libseccomp does not use so, or too many ways. */
NODISCARD bool paths_find(struct arena *arena, const struct program *program,
			  uint32_t arch, int number, struct paths *ret,
			  struct error *err);

/* The set of argument vectors that get this answer. */
uint32_t paths_answered(struct arena *arena, struct space *space,
			const struct paths *paths, uint32_t answer);

#endif
