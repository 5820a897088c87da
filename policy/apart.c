/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/apart.h"

#include <stdlib.h>
#include <string.h>

/* Bringing rules apart: what is the same for all groups and arguments. */
struct split {
	struct arena *arena;
	struct space *space;
	unsigned word_bits;
	struct answers *ret;
	size_t pieces; /* made so far, kept or not */
};

/* More pieces than any list that is accepted in the end has taken. */
#define PIECES (16 * (size_t)COVER_RULES)

static bool settle(struct split *split, struct answers *group, size_t from);

/* Set a rule's condition at `from`: in the place of one on that argument, else before. */
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

static void append(struct arena *arena, struct answers *answers,
		   const struct answers *more)
{
	for (size_t i = 0; i < more->count; i++)
		*arena_push(arena, answers) = more->items[i];
}

/* On every architecture of the node: one may have the lower words alone. */
static bool taken(const struct split *split, const struct answers *pieces, size_t from,
		  const struct condition *cube)
{
	uint64_t word = split->word_bits == 32 ? UINT32_MAX : UINT64_MAX;

	for (size_t i = 0; i < pieces->count; i++) {
		const struct condition *other = &pieces->items[i].rule.conditions[from];

		if (other->compare == cube->compare &&
		    !((other->value ^ cube->value) & word) &&
		    !((other->value_two ^ cube->value_two) & word))
			return true;
	}
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
		if (!taken(split, pieces, from, &ret[0]) &&
		    !taken(split, pieces, from, &ret[1]))
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
	split->pieces++;
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
	return condition_is_upper(condition) ||
	       (condition->compare == COMPARE_NE && condition->value != UINT64_MAX);
}

static bool push_cubes(struct split *split, struct answers *pieces, size_t from,
		       const struct share *share, uint32_t values)
{
	struct conditions cubes = { 0 };

	if (!cover_cubes(split->arena, split->space, values, &cubes) ||
	    pieces->count + cubes.count > COVER_RULES)
		return false;
	for (size_t i = 0; i < cubes.count; i++)
		push_piece(split, pieces, from, share->answer, &cubes.items[i]);
	return true;
}

/* The upper word, from `word` on, that no other comparison of these has. */
static uint64_t free_word(const struct answers *pieces, size_t from, uint64_t word)
{
	for (size_t i = 0; i < pieces->count; i++) {
		const struct condition *condition =
			&pieces->items[i].rule.conditions[from];

		if (!condition_is_cube(condition) && condition->value >> 32 == word)
			return free_word(pieces, from, word + 1);
	}
	return word;
}

/*
 * What reaches up as a GE with an upper word of its own, and the rest as cubes. The
 * costliest choose first, since their words are the nearest.
 */
static bool push_up(struct split *split, const struct shares *shares, size_t from,
		    struct answers *pieces)
{
	for (size_t i = 0; i < shares->count; i++) {
		const struct share *share = &shares->items[i];
		uint64_t word = free_word(pieces, from, share->top >> 32);
		struct condition condition = share->answer->rule.conditions[from];
		uint32_t values = share->values;

		condition.compare = COMPARE_GE;
		condition.value = word == share->top >> 32 ? share->top : word << 32;
		if (share->up && word <= UINT32_MAX && split->word_bits == 64) {
			push_piece(split, pieces, from, share->answer, &condition);
			values = space_difference(
				split->space, values,
				space_condition(split->space, &condition, SET_ALL));
		}
		if (!push_cubes(split, pieces, from, share, values))
			return false;
	}
	return true;
}

/*
 * The costliest as it is, the rest as cubes. On 32 bits NE must not stand beside others,
 * GT may.
 */
static bool push_alone(struct split *split, const struct shares *shares, size_t from,
		       struct answers *pieces)
{
	size_t first = shares->count > 0;
	const struct answer *answer = first ? shares->items[0].answer : NULL;
	struct condition condition;
	uint32_t below;

	if (first && split->word_bits == 32 &&
	    answer->rule.conditions[from].compare == COMPARE_NE) {
		condition = answer->rule.conditions[from];
		condition.compare = COMPARE_GT;
		push_piece(split, pieces, from, answer, &condition);
		condition.compare = COMPARE_LT;
		below = space_condition(split->space, &condition, SET_ALL);
		if (!push_cubes(split, pieces, from, &shares->items[0], below))
			return false;
	} else if (first) {
		*arena_push(split->arena, pieces) = *answer;
	}
	for (size_t i = first; i < shares->count; i++)
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
		struct conditions cubes = { 0 };
		struct share *share;

		if (answer->rule.count <= from || condition->arg != arg)
			continue;
		if (condition_is_cube(condition)) {
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
		whole = { .arg = (uint8_t)arg, .compare = COMPARE_MASKED_EQ };
	struct answers up = { 0 }, alone = { 0 };
	struct shares shares = { 0 };
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
	has_up = push_up(split, &shares, from, &up);
	has_alone = push_alone(split, &shares, from, &alone);
	if (!has_up && !has_alone)
		return false;
	if (!has_up || (has_alone && alone.count <= up.count))
		up = alone;
	append(split->arena, pieces, &up);
	unlike(pieces, from);
	return pieces->count <= COVER_RULES && split->pieces <= PIECES;
}

/* The rules of one cube, each but the first below two halves of its own. */
static bool halve_all(struct split *split, struct answers *pieces,
		      const struct answers *cube, size_t from, struct answers *ret)
{
	struct condition halves[2];

	*arena_push(split->arena, ret) = cube->items[0];
	for (size_t i = 1; i < cube->count; i++) {
		if (!halve(split, pieces, from, cube->items[i].rule.conditions[from],
			   halves))
			return false;
		for (size_t j = 0; j < 2; j++) {
			push_piece(split, pieces, from, &cube->items[i], &halves[j]);
			push_piece(split, ret, from, &cube->items[i], &halves[j]);
		}
	}
	return true;
}

/* The rules of one cube: settled by the next arguments, or below halves of it. */
static bool settle_cube(struct split *split, struct answers *pieces, struct answers *cube,
			size_t from)
{
	struct answers below = { 0 }, halves = { 0 };
	struct answers *ret = split->ret;
	size_t most = 2 * cube->count - 1;
	bool fits;

	split->ret = &below;
	fits = settle(split, cube, from + 1);
	split->ret = ret;
	if (!fits || below.count > most) {
		if (halve_all(split, pieces, cube, from, &halves))
			below = halves;
		else if (!fits)
			return false;
	}
	append(split->arena, ret, &below);
	return true;
}

static bool settle(struct split *split, struct answers *group, size_t from)
{
	struct answers pieces = { 0 };
	unsigned arg = SYSCALL_ARGS;
	size_t count;

	answers_sort(group);
	if (forms_exact_from(group->items, group->count, from, split->word_bits)) {
		append(split->arena, split->ret, group);
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
		struct answers cube = { 0 };

		for (end = i; end < count; end++) {
			if (!condition_same(&pieces.items[i].rule.conditions[from],
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

bool apart_make(struct arena *arena, struct space *space, const struct answers *answers,
		unsigned word_bits, struct answers *ret)
{
	struct answers group = { 0 }, found = { 0 };
	struct split split = { arena, space, word_bits, &found, 0 };

	append(arena, &group, answers);
	if (!settle(&split, &group, 0))
		return false;
	answers_sort(&found);
	*ret = found;
	return true;
}
