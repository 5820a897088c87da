/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/smallest.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/difference.h"
#include "tests/tap.h"

#define POLICIES 8
#define CALLS 6

static struct arena arena;

/* A few calls, always or on some arguments, and capabilities. */
static struct policy random_policy(unsigned density)
{
	struct policy policy = { 0 };
	struct error err;

	for (unsigned call = 0; call < CALLS; call++) {
		struct rule rule = { .call = (uint16_t)call, .count = 1 };

		if ((unsigned)rand() % 8 >= density)
			continue;
		if (rand() % 2) {
			syscalls_allow(&policy.syscalls, call);
			continue;
		}
		rule.conditions[0] = (struct condition){
			.compare = rand() % 2 ? COMPARE_LT : COMPARE_GE,
			.value = (uint64_t)(rand() % 3 + 1),
		};
		if (!syscalls_add(&arena, &policy.syscalls, &rule, &err))
			abort();
	}
	policy.caps.bits = (uint64_t)rand() & 7 & (density > 4 ? 7 : (uint64_t)rand());
	policy.new_privileges = rand() % 8 == 0;
	return policy;
}

/* What of the target remains, with those of a choice. */
static struct difference rest(const struct policy *target, const struct policy *given,
			      const struct policy *const *policies, unsigned choice)
{
	struct policy grant = *given;
	struct difference rest;
	struct error err;

	for (unsigned i = 0; i < POLICIES; i++)
		if (choice >> i & 1)
			grant = policy_union(&arena, &grant, policies[i]);
	if (!policy_difference(&arena, target, &grant, &rest, &err))
		abort();
	return rest;
}

/* The fewest, by trying all. */
static int fewest(const struct policy *target, const struct policy *given,
		  const struct policy *const *policies)
{
	struct difference best = rest(target, given, policies, (1U << POLICIES) - 1);
	int count = POLICIES;

	for (unsigned choice = 0; choice < 1U << POLICIES; choice++) {
		struct difference left;

		if (__builtin_popcount(choice) >= count)
			continue;
		left = rest(target, given, policies, choice);
		if (policy_equal(&left.policy, &best.policy) &&
		    left.nameless == best.nameless)
			count = __builtin_popcount(choice);
	}
	return count;
}

static void test_random(unsigned rounds)
{
	bool covers = true, few = true;

	for (unsigned round = 0; round < rounds; round++) {
		struct policy target = random_policy(7), given = random_policy(1);
		struct policy made[POLICIES];
		const struct policy *policies[POLICIES];
		struct smallest smallest;
		struct difference best, left;
		unsigned choice = 0;
		struct error err;

		for (size_t i = 0; i < POLICIES; i++) {
			made[i] = random_policy(3);
			policies[i] = &made[i];
		}
		if (!smallest_find(&arena, &target, &given, policies, POLICIES, &smallest,
				   &err))
			abort();
		for (unsigned i = 0; i < POLICIES; i++)
			choice |= smallest.chosen[i] ? 1U << i : 0;
		best = rest(&target, &given, policies, (1U << POLICIES) - 1);
		left = rest(&target, &given, policies, choice);
		covers = covers && policy_equal(&left.policy, &best.policy);
		few = few && smallest.proven &&
		      __builtin_popcount(choice) == fewest(&target, &given, policies);
		arena_free(&arena);
	}
	ok(covers, "what is chosen covers what all together cover");
	ok(few, "and no smaller choice does");
}

static void test_ties(void)
{
	struct policy target = { .caps.bits = 1 }, narrow = { .caps.bits = 1 };
	struct policy wide = narrow, nothing = { 0 }, top = { .caps = CAPSET_ALL };
	const struct policy *policies[] = { &wide, &top, &narrow };
	struct smallest smallest;
	struct error err;

	syscalls_allow(&wide.syscalls, 3);
	top.syscalls.all = true;
	ok(smallest_find(&arena, &target, &nothing, policies, 3, &smallest, &err) &&
		   !smallest.chosen[0] && !smallest.chosen[1] && smallest.chosen[2],
	   "of two as good, the one that grants fewer calls beyond");
	ok(smallest_find(&arena, &target, &target, policies, 3, &smallest, &err) &&
		   !smallest.chosen[0] && !smallest.chosen[1] && !smallest.chosen[2],
	   "nothing for what is given anyway");
	ok(smallest_find(&arena, &top, &nothing, policies, 3, &smallest, &err) &&
		   smallest.chosen[1] && !smallest.chosen[0] && !smallest.chosen[2],
	   "the top for the top");
	ok(smallest_find(&arena, &target, &nothing, policies, 0, &smallest, &err),
	   "nothing to choose from");
	ok(!smallest_find(&arena, &target, &nothing, policies, SMALLEST_POLICIES + 1,
			  &smallest, &err) &&
		   err.code == ERR_USAGE,
	   "too much to choose from");
}

int main(void)
{
	srand(1);
	test_random(60);
	test_ties();
	arena_free(&arena);
	return tap_done();
}
