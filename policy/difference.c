/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/difference.h"

#include "policy/cover.h"
#include "policy/emission.h"

uint32_t syscalls_set(struct space *space, const struct syscalls *syscalls, unsigned call)
{
	uint32_t set = SET_NONE;

	if (syscalls_has(syscalls, call))
		return SET_ALL;
	for (size_t i = 0; i < syscalls->rules.count; i++)
		if (syscalls->rules.items[i].call == call)
			set = space_union(space, set,
					  space_rule(space, &syscalls->rules.items[i]));
	return set;
}

static bool intricate(unsigned call, struct error *err)
{
	error_set(err, ERR_INEXACT, "the rules are too intricate to compare");
	return error_in(err, "%s", syscall_name(call));
}

static void mark(uint64_t calls[SYSCALL_MAX / 64], unsigned call)
{
	calls[call / 64] |= UINT64_C(1) << call % 64;
}

static bool add_rules(struct arena *arena, struct space *space, unsigned call,
		      uint32_t set, struct syscalls *into)
{
	struct rules rules = { 0 };
	struct error ignored;

	if (!cover_rules(arena, space, set, call, COVER_RULES, &rules, &ignored))
		return false;
	/* One call's share of what a policy may have. */
	for (size_t i = 0; i < rules.count; i++)
		if (!syscalls_add(arena, into, &rules.items[i], &ignored))
			return false;
	return true;
}

static void add_call(struct arena *arena, struct space *space, unsigned call,
		     const struct policy *a, const struct policy *b,
		     struct difference *into)
{
	struct syscalls *syscalls = &into->policy.syscalls, before = *syscalls;
	uint32_t set;

	/* No call has to do with another's sets. */
	space_clear(space);
	set = space_difference(space, syscalls_set(space, &a->syscalls, call),
			       syscalls_set(space, &b->syscalls, call));
	if (space_full(space)) {
		mark(into->unknown, call);
	} else if (set == SET_ALL) {
		syscalls_allow(syscalls, call);
	} else if (set != SET_NONE && !add_rules(arena, space, call, set, syscalls)) {
		*syscalls = before;
		mark(into->unsaid, call);
	}
}

struct difference policy_difference_told(struct arena *arena, const struct policy *a,
					 const struct policy *b)
{
	struct space *space = space_new(arena);
	struct difference more = {
		.policy.caps.bits = a->caps.bits & ~b->caps.bits,
		.policy.ambient.bits = a->ambient.bits & ~b->ambient.bits,
		.policy.new_privileges = a->new_privileges && !b->new_privileges,
		.nameless = a->syscalls.all && !b->syscalls.all,
	};

	for (unsigned call = 0; call < syscall_count(); call++)
		add_call(arena, space, call, a, b, &more);
	return more;
}

bool policy_difference(struct arena *arena, const struct policy *a,
		       const struct policy *b, struct difference *ret, struct error *err)
{
	struct difference more = policy_difference_told(arena, a, b);

	for (unsigned call = 0; call < syscall_count(); call++)
		if ((more.unsaid[call / 64] | more.unknown[call / 64]) >> call % 64 & 1)
			return intricate(call, err);
	*ret = more;
	return true;
}

bool difference_empty(const struct difference *difference)
{
	static const struct policy nothing;

	for (size_t i = 0; i < ARRAY_SIZE(difference->unsaid); i++)
		if (difference->unsaid[i])
			return false;
	return !difference->nameless && policy_equal(&difference->policy, &nothing);
}

bool policy_told_apart(struct arena *arena, const struct policy *a,
		       const struct policy *b, struct told_aparts *ret, struct error *err)
{
	struct space *space = space_new(arena);
	struct told_aparts list = { 0 };

	for (unsigned call = 0; call < syscall_count(); call++) {
		unsigned number_a = emission_refusal(&a->syscalls, call);
		unsigned number_b = emission_refusal(&b->syscalls, call);
		uint32_t either;

		if (number_a == number_b)
			continue;
		space_clear(space);
		either = space_union(space, syscalls_set(space, &a->syscalls, call),
				     syscalls_set(space, &b->syscalls, call));
		if (space_full(space))
			return intricate(call, err);
		if (either != SET_ALL)
			*arena_push(arena, &list) =
				(struct told_apart){ call, number_a, number_b };
	}
	*ret = list;
	return true;
}
