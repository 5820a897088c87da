/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fields.h"
#include "oci/seccomp.h"
#include "policy/witness.h"
#include "profiles/lint_tables.h"

/* A rule as it is written: nothing dropped or merged yet. */
struct written {
	struct rule rule;
	uint32_t set;
	size_t line, order;
};

struct lint {
	struct arena *arena;
	struct space *space;
	struct profile profile;
	struct {
		struct written *items;
		size_t count, capacity;
	} rules;
	size_t capabilities_line;
	struct lint_findings findings;
};

static void PRINTF(4, 5) report(struct lint *lint, enum lint_level level, size_t line,
				const char *fmt, ...)
{
	struct lint_finding *finding = arena_push(lint->arena, &lint->findings);
	char message[640];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	*finding = (struct lint_finding){
		level, line, arena_copy(lint->arena, message, strlen(message))
	};
}

/* Entries of a file that has been read before: nothing fails. */
static void read_entry(struct lint *lint, struct text text, const struct json *entry)
{
	struct fields fields = { .arena = lint->arena, .text = text };
	struct written written = { .line = json_line(text, entry->start) };
	struct error err = { 0 };

	if (!seccomp_read_conditions(&fields, json_get(entry, "args"), &written.rule,
				     &err))
		return;
	/* As libseccomp does. */
	for (size_t i = 0; i < written.rule.count; i++)
		if (written.rule.conditions[i].compare == COMPARE_MASKED_EQ)
			written.rule.conditions[i].value_two &=
				written.rule.conditions[i].value;
	written.set = space_rule(lint->space, &written.rule);
	for (const struct json *name = json_get(entry, "names")->first; name;
	     name = name->next) {
		written.rule.call = (uint16_t)syscall_find(name->text);
		written.order = lint->rules.count;
		*arena_push(lint->arena, &lint->rules) = written;
	}
}

static int written_compare(const void *a, const void *b)
{
	const struct written *left = a, *right = b;

	if (left->rule.call != right->rule.call)
		return left->rule.call < right->rule.call ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static void check_constant(struct lint *lint, const struct written *written)
{
	const char *call = syscall_name(written->rule.call);

	if (written->set == SET_NONE)
		report(lint, LINT_ERROR, written->line, "%s: this rule never holds",
		       call);
	for (size_t i = 0; i < written->rule.count; i++)
		if (space_condition(lint->space, &written->rule.conditions[i], SET_ALL) ==
		    SET_ALL)
			report(lint, LINT_WARNING, written->line,
			       "%s: the condition on argument %u always holds", call,
			       written->rule.conditions[i].arg);
}

/* From the last on, so that of two that imply each other one stays. */
static void check_implied(struct lint *lint, struct written *rules, size_t count)
{
	uint32_t *before = arena_new(lint->arena, uint32_t, count);
	uint32_t kept = SET_NONE; /* of those behind */

	for (size_t i = 1; i < count; i++)
		before[i] = space_union(lint->space, before[i - 1], rules[i - 1].set);
	for (size_t i = count; i-- > 0;) {
		uint32_t others = space_union(lint->space, before[i], kept);
		bool gone = rules[i].set != SET_NONE &&
			    space_subset(lint->space, rules[i].set, others);

		if (space_full(lint->space))
			return;
		if (gone)
			report(lint, LINT_WARNING, rules[i].line,
			       "%s: the other rules grant this already",
			       syscall_name(rules[i].rule.call));
		else
			kept = space_union(lint->space, kept, rules[i].set);
	}
}

/* A set with the upper half of an argument forgotten: if one value passed, all do. */
struct forget {
	struct space *space;
	unsigned argument;
	uint32_t *memo; /* of each set, its result + 1; 0: not met yet */
	size_t size;
};

static uint32_t forget_upper(struct forget *forget, uint32_t set)
{
	struct halves halves = space_halves(forget->space, set);
	uint32_t low, high, result;

	if (set <= SET_ALL)
		return set;
	if (set < forget->size && forget->memo[set])
		return forget->memo[set] - 1;
	low = forget_upper(forget, halves.low);
	high = forget_upper(forget, halves.high);
	if (halves.variable / 64 == forget->argument && halves.variable % 64 < 32)
		result = space_union(forget->space, low, high);
	else
		result = space_node(forget->space, halves.variable, low, high);
	if (set < forget->size)
		forget->memo[set] = result + 1;
	return result;
}

/*
 * What the kernel takes for granted although no rule grants it: the lower halves of what
 * `from` lets through, as numbers of their own, that are not in `set`.
 */
static uint32_t hole(struct lint *lint, uint32_t from, uint32_t set, unsigned argument)
{
	struct condition small = { .arg = (uint8_t)argument,
				   .compare = COMPARE_LE,
				   .value = UINT32_MAX };
	struct forget forget = { lint->space, argument, NULL, from + (size_t)1 };
	uint32_t lower;

	forget.memo = arena_new(lint->arena, uint32_t, forget.size);
	lower = space_intersection(lint->space, forget_upper(&forget, from),
				   space_condition(lint->space, &small, SET_ALL));
	return space_difference(lint->space, lower, set);
}

static const char *known_rule(const struct rule *rule)
{
	for (const struct lint_known *known = lint_known; known->call; known++) {
		struct rule other = { .call = rule->call,
				      .count = 1,
				      .conditions = { known->condition } };

		if (!strcmp(syscall_name(rule->call), known->call) &&
		    !rule_compare(rule, &other))
			return known->whose;
	}
	return NULL;
}

/* Say it of the first rule that lets the number through. */
static void report_hole(struct lint *lint, const struct written *rules, size_t count,
			unsigned argument, uint32_t set, uint32_t lost,
			enum lint_level level)
{
	struct rule like = { .count = SYSCALL_ARGS };
	uint64_t seen[SYSCALL_ARGS], passed[SYSCALL_ARGS];
	const char *whose = NULL;
	size_t at = 0;

	witness(lint->space, lost, seen);
	for (unsigned i = 0; i < SYSCALL_ARGS; i++)
		like.conditions[i] =
			(struct condition){ (uint8_t)i, COMPARE_EQ, seen[i], 0 };
	like.conditions[argument].compare = COMPARE_MASKED_EQ;
	like.conditions[argument].value = UINT32_MAX;
	like.conditions[argument].value_two = seen[argument];
	set = space_intersection(lint->space, set, space_rule(lint->space, &like));
	witness(lint->space, set, passed);
	while (at + 1 < count && ((level == LINT_ERROR && known_rule(&rules[at].rule)) ||
				  !space_intersection(lint->space, rules[at].set, set)))
		at++;
	whose = known_rule(&rules[at].rule);
	report(lint, level, rules[at].line,
	       "%s: the kernel looks at 32 bits of argument %u, so that 0x%llx passes "
	       "here and counts as 0x%llx, which no rule grants; %s%s",
	       syscall_name(rules[at].rule.call), argument,
	       (unsigned long long)passed[argument], (unsigned long long)seen[argument],
	       level == LINT_ERROR ? "write it with SCMP_CMP_EQ, LT, LE or MASKED_EQ"
				   : "the rule is that of ",
	       level == LINT_ERROR || !whose ? "" : whose);
}

static void check_ints(struct lint *lint, const struct written *rules, size_t count)
{
	const struct lint_ints *ints = lint_ints;
	uint32_t set = SET_NONE, own = SET_NONE;

	while (ints->call && strcmp(ints->call, syscall_name(rules[0].rule.call)) != 0)
		ints++;
	for (size_t i = 0; i < count; i++) {
		set = space_union(lint->space, set, rules[i].set);
		if (!known_rule(&rules[i].rule))
			own = space_union(lint->space, own, rules[i].set);
	}
	for (const char *digit = ints->arguments; digit && *digit; digit++) {
		unsigned argument = (unsigned)(*digit - '0');
		uint32_t lost = hole(lint, set, set, argument);
		uint32_t own_lost = hole(lint, own, set, argument);

		if (space_full(lint->space))
			return;
		if (own_lost)
			report_hole(lint, rules, count, argument, own, own_lost,
				    LINT_ERROR);
		else if (lost)
			report_hole(lint, rules, count, argument, set, lost,
				    LINT_WARNING);
	}
}

/* The first word, a call's name, of a list; *words goes on behind it. */
static int next_call(const char **words)
{
	struct text word = { *words, strcspn(*words, " ") };

	*words += word.length + ((*words)[word.length] == ' ');
	return syscall_find(word);
}

static size_t line_of(const struct lint *lint, unsigned call)
{
	for (size_t i = 0; i < lint->rules.count; i++)
		if (lint->rules.items[i].rule.call == call)
			return lint->rules.items[i].line;
	return 1;
}

static void check_capability(struct lint *lint, const struct lint_capability *row)
{
	const struct policy *policy = &lint->profile.policy;
	bool used = false,
	     granted =
		     capset_has(policy->caps, (unsigned)capset_find(text_of(row->name)));

	for (const char *words = row->uses; *words;)
		used |= syscalls_mention(&policy->syscalls, (unsigned)next_call(&words));
	if (granted && !used)
		report(lint, LINT_ERROR, lint->capabilities_line,
		       "%s is of no use without one of the calls that it is for: %s",
		       row->name, row->uses);
	for (const char *words = row->only; *words && !granted;) {
		unsigned call = (unsigned)next_call(&words);

		if (syscalls_mention(&policy->syscalls, call))
			report(lint, LINT_ERROR, line_of(lint, call),
			       "%s does nothing without %s, which is not granted",
			       syscall_name(call), row->name);
	}
}

static void check_io_uring(struct lint *lint)
{
	unsigned call = (unsigned)syscall_find(text_of("io_uring_setup"));
	const struct syscalls *syscalls = &lint->profile.policy.syscalls;

	if (!syscalls->all && syscalls_mention(syscalls, call))
		report(lint, LINT_WARNING, line_of(lint, call),
		       "what io_uring does is seen by no filter of system calls: it "
		       "opens files and makes sockets of every kind, whatever the "
		       "rules say");
}

static void check_rules(struct lint *lint)
{
	struct written *rules = lint->rules.items;

	if (lint->rules.count)
		qsort(rules, lint->rules.count, sizeof(*rules), written_compare);
	for (size_t i = 0, end; i < lint->rules.count; i = end) {
		for (end = i; end < lint->rules.count &&
			      rules[end].rule.call == rules[i].rule.call;
		     end++)
			check_constant(lint, &rules[end]);
		check_implied(lint, &rules[i], end - i);
		check_ints(lint, &rules[i], end - i);
	}
	if (space_full(lint->space))
		report(lint, LINT_ERROR, 1,
		       "the argument rules are too intricate to judge");
}

static int finding_compare(const void *a, const void *b)
{
	const struct lint_finding *left = a, *right = b;

	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	return strcmp(left->message, right->message);
}

struct lint_findings lint_profile(struct arena *arena, const char *path, struct text text)
{
	struct lint lint = { .arena = arena, .space = space_new(arena) };
	const struct json *entries, *capabilities;
	struct json *root;
	struct error err;

	if (!profile_parse(arena, path, path, text, &lint.profile, &err) ||
	    !json_parse(arena, text, &root, &err)) {
		report(&lint, LINT_ERROR, 0, "%s", err.msg);
		return lint.findings;
	}
	entries = json_get(root, "syscalls");
	capabilities = json_get(root, "capabilities");
	lint.capabilities_line = capabilities ? json_line(text, capabilities->start) : 1;
	if (json_is(entries, JSON_ARRAY))
		for (const struct json *entry = entries->first; entry;
		     entry = entry->next)
			read_entry(&lint, text, entry);
	check_rules(&lint);
	/* The top has every capability and every call. */
	for (const struct lint_capability *row = lint_capabilities;
	     row->name && !lint.profile.policy.syscalls.all; row++)
		check_capability(&lint, row);
	check_io_uring(&lint);
	if (lint.findings.count)
		qsort(lint.findings.items, lint.findings.count,
		      sizeof(*lint.findings.items), finding_compare);
	return lint.findings;
}
