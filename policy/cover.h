/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_COVER_H
#define POLICY_COVER_H

#include "policy/space.h"

/*
 * From a set back to rules. What comes out depends on the set alone, never on the rules
 * it was made of, and covers it exactly: few rules, each as wide as it can be, with the
 * comparisons that people write (an interval is GE or LT, not a list of blocks).
 */
#define COVER_RULES 512 /* of one call; twice as many never fit into a filter */

struct conditions {
	struct condition *items;
	size_t count, capacity;
};

/*
 * The set as rules of a call. ERR_INEXACT: it takes more than `limit` rules, at most
 * COVER_RULES, on the way too; or the space is full.
 */
NODISCARD bool cover_rules(struct arena *arena, struct space *space, uint32_t set,
			   unsigned call, size_t limit, struct rules *ret,
			   struct error *err);

/* EQ and MASKED_EQ whose union is `values`, a set over one argument. */
NODISCARD bool cover_cubes(struct arena *arena, struct space *space, uint32_t values,
			   struct conditions *ret);

/* The whole set in rules of EQ and MASKED_EQ alone. */
NODISCARD bool cover_cube_rules(struct arena *arena, struct space *space, uint32_t set,
				unsigned call, size_t limit, struct rules *ret,
				struct error *err);

#endif
