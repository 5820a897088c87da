/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Random unions: what is emitted for them, compiled by libseccomp, against what was
 * written. union N [SEED [POINTS]]
 */

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "lib/bpf.h"
#include "tests/sim/oracle.h"

/* Any call would do that every architecture has. */
#define CALL "prctl"
/* Of processor time, so that a busy machine is no hang. The longest take under one. */
#define HANG_SECONDS 10
/* One in so many is proven, too. */
#define PROVEN 8

struct tally {
	const char *what;
	bool high, refuse;
	unsigned word_bits;
	unsigned long tried, accepted, refused, wider, narrower, other, hangs, failed;
	unsigned long proven, instructions, longest;
};

static const uint64_t edges[] = {
	0,	 1,	     2,		 3,	     4,		 5,	     7,
	8,	 9,	     0x10,	 0x2a,	     0xff,	 0x100,	     0xffff,
	0x10000, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
};

static const uint64_t high_edges[] = {
	UINT64_C(0x100000000),	      UINT64_C(0x100000001),
	UINT64_C(0x100000005),	      UINT64_C(0x1ffffffff),
	UINT64_C(0x200000000),	      UINT64_C(0x7fffffffffffffff),
	UINT64_C(0x8000000000000000), UINT64_C(0x8000000000000001),
	UINT64_C(0xfffffffffffffffe), UINT64_C(0xffffffffffffffff),
	UINT64_C(0xffffffff00000000), UINT64_C(0xffffffff80000000),
};

static uint64_t state;

static uint64_t below(uint64_t limit)
{
	return (oracle_random(&state) >> 8) % limit;
}

static uint64_t operand(bool high)
{
	if (below(5) == 0) {
		unsigned shift = (unsigned)below(high ? 64 : 32) + (high ? 0 : 32);

		return oracle_random(&state) >> shift;
	}
	if (high && below(3) == 0)
		return high_edges[below(ARRAY_SIZE(high_edges))];
	return edges[below(ARRAY_SIZE(edges))];
}

static struct rule random_rule(unsigned call, unsigned arguments, bool high)
{
	struct rule rule = { .call = (uint16_t)call };
	unsigned chosen = 0, count = 1 + (unsigned)below(arguments);

	while ((unsigned)__builtin_popcount(chosen) < count)
		chosen |= 1U << below(arguments);
	for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++) {
		struct condition *condition = &rule.conditions[rule.count];

		if (!(chosen >> arg & 1))
			continue;
		/* One by one: initialisers have no order, and a seed shall mean one run.
		 */
		condition->arg = (uint8_t)arg;
		condition->compare = (uint8_t)below(7);
		condition->value = operand(high);
		if (condition->compare == COMPARE_MASKED_EQ)
			condition->value_two = condition->value & operand(high);
		rule.count++;
	}
	return rule;
}

static struct syscalls random_union(struct arena *arena, unsigned call, bool high,
				    bool refuse)
{
	static const char *const sources[] = { "a", "b", "c", "d" };
	struct syscalls all = { 0 };
	unsigned profiles = 2 + (unsigned)below(3), arguments = 1 + (unsigned)below(6);

	for (unsigned i = 0; i < profiles; i++) {
		struct syscalls one = { 0 };
		unsigned rules = 1 + (unsigned)below(5);

		for (unsigned j = 0; j < rules; j++) {
			struct rule rule = random_rule(call, arguments, high);
			struct error err;

			rule.source = sources[i];
			if (!syscalls_add(arena, &one, &rule, &err))
				abort();
		}
		if (refuse)
			syscalls_refuse(arena, &one, call, below(2) ? 38 : 13);
		all = syscalls_union(arena, &all, &one);
	}
	return all;
}

static sigjmp_buf late;

static void on_alarm(int signal_number)
{
	(void)signal_number;
	siglongjmp(late, 1);
}

static void limit(unsigned seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds };

	setitimer(ITIMER_PROF, &timer, NULL);
}

static void show(const char *what, const struct syscalls *granted,
		 const struct emission *emission, const uint64_t *witness)
{
	const struct rules *lists[] = { &granted->rules, &emission->rules };

	printf("%s at", what);
	for (unsigned i = 0; witness && i < SYSCALL_ARGS; i++)
		printf(" %" PRIx64, witness[i]);
	printf("\n");
	for (size_t k = 0; k < (emission ? 2 : 1); k++)
		for (size_t i = 0; i < lists[k]->count; i++) {
			printf("  %s", k ? "out" : "in ");
			for (size_t j = 0; j < lists[k]->items[i].count; j++) {
				const struct condition *c =
					&lists[k]->items[i].conditions[j];

				printf(" a%u %s %" PRIx64, c->arg,
				       compare_name((enum compare)c->compare) + 9,
				       c->value);
				if (c->compare == COMPARE_MASKED_EQ)
					printf("=%" PRIx64, c->value_two);
			}
			printf("\n");
		}
	if (emission)
		printf("  and %zu refusals\n", emission->refusals.count);
}

/* What is emitted, as libseccomp compiles it, on each architecture. */
static void compare(struct tally *tally, struct arena *arena, unsigned call,
		    const struct syscalls *granted, const struct emission *emission,
		    const struct program *program, size_t points)
{
	struct oracle oracle = { .program = program,
				 .granted = granted,
				 .points = points };

	enum oracle_proof proof;
	int number;

	oracle.random = oracle_random(&state) | 1;
	for (size_t i = 0; i < (tally->word_bits == 32 ? 2 : 1); i++) {
		oracle.arch = bpf_arch(i ? "SCMP_ARCH_X86" : NULL);
		oracle.word_bits = i ? 32 : 64;
		number = bpf_number(oracle.arch, syscall_name(call));
		oracle_call(&oracle, arena, call, number);
		/* It takes three times as long as all the rest. */
		if (oracle.word_bits != 64 || tally->tried % PROVEN)
			continue;
		proof = oracle_prove(&oracle, arena, call, number);
		tally->proven += proof == ORACLE_PROVEN;
		oracle.other += proof == ORACLE_DISPROVEN;
	}
	tally->wider += oracle.wider > 0;
	tally->narrower += oracle.narrower > 0;
	tally->other += oracle.other > 0;
	if (oracle.wider || oracle.narrower || oracle.other)
		show("wrong", granted, emission, oracle.witness);
}

static void try_one(struct tally *tally, unsigned call, size_t points, bool verbose)
{
	/* Static, since what changes behind sigsetjmp() must survive the jump. */
	static struct arena arena;
	static struct syscalls granted;
	static struct emission emission;
	static struct program program;
	static const char *const arches[] = { "SCMP_ARCH_X86" };
	bool tree = below(2);
	struct error err;

	granted = random_union(&arena, call, tally->high, tally->refuse);
	emission = (struct emission){ .all = false };
	tally->tried++;
	if (sigsetjmp(late, 1)) {
		tally->hangs++;
		show("hang", &granted, &emission, NULL);
		arena = (struct arena){ NULL };
		return;
	}
	limit(HANG_SECONDS);
	if (!emission_make(&arena, &granted, tally->word_bits, &emission, &err)) {
		tally->refused++;
		if (verbose)
			show(err.msg, &granted, NULL, NULL);
	} else if (!oracle_compile(&arena, &emission, arches, tally->word_bits == 32,
				   tree, &program, &err)) {
		tally->failed++;
		show(err.msg, &granted, &emission, NULL);
	} else {
		limit(0);
		tally->accepted++;
		tally->instructions += program.count;
		if (program.count > tally->longest)
			tally->longest = program.count;
		compare(tally, &arena, call, &granted, &emission, &program, points);
	}
	limit(0);
	arena_free(&arena);
}

static bool report(const struct tally *t, uint64_t seed)
{
	printf("union: seed %" PRIu64 ", %s: %lu tried, %lu accepted, %lu refused, "
	       "%lu wider, %lu narrower, %lu wrong errno, %lu not compiled, %lu hangs"
	       " (%.2f %% accepted, %lu proven, %.0f instructions, at most %lu)\n",
	       seed, t->what, t->tried, t->accepted, t->refused, t->wider, t->narrower,
	       t->other, t->failed, t->hangs,
	       100.0 * (double)t->accepted / (double)(t->tried ? t->tried : 1), t->proven,
	       (double)t->instructions / (double)(t->accepted ? t->accepted : 1),
	       t->longest);
	return !t->wider && !t->narrower && !t->other && !t->failed && !t->hangs;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
	size_t points = argc > 3 ? strtoul(argv[3], NULL, 10) : 500;
	struct tally tallies[] = {
		{ .what = "operands below 2^32", .word_bits = 64 },
		{ .what = "any operands", .high = true, .word_bits = 64 },
		{ .what = "with an errno", .refuse = true, .word_bits = 64 },
		{ .what = "with a 32-bit architecture", .word_bits = 32 },
	};
	int call = syscall_find(text_of(CALL));
	bool fine = true;

	state = seed ? seed : 1;
	signal(SIGPROF, on_alarm);
	for (unsigned long i = 0; i < count; i++) {
		/* Of sixteen: eight, six, one, one. */
		size_t kind = i % 16 < 8 ? 0 : i % 16 < 14 ? 1 : i % 16 - 12;

		try_one(&tallies[kind], (unsigned)call, points, argc > 4);
	}
	for (size_t i = 0; i < ARRAY_SIZE(tallies); i++)
		fine &= report(&tallies[i], seed);
	return !fine;
}
