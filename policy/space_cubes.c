/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/space.h"

#include <string.h>

struct cubes {
	struct arena *arena;
	struct space *space;
	struct rules *rules;
	size_t limit;
	bool many;
};

/* Add one more bit to a rule of cubes. */
static void cube_bit(struct rule *rule, unsigned variable, bool one)
{
	unsigned argument = variable / 64;
	uint64_t bit = UINT64_C(1) << (63 - variable % 64);
	struct condition *condition = &rule->conditions[0];

	/* Bits come in from the last to the first, so the argument is there or new. */
	if (!rule->count || condition->arg != argument) {
		memmove(condition + 1, condition, rule->count * sizeof(*condition));
		*condition = (struct condition){ .arg = (uint8_t)argument,
						 .compare = COMPARE_MASKED_EQ };
		rule->count++;
	}
	condition->value |= bit;
	if (one)
		condition->value_two |= bit;
	/* The whole argument, so its first bit: none comes in after this. */
	if (condition->value == UINT64_MAX)
		*condition = (struct condition){ .arg = (uint8_t)argument,
						 .compare = COMPARE_EQ,
						 .value = condition->value_two };
}

/*
 * An irredundant cover by cubes (Minato and Morreale): what one half alone needs is
 * bound to that half, the rest is left free of the variable. Returns what is covered.
 */
static uint32_t cubes(struct cubes *work, uint32_t must, uint32_t may)
{
	struct space *space = work->space;
	struct halves m = space_halves(space, must), n = space_halves(space, may);
	unsigned variable = m.variable < n.variable ? m.variable : n.variable;
	size_t start = work->rules->count, middle, end;
	uint32_t low, high, both;

	if (must == SET_NONE || work->many || space_full(space))
		return SET_NONE;
	if (may == SET_NONE || work->rules->count >= work->limit) {
		work->many = true;
		return SET_NONE;
	}
	if (may == SET_ALL) {
		(void)arena_push(work->arena, work->rules);
		return SET_ALL;
	}
	if (m.variable != variable)
		m.low = m.high = must;
	if (n.variable != variable)
		n.low = n.high = may;
	low = cubes(work, space_difference(space, m.low, n.high), n.low);
	middle = work->rules->count;
	high = cubes(work, space_difference(space, m.high, n.low), n.high);
	end = work->rules->count;
	both = cubes(work,
		     space_union(space, space_difference(space, m.low, low),
				 space_difference(space, m.high, high)),
		     space_intersection(space, n.low, n.high));
	for (size_t i = start; i < end; i++)
		cube_bit(&work->rules->items[i], variable, i >= middle);
	return space_node(space, variable, space_union(space, low, both),
			  space_union(space, high, both));
}

bool space_cubes(struct arena *arena, struct space *space, uint32_t must, uint32_t may,
		 size_t limit, struct rules *ret)
{
	struct cubes work = { arena, space, ret, limit, false };

	(void)cubes(&work, must, may);
	return !work.many && !space_full(space);
}

struct condition space_hull(struct space *space, uint32_t values, unsigned argument)
{
	struct condition cube = { .arg = (uint8_t)argument,
				  .compare = COMPARE_MASKED_EQ };

	/* Nothing is left of a union if the space gets full on the way. */
	while (values > SET_ALL) {
		struct halves halves = space_halves(space, values);
		uint64_t bit = UINT64_C(1) << (63 - (halves.variable - argument * 64));

		cube.value |= !halves.low || !halves.high ? bit : 0;
		cube.value_two |= !halves.low ? bit : 0;
		values = space_union(space, halves.low, halves.high);
	}
	if (cube.value == UINT64_MAX)
		cube = (struct condition){ .arg = (uint8_t)argument,
					   .compare = COMPARE_EQ,
					   .value = cube.value_two };
	return cube;
}
