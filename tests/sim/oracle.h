/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SIM_ORACLE_H
#define TESTS_SIM_ORACLE_H

#include "lib/sim.h"
#include "policy/emission.h"

/*
 * Does the compiled program say what the profiles wrote? The judge knows nothing of sets,
 * covers and forms, nor of how rules are kept: it asks the program and the rules as they
 * were written, at one witness of every class of values that a test of either can tell
 * apart, on the product over the arguments; where that has more than `points` members, at
 * the corners of every rule and at as many random members. policy/proof.h, which judges
 * at run time, is another one.
 */
struct oracle {
	const struct program *program;
	uint32_t arch;
	unsigned word_bits;
	const struct rules *written; /* all of one call */
	unsigned refusal;	     /* the errno of what none of them grants */
	size_t points;
	uint64_t random; /* state of the random numbers, not 0 */
	/* What was found. */
	size_t tried, wider, narrower, other;
	uint64_t witness[SYSCALL_ARGS]; /* the last one that went wrong */
};

/* Whether one of the rules holds, as they are written. */
bool oracle_written(const struct rules *rules, const uint64_t args[SYSCALL_ARGS]);

/* Judge the call of this number on the architecture. */
void oracle_call(struct oracle *oracle, struct arena *arena, int number);

/* The emission as a runtime hands it to libseccomp, compiled. */
NODISCARD bool oracle_compile(struct arena *arena, const struct emission *emission,
			      const char *const *arches, size_t arch_count, bool tree,
			      struct program *ret, struct error *err);

uint64_t oracle_random(uint64_t *state);

#endif
