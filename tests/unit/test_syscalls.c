/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/syscalls.h"

#include <errno.h>
#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static unsigned call(const char *name)
{
	return (unsigned)syscall_find(text_of(name));
}

static struct rule rule1(const char *name, struct condition condition)
{
	return (struct rule){ .call = (uint16_t)call(name),
			      .count = 1,
			      .conditions = { condition } };
}

static void test_names(void)
{
	bool sorted = true;

	for (unsigned i = 0; i < syscall_count(); i++) {
		sorted = sorted &&
			 (!i || strcmp(syscall_name(i - 1), syscall_name(i)) < 0);
		if (call(syscall_name(i)) != i)
			ok(false, "%s is found at its place", syscall_name(i));
	}
	ok(sorted, "the names are sorted");
	ok(syscall_find(text_of("socke")) < 0 && syscall_find(text_of("sockett")) < 0,
	   "a part of a name, and a name with more, are none");
	ok(syscall_find((struct text){ "read\0", 5 }) < 0, "nor is one with a NUL");
	ok(syscall_find(text_of("READ")) < 0 && syscall_find(text_of("")) < 0,
	   "nor capitals, nor nothing");
	for (int i = 0; i < 7; i++)
		ok(compare_find(text_of(compare_name((enum compare)i))) == i,
		   "%s is found", compare_name((enum compare)i));
	ok(compare_find(text_of("SCMP_CMP_eq")) < 0, "comparisons are to the letter");
}

static void test_conditions(void)
{
	static const uint64_t top = UINT64_MAX;
	static const struct {
		struct condition condition;
		uint64_t argument;
		bool holds;
	} cases[] = {
		{ { 0, COMPARE_NE, 5, 0 }, 5, false },
		{ { 0, COMPARE_NE, 5, 0 }, UINT64_C(0x100000005), true },
		{ { 0, COMPARE_LT, 5, 0 }, 4, true },
		{ { 0, COMPARE_LT, 5, 0 }, 5, false },
		{ { 0, COMPARE_LE, 5, 0 }, 5, true },
		{ { 0, COMPARE_LE, 5, 0 }, 6, false },
		{ { 0, COMPARE_EQ, 5, 0 }, 5, true },
		{ { 0, COMPARE_EQ, 5, 0 }, UINT64_C(0x100000005), false },
		{ { 0, COMPARE_GE, 5, 0 }, 5, true },
		{ { 0, COMPARE_GE, 5, 0 }, 4, false },
		{ { 0, COMPARE_GT, 5, 0 }, 6, true },
		{ { 0, COMPARE_GT, 5, 0 }, 5, false },
		{ { 0, COMPARE_GT, top - 1, 0 }, top, true },
		{ { 0, COMPARE_MASKED_EQ, 0xf0, 0x10 }, 0x1f, true },
		{ { 0, COMPARE_MASKED_EQ, 0xf0, 0x10 }, 0x2f, false },
		{ { 0, COMPARE_MASKED_EQ, 0x0f, 0x15 }, 0x25, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(condition_holds(&cases[i].condition, cases[i].argument) ==
			   cases[i].holds,
		   "condition %zu", i);
}

static void test_limit(void)
{
	struct rule rule = rule1("socket", (struct condition){ 0, COMPARE_EQ, 0, 0 });
	struct syscalls set = { 0 };
	struct error err;

	for (uint64_t i = 0; i < SYSCALLS_RULES; i++) {
		rule.conditions[0].value = SYSCALLS_RULES - i;
		if (!syscalls_add(&arena, &set, &rule, &err))
			break;
	}
	ok(set.rules.count == SYSCALLS_RULES, "so many rules are taken");
	rule.conditions[0].value = 0;
	ok(!syscalls_add(&arena, &set, &rule, &err) && err.code == ERR_CONFIG,
	   "and one more is not: %s", err.msg);
}

static void test_add(void)
{
	struct rule always = rule1("socket", (struct condition){ 0, COMPARE_GE, 0, 0 });
	struct rule never = rule1("socket", (struct condition){ 0, COMPARE_LT, 0, 0 });
	struct rule masked =
		rule1("socket", (struct condition){ 0, COMPARE_MASKED_EQ, 0xf, 0x15 });
	struct rule plain =
		rule1("socket", (struct condition){ 0, COMPARE_MASKED_EQ, 0xf, 0x5 });
	struct rule twice = { .call = (uint16_t)call("socket"),
			      .count = 2,
			      .conditions = { { 1, COMPARE_NE, 1, 0 },
					      { 1, COMPARE_NE, 2, 0 } } };
	struct rule swapped = { .call = (uint16_t)call("socket"),
				.count = 2,
				.conditions = { { 2, COMPARE_EQ, 1, 0 },
						{ 0, COMPARE_EQ, 2, 0 } } };
	struct syscalls set = { 0 };
	struct error err;

	ok(!syscalls_add(&arena, &set, &twice, &err),
	   "an argument tested twice is refused");
	ok(err.code == ERR_CONFIG && strstr(err.msg, "socket"), "and the call is named");
	ok(syscalls_add(&arena, &set, &never, &err) && !set.rules.count,
	   "a rule that never holds grants nothing");
	ok(syscalls_add(&arena, &set, &swapped, &err) &&
		   set.rules.items[0].conditions[0].arg == 0,
	   "conditions are in the order of their arguments");
	ok(syscalls_add(&arena, &set, &swapped, &err) && set.rules.count == 1,
	   "an equal rule is there once");
	ok(syscalls_add(&arena, &set, &masked, &err) &&
		   syscalls_add(&arena, &set, &plain, &err) && set.rules.count == 2,
	   "masked values are one when they are one under the mask");
	ok(syscalls_add(&arena, &set, &always, &err) && !set.rules.count &&
		   syscalls_has(&set, call("socket")),
	   "a rule that always holds is a grant without condition, and absorbs the "
	   "others");
	ok(syscalls_add(&arena, &set, &swapped, &err) && !set.rules.count,
	   "and those that come later");
}

static void test_refusals(void)
{
	struct syscalls set = { 0 };

	syscalls_refuse(&arena, &set, call("clone3"), EACCES);
	syscalls_refuse(&arena, &set, call("clone3"), EPERM);
	ok(set.refusals.count == 1 && set.refusals.items[0].number == EPERM,
	   "the lower wins");
	syscalls_refuse(&arena, &set, call("clone3"), ENOSYS);
	syscalls_refuse(&arena, &set, call("clone3"), EPERM);
	ok(set.refusals.items[0].number == ENOSYS, "and ENOSYS before all");
	syscalls_refuse(&arena, &set, call("accept"), EPERM);
	ok(set.refusals.count == 2 && set.refusals.items[0].call == call("accept"),
	   "sorted");
}

static void test_grants(void)
{
	struct rule inet = { .call = (uint16_t)call("socket"),
			     .count = 2,
			     .conditions = { { 0, COMPARE_EQ, 2, 0 },
					     { 1, COMPARE_EQ, 1, 0 } } };
	const uint64_t stream[SYSCALL_ARGS] = { 2, 1 }, raw[SYSCALL_ARGS] = { 2, 3 };
	struct syscalls set = { 0 }, all = { .all = true }, both;
	struct error err;

	(void)!syscalls_add(&arena, &set, &inet, &err);
	ok(syscalls_grants(&set, call("socket"), stream), "all conditions hold");
	ok(!syscalls_grants(&set, call("socket"), raw), "one does not");
	ok(!syscalls_grants(&set, call("read"), stream), "another call");
	ok(syscalls_grants(&all, call("reboot"), raw), "the top grants everything");
	both = syscalls_union(&arena, &set, &all);
	ok(both.all && !both.rules.count && syscalls_equal(&both, &all),
	   "and absorbs everything");
}

int main(void)
{
	test_names();
	test_conditions();
	test_add();
	test_limit();
	test_refusals();
	test_grants();
	arena_free(&arena);
	return tap_done();
}
