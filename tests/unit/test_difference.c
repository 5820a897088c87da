/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/difference.h"

#include <errno.h>

#include "tests/tap.h"

static struct arena arena;

static unsigned call(const char *name)
{
	return (unsigned)syscall_find(text_of(name));
}

static void add(struct policy *policy, const char *name, enum compare compare,
		uint64_t value)
{
	struct rule rule = { .call = (uint16_t)call(name),
			     .count = 1,
			     .conditions = { { 0, (uint8_t)compare, value, 0 } } };
	struct error err;

	if (!syscalls_add(&arena, &policy->syscalls, &rule, &err))
		ok(false, "%s", err.msg);
}

static struct difference between(const struct policy *a, const struct policy *b)
{
	struct difference more = { 0 };
	struct error err;

	ok(policy_difference(&arena, a, b, &more, &err), "a difference");
	return more;
}

static void test_sets(void)
{
	struct policy a = { .caps.bits = 6, .ambient.bits = 2, .new_privileges = true };
	struct policy b = { .caps.bits = 10 };
	struct difference more;

	more = between(&a, &b);
	ok(more.policy.caps.bits == 4 && more.policy.ambient.bits == 2 &&
		   more.policy.new_privileges && !difference_empty(&more),
	   "capabilities and new privileges");
	more = between(&a, &a);
	ok(difference_empty(&more), "nothing beyond itself");
}

static void test_rules(void)
{
	struct policy a = { 0 }, b = { 0 };
	struct difference more;

	/* The same set, written twice. */
	add(&a, "socket", COMPARE_LT, 2);
	add(&b, "socket", COMPARE_EQ, 0);
	add(&b, "socket", COMPARE_EQ, 1);
	more = between(&a, &b);
	ok(difference_empty(&more), "what is written otherwise is the same");
	add(&a, "socket", COMPARE_EQ, 16);
	more = between(&a, &b);
	ok(more.policy.syscalls.rules.count == 1 &&
		   more.policy.syscalls.rules.items[0].conditions[0].value == 16,
	   "a condition of the difference alone");
	syscalls_allow(&a.syscalls, call("socket"));
	more = between(&a, &b);
	ok(more.policy.syscalls.rules.count == 1 &&
		   more.policy.syscalls.rules.items[0].conditions[0].compare ==
			   COMPARE_GE &&
		   more.policy.syscalls.rules.items[0].conditions[0].value == 2,
	   "the rest of a call");
	syscalls_allow(&a.syscalls, call("read"));
	more = between(&a, &b);
	ok(syscalls_has(&more.policy.syscalls, call("read")), "a whole call");
}

/* 600 numbers apart: no fewer rules. What decides must not take that for nothing. */
static void test_unsaid(void)
{
	struct policy a = { 0 }, b = { 0 };
	struct difference more;
	struct error err;

	for (unsigned i = 0; i < 600; i++)
		add(&a, "prctl", COMPARE_EQ, 78187493 * (uint64_t)i);
	syscalls_allow(&a.syscalls, call("read"));
	ok(!policy_difference(&arena, &a, &b, &more, &err) && err.code == ERR_INEXACT,
	   "too intricate to decide by: %s", err.msg);
	more = policy_difference_told(&arena, &a, &b);
	ok(more.unsaid[call("prctl") / 64] == UINT64_C(1) << call("prctl") % 64 &&
		   syscalls_has(&more.policy.syscalls, call("read")) &&
		   !more.policy.syscalls.rules.count && !difference_empty(&more),
	   "said of this call, and the other is told");
	b = a;
	b.syscalls.always[call("read") / 64] = 0;
	more = between(&a, &b);
	ok(!more.policy.syscalls.rules.count,
	   "where both have it there is nothing to say");
}

static void test_top(void)
{
	struct policy top = { .syscalls.all = true }, b = { 0 };
	struct difference more;

	syscalls_allow(&b.syscalls, call("read"));
	more = between(&top, &b);
	ok(more.nameless && !more.policy.syscalls.all &&
		   !syscalls_has(&more.policy.syscalls, call("read")) &&
		   syscalls_has(&more.policy.syscalls, call("write")),
	   "everything but what the other has, and what has no name");
	more = between(&b, &top);
	ok(difference_empty(&more), "nothing is beyond everything");
}

static void test_told_apart(void)
{
	struct policy a = { 0 }, b = { 0 };
	struct told_aparts list;
	struct error err;

	syscalls_refuse(&arena, &a.syscalls, call("clone3"), ENOSYS);
	syscalls_refuse(&arena, &a.syscalls, call("acct"), EPERM);
	syscalls_refuse(&arena, &a.syscalls, call("read"), ENOSYS);
	syscalls_allow(&b.syscalls, call("read"));
	ok(policy_told_apart(&arena, &a, &b, &list, &err) && list.count == 1 &&
		   list.items[0].call == call("clone3") &&
		   list.items[0].number_a == ENOSYS && list.items[0].number_b == EPERM,
	   "an errno counts where neither grants, and EPERM is what none is");
}

int main(void)
{
	test_sets();
	test_rules();
	test_unsaid();
	test_top();
	test_told_apart();
	arena_free(&arena);
	return tap_done();
}
