/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/proof.h"

#include <stdlib.h>
#include <string.h>

#include "policy/paths.h"
#include "policy/witness.h"

/*
 * A comparison with an argument: of the masked argument with the value, as equal or not
 * or, if ordered, as less, equal or greater.
 */
struct test {
	uint64_t mask, value;
	bool ordered;
};

struct tests {
	struct test *items;
	size_t count, capacity;
};

/* With more, few numbers are of one kind; one more than this is enough to know. */
#define TESTS ((size_t)1024)

static void add_test(struct arena *arena, struct tests *tests, struct test test)
{
	if (tests->count > TESTS)
		return;
	for (size_t i = 0; i < tests->count; i++)
		if (tests->items[i].mask == test.mask &&
		    tests->items[i].value == test.value &&
		    tests->items[i].ordered == test.ordered)
			return;
	*arena_push(arena, tests) = test;
}

static void add_rules(struct arena *arena, const struct syscalls *granted, unsigned call,
		      struct tests tests[SYSCALL_ARGS])
{
	for (size_t i = 0; i < granted->rules.count; i++) {
		const struct rule *rule = &granted->rules.items[i];

		for (size_t j = 0; rule->call == call && j < rule->count; j++) {
			const struct condition *condition = &rule->conditions[j];
			bool masked = condition->compare == COMPARE_MASKED_EQ;
			bool equals = condition->compare == COMPARE_EQ ||
				      condition->compare == COMPARE_NE;

			add_test(arena, &tests[condition->arg],
				 (struct test){ masked ? condition->value : UINT64_MAX,
						masked ? condition->value_two &
								 condition->value
						       : condition->value,
						!masked && !equals });
		}
	}
}

static void add_paths(struct arena *arena, const struct paths *paths,
		      struct tests tests[SYSCALL_ARGS])
{
	for (size_t i = 0; i < paths->count; i++) {
		const struct path_step *step = &paths->items[i];

		if (step->test != PATH_ENDS)
			add_test(arena, &tests[step->arg],
				 (struct test){ step->mask, step->value,
						step->test == PATH_ABOVE ||
							step->test == PATH_REACHES });
	}
}

/*
 * Numbers by what the tests say of them. A kind is known by one letter a test: how the
 * bits so far compare. Bit by bit, from the highest, each kind becomes one or two; kinds
 * with the same letters will never be told apart and become one. So no combination of
 * answers that some number has is missed, and each has one witness.
 */
struct kind {
	uint64_t number;
	char letters[]; /* '=', '<' or '>', of a test that is not ordered '<' for both */
};

struct kinds {
	struct kind **items;
	size_t count, capacity;
};

#define KINDS ((size_t)1024)

/* A number of each kind. */
struct numbers {
	uint64_t *items;
	size_t count;
};

static int kind_compare(const void *a, const void *b)
{
	const struct kind *left = *(struct kind *const *)a;
	const struct kind *right = *(struct kind *const *)b;

	return strcmp(left->letters, right->letters);
}

static struct kind *kind_next(struct arena *arena, const struct kind *from,
			      const struct tests *tests, unsigned bit, bool one)
{
	struct kind *kind = arena_alloc(arena, 1, sizeof(*kind) + tests->count + 1);

	kind->number = from->number | (uint64_t)one << bit;
	for (size_t i = 0; i < tests->count; i++) {
		const struct test *test = &tests->items[i];
		bool value = test->value >> bit & 1;
		bool masked = one && (test->mask >> bit & 1);

		kind->letters[i] = from->letters[i];
		if (from->letters[i] == '=' && masked != value)
			kind->letters[i] = test->ordered && masked ? '>' : '<';
	}
	return kind;
}

static void kinds_unique(struct kinds *kinds)
{
	size_t kept = 0;

	qsort(kinds->items, kinds->count, sizeof(struct kind *), kind_compare);
	for (size_t i = 1; i < kinds->count; i++)
		if (kind_compare(&kinds->items[i], &kinds->items[kept]))
			kinds->items[++kept] = kinds->items[i];
	kinds->count = kept + 1;
}

/* What becomes of each kind with this bit, which some test looks at. */
static struct kinds kinds_longer(struct arena *arena, const struct kinds *kinds,
				 const struct tests *tests, unsigned bit,
				 unsigned word_bits)
{
	struct kinds longer = { 0 };

	for (size_t i = 0; i < kinds->count; i++) {
		*arena_push(arena, &longer) =
			kind_next(arena, kinds->items[i], tests, bit, false);
		if (bit < word_bits)
			*arena_push(arena, &longer) =
				kind_next(arena, kinds->items[i], tests, bit, true);
	}
	kinds_unique(&longer);
	return longer;
}

static bool is_tested(const struct tests *tests, unsigned bit)
{
	for (size_t i = 0; i < tests->count; i++)
		if ((tests->items[i].mask | tests->items[i].value) >> bit & 1)
			return true;
	return false;
}

/*
 * False: too many to try. The kinds of one bit are forgotten with those of the next,
 * since each has a letter for each test.
 */
static bool find_kinds(struct arena *arena, struct arena scratch[2],
		       const struct tests *tests, unsigned word_bits, struct numbers *ret)
{
	struct kind *first = arena_alloc(arena, 1, sizeof(*first) + tests->count + 1);
	struct kinds kinds = { 0 };
	unsigned turn = 0;

	if (tests->count > TESTS)
		return false;
	memset(first->letters, '=', tests->count);
	*arena_push(arena, &kinds) = first;
	for (unsigned bit = 64; bit-- > 0;) {
		if (!is_tested(tests, bit))
			continue;
		turn = !turn;
		arena_reset(&scratch[turn]);
		kinds = kinds_longer(&scratch[turn], &kinds, tests, bit, word_bits);
		if (kinds.count > KINDS)
			return false;
	}
	*ret = (struct numbers){ arena_new(arena, uint64_t, kinds.count), kinds.count };
	for (size_t i = 0; i < kinds.count; i++)
		ret->items[i] = kinds.items[i]->number;
	return true;
}

static uint32_t answer(const struct syscalls *granted, int call, const uint64_t *args)
{
	if (args && (granted->all ||
		     (call >= 0 && syscalls_grants(granted, (unsigned)call, args))))
		return SECCOMP_RET_ALLOW;
	return SECCOMP_RET_ERRNO |
	       (call < 0 ? EMISSION_DEFAULT : emission_refusal(granted, (unsigned)call));
}

/* One argument vector, as the kernel would. */
static bool judge(struct proof *proof, int call, int number, const uint64_t *args,
		  struct counterexample *ret_wrong, struct error *err)
{
	struct seccomp_data data = { .nr = number, .arch = proof->arch };
	uint32_t want = answer(proof->granted, call, args), got;

	for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++)
		data.args[arg] = args[arg];
	got = sim_run(proof->program, &data);
	proof->tried++;
	if (got == want)
		return true;
	*ret_wrong = (struct counterexample){ .want = want, .got = got };
	memcpy(ret_wrong->args, args, sizeof(ret_wrong->args));
	return error_set(err, ERR_INEXACT,
			 "the filter answers 0x%x, not 0x%x, to (0x%llx, 0x%llx, 0x%llx, "
			 "0x%llx, 0x%llx, 0x%llx)",
			 got, want, (unsigned long long)args[0],
			 (unsigned long long)args[1], (unsigned long long)args[2],
			 (unsigned long long)args[3], (unsigned long long)args[4],
			 (unsigned long long)args[5]);
}

static bool try_all(struct proof *proof, int call, int number,
		    const struct numbers kinds[SYSCALL_ARGS],
		    struct counterexample *ret_wrong, struct error *err)
{
	uint64_t args[SYSCALL_ARGS];
	size_t product = 1;

	for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++)
		if (__builtin_mul_overflow(product, kinds[arg].count, &product) ||
		    product > PROOF_VECTORS)
			return true; /* the sets have told */
	for (size_t i = 0; i < product; i++) {
		size_t rest = i;

		for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++) {
			args[arg] = kinds[arg].items[rest % kinds[arg].count];
			rest /= kinds[arg].count;
		}
		if (!judge(proof, call, number, args, ret_wrong, err))
			return false;
	}
	return true;
}

/* The arguments on which the call is granted, of those that the architecture has. */
static uint32_t granted_set(struct space *space, const struct proof *proof, int call,
			    uint32_t all)
{
	const struct rules *rules = &proof->granted->rules;
	uint32_t set = SET_NONE;

	if (proof->granted->all ||
	    (call >= 0 && syscalls_has(proof->granted, (unsigned)call)))
		return all;
	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i].call == call)
			set = space_union(space, set,
					  space_rule(space, &rules->items[i]));
	return space_intersection(space, set, all);
}

static uint32_t all_arguments(struct space *space, unsigned word_bits)
{
	struct condition small = { .compare = COMPARE_LE, .value = UINT32_MAX };
	uint32_t all = SET_ALL;

	for (unsigned arg = SYSCALL_ARGS; word_bits == 32 && arg-- > 0;) {
		small.arg = (uint8_t)arg;
		all = space_condition(space, &small, all);
	}
	return all;
}

/* Whether there are only these two answers. */
static bool two_answers(const struct paths *paths, uint32_t one, uint32_t other)
{
	for (size_t i = 0; i < paths->count; i++)
		if (paths->items[i].test == PATH_ENDS && paths->items[i].answer != one &&
		    paths->items[i].answer != other)
			return false;
	return true;
}

/*
 * Both answers, on all arguments at once; of two one is enough. What is wrong is shown by
 * trying it.
 */
static bool compare_sets(struct arena *arena, struct proof *proof, int call, int number,
			 const struct paths *paths, struct counterexample *ret_wrong,
			 struct error *err)
{
	struct space *space = proof->space;
	uint32_t all = all_arguments(space, proof->word_bits);
	uint32_t want = granted_set(space, proof, call, all);
	uint32_t refusal = answer(proof->granted, call, NULL);
	uint32_t allowed = paths_answered(arena, space, paths, SECCOMP_RET_ALLOW);
	uint32_t right = space_intersection(space, all, allowed), refused;
	uint32_t wrong;
	uint64_t args[SYSCALL_ARGS];

	if (right == want && !space_full(space) &&
	    two_answers(paths, SECCOMP_RET_ALLOW, refusal))
		return true;
	refused = paths_answered(arena, space, paths, refusal);
	right = space_union(
		space, space_intersection(space, want, allowed),
		space_difference(space, space_intersection(space, all, refused), want));
	wrong = space_difference(space, all, right);
	if (space_full(space))
		return error_set(err, ERR_INEXACT, "the filter is too large to judge");
	if (wrong == SET_NONE)
		return true;
	witness(space, wrong, args);
	/* It would be odd if that were right. */
	return !judge(proof, call, number, args, ret_wrong, err)
		       ? false
		       : error_set(err, ERR_INEXACT, "two ways of judging differ");
}

/* What the sets of this and the calls before may take; then what this one may. */
#define LARGE 8

static bool prove(struct arena *arena, struct proof *proof, int call, int number,
		  struct counterexample *ret_wrong, struct error *err)
{
	struct tests tests[SYSCALL_ARGS] = { 0 };
	struct arena scratch[2] = { { NULL }, { NULL } };
	struct numbers kinds[SYSCALL_ARGS];
	struct paths paths;
	bool few = true;

	if (!paths_find(arena, proof->program, proof->arch, number, &paths, err))
		return false;
	if (!proof->space)
		proof->space = space_new(arena);
	if (!compare_sets(arena, proof, call, number, &paths, ret_wrong, err)) {
		if (!space_full(proof->space))
			return false;
		proof->space = space_new_large(arena, LARGE);
		if (!compare_sets(arena, proof, call, number, &paths, ret_wrong, err))
			return false;
	}
	if (call >= 0)
		add_rules(arena, proof->granted, (unsigned)call, tests);
	add_paths(arena, &paths, tests);
	for (unsigned arg = 0; few && arg < SYSCALL_ARGS; arg++)
		few = find_kinds(arena, scratch, &tests[arg], proof->word_bits,
				 &kinds[arg]);
	arena_free(&scratch[0]);
	arena_free(&scratch[1]);
	/* If there are many, the sets have told. */
	return !few || try_all(proof, call, number, kinds, ret_wrong, err);
}

bool proof_call(struct arena *arena, struct proof *proof, unsigned call, int number,
		struct counterexample *ret_wrong, struct error *err)
{
	return prove(arena, proof, (int)call, number, ret_wrong, err) ||
	       error_in(err, "%s", syscall_name(call));
}

bool proof_nameless(struct arena *arena, struct proof *proof, int number,
		    struct counterexample *ret_wrong, struct error *err)
{
	return prove(arena, proof, -1, number, ret_wrong, err) ||
	       error_in(err, "call %d", number);
}
