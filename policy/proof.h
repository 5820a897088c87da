/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PROOF_H
#define POLICY_PROOF_H

#include "lib/sim.h"
#include "policy/emission.h"

/*
 * Whether a compiled filter answers a call as it was granted. What is judged by is the
 * rules as they were written; nothing here knows of covers and forms.
 *
 * It is told twice. By sets: what the ways through the program (policy/paths.h) let
 * through is the union of what the rules let through, on all arguments at once. And by
 * trying: the program is run, as the kernel would, at one argument of every kind that
 * can make a difference, two being of one kind if no comparison tells them apart, be it
 * one of the rules or one that the program comes to. Where there are more kinds than
 * PROOF_VECTORS (of many masks each bit makes two), the sets alone have to do.
 */
#define PROOF_VECTORS ((size_t)1 << 18)

struct proof {
	const struct program *program;
	uint32_t arch;	    /* AUDIT_ARCH_* */
	unsigned word_bits; /* of an argument there */
	const struct syscalls *granted;
	struct space *space; /* NULL at first */
	size_t tried;	     /* how many argument vectors, so far */
};

/* How the filter answers where it is wrong. */
struct counterexample {
	uint64_t args[SYSCALL_ARGS];
	uint32_t want, got; /* SECCOMP_RET_* with its data */
};

/*
 * Judge a call with its number. ERR_INEXACT: it is answered otherwise than it was granted
 * (*ret_wrong then says where, and got differs from want), or it can't be told.
 */
NODISCARD bool proof_call(struct arena *arena, struct proof *proof, unsigned call,
			  int number, struct counterexample *ret_wrong,
			  struct error *err);

/* The same of a number that has no name here: nobody can have granted it. */
NODISCARD bool proof_nameless(struct arena *arena, struct proof *proof, int number,
			      struct counterexample *ret_wrong, struct error *err);

#endif
