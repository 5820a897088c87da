/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Random unions: what is emitted for them, compiled by libseccomp, against what was
 * written.
 *
 *	union COUNT [SEED [WHOLE [JOBS]]]
 *
 * Two to four profiles of one to five rules, on up to six arguments, with operands at
 * edges. The large ones cost hundreds of times what the small ones do: one of WHOLE (1)
 * may be as large as that, the others have up to three arguments and rules a profile.
 */

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/bpf.h"
#include "policy/proof.h"
#include "tests/sim/oracle.h"
#include "tests/tap.h"

/* Any call would do that every architecture has. */
#define CALL "prctl"
/* Of processor time, so that a busy machine is no hang. The longest take under one. */
#define HANG_SECONDS 10
/* One in so many is judged as at run time, too. */
#define PROVEN 16
/* Argument vectors to ask about, where there are more. */
#define POINTS 500
/* Fewer are not enough to tell how many of a hundred are accepted. */
#define MANY 5000

struct tally {
	const char *what;
	bool high, refuse;
	unsigned word_bits;
	unsigned share; /* in sixteenths */
	unsigned least; /* in a hundred that have to be accepted */
	unsigned long tried, accepted, refused, wider, narrower, other, hangs, failed;
	unsigned long disproven, undecided, instructions, longest;
};

/* One union: as it was written, and as it is kept. */
struct written {
	struct rules rules;
	unsigned refusal;
	struct syscalls granted;
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
			condition->value_two = below(8) ? condition->value & operand(high)
							: operand(high);
		rule.count++;
	}
	return rule;
}

static void random_union(struct arena *arena, unsigned call, const struct tally *tally,
			 bool whole, struct written *ret)
{
	static const char *const sources[] = { "a", "b", "c", "d" };
	unsigned profiles = 2 + (unsigned)below(3);
	unsigned arguments = 1 + (unsigned)below(whole ? 6 : 3);

	*ret = (struct written){ .refusal = EMISSION_DEFAULT };
	for (unsigned i = 0; i < profiles; i++) {
		struct syscalls one = { 0 };
		unsigned rules = 1 + (unsigned)below(whole ? 5 : 3), number;

		for (unsigned j = 0; j < rules; j++) {
			struct rule rule = random_rule(call, arguments, tally->high);
			struct error err;

			rule.source = sources[i];
			if (!syscalls_add(arena, &one, &rule, &err))
				abort();
			*arena_push(arena, &ret->rules) = rule;
		}
		number = below(2) ? ENOSYS : EACCES;
		if (tally->refuse) {
			syscalls_refuse(arena, &one, call, number);
			if (ret->refusal != ENOSYS)
				ret->refusal = number;
		}
		ret->granted = syscalls_union(arena, &ret->granted, &one);
	}
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

static void show_rules(const char *where, const struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		printf("#   %s", where);
		for (size_t j = 0; j < rules->items[i].count; j++) {
			const struct condition *c = &rules->items[i].conditions[j];

			printf(" a%u %s %" PRIx64, c->arg,
			       compare_name((enum compare)c->compare) + 9, c->value);
			if (c->compare == COMPARE_MASKED_EQ)
				printf("=%" PRIx64, c->value_two);
		}
		printf("\n");
	}
}

static void show(const char *what, const struct written *written,
		 const struct emission *emission, const uint64_t *witness)
{
	printf("# %s at", what);
	for (unsigned i = 0; witness && i < SYSCALL_ARGS; i++)
		printf(" %" PRIx64, witness[i]);
	printf("\n");
	show_rules("in", &written->rules);
	if (!emission)
		return;
	show_rules("out", &emission->rules);
	printf("#   and %zu refusals\n", emission->refusals.count);
}

/* What is emitted, as libseccomp compiles it, on each architecture. */
static void compare(struct tally *tally, struct arena *arena, unsigned call,
		    const struct written *written, const struct emission *emission,
		    const struct program *program)
{
	struct oracle oracle = { .program = program,
				 .written = &written->rules,
				 .refusal = written->refusal,
				 .points = POINTS,
				 .random = oracle_random(&state) | 1 };
	struct counterexample wrong = { .want = 0 };
	struct error err;
	int number;

	for (size_t i = 0; i < (tally->word_bits == 32 ? 2 : 1); i++) {
		struct proof proof = { .program = program, .granted = &written->granted };

		proof.arch = oracle.arch = bpf_arch(i ? "SCMP_ARCH_X86" : NULL);
		proof.word_bits = oracle.word_bits = i ? 32 : 64;
		number = bpf_number(oracle.arch, syscall_name(call));
		oracle_call(&oracle, arena, number);
		if (tally->tried % PROVEN == 0 &&
		    !proof_call(arena, &proof, call, number, &wrong, &err)) {
			bool disproven = wrong.want != wrong.got;

			/* What is too large to judge is not started, and seldom. */
			*(disproven ? &tally->disproven : &tally->undecided) += 1;
			if (disproven)
				show(err.msg, written, emission, wrong.args);
		}
	}
	tally->wider += oracle.wider > 0;
	tally->narrower += oracle.narrower > 0;
	tally->other += oracle.other > 0;
	if (oracle.wider || oracle.narrower || oracle.other)
		show("wrong", written, emission, oracle.witness);
}

static void try_one(struct tally *tally, unsigned call, bool whole)
{
	/* Static, since what changes behind sigsetjmp() must survive the jump. */
	static struct arena arena;
	static struct written written;
	static struct emission emission;
	static struct program program;
	static const char *const arches[] = { "SCMP_ARCH_X86" };
	bool tree = below(2);
	struct archs archs = archs_native();
	struct error err;

	if (tally->word_bits == 32)
		(void)archs_add(&archs, text_of(arches[0]));
	random_union(&arena, call, tally, whole, &written);
	emission = (struct emission){ .all = false };
	tally->tried++;
	if (sigsetjmp(late, 1)) {
		tally->hangs++;
		show("hang", &written, &emission, NULL);
		arena = (struct arena){ NULL };
		return;
	}
	limit(HANG_SECONDS);
	if (!emission_make(&arena, &written.granted, archs, &emission, &err)) {
		tally->refused++;
	} else if (!oracle_compile(&arena, &emission, arches, tally->word_bits == 32,
				   tree, &program, &err)) {
		tally->failed++;
		show(err.msg, &written, &emission, NULL);
	} else {
		limit(0);
		tally->accepted++;
		tally->instructions += program.count;
		if (program.count > tally->longest)
			tally->longest = program.count;
		compare(tally, &arena, call, &written, &emission, &program);
	}
	limit(0);
	arena_free(&arena);
}

static void report(const struct tally *t, uint64_t seed, unsigned long whole)
{
	ok(!t->wider && !t->narrower && !t->other && !t->failed && !t->hangs &&
		   !t->disproven && t->undecided * 1000 <= t->tried,
	   "union: seed %" PRIu64
	   ", 1 in %lu of full size, %s: %lu tried, %lu accepted, %lu refused, "
	   "%lu wider, %lu narrower, %lu wrong errno, %lu not compiled, %lu hangs, "
	   "%lu disproven, %lu too large to prove",
	   seed, whole, t->what, t->tried, t->accepted, t->refused, t->wider, t->narrower,
	   t->other, t->failed, t->hangs, t->disproven, t->undecided);
	if (t->tried < MANY || !t->least)
		return;
	ok(t->accepted * 100 >= t->tried * t->least,
	   "%.2f %% are accepted, with %.0f instructions, at most %lu",
	   100.0 * (double)t->accepted / (double)t->tried,
	   (double)t->instructions / (double)t->accepted, t->longest);
}

/* A part of the whole, in a process of its own. */
static void run(struct tally *tallies, size_t kinds, unsigned long count,
		unsigned long whole)
{
	int call = syscall_find(text_of(CALL));

	signal(SIGPROF, on_alarm);
	for (unsigned long i = 0; i < count; i++) {
		size_t kind = 0;

		for (unsigned at = i % 16; kind + 1 < kinds && at >= tallies[kind].share;)
			at -= tallies[kind++].share;
		try_one(&tallies[kind], (unsigned)call, i / 16 % whole == 0);
	}
}

static void add(struct tally *to, const struct tally *from)
{
	to->tried += from->tried;
	to->accepted += from->accepted;
	to->refused += from->refused;
	to->wider += from->wider;
	to->narrower += from->narrower;
	to->other += from->other;
	to->hangs += from->hangs;
	to->failed += from->failed;
	to->disproven += from->disproven;
	to->undecided += from->undecided;
	to->instructions += from->instructions;
	to->longest = from->longest > to->longest ? from->longest : to->longest;
}

static const struct tally kinds[] = {
	{ .what = "operands below 2^32", .word_bits = 64, .share = 8, .least = 99 },
	{ .what = "any operands", .high = true, .word_bits = 64, .share = 6 },
	{ .what = "with an errno", .refuse = true, .word_bits = 64, .share = 1 },
	{ .what = "with a 32-bit architecture", .word_bits = 32, .share = 1 },
};

static unsigned long argument(int argc, char **argv, int at, unsigned long otherwise)
{
	return argc > at ? strtoul(argv[at], NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
	unsigned long count = argument(argc, argv, 1, 1000);
	uint64_t seed = argument(argc, argv, 2, (unsigned long)time(NULL));
	unsigned long whole = argument(argc, argv, 3, 1),
		      jobs = argument(argc, argv, 4, 1);
	struct tally *tallies =
		mmap(NULL, (jobs + 1) * sizeof(kinds), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (tallies == MAP_FAILED || !whole || !jobs)
		return 2;
	for (unsigned long job = 0; job <= jobs; job++) {
		struct tally *own = &tallies[job * ARRAY_SIZE(kinds)];

		memcpy(own, kinds, sizeof(kinds));
		if (job == jobs || fork())
			continue;
		/* Far apart, and never 0. */
		state = (seed + job) * UINT64_C(0x9e3779b97f4a7c15) | 1;
		run(own, ARRAY_SIZE(kinds), count / jobs, whole);
		fflush(stdout);
		_exit(0);
	}
	for (int status; wait(&status) > 0;)
		ok(WIFEXITED(status), "a job ends");
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		struct tally *sum = &tallies[jobs * ARRAY_SIZE(kinds) + kind];

		for (unsigned long job = 0; job < jobs; job++)
			add(sum, &tallies[job * ARRAY_SIZE(kinds) + kind]);
		report(sum, seed, whole);
	}
	return tap_done();
}
