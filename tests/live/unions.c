/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Random profiles for real containers, and what each call must answer under their union,
 * by what they say: of the rules of tests/sim/oracle.h, nothing of policy/.
 *
 *	unions SEED COUNT RUNTIME-PROFILE DIR
 *
 * For union I: DIR/uI-pJ.json, profiles; DIR/I.names, theirs; and DIR/I.plan, a line a
 * try for "probe plan" (tests/live/probe.c). runc answers ENOSYS to numbers above those
 * of the filter; RUNTIME-PROFILE tells by its name which runtime it is.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bpf.h"
#include "lib/file.h"
#include "profiles/profile.h"
#include "tests/sim/oracle.h"

#define NUMBERS 512
#define TRIES 48 /* argument vectors for each call with rules */

/* They ignore all six arguments, and always succeed. */
static const char *const safe[] = { "getpid", "getppid", "getuid", "geteuid",
				    "getgid", "getegid", "gettid", "getpgrp" };

static const uint64_t edges[] = { 0,	      1,	  2,	      5,
				  0xff,	      0x7fffffff, 0x80000000, 0xffffffff,
				  1ULL << 32, 1ULL << 63, UINT64_MAX };

struct expected {
	bool granted[SYSCALL_MAX];
	unsigned refusal[SYSCALL_MAX];
	struct rules rules[ARRAY_SIZE(safe)];
};

struct run {
	struct arena arena;
	struct syscalls runtime;
	bool runc;
	const char *folder;
	uint64_t random;
};

static uint64_t below(struct run *run, uint64_t limit)
{
	return (oracle_random(&run->random) >> 8) % limit;
}

static FILE *create(struct run *run, const char *name)
{
	FILE *file = fopen(arena_printf(&run->arena, "%s/%s", run->folder, name), "w");

	if (!file)
		exit(2);
	return file;
}

/* One rule into a profile; later arguments are as likely as the first. */
static void write_rule(struct run *run, FILE *file, size_t call, struct rules *rules)
{
	struct rule *rule = arena_push(&run->arena, rules);
	unsigned chosen = 1 + (unsigned)below(run, 63);

	fprintf(file, ",\n{\"names\": [\"%s\"], \"args\": [", safe[call]);
	for (unsigned arg = 0; arg < SYSCALL_ARGS && rule->count < 2; arg++) {
		struct condition *condition = &rule->conditions[rule->count];

		if (!(chosen >> arg & 1))
			continue;
		condition->arg = (uint8_t)arg;
		condition->compare = (uint8_t)below(run, 7);
		condition->value = edges[below(run, ARRAY_SIZE(edges))];
		if (condition->compare == COMPARE_MASKED_EQ)
			condition->value_two = edges[below(run, ARRAY_SIZE(edges))];
		fprintf(file,
			"%s{\"index\": %u, \"op\": \"%s\", \"value\": %" PRIu64
			", \"valueTwo\": %" PRIu64 "}",
			rule->count++ ? ", " : "", arg,
			compare_name((enum compare)condition->compare), condition->value,
			condition->value_two);
	}
	fprintf(file, "]}");
}

static int safe_index(unsigned call)
{
	for (size_t i = 0; i < ARRAY_SIZE(safe); i++)
		if (!strcmp(syscall_name(call), safe[i]))
			return (int)i;
	return -1;
}

static void refuse(struct run *run, FILE *file, bool first, struct expected *expected)
{
	const char *comma = "";

	/* No call answers so by itself. The first profile names all, the others some. */
	fprintf(file, "],\n\"refuse\": [");
	for (unsigned call = 0; call < syscall_count(); call++) {
		unsigned number = 1001 + (unsigned)below(run, 3);

		/* What always succeeds may be told from EPERM, too. */
		if (safe_index(call) >= 0 ? below(run, 8) : !first && below(run, 4))
			continue;
		fprintf(file, "%s{\"names\": [\"%s\"], \"errno\": %u}", comma,
			syscall_name(call), number);
		comma = ",\n";
		if (!expected->refusal[call] || number < expected->refusal[call])
			expected->refusal[call] = number;
	}
}

static unsigned refusal(const struct expected *expected, unsigned call)
{
	return expected->refusal[call] ? expected->refusal[call] : EPERM;
}

static void write_profile(struct run *run, const char *name, bool first,
			  struct expected *expected)
{
	FILE *file = create(run, arena_printf(&run->arena, "%s.json", name));
	unsigned share = 2 + (unsigned)below(run, 30);

	fprintf(file, "{\"version\": 1, \"summary\": \"random\", \"syscalls\": ["
		      "{\"names\": [\"write\"");
	for (unsigned call = 0; call < syscall_count(); call++) {
		if (safe_index(call) >= 0 || below(run, share))
			continue;
		fprintf(file, ", \"%s\"", syscall_name(call));
		expected->granted[call] = true;
	}
	fprintf(file, "]}");
	for (size_t call = 0; call < ARRAY_SIZE(safe); call++)
		for (uint64_t rules = below(run, 4) / 2; rules > 0; rules--)
			write_rule(run, file, call, &expected->rules[call]);
	refuse(run, file, first, expected);
	fprintf(file, "]}\n");
	if (fclose(file))
		exit(2);
}

/* Some values at which the conditions on the argument begin or end. */
static uint64_t near(struct run *run, const struct rules *rules, unsigned arg)
{
	const struct rule *rule = &rules->items[below(run, rules->count)];

	for (size_t i = 0; i < rule->count; i++) {
		const struct condition *condition = &rule->conditions[i];

		if (condition->arg != arg)
			continue;
		if (condition->compare != COMPARE_MASKED_EQ)
			return condition->value + below(run, 3) - 1;
		return (condition->value_two & condition->value) ^
		       (below(run, 2) ? 1ULL << below(run, 64) : ~condition->value);
	}
	return edges[below(run, ARRAY_SIZE(edges))];
}

static void plan_rules(struct run *run, FILE *file, size_t call,
		       const struct expected *expected, int number)
{
	unsigned index = (unsigned)syscall_find(text_of(safe[call]));
	struct rules rules = expected->rules[call];
	bool always = syscalls_has(&run->runtime, index);
	uint64_t args[SYSCALL_ARGS];

	for (unsigned i = 0; i < TRIES && (rules.count || !i); i++) {
		bool granted = always;

		for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++)
			args[arg] = rules.count ? near(run, &rules, arg) : 0;
		granted |= oracle_written(&rules, args);
		fprintf(file, "%x:%x:%d", number, refusal(expected, index), granted);
		for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++)
			fprintf(file, ":%" PRIx64, args[arg]);
		fprintf(file, "\n");
	}
}

static void write_plan(struct run *run, unsigned long at, const struct expected *expected)
{
	FILE *file = create(run, arena_printf(&run->arena, "%lu.plan", at));
	bool named[NUMBERS] = { false };
	int last = 0;

	for (unsigned call = 0; call < syscall_count(); call++) {
		int number = bpf_number(bpf_arch(NULL), syscall_name(call));
		int rules = safe_index(call);

		if (number < 0 || number >= NUMBERS)
			continue;
		named[number] = true;
		last = number > last ? number : last;
		if (rules >= 0)
			plan_rules(run, file, (size_t)rules, expected, number);
		else if (strcmp(syscall_name(call), "ioctl") != 0)
			fprintf(file, "%x:%x:%d\n", number, refusal(expected, call),
				expected->granted[call] ||
					!strcmp(syscall_name(call), "write") ||
					syscalls_has(&run->runtime, call));
	}
	for (int number = 0; number < NUMBERS; number++)
		if (!named[number])
			fprintf(file, "%x:%x:0\n", number,
				run->runc && number > last ? ENOSYS : EPERM);
	if (fclose(file))
		exit(2);
}

static void make(struct run *run, unsigned long at)
{
	FILE *names = create(run, arena_printf(&run->arena, "%lu.names", at));
	unsigned long profiles = 2 + below(run, 3);
	struct expected expected = { 0 };

	for (unsigned long i = 0; i < profiles; i++) {
		const char *name = arena_printf(&run->arena, "u%lu-p%lu", at, i);

		write_profile(run, name, !i, &expected);
		fprintf(names, "%s%s", i ? "," : "", name);
	}
	if (fclose(names))
		exit(2);
	write_plan(run, at, &expected);
}

int main(int argc, char **argv)
{
	struct run run = { .random = 1 };
	struct profile profile;
	struct error err;
	struct file file;

	if (argc != 5)
		return 2;
	run.random = strtoull(argv[1], NULL, 0) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	run.runc = strstr(argv[3], "runc") != NULL;
	run.folder = argv[4];
	if (!file_read(&run.arena, AT_FDCWD, argv[3], (size_t)1 << 20, &file, &err) ||
	    !profile_parse(&run.arena, "runtime", argv[3], file.text, &profile, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 2;
	}
	run.runtime = profile.policy.syscalls;
	for (unsigned long i = 0; i < strtoul(argv[2], NULL, 10); i++)
		make(&run, i);
	arena_free(&run.arena);
	return 0;
}
