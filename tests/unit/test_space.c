/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/space.h"

#include <string.h>
#include <unistd.h>

#include "policy/cover.h"
#include "policy/witness.h"
#include "tests/tap.h"

static struct arena arena;
static uint64_t state = 20260901;

/* splitmix64 */
static uint64_t next(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t edge(void)
{
	static const uint64_t edges[] = {
		0,
		1,
		5,
		8,
		UINT32_MAX - 1,
		UINT32_MAX,
		UINT64_C(1) << 32,
		(UINT64_C(1) << 32) + 1,
		UINT64_MAX - 1,
		UINT64_MAX,
	};

	return next() % 8 ? edges[next() % ARRAY_SIZE(edges)] : next();
}

static struct rule random_rule(void)
{
	struct rule rule = { .count = 0 };

	for (uint8_t arg = 0; arg < SYSCALL_ARGS; arg++) {
		struct condition *condition = &rule.conditions[rule.count];

		if (next() % 3)
			continue;
		condition->arg = arg;
		condition->compare = (uint8_t)(next() % 7);
		condition->value = edge();
		if (condition->compare == COMPARE_MASKED_EQ)
			condition->value_two = edge() & condition->value;
		rule.count++;
	}
	return rule;
}

static bool rule_holds(const struct rule *rule, const uint64_t args[SYSCALL_ARGS])
{
	for (size_t i = 0; i < rule->count; i++)
		if (!condition_holds(&rule->conditions[i], args[rule->conditions[i].arg]))
			return false;
	return true;
}

static bool has(const struct space *space, uint32_t set,
		const uint64_t args[SYSCALL_ARGS])
{
	while (set > SET_ALL) {
		struct halves halves = space_halves(space, set);
		unsigned bit = 63 - halves.variable % 64;

		set = args[halves.variable / 64] >> bit & 1 ? halves.high : halves.low;
	}
	return set == SET_ALL;
}

static void random_point(uint64_t args[SYSCALL_ARGS])
{
	for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++)
		args[arg] = edge();
}

static void test_terminals(struct space *space)
{
	struct rule always = { .count = 0 };
	struct condition low = { .compare = COMPARE_LT, .value = 0 };
	struct condition high = { .compare = COMPARE_GE, .value = 0 };
	struct condition odd = { .compare = COMPARE_MASKED_EQ,
				 .value = 1,
				 .value_two = 2 };

	ok(space_rule(space, &always) == SET_ALL, "a rule without conditions is all");
	ok(space_condition(space, &low, SET_ALL) == SET_NONE, "nothing is below 0");
	ok(space_condition(space, &high, SET_ALL) == SET_ALL, "everything is from 0 on");
	ok(space_condition(space, &odd, SET_ALL) == SET_NONE,
	   "no value has bits outside of its mask");
	ok(space_argument(space, SET_ALL) == SYSCALL_ARGS, "all depends on no argument");
}

/* The same set, written in several ways, is one number. */
static void test_canonical(struct space *space)
{
	struct condition lt = { .arg = 2, .compare = COMPARE_LT, .value = 8 };
	struct condition le = { .arg = 2, .compare = COMPARE_LE, .value = 7 };
	struct condition mask = { .arg = 2,
				  .compare = COMPARE_MASKED_EQ,
				  .value = ~UINT64_C(7) };
	struct condition ge = { .arg = 2, .compare = COMPARE_GE, .value = 8 };
	uint32_t set = space_condition(space, &lt, SET_ALL);

	ok(set == space_condition(space, &le, SET_ALL), "LT 8 is LE 7");
	ok(set == space_condition(space, &mask, SET_ALL), "and no bit above the third");
	ok(space_difference(space, SET_ALL, set) == space_condition(space, &ge, SET_ALL),
	   "and all but GE 8");
	ok(space_union(space, set, space_condition(space, &ge, SET_ALL)) == SET_ALL,
	   "both together are all");
	ok(space_argument(space, set) == 2, "it depends on argument 2");
}

static void test_operations(struct space *space)
{
	size_t wrong = 0, unequal = 0;

	for (unsigned round = 0; round < 300; round++) {
		struct rule left = random_rule(), right = random_rule();
		uint32_t a = space_rule(space, &left), b = space_rule(space, &right);
		uint32_t or = space_union(space, a, b);
		uint32_t and = space_intersection(space, a, b);
		uint32_t not = space_difference(space, a, b);

		unequal += or != space_union(space, b, a);
		unequal += and != space_intersection(space, b, a);
		unequal += or != space_union(space, not, b);
		unequal += not != space_difference(space, a, and);
		unequal += space_subset(space, a, b) != (or == b);
		for (unsigned point = 0; point < 50; point++) {
			uint64_t args[SYSCALL_ARGS];
			bool l, r;

			random_point(args);
			l = rule_holds(&left, args);
			r = rule_holds(&right, args);
			wrong += has(space, a, args) != l;
			wrong += has(space, or, args) != (l || r);
			wrong += has(space, and, args) != (l && r);
			wrong += has(space, not, args) != (l && !r);
		}
	}
	ok(!wrong, "sets hold what their rules hold");
	ok(!unequal, "equal sets are equal numbers");
}

static void test_between(struct space *space)
{
	struct condition small = { .compare = COMPARE_LT, .value = 5 };
	struct condition large = { .compare = COMPARE_LT, .value = 10 };
	uint32_t must = space_condition(space, &small, SET_ALL);
	uint32_t may = space_condition(space, &large, SET_ALL);
	uint32_t both = space_between(space, must, may);

	ok(space_must(space, both) == must, "what must be in comes back");
	ok(space_may(space, both) == may, "and what may be");
	ok(space_between(space, must, must) == must, "no play, no don't-cares");
}

static void test_remainders(struct space *space)
{
	struct rule one = { .count = 2,
			    .conditions = { { 0, COMPARE_LT, 5, 0 },
					    { 1, COMPARE_EQ, 1, 0 } } };
	struct rule two = { .count = 2,
			    .conditions = { { 0, COMPARE_GE, 3, 0 },
					    { 1, COMPARE_EQ, 2, 0 } } };
	uint32_t set =
		space_union(space, space_rule(space, &one), space_rule(space, &two));
	struct remainders all = space_remainders(&arena, space, set, 0, 3);
	struct condition middle = { .compare = COMPARE_GE, .value = 3 };
	struct condition below = { .compare = COMPARE_LT, .value = 5 };
	bool marked[3] = { false, true, false };

	ok(all.count == 3, "below 3, from 3 to 4, and from 5 on: three remainders");
	if (all.count != 3)
		return;
	ok(all.items[0] == space_condition(space, &one.conditions[1], SET_ALL),
	   "the first is that of the least values");
	ok(space_where(space, set, 0, &all, marked) ==
		   space_intersection(space, space_condition(space, &middle, SET_ALL),
				      space_condition(space, &below, SET_ALL)),
	   "the second remains for 3 and 4");
	all = space_remainders(&arena, space, set, 0, 1);
	ok(all.count == 2, "of too many, one more than was asked for");
}

static void test_cubes(struct space *space)
{
	size_t wrong = 0, others = 0;

	for (unsigned round = 0; round < 100; round++) {
		struct rule rule = random_rule();
		uint32_t set, sum = SET_NONE;
		struct rules rules = { 0 };

		rule.count = rule.count > 1 ? 1 : rule.count;
		set = space_rule(space, &rule);
		if (!space_cubes(&arena, space, set, set, 64, &rules))
			wrong++;
		for (size_t i = 0; i < rules.count; i++) {
			const struct rule *cube = &rules.items[i];

			sum = space_union(space, sum, space_rule(space, cube));
			for (size_t j = 0; j < cube->count; j++)
				others +=
					cube->conditions[j].compare != COMPARE_EQ &&
					cube->conditions[j].compare != COMPARE_MASKED_EQ;
		}
		wrong += sum != set;
	}
	ok(!wrong, "cubes cover a comparison, exactly");
	ok(!others, "and are EQ and MASKED_EQ");
}

static void test_limits(void)
{
	struct space *space = space_new(&arena);
	uint32_t set = SET_NONE;
	struct rule rule;

	for (unsigned i = 0; i < 4000 && !space_full(space); i++) {
		rule = random_rule();
		for (size_t j = 0; j < rule.count; j++)
			rule.conditions[j].value = next();
		set = space_union(space, set, space_rule(space, &rule));
	}
	ok(space_full(space), "a space gets full, and says so");
	space_refill(space);
	rule = random_rule();
	set = space_rule(space, &rule);
	ok(!space_full(space) && space_union(space, set, set) == set,
	   "refilled, it is good again");
	state = 7;
	test_operations(space);
}

/* Until `left` steps are left. */
static void burn(struct space *space, uint32_t a, uint32_t b, uint32_t left)
{
	space_refill(space);
	for (uint32_t i = left; i < SPACE_STEPS; i++)
		(void)space_union(space, a, b);
}

/* Whatever is being done when the steps run out, it ends, and nothing wrong is said. */
static void test_running_out(void)
{
	struct space *space = space_new(&arena);
	struct rule one = { .count = 2,
			    .conditions = { { 0, COMPARE_MASKED_EQ, 5, 1 },
					    { 1, COMPARE_GE, 3, 0 } } };
	struct rule two = { .count = 2,
			    .conditions = { { 0, COMPARE_GT, 2, 0 },
					    { 1, COMPARE_EQ, 2, 0 } } };
	uint32_t a = space_rule(space, &one), b = space_rule(space, &two);
	uint32_t set = space_union(space, a, b), values;
	struct condition small = { .compare = COMPARE_EQ, .value = 5 };
	struct condition large = { .compare = COMPARE_EQ, .value = UINT64_MAX - 5 };
	uint64_t args[SYSCALL_ARGS];
	size_t wrong = 0, refused = 0;

	/* The cache knows the union: each look is one step. */
	for (uint32_t left = 1; left < 30; left++) {
		struct rules rules = { 0 };
		uint32_t sum = SET_NONE;
		struct error err;

		burn(space, a, b, left);
		if (!cover_rules(&arena, space, set, 0, COVER_RULES, &rules, &err)) {
			refused++;
			continue;
		}
		space_refill(space);
		for (size_t i = 0; i < rules.count; i++)
			sum = space_union(space, sum, space_rule(space, &rules.items[i]));
		wrong += sum != set;
	}
	ok(!wrong && refused, "no cover is wrong, and %zu were given up", refused);
	space_refill(space);
	values = space_union(space, space_condition(space, &small, SET_ALL),
			     space_condition(space, &large, SET_ALL));
	burn(space, a, b, 5);
	(void)space_hull(space, values, 0);
	ok(space_full(space), "the hull of a set comes to an end");
	witness(space, SET_NONE, args);
	ok(!args[0] && !args[5], "nothing has no member");
}

/* What is forgotten leaves no trace but the work that it took. */
static void test_clear(void)
{
	struct space *space = space_new(&arena);
	struct condition five = { .compare = COMPARE_EQ, .value = 5 };
	struct condition six = { .arg = 1, .compare = COMPARE_EQ, .value = 6 };
	uint32_t first = space_condition(space, &five, SET_ALL), other;

	test_operations(space);
	space_clear(space);
	ok(space_condition(space, &five, SET_ALL) == first, "a cleared space is empty");
	test_operations(space);
	space_clear(space);
	first = space_condition(space, &five, SET_ALL);
	other = space_condition(space, &six, SET_ALL);
	for (unsigned i = 0; i < SPACE_REFILLS; i++)
		burn(space, first, other, 0);
	space_clear(space);
	first = space_condition(space, &five, SET_ALL);
	(void)space_union(space, first, space_condition(space, &six, SET_ALL));
	ok(space_full(space), "but its work is not without end");
}

int main(void)
{
	struct space *space = space_new(&arena);

	alarm(60); /* what never ends has failed */

	test_terminals(space);
	test_canonical(space);
	test_operations(space);
	test_between(space);
	test_remainders(space);
	test_cubes(space);
	test_limits();
	test_running_out();
	test_clear();
	arena_free(&arena);
	return tap_done();
}
