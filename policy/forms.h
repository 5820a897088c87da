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
 * forms stand at the top of forms.c. And the same of rules that begin with the same
 * `from` conditions, seen from there on.
 */
bool forms_exact(const struct answers *answers, unsigned word_bits);
bool forms_exact_from(const struct answer *items, size_t count, size_t from,
		      unsigned word_bits);

/*
 * Two rules that give `number` to whatever comes to them, which is what the rules of the
 * call do not let through if forms_before_rest() takes these.
 */
void forms_rest(unsigned call, unsigned number, struct answer ret[2]);
bool forms_before_rest(const struct answers *granted, unsigned word_bits);

/*
 * The other way round: the errno of the rest if the answers, of one call and in any order
 * but that of these two, which are the last, are that; else 0. They are sorted.
 */
unsigned forms_rest_of(const struct answers *answers, unsigned word_bits);

#endif
