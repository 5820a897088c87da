/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The laws of the union on random policies: a join-semilattice with { 0 } at its bottom.
 * Each is tested on policies and on the text that they become, so that a difference that
 * the first can't see shows in the second. `test_laws [rounds [seed]]`.
 */

#include <stdlib.h>
#include <time.h>

#include "oci/config.h"
#include "policy/policy.h"
#include "tests/tap.h"

static uint64_t state;

/* splitmix64: the same numbers everywhere, from a seed that is printed. */
static uint64_t next(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned below(unsigned n)
{
	return (unsigned)(next() % n);
}

/* Few calls and few values, so that rules of different policies meet. */
static unsigned random_call(void)
{
	static const char *const names[] = { "read", "socket", "clone", "ioctl",
					     "personality" };

	return (unsigned)syscall_find(text_of(names[below(ARRAY_SIZE(names))]));
}

static void add_rule(struct arena *arena, struct syscalls *syscalls)
{
	struct rule rule = { .call = (uint16_t)random_call() };
	unsigned first = below(3), count = 1 + below(2);
	struct error err;

	for (unsigned i = 0; i < count; i++)
		rule.conditions[rule.count++] = (struct condition){
			.arg = (uint8_t)(first + i),
			.compare = below(2) ? COMPARE_EQ : COMPARE_MASKED_EQ,
			.value = 1 + below(4),
			.value_two = below(4),
		};
	(void)!syscalls_add(arena, syscalls, &rule, &err);
}

static struct policy random_policy(struct arena *arena)
{
	struct policy policy = { 0 };

	if (!below(20))
		return policy;
	policy.caps.bits = below(10) ? next() & next() & 0xffff : CAPSET_ALL.bits;
	policy.ambient.bits = policy.caps.bits & next() & 0xffff;
	policy.new_privileges = !below(4);
	if (!below(20)) {
		policy.syscalls.all = true;
		return policy;
	}
	for (unsigned i = below(4); i; i--)
		syscalls_allow(&policy.syscalls, random_call());
	for (unsigned i = below(5); i; i--)
		add_rule(arena, &policy.syscalls);
	for (unsigned i = below(3); i; i--)
		syscalls_refuse(arena, &policy.syscalls, random_call(),
				below(2) ? 38 : 1 + below(40));
	return policy;
}

static struct text written(struct arena *arena, const struct policy *policy)
{
	struct capset held = { (UINT64_C(1) << CAPSET_NAMED) - 1 };
	struct sections sections;
	struct buffer out = { .arena = arena };
	struct error err;

	if (!sections_make(arena, policy, archs_native(), held, &sections, &err)) {
		buffer_puts(&out, err.msg);
		return buffer_text(&out);
	}
	buffer_add(&out, sections.capabilities.bytes, sections.capabilities.length);
	buffer_add(&out, sections.no_new_privileges.bytes,
		   sections.no_new_privileges.length);
	buffer_add(&out, sections.seccomp.bytes, sections.seccomp.length);
	return buffer_text(&out);
}

static bool same(struct arena *arena, struct policy a, struct policy b)
{
	return policy_equal(&a, &b) && text_eq(written(arena, &a), written(arena, &b));
}

/* Whatever either grants is granted by both together, and nothing else is. */
static bool pointwise(struct arena *arena, const struct policy *a, const struct policy *b)
{
	struct policy both = policy_union(arena, a, b);

	for (int i = 0; i < 40; i++) {
		unsigned call = random_call();
		uint64_t args[SYSCALL_ARGS];

		for (int j = 0; j < SYSCALL_ARGS; j++)
			args[j] = below(6);
		if (syscalls_grants(&both.syscalls, call, args) !=
		    (syscalls_grants(&a->syscalls, call, args) ||
		     syscalls_grants(&b->syscalls, call, args)))
			return false;
	}
	return capset_subset(a->caps, both.caps) &&
	       capset_subset(b->ambient, both.ambient);
}

enum { COMMUTATIVE, ASSOCIATIVE, IDEMPOTENT, IDENTITY, MONOTONE, POINTWISE, LAWS };

static void one_round(unsigned *broken)
{
	struct arena arena = { NULL };
	struct policy nothing = { 0 };
	struct policy a = random_policy(&arena), b = random_policy(&arena),
		      c = random_policy(&arena);
	struct policy ab = policy_union(&arena, &a, &b),
		      ba = policy_union(&arena, &b, &a);
	struct policy bc = policy_union(&arena, &b, &c);

	broken[COMMUTATIVE] += !same(&arena, ab, ba);
	broken[ASSOCIATIVE] += !same(&arena, policy_union(&arena, &ab, &c),
				     policy_union(&arena, &a, &bc));
	broken[IDEMPOTENT] += !same(&arena, policy_union(&arena, &a, &a), a);
	broken[IDENTITY] += !same(&arena, policy_union(&arena, &a, &nothing), a) ||
			    !same(&arena, policy_union(&arena, &nothing, &a), a);
	/* a is below a + b: joining it again changes nothing. */
	broken[MONOTONE] += !same(&arena, policy_union(&arena, &ab, &a), ab);
	broken[POINTWISE] += !pointwise(&arena, &a, &b);
	arena_free(&arena);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "commutative", "associative", "idempotent",
					     "identity",    "monotone",	   "pointwise" };
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 3000;
	unsigned broken[LAWS] = { 0 };

	state = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	printf("# seed %llu, %lu rounds\n", (unsigned long long)state, rounds);
	for (unsigned long i = 0; i < rounds; i++)
		one_round(broken);
	for (int i = 0; i < LAWS; i++)
		ok(!broken[i], "%s: %u of %lu broken", names[i], broken[i], rounds);
	return tap_done();
}
