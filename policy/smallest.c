/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/smallest.h"

#include <string.h>

#include "policy/difference.h"
#include "policy/space.h"

#define WORDS (SMALLEST_POLICIES / 64)
#define PIECES_MAX 256	  /* of one call's arguments */
#define STEPS_MAX 1000000 /* of the search, about a second */

/* Policies as bits. */
struct members {
	uint64_t bits[WORDS];
};

/* Parts of the target that the same policies grant are one. */
struct parts {
	struct members *items;
	size_t count, capacity;
};

struct pieces {
	struct piece {
		uint32_t set;
		struct members members;
	} * items;
	size_t count, capacity;
};

struct search {
	struct arena *arena;
	const struct policy *target, *given;
	const struct policy *const *policies;
	size_t count;
	struct parts parts;
	uint64_t costs[SMALLEST_POLICIES];
	uint64_t best_cost;
	struct members best;
	size_t steps;
};

static bool has(const struct members *members, size_t i)
{
	return members->bits[i / 64] >> i % 64 & 1;
}

static void add(struct members *members, size_t i)
{
	members->bits[i / 64] |= UINT64_C(1) << i % 64;
}

static bool meet(const struct members *a, const struct members *b)
{
	for (size_t i = 0; i < WORDS; i++)
		if (a->bits[i] & b->bits[i])
			return true;
	return false;
}

static bool within(const struct members *a, const struct members *b)
{
	for (size_t i = 0; i < WORDS; i++)
		if (a->bits[i] & ~b->bits[i])
			return false;
	return true;
}

static size_t size_of(const struct members *members)
{
	size_t size = 0;

	for (size_t i = 0; i < WORDS; i++)
		size += (size_t)__builtin_popcountll(members->bits[i]);
	return size;
}

/*
 * If all policies that grant one part grant another, too, only the first has to be looked
 * after: whoever covers it covers the other. What nobody grants is no part.
 */
static void add_part(struct search *search, const struct members *members)
{
	struct parts *parts = &search->parts;
	size_t kept = 0;

	if (!size_of(members))
		return;
	for (size_t i = 0; i < parts->count; i++)
		if (within(&parts->items[i], members))
			return;
	for (size_t i = 0; i < parts->count; i++)
		if (!within(members, &parts->items[i]))
			parts->items[kept++] = parts->items[i];
	parts->count = kept;
	*arena_push(search->arena, parts) = *members;
}

static struct capset caps_of(const struct policy *policy)
{
	return policy->caps;
}

static struct capset ambient_of(const struct policy *policy)
{
	return policy->ambient;
}

static void add_caps(struct search *search,
		     struct capset (*caps)(const struct policy *policy))
{
	for (unsigned cap = 0; cap < 64; cap++) {
		struct members members = { { 0 } };

		if (!capset_has(caps(search->target), cap) ||
		    capset_has(caps(search->given), cap))
			continue;
		for (size_t i = 0; i < search->count; i++)
			if (capset_has(caps(search->policies[i]), cap))
				add(&members, i);
		add_part(search, &members);
	}
}

static void add_flags(struct search *search)
{
	struct members privileges = { { 0 } }, all = { { 0 } };

	for (size_t i = 0; i < search->count; i++) {
		if (search->policies[i]->new_privileges)
			add(&privileges, i);
		if (search->policies[i]->syscalls.all)
			add(&all, i);
	}
	if (search->target->new_privileges && !search->given->new_privileges)
		add_part(search, &privileges);
	if (search->target->syscalls.all && !search->given->syscalls.all)
		add_part(search, &all);
}

/* Split each piece into what the policy grants of it and what it does not. */
static void split(struct search *search, struct space *space, struct pieces *pieces,
		  uint32_t granted, size_t policy)
{
	size_t count = pieces->count;

	for (size_t i = 0; i < count; i++) {
		struct piece piece = pieces->items[i], inner = piece;

		inner.set = space_intersection(space, piece.set, granted);
		if (inner.set == SET_NONE)
			continue;
		add(&inner.members, policy);
		piece.set = space_difference(space, piece.set, granted);
		pieces->items[i] = inner;
		if (piece.set != SET_NONE)
			*arena_push(search->arena, pieces) = piece;
	}
}

static bool add_call(struct search *search, struct space *space, unsigned call,
		     struct error *err)
{
	struct pieces pieces = { 0 };
	uint32_t set = space_difference(
		space, syscalls_set(space, &search->target->syscalls, call),
		syscalls_set(space, &search->given->syscalls, call));

	if (set == SET_NONE)
		return true;
	arena_push(search->arena, &pieces)->set = set;
	for (size_t i = 0; i < search->count && pieces.count <= PIECES_MAX; i++)
		split(search, space, &pieces,
		      syscalls_set(space, &search->policies[i]->syscalls, call), i);
	if (space_full(space) || pieces.count > PIECES_MAX)
		return error_set(err, ERR_INEXACT,
				 "%s: the rules are too intricate to compare",
				 syscall_name(call));
	for (size_t i = 0; i < pieces.count; i++)
		add_part(search, &pieces.items[i].members);
	return true;
}

static bool add_calls(struct search *search, struct error *err)
{
	struct space *space = space_new(search->arena);

	for (unsigned call = 0; call < syscall_count(); call++) {
		if (!add_call(search, space, call, err))
			return false;
		space_clear(space);
	}
	return true;
}

/* One policy more costs more than whatever the policies grant beyond the target. */
static bool weigh(struct search *search, struct error *err)
{
	uint64_t one = (uint64_t)search->count * (SYSCALL_MAX + 1) + 1;

	for (size_t i = 0; i < search->count; i++) {
		struct difference beyond;

		if (!policy_difference(search->arena, search->policies[i], search->target,
				       &beyond, err))
			return false;
		search->costs[i] = one + beyond.nameless;
		for (unsigned call = 0; call < syscall_count(); call++)
			search->costs[i] +=
				syscalls_mention(&beyond.policy.syscalls, call);
	}
	return true;
}

static uint64_t cheapest(const struct search *search, const struct members *members)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < search->count; i++)
		if (has(members, i) && search->costs[i] < least)
			least = search->costs[i];
	return least;
}

/* Parts that no policy has in common need one each, at the least. */
static uint64_t least_cost(const struct search *search, const struct members *chosen)
{
	struct members seen = { { 0 } };
	uint64_t cost = 0;

	for (size_t i = 0; i < search->parts.count; i++) {
		const struct members *part = &search->parts.items[i];

		if (meet(part, chosen) || meet(part, &seen))
			continue;
		cost += cheapest(search, part);
		for (size_t j = 0; j < WORDS; j++)
			seen.bits[j] |= part->bits[j];
	}
	return cost;
}

/* Of the parts that are not granted yet, the one with the fewest ways to grant it. */
static const struct members *narrowest(const struct search *search,
				       const struct members *chosen)
{
	const struct members *least = NULL;

	for (size_t i = 0; i < search->parts.count; i++) {
		const struct members *part = &search->parts.items[i];

		if (!meet(part, chosen) && (!least || size_of(part) < size_of(least)))
			least = part;
	}
	return least;
}

/* Depth is at most the number of policies. */
static void descend(struct search *search, const struct members *chosen, uint64_t cost)
{
	const struct members *part = narrowest(search, chosen);

	if (!part && cost < search->best_cost) {
		search->best_cost = cost;
		search->best = *chosen;
	}
	if (!part || cost + least_cost(search, chosen) >= search->best_cost)
		return;
	for (size_t i = 0; i < search->count; i++) {
		struct members more = *chosen;

		if (!has(part, i))
			continue;
		if (search->steps++ == STEPS_MAX)
			return;
		add(&more, i);
		descend(search, &more, cost + search->costs[i]);
		if (search->steps > STEPS_MAX)
			return;
	}
}

bool smallest_find(struct arena *arena, const struct policy *target,
		   const struct policy *given, const struct policy *const *policies,
		   size_t count, struct smallest *ret, struct error *err)
{
	struct search *search = arena_new(arena, struct search, 1);
	struct members none = { { 0 } };

	*search = (struct search){
		.arena = arena,
		.target = target,
		.given = given,
		.policies = policies,
		.count = count,
		.best_cost = UINT64_MAX,
	};
	if (count > SMALLEST_POLICIES)
		return error_set(err, ERR_USAGE, "more than %d profiles to choose from",
				 SMALLEST_POLICIES);
	add_caps(search, caps_of);
	add_caps(search, ambient_of);
	add_flags(search);
	if (!add_calls(search, err) || !weigh(search, err))
		return false;
	descend(search, &none, 0);
	*ret = (struct smallest){ .chosen = arena_new(arena, bool, count),
				  .proven = search->steps <= STEPS_MAX };
	for (size_t i = 0; i < count; i++)
		ret->chosen[i] = has(&search->best, i);
	return true;
}
