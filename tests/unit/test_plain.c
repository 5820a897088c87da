/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/plain.h"

#include "policy/syscall_names.h"
#include "tests/tap.h"

static struct arena arena;

#define LIMIT (UINT64_C(1) << 32)

static struct rule rule(unsigned count, enum compare first, uint64_t value,
			enum compare second)
{
	return (struct rule){
		.call = 1,
		.count = (uint8_t)count,
		.conditions = { { 0, (uint8_t)first, value, 0 },
				{ 1, (uint8_t)second, 1, 0 } },
	};
}

/* One or two rules of a call, and perhaps an errno of it: is that plain? */
static void check(bool want, struct rule first, const struct rule *second, bool refused,
		  const char *what)
{
	struct emission emission = { 0 };

	*arena_push(&arena, &emission.rules) = first;
	if (second)
		*arena_push(&arena, &emission.rules) = *second;
	if (refused)
		*arena_push(&arena, &emission.refusals) =
			(struct answer){ rule(1, COMPARE_EQ, 7, 0), 38 };
	ok(emission_is_plain(&emission, archs_native()) == want, "%s", what);
}

static void test_archs(void)
{
	int call = syscall_find(text_of("exit_group"));
	struct archs archs = archs_native();
	struct emission emission = { 0 };

	archs_add(&archs, text_of("SCMP_ARCH_S390X"));
	ok(emission_is_plain(&emission, archs), "two architectures, no rules");
	*arena_push(&arena, &emission.rules) = rule(1, COMPARE_EQ, 7, 0);
	ok(!emission_is_plain(&emission, archs),
	   "a rule, where nothing is granted always that both have");
	emission.always[call / 64] |= UINT64_C(1) << call % 64;
	ok(emission_is_plain(&emission, archs), "and where something is");
}

int main(void)
{
	struct emission nothing = { 0 };
	struct rule other = rule(1, COMPARE_GT, 40, 0), next = other;

	next.call = 2;
	ok(emission_is_plain(&nothing, archs_native()), "no rules");
	check(true, rule(2, COMPARE_EQ, LIMIT, COMPARE_MASKED_EQ), NULL, true,
	      "equalities and masks of any length, number and answer");
	check(true, rule(1, COMPARE_LT, LIMIT - 1, 0), &other, false,
	      "one ordered condition each, below 2^32");
	check(true, rule(1, COMPARE_NE, 5, 0), &other, false, "as well as NE");
	check(false, rule(1, COMPARE_LT, LIMIT, 0), NULL, false, "but not 2^32 itself");
	check(false, rule(2, COMPARE_EQ, 1, COMPARE_NE), NULL, false,
	      "not behind another condition");
	check(false, rule(2, COMPARE_GE, 1, COMPARE_EQ), NULL, false, "nor before one");
	check(false, rule(2, COMPARE_EQ, 1, COMPARE_EQ), &other, false,
	      "nor beside such a rule of the same call");
	check(true, rule(2, COMPARE_EQ, 1, COMPARE_EQ), &next, false,
	      "but of another call");
	check(false, rule(1, COMPARE_GT, 5, 0), NULL, true, "nor beside an errno");
	test_archs();
	arena_free(&arena);
	return tap_done();
}
