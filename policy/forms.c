/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/forms.h"

#include <stdlib.h>
#include <string.h>

/*
 * libseccomp keeps the rules of a call as a tree of comparisons of 32-bit words, merges
 * what begins alike and drops what a shorter rule says already. EQ and MASKED_EQ are
 * chains in it, and merging and dropping chains is sound. Every other comparison is two
 * ways to one sub-tree; if another rule is merged into that sub-tree, it hangs under both
 * ways whether it belongs there or not, and comparing such a rule with a shorter one
 * may drop the wrong half. So what must not happen is that one of these meets another
 * rule behind a part that they have in common.
 */

#define FEW 12
#define SOME 48

static bool is_cube(const struct condition *condition)
{
	return condition->compare == COMPARE_EQ || condition->compare == COMPARE_MASKED_EQ;
}

static bool is_upper(const struct condition *condition)
{
	return condition->compare == COMPARE_GE || condition->compare == COMPARE_GT;
}

static bool is_order(const struct condition *condition)
{
	return !is_cube(condition) && condition->compare != COMPARE_NE;
}

static bool same(const struct condition *a, const struct condition *b)
{
	return a->arg == b->arg && a->compare == b->compare && a->value == b->value &&
	       a->value_two == b->value_two;
}

static int answer_compare(const void *a, const void *b)
{
	const struct answer *left = a, *right = b;
	int order = rule_compare(&left->rule, &right->rule);

	return order ? order : left->number - right->number;
}

void answers_sort(struct answers *answers)
{
	size_t kept = 0;

	if (!answers->count)
		return;
	qsort(answers->items, answers->count, sizeof(*answers->items), answer_compare);
	for (size_t i = 1; i < answers->count; i++)
		if (answer_compare(&answers->items[kept], &answers->items[i]))
			answers->items[++kept] = answers->items[i];
	answers->count = kept + 1;
}

size_t answers_cost(const struct answers *answers)
{
	size_t cost = 2;

	for (size_t i = 0; i < answers->count; i++) {
		const struct rule *rule = &answers->items[i].rule;
		size_t shared = 0;

		if (i)
			while (shared < rule->count &&
			       is_cube(&rule->conditions[shared]) &&
			       same(&rule->conditions[shared],
				    &answers->items[i - 1].rule.conditions[shared]))
				shared++;
		for (size_t j = shared; j < rule->count; j++)
			cost += rule->conditions[j].compare == COMPARE_MASKED_EQ ? 6 : 5;
	}
	return cost;
}

/* Only cubes from condition `from` on. */
static bool all_cubes(const struct answer *items, size_t count, size_t from)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = from; j < items[i].rule.count; j++)
			if (!is_cube(&items[i].rule.conditions[j]))
				return false;
	return true;
}

/*
 * One condition each: any comparison. Two orderings of one argument share their node of
 * the upper word or, if all reach up, none.
 */
static bool all_single(const struct answer *items, size_t count, size_t from)
{
	const struct condition *first[SYSCALL_ARGS] = {NULL};
	bool mixed[SYSCALL_ARGS] = {false}, lower[SYSCALL_ARGS] = {false};

	for (size_t i = 0; i < count; i++) {
		const struct condition *condition = &items[i].rule.conditions[from];
		unsigned arg;

		if (items[i].rule.count != from + 1)
			return false;
		arg = condition->arg;
		if (!is_order(condition))
			continue;
		lower[arg] |= !is_upper(condition);
		if (first[arg] && first[arg]->value >> 32 != condition->value >> 32)
			mixed[arg] = true;
		first[arg] = condition;
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
			if (!is_cube(&answer->rule.conditions[j]) &&
			    (j + 1 < answer->rule.count ||
			     !is_upper(&answer->rule.conditions[j])))
				return false;
	}
	return true;
}

static bool exact(const struct answer *items, size_t count, size_t from);

/*
 * The next condition of each is on one argument, and these are cubes but for one, or but
 * for some that reach up and differ in their upper words.
 */
static bool next_apart(const struct answer *items, size_t count, size_t from)
{
	const struct condition *others[COVER_RULES];
	size_t n = 0, lower = 0;
	bool equal = false, unequal = false;

	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = &items[i].rule;
		const struct condition *condition = &rule->conditions[from];

		if (rule->count <= from ||
		    condition->arg != items[0].rule.conditions[from].arg)
			return false;
		if (is_cube(condition)) {
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
		lower += !is_upper(condition);
	}
	/* EQ and NE share their node of the upper word. */
	return (n <= 1 || !lower) && !(equal && unequal);
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

static bool exact(const struct answer *items, size_t count, size_t from)
{
	if (count <= 1 || (count <= FEW && all_cubes(items, count, from)))
		return true;
	if (all_single(items, count, from) &&
	    (one_argument(items, count, from) || (!from && count <= SOME)))
		return true;
	if (!next_apart(items, count, from))
		return false;
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count; end++)
			if (!same(&items[i].rule.conditions[from],
				  &items[end].rule.conditions[from]))
				break;
		if (!exact(&items[i], end - i, from + 1))
			return false;
	}
	return true;
}

bool forms_exact(const struct answers *answers)
{
	return exact(answers->items, answers->count, 0) ||
	       (answers->count <= FEW && all_reach_up(answers));
}

/* Bringing rules apart: one argument of a group that is alike in what comes before. */
struct split {
	struct arena *arena;
	struct space *space;
	unsigned word_bits;
	struct answers *ret;
};

static bool settle(struct split *split, struct answers *group, size_t from);

/* The rule with another condition on its argument at `from`, or one more. */
static void with(struct answer *answer, size_t from, const struct condition *condition)
{
	struct rule *rule = &answer->rule;

	if (rule->count <= from || rule->conditions[from].arg != condition->arg) {
		memmove(&rule->conditions[from + 1], &rule->conditions[from],
			(rule->count - from) * sizeof(*condition));
		rule->count++;
	}
	rule->conditions[from] = *condition;
}

static bool taken(const struct answers *pieces, size_t from, const struct condition *cube)
{
	for (size_t i = 0; i < pieces->count; i++)
		if (same(&pieces->items[i].rule.conditions[from], cube))
			return true;
	return false;
}

/*
 * Halve a cube by a bit of its own, so that neither half is taken. A cube with mask 0 is
 * the whole argument.
 */
static bool halve(const struct split *split, const struct answers *pieces, size_t from,
		  struct condition cube, struct condition ret[2])
{
	uint64_t mask = cube.compare == COMPARE_EQ ? UINT64_MAX : cube.value;

	for (unsigned bit = 0; bit < split->word_bits; bit++) {
		if (mask >> bit & 1)
			continue;
		for (unsigned half = 0; half < 2; half++) {
			ret[half] = cube;
			ret[half].value |= UINT64_C(1) << bit;
			ret[half].value_two |= (uint64_t)half << bit;
			if (ret[half].value == UINT64_MAX) {
				ret[half].compare = COMPARE_EQ;
				ret[half].value = ret[half].value_two;
				ret[half].value_two = 0;
			}
		}
		if (!taken(pieces, from, &ret[0]) && !taken(pieces, from, &ret[1]))
			return true;
	}
	return false;
}

static void push_piece(struct split *split, struct answers *pieces, size_t from,
		       const struct answer *answer, const struct condition *condition)
{
	struct answer *piece = arena_push(split->arena, pieces);

	*piece = *answer;
	with(piece, from, condition);
}

/* A rule of the group, and what its condition on the argument costs in cubes. */
struct share {
	const struct answer *answer;
	uint32_t values;
	uint64_t top; /* if it reaches up: from here on */
	bool up;
	size_t cubes;
};

struct shares {
	struct share *items;
	size_t count, capacity;
};

/* Where the values that reach up to the greatest one begin. */
static bool reaches_up(const struct condition *condition, uint64_t *ret)
{
	*ret = condition->value + (condition->compare != COMPARE_GE);
	return is_upper(condition) ||
	       (condition->compare == COMPARE_NE && condition->value != UINT64_MAX);
}

static uint32_t from_up(struct split *split, unsigned arg, uint64_t top)
{
	struct condition condition = {
		.arg = (uint8_t)arg, .compare = COMPARE_GE, .value = top};

	return space_condition(split->space, &condition, SET_ALL);
}

static bool push_cubes(struct split *split, struct answers *pieces, size_t from,
		       const struct share *share, uint32_t values)
{
	struct conditions cubes = {0};

	if (!cover_cubes(split->arena, split->space, values, &cubes) ||
	    pieces->count + cubes.count > COVER_RULES)
		return false;
	for (size_t i = 0; i < cubes.count; i++)
		push_piece(split, pieces, from, share->answer, &cubes.items[i]);
	return true;
}

static bool word_taken(const uint64_t *words, size_t count, uint64_t word)
{
	for (size_t i = 0; i < count; i++)
		if (words[i] == word)
			return true;
	return false;
}

/*
 * What reaches up as one GE, each with an upper word of its own, and the rest as cubes.
 * The costliest choose first, so they need fewest cubes to get to theirs.
 */
static bool push_shares_up(struct split *split, struct shares *shares, size_t from,
			   unsigned arg, struct answers *pieces)
{
	uint64_t words[COVER_RULES];
	size_t taken = 0;

	for (size_t i = 0; i < shares->count; i++) {
		struct share *share = &shares->items[i];
		uint64_t word = share->top >> 32;
		struct condition condition = {.arg = (uint8_t)arg, .compare = COMPARE_GE};
		uint32_t values = share->values;

		if (share->up && split->word_bits == 64 && taken < COVER_RULES) {
			while (word <= UINT32_MAX && word_taken(words, taken, word))
				word++;
			condition.value = word == share->top >> 32 ? share->top : word << 32;
			if (word <= UINT32_MAX) {
				words[taken++] = word;
				values = space_difference(split->space, values,
							  from_up(split, arg, condition.value));
				push_piece(split, pieces, from, share->answer, &condition);
			}
		}
		if (!push_cubes(split, pieces, from, share, values))
			return false;
	}
	return true;
}

/* The costliest as it is, the rest as cubes. */
static bool push_shares_alone(struct split *split, struct shares *shares, size_t from,
			      struct answers *pieces)
{
	if (shares->count)
		*arena_push(split->arena, pieces) = *shares->items[0].answer;
	for (size_t i = 1; i < shares->count; i++)
		if (!push_cubes(split, pieces, from, &shares->items[i],
				shares->items[i].values))
			return false;
	return true;
}

static int share_compare(const void *a, const void *b)
{
	const struct share *left = a, *right = b;

	if (left->cubes != right->cubes)
		return left->cubes > right->cubes ? -1 : 1;
	return answer_compare(left->answer, right->answer);
}

/* Cubes and rules without the argument go to `pieces`, the rest becomes shares. */
static bool share_out(struct split *split, const struct answers *group, size_t from,
		      unsigned arg, struct answers *pieces, struct shares *shares)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct answer *answer = &group->items[i];
		const struct condition *condition = &answer->rule.conditions[from];
		struct conditions cubes = {0};
		struct share *share;

		if (answer->rule.count <= from || condition->arg != arg)
			continue;
		if (is_cube(condition)) {
			*arena_push(split->arena, pieces) = *answer;
			continue;
		}
		share = arena_push(split->arena, shares);
		share->answer = answer;
		share->values = space_condition(split->space, condition, SET_ALL);
		share->up = reaches_up(condition, &share->top);
		if (!cover_cubes(split->arena, split->space, share->values, &cubes))
			return false;
		share->cubes = cubes.count;
	}
	if (shares->count)
		qsort(shares->items, shares->count, sizeof(*shares->items),
		      share_compare);
	return true;
}

/* Beside a NE, an EQ becomes a MASKED_EQ of all bits, which is another node. */
static void unlike(struct answers *pieces, size_t from)
{
	bool unequal = false;

	for (size_t i = 0; i < pieces->count; i++)
		unequal |= pieces->items[i].rule.conditions[from].compare == COMPARE_NE;
	for (size_t i = 0; unequal && i < pieces->count; i++) {
		struct condition *condition = &pieces->items[i].rule.conditions[from];

		if (condition->compare != COMPARE_EQ)
			continue;
		condition->compare = COMPARE_MASKED_EQ;
		condition->value_two = condition->value;
		condition->value = UINT64_MAX;
	}
}

/* Every rule of the group on the argument, so that no two meet behind a common part. */
static bool split_group(struct split *split, const struct answers *group, size_t from,
			unsigned arg, struct answers *pieces)
{
	struct condition halves[2],
		whole = {.arg = (uint8_t)arg, .compare = COMPARE_MASKED_EQ};
	struct answers up = {0}, alone = {0};
	struct shares shares = {0};
	bool has_up, has_alone;

	/* First those without the argument, while there are bits to choose from. */
	for (size_t i = 0; i < group->count; i++) {
		const struct rule *rule = &group->items[i].rule;

		if (rule->count > from && rule->conditions[from].arg == arg)
			continue;
		if (!halve(split, pieces, from, whole, halves))
			return false;
		push_piece(split, pieces, from, &group->items[i], &halves[0]);
		push_piece(split, pieces, from, &group->items[i], &halves[1]);
	}
	if (!share_out(split, group, from, arg, pieces, &shares))
		return false;
	has_up = push_shares_up(split, &shares, from, arg, &up);
	has_alone = push_shares_alone(split, &shares, from, &alone);
	if (!has_up && !has_alone)
		return false;
	if (!has_up || (has_alone && alone.count <= up.count))
		up = alone;
	for (size_t i = 0; i < up.count; i++)
		*arena_push(split->arena, pieces) = up.items[i];
	unlike(pieces, from);
	return pieces->count <= COVER_RULES;
}

/* The pieces of one cube: side by side below it, or each below a part of its own. */
static bool settle_cube(struct split *split, struct answers *pieces,
			const struct answers *cube, size_t from)
{
	struct answers below = {0};
	struct answers *ret = split->ret;
	struct condition halves[2];
	size_t apart = 2 * cube->count - 1;
	bool fits;

	split->ret = &below;
	fits = settle(split, &(struct answers){cube->items, cube->count, cube->count},
		      from + 1);
	split->ret = ret;
	if (fits && below.count <= apart) {
		for (size_t i = 0; i < below.count; i++)
			*arena_push(split->arena, ret) = below.items[i];
		return true;
	}
	*arena_push(split->arena, ret) = cube->items[0];
	for (size_t i = 1; i < cube->count; i++) {
		if (!halve(split, pieces, from, cube->items[i].rule.conditions[from], halves))
			break;
		for (size_t j = 0; j < 2; j++) {
			push_piece(split, pieces, from, &cube->items[i], &halves[j]);
			push_piece(split, ret, from, &cube->items[i], &halves[j]);
		}
		if (i + 1 == cube->count)
			return true;
	}
	if (!fits)
		return false;
	/* The halves that are out already say nothing wrong, but nothing needed. */
	ret->count -= 1;
	while (ret->count && same(&ret->items[ret->count - 1].rule.conditions[from],
				  &pieces->items[pieces->count - 1].rule.conditions[from])) {
		ret->count--;
		pieces->count--;
	}
	for (size_t i = 0; i < below.count; i++)
		*arena_push(split->arena, ret) = below.items[i];
	return true;
}

static bool settle(struct split *split, struct answers *group, size_t from)
{
	struct answers pieces = {0};
	unsigned arg = SYSCALL_ARGS;
	size_t count;

	answers_sort(group);
	if (exact(group->items, group->count, from)) {
		for (size_t i = 0; i < group->count; i++)
			*arena_push(split->arena, split->ret) = group->items[i];
		return split->ret->count <= COVER_RULES;
	}
	for (size_t i = 0; i < group->count; i++) {
		const struct rule *rule = &group->items[i].rule;

		if (rule->count > from && rule->conditions[from].arg < arg)
			arg = rule->conditions[from].arg;
	}
	if (!split_group(split, group, from, arg, &pieces))
		return false;
	answers_sort(&pieces);
	count = pieces.count;
	for (size_t i = 0, end; i < count; i = end) {
		struct answers cube = {0};

		for (end = i; end < count; end++) {
			if (!same(&pieces.items[i].rule.conditions[from],
				  &pieces.items[end].rule.conditions[from]))
				break;
			*arena_push(split->arena, &cube) = pieces.items[end];
		}
		if (cube.count == 1)
			*arena_push(split->arena, split->ret) = cube.items[0];
		else if (!settle_cube(split, &pieces, &cube, from))
			return false;
	}
	return split->ret->count <= COVER_RULES;
}

bool forms_apart(struct arena *arena, struct space *space, const struct answers *answers,
		 unsigned word_bits, struct answers *ret)
{
	struct answers group = {0}, found = {0};
	struct split split = {arena, space, word_bits, &found};

	for (size_t i = 0; i < answers->count; i++)
		*arena_push(arena, &group) = answers->items[i];
	if (!settle(&split, &group, 0))
		return false;
	answers_sort(&found);
	*ret = found;
	return true;
}
