/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/emission.h"

#include <string.h>

#include "lib/sim.h"
#include "policy/apart.h"

/* One call with argument rules. */
struct work {
	struct arena *arena;
	struct space *space;
	const struct rule *rules;
	size_t count;
	unsigned number; /* the errno outside of the rules, or EMISSION_DEFAULT */
	unsigned word_bits;
	bool half_seen; /* archs_half_seen() */
	uint32_t granted;
};

/* Loads, masks and jumps of one condition; a whole or no mask takes no instruction. */
static size_t condition_cost(const struct condition *condition, unsigned word_bits)
{
	uint32_t low = (uint32_t)condition->value, high = condition->value >> 32;
	bool masked = condition->compare == COMPARE_MASKED_EQ;

	if (word_bits == 32)
		return 2 + (masked && low != UINT32_MAX);
	if (masked)
		return 4 + (low != UINT32_MAX) + (high != UINT32_MAX);
	return condition->compare == COMPARE_EQ || condition->compare == COMPARE_NE ? 4
										    : 5;
}

/*
 * About the instructions that these make where arguments have so many bits. Measured on a
 * million emissions: of those over a thousand none made more.
 */
static size_t answers_cost(const struct answers *answers, unsigned word_bits)
{
	size_t cost = 2 + answers->count;

	for (size_t i = 0; i < answers->count; i++) {
		const struct rule *rule = &answers->items[i].rule;
		size_t shared = 0;

		if (i)
			while (shared < rule->count &&
			       condition_is_cube(&rule->conditions[shared]) &&
			       condition_same(
				       &rule->conditions[shared],
				       &answers->items[i - 1].rule.conditions[shared]))
				shared++;
		for (size_t j = shared; j < rule->count; j++)
			cost += condition_cost(&rule->conditions[j], word_bits);
	}
	return cost;
}

/*
 * The bits of an argument above 32 do not exist on some architecture of the node, or are
 * not looked at there: a rule must not depend on them.
 */
static bool fits_word(const struct work *work, const struct rule *rule)
{
	if (work->word_bits == 64)
		return true;
	for (size_t i = 0; i < rule->count; i++) {
		const struct condition *condition = &rule->conditions[i];
		bool masked = condition->compare == COMPARE_MASKED_EQ;
		uint64_t value = masked ? condition->value_two : condition->value;

		if (work->half_seen && (!masked || condition->value > UINT32_MAX))
			return false;
		if (value > UINT32_MAX || (masked && !(uint32_t)condition->value))
			return false;
		/* Constant where 2^32 - 1 is the greatest value. */
		if (value == UINT32_MAX && (condition->compare == COMPARE_GT ||
					    condition->compare == COMPARE_LE))
			return false;
	}
	return true;
}

static void answers_add(struct arena *arena, struct answers *answers,
			const struct rules *rules, unsigned number)
{
	for (size_t i = 0; i < rules->count; i++)
		*arena_push(arena, answers) =
			(struct answer){ rules->items[i], (uint16_t)number };
}

/* Exactly the set, in exact form, and short enough. */
static bool is_exact(const struct work *work, const struct answers *answers)
{
	uint32_t granted = SET_NONE, refused = SET_NONE;

	if (answers->count > COVER_RULES || answers_cost(answers, 64) > PROGRAM_MAX ||
	    !forms_exact(answers, work->word_bits))
		return false;
	for (size_t i = 0; i < answers->count; i++) {
		uint32_t set = space_rule(work->space, &answers->items[i].rule);
		uint32_t *into = answers->items[i].number ? &refused : &granted;

		if (!fits_word(work, &answers->items[i].rule))
			return false;
		*into = space_union(work->space, *into, set);
	}
	return granted == work->granted && !space_full(work->space) &&
	       (!refused || refused == space_difference(work->space, SET_ALL, granted));
}

typedef bool cover_function(struct arena *, struct space *, uint32_t, unsigned, size_t,
			    struct rules *, struct error *);

/* What is granted and, unless `number` is the default, what is not, in `limit` rules. */
static bool cover_both(const struct work *work, cover_function *cover, unsigned number,
		       size_t limit, struct answers *ret)
{
	struct rules rules = { 0 };
	unsigned call = work->rules[0].call;
	uint32_t rest = space_difference(work->space, SET_ALL, work->granted);
	struct error ignored;

	if (!cover(work->arena, work->space, work->granted, call, COVER_RULES, &rules,
		   &ignored))
		return false;
	answers_add(work->arena, ret, &rules, 0);
	if (number != EMISSION_DEFAULT) {
		if (!cover(work->arena, work->space, rest, call, limit, &rules, &ignored))
			return false;
		answers_add(work->arena, ret, &rules, number);
	}
	answers_sort(ret);
	return true;
}

static bool apart(const struct work *work, const struct answers *answers,
		  struct answers *ret)
{
	space_refill(work->space);
	return answers->count &&
	       apart_make(work->arena, work->space, answers, work->word_bits, ret) &&
	       is_exact(work, ret);
}

/*
 * In this order: as people write it; the same kept apart; masks alone, kept apart. With
 * an errno of its own for the rest, in rules that meet no other.
 */
static bool express(const struct work *work, unsigned number, size_t limit,
		    struct answers *ret)
{
	struct answers cover = { 0 }, cubes = { 0 };

	space_refill(work->space);
	if (cover_both(work, cover_rules, number, limit, &cover)) {
		space_refill(work->space);
		if (is_exact(work, &cover)) {
			*ret = cover;
			return true;
		}
		if (apart(work, &cover, ret))
			return true;
	}
	space_refill(work->space);
	return cover_both(work, cover_cube_rules, number, limit, &cubes) &&
	       apart(work, &cubes, ret);
}

/* The same with comparisons of argument 0 as cubes. */
static bool cubes_first(const struct work *work, const struct answers *answers,
			struct answers *ret)
{
	for (size_t i = 0; i < answers->count && ret->count <= COVER_RULES; i++) {
		const struct answer *answer = &answers->items[i];
		const struct condition *first = &answer->rule.conditions[0];
		struct conditions cubes = { 0 };

		if (first->arg || condition_is_cube(first)) {
			*arena_push(work->arena, ret) = *answer;
			continue;
		}
		if (!cover_cubes(work->arena, work->space,
				 space_condition(work->space, first, SET_ALL), &cubes))
			return false;
		for (size_t j = 0; j < cubes.count; j++) {
			struct answer *piece = arena_push(work->arena, ret);

			*piece = *answer;
			piece->rule.conditions[0] = cubes.items[j];
		}
	}
	answers_sort(ret);
	return ret->count <= COVER_RULES;
}

/* With an errno for the rest in rules that are tried last. */
static bool express_rest(const struct work *work, cover_function *cover,
			 struct answers *ret)
{
	struct answers covered = { 0 }, cubes = { 0 }, found = { 0 };
	struct answer rest[2];

	space_refill(work->space);
	if (!cover_both(work, cover, EMISSION_DEFAULT, 0, &covered) ||
	    !cubes_first(work, &covered, &cubes))
		return false;
	if (is_exact(work, &cubes))
		found = cubes;
	else if (!apart(work, &cubes, &found))
		return false;
	if (!forms_before_rest(&found, work->word_bits))
		return false;
	forms_rest(work->rules[0].call, work->number, rest);
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++)
		*arena_push(work->arena, &found) = rest[i];
	answers_sort(&found);
	*ret = found;
	return true;
}

/* Up to so many rules the rest may be shorter written out, which takes time to know. */
#define FEW 8

static bool express_any(const struct work *work, struct answers *ret, struct error *err)
{
	struct work wide = *work;
	struct answers last = { 0 }, met = { 0 };
	bool has_last = work->number != EMISSION_DEFAULT &&
			(express_rest(work, cover_rules, &last) ||
			 express_rest(work, cover_cube_rules, &last));
	size_t limit = COVER_RULES;

	/* Each rule costs an instruction and more. */
	if (has_last && answers_cost(&last, 64) < limit)
		limit = answers_cost(&last, 64);
	if ((!has_last || last.count <= FEW) &&
	    express(work, work->number, limit, &met) &&
	    (!has_last || answers_cost(&met, 64) <= answers_cost(&last, 64))) {
		*ret = met;
		return true;
	}
	if (has_last) {
		*ret = last;
		return true;
	}
	wide.word_bits = 64;
	wide.half_seen = false;
	return error_set(err, ERR_INEXACT, "%s",
			 work->word_bits == 32 && express_any(&wide, &met, err)
				 ? "that takes tests of argument bits which filters do "
				   "not see on an architecture of this node (node.json)"
				 : "that takes too many comparisons");
}

/* Which profiles, two at most: the first and the next one that is another. */
static bool blame(const struct work *work, struct error *err)
{
	const char *first = work->rules[0].source, *second = NULL;
	const char *call = syscall_name(work->rules[0].call);

	for (size_t i = 1; i < work->count && !second; i++)
		if (first && work->rules[i].source &&
		    strcmp(first, work->rules[i].source) != 0)
			second = work->rules[i].source;
	if (second)
		return error_in(err,
				"the argument rules of %s in profiles '%s' and '%s' "
				"can't be joined exactly",
				call, first, second);
	return error_in(err,
			"the argument rules of %s in profile '%s' can't be "
			"expressed exactly",
			call, first ? first : "?");
}

static bool emit_call(const struct work *work, struct archs archs,
		      struct emission *emission, size_t *instructions, struct error *err)
{
	struct answers answers = { 0 };
	unsigned call = work->rules[0].call;

	if (space_full(work->space)) {
		error_set(err, ERR_INEXACT, "that takes too many comparisons");
		return blame(work, err);
	}
	if (work->granted == SET_ALL) {
		emission->always[call / 64] |= UINT64_C(1) << call % 64;
		return true;
	}
	if (!express_any(work, &answers, err))
		return blame(work, err);
	/* Architectures with words of one size share what libseccomp makes of rules. */
	for (unsigned bits = 32; bits <= 64; bits += 32)
		if (archs_count(archs, bits))
			*instructions += answers_cost(&answers, bits);
	if (*instructions > PROGRAM_MAX) {
		error_set(err, ERR_INEXACT,
			  "with those of the other calls they make a filter that is too "
			  "long for the kernel");
		return blame(work, err);
	}
	for (size_t i = 0; i < answers.count; i++) {
		if (answers.items[i].number)
			*arena_push(work->arena, &emission->refusals) = answers.items[i];
		else
			*arena_push(work->arena, &emission->rules) =
				answers.items[i].rule;
	}
	return true;
}

unsigned emission_refusal(const struct syscalls *granted, unsigned call)
{
	unsigned number = syscalls_refusal(granted, call);

	return number ? number : EMISSION_DEFAULT;
}

/* Calls without argument rules whose refusal is not the default. */
static void emit_refusals(struct arena *arena, const struct syscalls *granted,
			  struct emission *emission)
{
	for (size_t i = 0; i < granted->refusals.count; i++) {
		const struct refusal *refusal = &granted->refusals.items[i];

		if (refusal->number == EMISSION_DEFAULT ||
		    syscalls_mention(granted, refusal->call))
			continue;
		*arena_push(arena, &emission->refusals) =
			(struct answer){ .rule = { .call = refusal->call },
					 .number = refusal->number };
	}
}

/* Beside the rules: for each number of a call, on each architecture, two instructions. */
static size_t numbers_cost(const struct syscalls *granted, struct archs archs)
{
	size_t calls = granted->refusals.count;

	for (size_t i = 0; i < ARRAY_SIZE(granted->always); i++)
		calls += (size_t)__builtin_popcountll(granted->always[i]);
	for (size_t i = 0; i < granted->rules.count; i++)
		calls += !i ||
			 granted->rules.items[i].call != granted->rules.items[i - 1].call;
	return 2 * calls * (archs_count(archs, 32) + archs_count(archs, 64));
}

bool emission_make(struct arena *arena, const struct syscalls *granted,
		   struct archs archs, struct emission *ret, struct error *err)
{
	struct emission emission = { .all = granted->all };
	struct space *space = NULL;
	size_t instructions = numbers_cost(granted, archs);

	memcpy(emission.always, granted->always, sizeof(emission.always));
	if (granted->all) {
		memset(emission.always, 0, sizeof(emission.always));
		*ret = emission;
		return true;
	}
	emit_refusals(arena, granted, &emission);
	for (size_t i = 0, end; i < granted->rules.count; i = end) {
		const struct rule *rules = granted->rules.items;
		struct work work = { .arena = arena, .rules = &rules[i] };

		if (!space)
			space = space_new(arena);
		/* No call has to do with another's sets. */
		space_clear(space);
		work.space = space;
		work.word_bits = archs_word_bits(archs);
		work.half_seen = archs_half_seen(archs);
		work.number = emission_refusal(granted, rules[i].call);
		for (end = i;
		     end < granted->rules.count && rules[end].call == rules[i].call;
		     end++)
			work.granted = space_union(space, work.granted,
						   space_rule(space, &rules[end]));
		work.count = end - i;
		if (!emit_call(&work, archs, &emission, &instructions, err))
			return false;
	}
	answers_sort(&emission.refusals);
	*ret = emission;
	return true;
}
