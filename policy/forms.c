/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/forms.h"

#include <stdlib.h>
#include <string.h>

/*
 * libseccomp keeps the rules of a call as a tree: every level a list of tests on a 32-bit
 * word, tried in turn, and below each what a rule tests next. Adding a rule merges it
 * into nodes that test the same, drops rules that a shorter one makes needless, and is
 * dropped if a shorter one is there. A cube (EQ, MASKED_EQ) is a chain of two nodes with
 * one way on, so that merging and dropping is plain logic. Every other comparison has two
 * ways to what comes next ("upper word greater" and "upper word equal, lower word
 * greater"): one sub-tree that hangs in two places. Whatever is merged into it holds for
 * both, and a comparison with a shorter or longer rule can meet one way alone. From that
 * come filters that allow too much or too little, and the call that never returns.
 *
 * So a rule with such a comparison must not share a node with another rule, be it longer
 * or shorter, unless the comparison ends both. Exact are:
 *
 * kept apart  On each level all rules test the same argument. Cubes that are the same
 *	       lead on to a level of their own, to which this applies again. At most one
 *	       test is no cube, or several are GE or GT with upper words that differ, so
 *	       that their nodes do. A rule that is alone from somewhere on may say what it
 *	       likes from there on, and a level that ends all its rules any comparison.
 * single      One condition each. Orderings of one argument have one upper word, and
 *	       then share their nodes without a tail below, or all reach up.
 * cubes       Nothing else, on any arguments.
 * reaching up Cubes, and at the end of a rule GE or GT.
 *
 * Where not all rules begin with the same argument, adding a rule takes libseccomp time
 * that grows as a power of their length, so that these forms are for few rules.
 *
 * Rules with different answers are disjoint wherever this is asked: which of them comes
 * first in the tree does not matter then.
 *
 * Or they are not, and the order counts. On a level libseccomp tries tests of higher
 * arguments first, of one argument cubes before LE before GT; what fails further down
 * goes on with the next test of the level. So LE and GT of argument 0 with one number
 * come last if all other tests of argument 0 in front of a rule are cubes. They hold for
 * everything, and answer what is not let through.
 *
 * tests/fuzz/union compiles emissions in these forms and compares with what was written.
 */
#define FEW 12	/* cubes, reaching up */
#define SOME 48 /* single */

bool condition_is_cube(const struct condition *condition)
{
	return condition->compare == COMPARE_EQ ||
	       condition->compare == COMPARE_MASKED_EQ;
}

bool condition_is_upper(const struct condition *condition)
{
	return condition->compare == COMPARE_GE || condition->compare == COMPARE_GT;
}

static bool is_order(const struct condition *condition)
{
	return !condition_is_cube(condition) && condition->compare != COMPARE_NE;
}

bool condition_same(const struct condition *a, const struct condition *b)
{
	return a->arg == b->arg && a->compare == b->compare && a->value == b->value &&
	       a->value_two == b->value_two;
}

int answer_compare(const struct answer *left, const struct answer *right)
{
	int order = rule_compare(&left->rule, &right->rule);

	return order ? order : left->number - right->number;
}

static int compare(const void *a, const void *b)
{
	return answer_compare(a, b);
}

void answers_sort(struct answers *answers)
{
	size_t kept = 0;

	if (!answers->count)
		return;
	qsort(answers->items, answers->count, sizeof(*answers->items), compare);
	for (size_t i = 1; i < answers->count; i++)
		if (answer_compare(&answers->items[kept], &answers->items[i]))
			answers->items[++kept] = answers->items[i];
	answers->count = kept + 1;
}

/* Only cubes from condition `from` on. */
static bool all_cubes(const struct answer *items, size_t count, size_t from)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = from; j < items[i].rule.count; j++)
			if (!condition_is_cube(&items[i].rule.conditions[j]))
				return false;
	return true;
}

/*
 * One condition each: any comparison. Two orderings of one argument share their node of
 * the upper word or, if all reach up, none.
 */
static bool all_single(const struct answer *items, size_t count, size_t from)
{
	const struct condition *last[SYSCALL_ARGS] = { NULL };
	bool mixed[SYSCALL_ARGS] = { false }, lower[SYSCALL_ARGS] = { false };

	for (size_t i = 0; i < count; i++) {
		const struct condition *condition = &items[i].rule.conditions[from];
		unsigned arg;

		if (items[i].rule.count != from + 1)
			return false;
		arg = condition->arg;
		if (!is_order(condition))
			continue;
		lower[arg] |= !condition_is_upper(condition);
		if (last[arg] && last[arg]->value >> 32 != condition->value >> 32)
			mixed[arg] = true;
		last[arg] = condition;
	}
	for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++)
		if (mixed[arg] && lower[arg])
			return false;
	return true;
}

/* Cubes, and GE or GT at the end of a rule. */
static bool all_reach_up(const struct answers *answers)
{
	for (size_t i = 0; i < answers->count; i++) {
		const struct answer *answer = &answers->items[i];

		if (answer->number != answers->items[0].number)
			return false;
		for (size_t j = 0; j < answer->rule.count; j++)
			if (!condition_is_cube(&answer->rule.conditions[j]) &&
			    (j + 1 < answer->rule.count ||
			     !condition_is_upper(&answer->rule.conditions[j])))
				return false;
	}
	return true;
}

static bool one_argument(const struct answer *items, size_t count, size_t from)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].rule.count <= from ||
		    items[i].rule.conditions[from].arg !=
			    items[0].rule.conditions[from].arg)
			return false;
	return true;
}

/* Two that differ in the upper word alone are one test where there is none. */
static bool alike_in_32(const struct condition *a, const struct condition *b)
{
	return a->compare == b->compare && (uint32_t)a->value == (uint32_t)b->value &&
	       (uint32_t)a->value_two == (uint32_t)b->value_two && !condition_same(a, b);
}

/*
 * Without upper words: different tests, and no NE, whose way on is the one by which
 * others fail.
 */
static bool next_apart_in_32(const struct answer *items, size_t count, size_t from)
{
	for (size_t i = 0; i < count; i++) {
		if (items[i].rule.conditions[from].compare == COMPARE_NE)
			return false;
		for (size_t j = 0; j < i; j++)
			if (alike_in_32(&items[i].rule.conditions[from],
					&items[j].rule.conditions[from]))
				return false;
	}
	return true;
}

/*
 * The next conditions, all on one argument, are cubes but for one, or but for some that
 * reach up and differ in their upper words.
 */
static bool next_apart(const struct answer *items, size_t count, size_t from)
{
	const struct condition *others[COVER_RULES];
	size_t n = 0, lower = 0;
	bool equal = false, unequal = false;

	for (size_t i = 0; i < count; i++) {
		const struct condition *condition = &items[i].rule.conditions[from];

		if (condition_is_cube(condition)) {
			equal |= condition->compare == COMPARE_EQ;
			continue;
		}
		unequal |= condition->compare == COMPARE_NE;
		if (n == ARRAY_SIZE(others))
			return false;
		for (size_t j = 0; j < n; j++)
			if (others[j]->value >> 32 == condition->value >> 32)
				return false;
		others[n++] = condition;
		lower += !condition_is_upper(condition);
	}
	/* EQ and NE share their node of the upper word. */
	return (n <= 1 || !lower) && !(equal && unequal);
}

/* Rules that are alike up to condition `from`. */
bool forms_exact_from(const struct answer *items, size_t count, size_t from,
		      unsigned word_bits)
{
	bool one = one_argument(items, count, from);

	if (count <= 1 || (count <= FEW && all_cubes(items, count, from)))
		return true;
	if ((one || (!from && count <= SOME)) && all_single(items, count, from))
		return true;
	if (!one || !next_apart(items, count, from) ||
	    (word_bits == 32 && !next_apart_in_32(items, count, from)))
		return false;
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count; end++)
			if (!condition_same(&items[i].rule.conditions[from],
					    &items[end].rule.conditions[from]))
				break;
		if (!forms_exact_from(&items[i], end - i, from + 1, word_bits))
			return false;
	}
	return true;
}

bool forms_exact(const struct answers *answers, unsigned word_bits)
{
	return forms_exact_from(answers->items, answers->count, 0, word_bits) ||
	       (answers->count <= FEW && all_reach_up(answers));
}

/* On both word sizes some values are below and some above. */
#define REST_BORDER UINT64_C(0x7fffffff)

void forms_rest(unsigned call, unsigned number, struct answer ret[2])
{
	static const enum compare compares[2] = { COMPARE_LE, COMPARE_GT };

	for (size_t i = 0; i < 2; i++) {
		ret[i] = (struct answer){ .number = (uint16_t)number };
		ret[i].rule.call = (uint16_t)call;
		ret[i].rule.count = 1;
		ret[i].rule.conditions[0] =
			(struct condition){ .compare = (uint8_t)compares[i],
					    .value = REST_BORDER };
	}
}

bool forms_before_rest(const struct answers *granted, unsigned word_bits)
{
	for (size_t i = 0; i < granted->count; i++) {
		const struct condition *first = &granted->items[i].rule.conditions[0];

		if (first->arg == 0 && !condition_is_cube(first))
			return false;
	}
	return forms_exact(granted, word_bits);
}

unsigned forms_rest_of(const struct answers *answers, unsigned word_bits)
{
	struct answers granted = { answers->items, 0, 0 };
	struct answer rest[2];
	size_t last = answers->count - ARRAY_SIZE(rest);
	unsigned number;

	if (answers->count <= ARRAY_SIZE(rest))
		return 0;
	number = answers->items[last].number;
	forms_rest(answers->items[last].rule.call, number, rest);
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++)
		if (answer_compare(&answers->items[last + i], &rest[i]) != 0)
			return 0;
	for (size_t i = 0; i < last; i++) {
		const struct rule *rule = &answers->items[i].rule;

		for (size_t j = 1; j < rule->count; j++)
			if (rule->conditions[j].arg <= rule->conditions[j - 1].arg)
				return 0;
		if (answers->items[i].number || !rule->count)
			return 0;
		granted.count++;
	}
	answers_sort(&granted);
	return forms_before_rest(&granted, word_bits) ? number : 0;
}
