/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The judge is judged: by the filters that libseccomp is known to compile wrongly, and by
 * trying far more arguments than it does.
 */

#include "policy/proof.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "lib/bpf.h"
#include "tests/tap.h"

static struct arena arena;
static uint64_t state = 88172645463325252;

static uint64_t random_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

#define CALL "prctl"

static void grant(struct syscalls *granted, struct bpf_rule *into, unsigned count,
		  const struct condition *conditions)
{
	struct rule rule = { .call = (uint16_t)syscall_find(text_of(CALL)),
			     .count = (uint8_t)count };
	struct error err;

	*into = (struct bpf_rule){ .call = CALL,
				   .action = SECCOMP_RET_ALLOW,
				   .count = count };
	for (unsigned i = 0; i < count; i++) {
		rule.conditions[i] = conditions[i];
		into->conditions[i] = (struct bpf_condition){
			conditions[i].arg, (enum bpf_compare)conditions[i].compare,
			conditions[i].value, conditions[i].value_two
		};
	}
	if (!syscalls_add(&arena, granted, &rule, &err))
		ok(false, "%s", err.msg);
}

static bool compile(const struct bpf_rule *rules, size_t count, struct program *ret)
{
	struct bpf_filter filter = { .action = SECCOMP_RET_ERRNO | EMISSION_DEFAULT,
				     .rules = rules,
				     .rule_count = count };
	struct error err;

	return bpf_compile(&arena, &filter, ret, &err);
}

static struct proof proof_of(const struct program *program,
			     const struct syscalls *granted)
{
	return (struct proof){ .program = program,
			       .arch = bpf_arch(NULL),
			       .word_bits = 64,
			       .granted = granted };
}

static bool proven(struct proof *proof, struct counterexample *wrong, struct error *err)
{
	unsigned call = (unsigned)syscall_find(text_of(CALL));

	return proof_call(&arena, proof, call, bpf_number(proof->arch, CALL), wrong, err);
}

/* What libseccomp 2.5.4 and 2.6.1 compile wrongly. */
static void test_wrong(void)
{
	static const struct {
		const char *what;
		unsigned count;
		struct condition first[2], second[2];
	} cases[] = {
		{ "two orderings with different upper halves",
		  1,
		  { { 0, COMPARE_GE, UINT64_C(0x100000002), 0 } },
		  { { 0, COMPARE_LE, UINT64_C(0x80000000), 0 } } },
		{ "LT 2^33 and LT 2^32",
		  1,
		  { { 0, COMPARE_LT, UINT64_C(1) << 33, 0 } },
		  { { 0, COMPARE_LT, UINT64_C(1) << 32, 0 } } },
		{ "orderings before another argument",
		  2,
		  { { 0, COMPARE_GT, 2, 0 }, { 1, COMPARE_EQ, 1, 0 } },
		  { { 0, COMPARE_GT, 5, 0 }, { 1, COMPARE_EQ, 2, 0 } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct counterexample wrong = { 0 };
		struct syscalls granted = { 0 };
		struct program program;
		struct bpf_rule rules[2];
		struct error err = { 0 };
		struct proof proof;

		grant(&granted, &rules[0], cases[i].count, cases[i].first);
		grant(&granted, &rules[1], cases[i].count, cases[i].second);
		ok(compile(rules, 2, &program), "compiled: %s", cases[i].what);
		proof = proof_of(&program, &granted);
		ok(!proven(&proof, &wrong, &err) && wrong.got != wrong.want &&
			   err.code == ERR_INEXACT,
		   "%s: %s", cases[i].what, err.msg);
	}
}

/* Each kind of numbers has its witness: rules that a few constants would not find. */
static void test_kinds(void)
{
	const struct condition first[] = { { 0, COMPARE_MASKED_EQ, 0xf0, 0x50 } };
	const struct condition second[] = { { 0, COMPARE_MASKED_EQ, 0x3c, 0x18 } };
	struct counterexample wrong = { 0 };
	struct syscalls granted = { 0 }, other = { 0 };
	struct bpf_rule rules[2], both;
	struct program program;
	struct error err = { 0 };
	struct proof proof;

	grant(&granted, &rules[0], 1, first);
	grant(&granted, &rules[1], 1, second);
	ok(compile(rules, 2, &program), "two masks");
	proof = proof_of(&program, &granted);
	ok(proven(&proof, &wrong, &err), "are what they say: %s", err.msg);
	ok(proof.tried == 4, "and make four kinds of numbers");
	/* A program that allows nothing but what both masks let through. */
	grant(&other, &both, 1, (const struct condition[]){ { 0, COMPARE_EQ, 0x58, 0 } });
	ok(compile(&both, 1, &program), "another program");
	proof = proof_of(&program, &granted);
	ok(!proven(&proof, &wrong, &err),
	   "and the kind in which both hold is one of them");
	proof = proof_of(&program, &other);
	ok(proven(&proof, &wrong, &err), "which is right for what it was made of");
}

static struct condition random_condition(unsigned arg)
{
	static const uint64_t numbers[] = { 0,
					    1,
					    2,
					    7,
					    8,
					    0xff,
					    0x7fffffff,
					    0xffffffff,
					    UINT64_C(0x100000000),
					    UINT64_C(0x100000005),
					    UINT64_MAX };
	struct condition condition = {
		.arg = (uint8_t)arg,
		.compare = (uint8_t)(random_number() % 7),
		.value = numbers[random_number() % ARRAY_SIZE(numbers)],
	};

	if (condition.compare == COMPARE_MASKED_EQ)
		condition.value_two = condition.value & random_number();
	return condition;
}

/* Programs of single rules, which are compiled rightly, against others' rules. */
static void test_random(void)
{
	size_t agreed = 0, missed = 0, found = 0;

	for (int i = 0; i < 400; i++) {
		struct arena scratch = { NULL };
		struct condition conditions[2] = { random_condition(0),
						   random_condition(1) };
		struct syscalls granted = { 0 }, other = { 0 };
		struct bpf_rule rule, unused;
		struct counterexample wrong;
		struct program program;
		struct error err;
		struct proof proof;
		unsigned call = (unsigned)syscall_find(text_of(CALL));
		bool same, differs = false;

		grant(&granted, &rule, 2, conditions);
		if (i % 4)
			conditions[i % 2] = random_condition((unsigned)i % 2);
		grant(&other, &unused, 2, conditions);
		if (!granted.rules.count || !compile(&rule, 1, &program))
			continue;
		proof = proof_of(&program, &other);
		same = proven(&proof, &wrong, &err);
		for (int j = 0; j < 2000 && !differs; j++) {
			uint64_t args[SYSCALL_ARGS] = {
				random_number() >> random_number() % 64,
				random_number() >> random_number() % 64
			};

			differs = syscalls_grants(&granted, call, args) !=
				  syscalls_grants(&other, call, args);
		}
		missed += same && differs;
		agreed += same;
		found += !same;
		arena_free(&scratch);
	}
	ok(!missed && agreed && found,
	   "of 400 programs %zu are what another rule says, %zu not, and %zu of those "
	   "that "
	   "are have an argument where they differ",
	   agreed, found, missed);
}

/* Each bit of a mask by itself: 2^40 kinds, which only sets can tell. */
static void test_bits(void)
{
	struct bpf_rule *rules = arena_new(&arena, struct bpf_rule, 40);
	struct syscalls granted = { 0 }, other = { 0 };
	struct counterexample wrong;
	struct program program;
	struct error err = { 0 };
	struct proof proof;

	for (unsigned i = 0; i < 40; i++) {
		struct condition condition = { 0, COMPARE_MASKED_EQ, UINT64_C(1) << i,
					       UINT64_C(1) << i };

		grant(&granted, &rules[i], 1, &condition);
		if (i != 33)
			grant(&other, &rules[i], 1, &condition);
	}
	ok(compile(rules, 40, &program), "many bits");
	proof = proof_of(&program, &granted);
	ok(proven(&proof, &wrong, &err), "are what they say: %s", err.msg);
	proof = proof_of(&program, &other);
	ok(!proven(&proof, &wrong, &err) && wrong.args[0] == UINT64_C(1) << 33,
	   "and one of them too many is found: %s", err.msg);
}

/* What is kept of them grows with their number, not with its square. */
static void test_many(void)
{
	struct bpf_rule *rules = arena_new(&arena, struct bpf_rule, 450);
	struct syscalls granted = { 0 };
	struct counterexample wrong;
	struct program program;
	struct error err = { 0 };
	struct mallinfo2 before, after;
	struct proof proof;

	for (unsigned i = 0; i < 450; i++)
		grant(&granted, &rules[i], 1,
		      (const struct condition[]){
			      { 0, COMPARE_EQ, i * UINT64_C(9000037), 0 } });
	ok(compile(rules, 450, &program), "many numbers");
	proof = proof_of(&program, &granted);
	before = mallinfo2();
	ok(proven(&proof, &wrong, &err), "are proven: %s", err.msg);
	after = mallinfo2();
	ok(proof.tried > 450, "each by trying");
	ok(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd < 12 << 20,
	   "in %zu MiB",
	   (after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) >> 20);
}

static void test_nameless(void)
{
	struct syscalls granted = { 0 };
	struct bpf_rule rules[1];
	struct counterexample wrong;
	struct program program;
	struct error err = { 0 };
	struct proof proof;

	grant(&granted, &rules[0], 1,
	      (const struct condition[]){ { 0, COMPARE_EQ, 1, 0 } });
	ok(compile(rules, 1, &program), "one rule");
	proof = proof_of(&program, &granted);
	ok(proof_nameless(&arena, &proof, 1000, &wrong, &err), "a number without a name");
	ok(!proof_nameless(&arena, &proof, bpf_number(proof.arch, CALL), &wrong, &err),
	   "and one that is let through nevertheless");
}

int main(void)
{
	test_wrong();
	test_kinds();
	test_random();
	test_bits();
	test_many();
	test_nameless();
	arena_free(&arena);
	return tap_done();
}
