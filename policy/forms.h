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

int answer_compare(const struct answer *left, const struct answer *right);

/* By call, then rule_compare(), then number; each once. */
void answers_sort(struct answers *answers);

/* EQ or MASKED_EQ; GE or GT; the same test. */
bool condition_is_cube(const struct condition *condition);
bool condition_is_upper(const struct condition *condition);
bool condition_same(const struct condition *a, const struct condition *b);

/*
 * Whether the rules (of one call, sorted) are in a form that is compiled exactly; the
 * forms stand at the top of forms.c. forms_exact_from() takes rules whose first `from`
 * conditions are the same, and asks it of the conditions behind them. `word_bits` is what
 * archs_word_bits() says.
 */
bool forms_exact(const struct answers *answers, unsigned word_bits);
bool forms_exact_from(const struct answer *items, size_t count, size_t from,
		      unsigned word_bits);

/*
 * The two rules of a call's rest: together they hold for all arguments and answer
 * `number`. Behind granting rules that forms_before_rest() takes, libseccomp tries them
 * last, so that they answer just what is not granted.
 */
void forms_rest(unsigned call, unsigned number, struct answer ret[2]);
bool forms_before_rest(const struct answers *granted, unsigned word_bits);

/*
 * Whether answers of one call are written so: the two rules of forms_rest() at their end,
 * in front of these, in any order, granting rules that forms_before_rest() takes. Returns
 * the errno of the rest, or 0 if they are not. The granting rules are sorted.
 */
unsigned forms_rest_of(const struct answers *answers, unsigned word_bits);

#endif
