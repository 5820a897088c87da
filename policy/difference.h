/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_DIFFERENCE_H
#define POLICY_DIFFERENCE_H

#include "policy/policy.h"
#include "policy/space.h"

/*
 * What one policy grants that another does not: exactly, by sets of argument vectors, and
 * in the one form that policy/cover.h gives a set, however either policy was written. Two
 * policies grant the same if both differences are empty.
 */
struct difference {
	struct policy policy; /* its syscalls have no refusals */
	/* Of policy.syscalls: calls that nobody has a name of yet; never `all` itself. */
	bool nameless;
	/* Calls that are in neither, being too intricate: to put in words, to compare. */
	uint64_t unsaid[SYSCALL_MAX / 64], unknown[SYSCALL_MAX / 64];
};

/* For people: what can't be said of a call is said of no other. */
struct difference policy_difference_told(struct arena *arena, const struct policy *a,
					 const struct policy *b);

/* To decide by. ERR_INEXACT: the rules of a call are too intricate. */
NODISCARD bool policy_difference(struct arena *arena, const struct policy *a,
				 const struct policy *b, struct difference *ret,
				 struct error *err);

/* The arguments on which a call is granted. */
uint32_t syscalls_set(struct space *space, const struct syscalls *syscalls,
		      unsigned call);

/* Nothing, as far as it is known. */
bool difference_empty(const struct difference *difference);

/* A call that both refuse somewhere, with another errno. */
struct told_apart {
	unsigned call, number_a, number_b;
};

struct told_aparts {
	struct told_apart *items;
	size_t count, capacity;
};

NODISCARD bool policy_told_apart(struct arena *arena, const struct policy *a,
				 const struct policy *b, struct told_aparts *ret,
				 struct error *err);

#endif
