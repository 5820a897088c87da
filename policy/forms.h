/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_FORMS_H
#define POLICY_FORMS_H

#include "policy/cover.h"

/*
 * Which rules of one call libseccomp compiles to what they say, and how to bring others
 * into such a form.
 */

/* What a call gets where the rule holds: 0 is let through, the rest is an errno. */
struct answer {
	struct rule rule;
	uint16_t number;
};

struct answers {
	struct answer *items;
	size_t count, capacity;
};

/* By call, then rule_compare(), then number. */
void answers_sort(struct answers *answers);

/* An upper bound of the instructions that these make, one architecture. */
size_t answers_cost(const struct answers *answers);

/*
 * Whether the rules (of one call, sorted) are in a form that is compiled exactly; the
 * forms stand at the top of forms.c.
 */
bool forms_exact(const struct answers *answers);

/* The same set in such a form; false: it takes too many rules. */
NODISCARD bool forms_apart(struct arena *arena, struct space *space,
			   const struct answers *answers, unsigned word_bits,
			   struct answers *ret);

#endif
