/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SIM_ORACLE_H
#define TESTS_SIM_ORACLE_H

#include "lib/sim.h"
#include "policy/emission.h"

/*
 * Does the compiled program say what the profiles wrote? The judge knows nothing of sets,
 * covers and forms: it asks the program and the written rules, at one witness of every
 * class of values that a test of either can tell apart, on the product over the
 * arguments; where that has more than `points` members, at the corners of every rule and
 * at as many random members.
 */
struct oracle {
	const struct program *program;
	uint32_t arch;
	unsigned word_bits;
	const struct syscalls *granted; /* as written */
	size_t points;
	uint64_t random; /* state of the random numbers, not 0 */
	/* What was found. */
	size_t tried, wider, narrower, other;
	uint64_t witness[SYSCALL_ARGS]; /* the last one that went wrong */
};

/* Judge one call with its number on the architecture. */
void oracle_call(struct oracle *oracle, struct arena *arena, unsigned call, int number);

/*
 * The same for every argument vector there is: the program as a formula over the argument
 * bits, against the set of the written rules. It shares the sets (policy/space.h) with
 * what it judges, so it stands beside oracle_call(), not in its place. 64-bit words only.
 */
enum oracle_proof {
	ORACLE_PROVEN,
	ORACLE_DISPROVEN,
	ORACLE_TOO_LARGE, /* for the space */
};

enum oracle_proof oracle_prove(const struct oracle *oracle, struct arena *arena,
			       unsigned call, int number);

/* The emission as a runtime hands it to libseccomp, compiled. */
NODISCARD bool oracle_compile(struct arena *arena, const struct emission *emission,
			      const char *const *arches, size_t arch_count, bool tree,
			      struct program *ret, struct error *err);

uint64_t oracle_random(uint64_t *state);

#endif
