/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/cover.h"

#include <string.h>

/* More intervals than this on one argument come from masks, and cubes say it better. */
#define INTERVALS 16
/* So many values are listed one by one. */
#define VALUES 16
/* Up to so many rules, those that others cover are left out; of more it takes long. */
#define FEW 64

struct interval {
	uint64_t first, last;
};

struct intervals {
	struct interval items[INTERVALS];
	size_t count;
	bool many;
};

static void intervals_add(struct intervals *list, uint64_t first, uint64_t last)
{
	if (list->count && list->items[list->count - 1].last == first - 1) {
		list->items[list->count - 1].last = last;
	} else if (list->count < INTERVALS) {
		list->items[list->count++] = (struct interval){ first, last };
	} else {
		list->many = true;
	}
}

/* Left to right over the values that begin with the bits of `first` above `bit`. */
static void intervals_walk(const struct space *space, uint32_t values, unsigned end,
			   unsigned bits, uint64_t first, struct intervals *list)
{
	struct halves halves = space_halves(space, values);
	uint64_t last = first | (bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1);

	if (list->many || values == SET_NONE)
		return;
	if (values == SET_ALL) {
		intervals_add(list, first, last);
		return;
	}
	if (halves.variable > end - bits)
		halves.low = halves.high = values;
	intervals_walk(space, halves.low, end, bits - 1, first, list);
	intervals_walk(space, halves.high, end, bits - 1,
		       first | UINT64_C(1) << (bits - 1), list);
}

static void push(struct arena *arena, struct conditions *list, unsigned argument,
		 enum compare compare, uint64_t value, uint64_t value_two)
{
	*arena_push(arena, list) = (struct condition){
		.arg = (uint8_t)argument,
		.compare = (uint8_t)compare,
		.value = value,
		.value_two = value_two,
	};
}

/*
 * From 0 to `last`, and from `first` up. Written with LT and GE, which is what people
 * write, unless that alone would need a number of more than 32 bits.
 */
static void push_below(struct arena *arena, struct conditions *list, unsigned argument,
		       uint64_t last)
{
	if (last == 0)
		push(arena, list, argument, COMPARE_EQ, 0, 0);
	else if (last == UINT32_MAX)
		push(arena, list, argument, COMPARE_LE, last, 0);
	else
		push(arena, list, argument, COMPARE_LT, last + 1, 0);
}

static void push_above(struct arena *arena, struct conditions *list, unsigned argument,
		       uint64_t first)
{
	if (first == UINT64_MAX)
		push(arena, list, argument, COMPARE_EQ, first, 0);
	else if (first == UINT64_C(1) << 32)
		push(arena, list, argument, COMPARE_GT, first - 1, 0);
	else
		push(arena, list, argument, COMPARE_GE, first, 0);
}

/* An interval as aligned blocks, which are masks. */
static void push_blocks(struct arena *arena, struct conditions *list, unsigned argument,
			uint64_t first, uint64_t last)
{
	for (;;) {
		uint64_t size = 1;

		while (size < UINT64_C(1) << 63 && !(first & size) &&
		       first + (size * 2 - 1) <= last)
			size *= 2;
		if (size == 1)
			push(arena, list, argument, COMPARE_EQ, first, 0);
		else
			push(arena, list, argument, COMPARE_MASKED_EQ, ~(size - 1),
			     first);
		if (first + (size - 1) == last)
			return;
		first += size;
	}
}

static void push_interval(struct arena *arena, struct conditions *list, unsigned argument,
			  struct interval interval)
{
	if (!interval.first)
		push_below(arena, list, argument, interval.last);
	else if (interval.last == UINT64_MAX)
		push_above(arena, list, argument, interval.first);
	else
		push_blocks(arena, list, argument, interval.first, interval.last);
}

bool cover_cube_rules(struct arena *arena, struct space *space, uint32_t set,
		      unsigned call, size_t limit, struct rules *ret, struct error *err)
{
	struct rules rules = { 0 };

	if (!space_cubes(arena, space, set, set, limit, &rules))
		return error_set(err, ERR_INEXACT, "it needs more than %zu rules", limit);
	for (size_t i = 0; i < rules.count; i++)
		rules.items[i].call = (uint16_t)call;
	*ret = rules;
	return true;
}

static bool cubes_between(struct arena *arena, struct space *space, uint32_t must,
			  uint32_t may, size_t limit, struct conditions *ret)
{
	struct rules rules = { 0 };

	if (!space_cubes(arena, space, must, may, limit, &rules))
		return false;
	for (size_t i = 0; i < rules.count; i++)
		*arena_push(arena, ret) = rules.items[i].conditions[0];
	return true;
}

bool cover_cubes(struct arena *arena, struct space *space, uint32_t values,
		 struct conditions *ret)
{
	return cubes_between(arena, space, values, values, COVER_RULES, ret);
}

/* The least (greatest) value that is not in the values, which are not full. */
static uint64_t gap(const struct space *space, uint32_t values, unsigned argument,
		    bool greatest)
{
	uint64_t value = greatest ? UINT64_MAX : 0;

	while (values != SET_NONE) {
		struct halves halves = space_halves(space, values);
		uint64_t bit = UINT64_C(1) << (63 - (halves.variable - argument * 64));
		bool high = greatest ? halves.high != SET_ALL : halves.low == SET_ALL;

		value = high ? value | bit : value & ~bit;
		values = high ? halves.high : halves.low;
	}
	return value;
}

/* One argument, and what its conditions may and must say. */
struct range {
	struct arena *arena;
	struct space *space;
	unsigned argument;
	uint32_t must, may;
	uint64_t low, high; /* the least and the greatest value outside of `may` */
};

static uint32_t range_set(const struct range *range, enum compare compare, uint64_t value)
{
	struct condition condition = { .arg = (uint8_t)range->argument,
				       .compare = (uint8_t)compare,
				       .value = value };

	return space_condition(range->space, &condition, SET_ALL);
}

/* One condition that says it all. */
static bool range_one(const struct range *range, struct conditions *ret)
{
	struct condition cube = space_hull(range->space, range->must, range->argument);
	uint32_t set = space_condition(range->space, &cube, SET_ALL);

	if (cube.compare == COMPARE_EQ) {
		*arena_push(range->arena, ret) = cube;
		return true;
	}
	if (space_subset(range->space, range->must,
			 range_set(range, COMPARE_LT, range->low)))
		push_below(range->arena, ret, range->argument, range->low - 1);
	else if (space_subset(range->space, range->must,
			      range_set(range, COMPARE_GT, range->high)))
		push_above(range->arena, ret, range->argument, range->high + 1);
	else if (range->low == range->high)
		push(range->arena, ret, range->argument, COMPARE_NE, range->low, 0);
	else if (space_subset(range->space, set, range->may))
		*arena_push(range->arena, ret) = cube;
	return ret->count > 0;
}

/*
 * A few values, which people write as such and no mask says better: an address family is
 * "2", not "2 where bit 3 does not count". false: there are more.
 */
static bool push_values(const struct range *range, const struct intervals *list,
			struct conditions *ret)
{
	for (size_t i = 0; i < list->count; i++) {
		uint64_t value = list->items[i].first, last = list->items[i].last;

		if (last - value >= VALUES - ret->count)
			return false;
		for (; value < last; value++)
			push(range->arena, ret, range->argument, COMPARE_EQ, value, 0);
		push(range->arena, ret, range->argument, COMPARE_EQ, last, 0);
	}
	return true;
}

/*
 * What is left of a set, as intervals or, if they are fewer, cubes: `limit` conditions at
 * most. It takes long to find out how many cubes there would be, so nobody tries for
 * longer than it can matter.
 */
static bool range_rest(const struct range *range, uint32_t rest, size_t limit,
		       struct conditions *ret)
{
	struct conditions cubes = { 0 };
	struct intervals inner = { .count = 0 };

	intervals_walk(range->space, rest, (range->argument + 1) * 64, 64, 0, &inner);
	if (!inner.many && push_values(range, &inner, ret))
		return ret->count <= limit;
	*ret = (struct conditions){ 0 };
	for (size_t i = 0; !inner.many && i < inner.count; i++)
		push_interval(range->arena, ret, range->argument, inner.items[i]);
	if (!inner.many && ret->count && ret->count <= limit)
		limit = ret->count - 1;
	else
		*ret = (struct conditions){ 0 };
	if (cubes_between(range->arena, range->space, rest, range->may, limit, &cubes))
		*ret = cubes;
	return ret->count > 0;
}

/* Which ends of all values conditions reach to: 0, the greatest one, both or none. */
enum { END_LOW = 1, END_HIGH = 2, ENDS = 4 };

/* Conditions to these ends, and the rest. */
static bool range_many(const struct range *range, unsigned ends, size_t limit,
		       struct conditions *ret)
{
	struct conditions inner = { 0 };
	uint32_t rest = range->must;

	if (ends & END_LOW) {
		push_below(range->arena, ret, range->argument, range->low - 1);
		rest = space_difference(range->space, rest,
					range_set(range, COMPARE_LT, range->low));
	}
	if (ends & END_HIGH) {
		push_above(range->arena, ret, range->argument, range->high + 1);
		rest = space_difference(range->space, rest,
					range_set(range, COMPARE_GT, range->high));
	}
	if (rest == SET_NONE)
		return ret->count <= limit;
	if (ret->count >= limit || !range_rest(range, rest, limit - ret->count, &inner))
		return false;
	for (size_t i = 0; i < inner.count; i++)
		*arena_push(range->arena, ret) = inner.items[i];
	return true;
}

/*
 * Conditions on one argument that hold for all of `must` and nothing outside of `may`,
 * which is not full: as few as possible, and of these with comparisons before masks.
 */
static bool conditions_between(struct arena *arena, struct space *space,
			       unsigned argument, uint32_t must, uint32_t may,
			       size_t limit, struct conditions *ret)
{
	struct range range = { arena, space, argument, must, may, 0, 0 };

	if (must == SET_NONE || space_full(space))
		return !space_full(space);
	range.low = gap(space, may, argument, false);
	range.high = gap(space, may, argument, true);
	if (range_one(&range, ret))
		return true;
	for (unsigned ends = ENDS; ends-- > 0;) {
		struct conditions these = { 0 };

		/* Without such an end it is the same as without asking for it. */
		if ((ends & END_LOW && !range.low) ||
		    (ends & END_HIGH && range.high == UINT64_MAX) ||
		    !range_many(&range, ends, limit, &these))
			continue;
		*ret = these;
		limit = these.count - 1;
	}
	return ret->count > 0;
}

/* One argument of a set with don't-cares, being covered. */
struct layer {
	struct arena *arena;
	struct space *space;
	uint32_t set;
	unsigned argument;
	size_t limit; /* of rules */
	struct remainders remainders;
	uint32_t *may;	  /* of each remainder */
	uint32_t *needed; /* what it must have and has not yet */
	bool *done;
	struct rules *ret;
};

static bool cover(struct arena *arena, struct space *space, uint32_t set, size_t limit,
		  struct rules *ret);

/*
 * The next remainder to cover: one that no other open one is a proper part of, so that
 * what several share is said once, for all of them; of these the one with the least
 * value.
 */
static size_t layer_next(struct layer *layer)
{
	size_t count = layer->remainders.count, best = count;

	for (size_t i = 0; i < count; i++) {
		if (layer->done[i] || layer->may[i] == SET_NONE)
			continue;
		if (best == count ||
		    (layer->may[i] != layer->may[best] &&
		     space_subset(layer->space, layer->may[i], layer->may[best])))
			best = i;
	}
	return best;
}

/*
 * The argument's conditions under which a rule on the later arguments is granted: at
 * least for the values that still need it, at most for those that may have it.
 */
static bool layer_conditions(struct layer *layer, uint32_t tail, struct conditions *ret,
			     bool *ret_always)
{
	struct space *space = layer->space;
	size_t count = layer->remainders.count;
	bool *marked = arena_new(layer->arena, bool, count);
	uint32_t must, may;

	for (size_t i = 0; i < count; i++) {
		uint32_t left = space_difference(space, layer->needed[i], tail);

		marked[i] = left != layer->needed[i] &&
			    space_subset(space, tail, layer->may[i]);
		if (marked[i])
			layer->needed[i] = left;
	}
	must = space_where(space, layer->set, layer->argument, &layer->remainders,
			   marked);
	for (size_t i = 0; i < count; i++)
		marked[i] = space_subset(space, tail, layer->may[i]);
	may = space_where(space, layer->set, layer->argument, &layer->remainders, marked);
	*ret_always = must && may == SET_ALL;
	return *ret_always || conditions_between(layer->arena, space, layer->argument,
						 must, may, layer->limit, ret);
}

static bool layer_tail(struct layer *layer, const struct rule *tail)
{
	struct conditions conditions = { 0 };
	bool always;

	if (!layer_conditions(layer, space_rule(layer->space, tail), &conditions,
			      &always))
		return false;
	if (always)
		*arena_push(layer->arena, layer->ret) = *tail;
	for (size_t i = 0; i < conditions.count; i++) {
		struct rule *rule = arena_push(layer->arena, layer->ret);

		rule->count = (uint8_t)(tail->count + 1);
		rule->conditions[0] = conditions.items[i];
		memcpy(&rule->conditions[1], tail->conditions,
		       tail->count * sizeof(*tail->conditions));
	}
	return layer->ret->count <= layer->limit;
}

static bool layer_cover(struct layer *layer)
{
	size_t next, count = layer->remainders.count;

	while ((next = layer_next(layer)) < count) {
		uint32_t need = SET_NONE;
		struct rules tails = { 0 };

		for (size_t i = 0; i < count; i++) {
			if (layer->may[i] != layer->may[next])
				continue;
			layer->done[i] = true;
			need = space_union(layer->space, need, layer->needed[i]);
		}
		need = space_between(layer->space, need, layer->may[next]);
		if (!cover(layer->arena, layer->space, need, layer->limit, &tails))
			return false;
		for (size_t i = 0; i < tails.count; i++)
			if (!layer_tail(layer, &tails.items[i]))
				return false;
	}
	return true;
}

/* Rules over what must be in and nothing that must not. */
static bool cover(struct arena *arena, struct space *space, uint32_t set, size_t limit,
		  struct rules *ret)
{
	struct layer layer = {
		.arena = arena, .space = space, .set = set, .limit = limit, .ret = ret
	};

	if (space_full(space))
		return false;
	if (space_must(space, set) == SET_NONE)
		return true;
	if (space_may(space, set) == SET_ALL) {
		(void)arena_push(arena, ret);
		return true;
	}
	layer.argument = space_argument(space, set);
	layer.remainders =
		space_remainders(arena, space, set, layer.argument, COVER_RULES);
	if (layer.remainders.count > COVER_RULES)
		return false;
	layer.may = arena_new(arena, uint32_t, layer.remainders.count);
	layer.needed = arena_new(arena, uint32_t, layer.remainders.count);
	layer.done = arena_new(arena, bool, layer.remainders.count);
	for (size_t i = 0; i < layer.remainders.count; i++) {
		layer.may[i] = space_may(space, layer.remainders.items[i]);
		layer.needed[i] = space_must(space, layer.remainders.items[i]);
	}
	return layer_cover(&layer);
}

/* Leave out, from the first on, what the others cover together. */
static void drop_covered(struct arena *arena, struct space *space, struct rules *rules)
{
	size_t count = rules->count, kept = 0;
	uint32_t *behind = arena_new(arena, uint32_t, count + 1);
	uint32_t before = SET_NONE;

	for (size_t i = count; i > 0; i--)
		behind[i - 1] = space_union(space, behind[i],
					    space_rule(space, &rules->items[i - 1]));
	for (size_t i = 0; i < count; i++) {
		uint32_t set = space_rule(space, &rules->items[i]);
		uint32_t others = space_union(space, before, behind[i + 1]);

		if (space_subset(space, set, others))
			continue;
		before = space_union(space, before, set);
		rules->items[kept++] = rules->items[i];
	}
	rules->count = kept;
}

bool cover_rules(struct arena *arena, struct space *space, uint32_t set, unsigned call,
		 size_t limit, struct rules *ret, struct error *err)
{
	struct rules rules = { 0 };
	bool found = cover(arena, space, set, limit, &rules);

	if (found && rules.count <= FEW)
		drop_covered(arena, space, &rules);
	/* A full space may have said that there is nothing to cover. */
	if (space_full(space))
		return error_set(err, ERR_INEXACT, "it takes too many comparisons");
	if (!found)
		return error_set(err, ERR_INEXACT, "it needs more than %zu rules", limit);
	for (size_t i = 0; i < rules.count; i++)
		rules.items[i].call = (uint16_t)call;
	*ret = rules;
	return true;
}
