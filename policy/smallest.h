/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_SMALLEST_H
#define POLICY_SMALLEST_H

#include "policy/policy.h"

/*
 * The fewest policies whose union grants as much of a target as the union of all of them
 * does; of several choices with as few, one that grants the fewest calls beyond the
 * target. Exact, by branch and bound over the parts of the target that any of them tells
 * apart: capabilities, calls, and of a call the sets of arguments.
 */
#define SMALLEST_POLICIES 256

struct smallest {
	bool *chosen; /* one for each of the policies */
	bool proven;  /* that there is no better one; false: the search was too long */
};

/*
 * `given` is granted anyway. ERR_INEXACT: the rules of a call are too intricate.
 * ERR_USAGE: more than SMALLEST_POLICIES.
 */
NODISCARD bool smallest_find(struct arena *arena, const struct policy *target,
			     const struct policy *given,
			     const struct policy *const *policies, size_t count,
			     struct smallest *ret, struct error *err);

#endif
