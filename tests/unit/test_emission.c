/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/emission.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static struct arena arena;
static uint64_t state = 20260903;

/* splitmix64 */
static uint64_t next(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned call(const char *name)
{
	return (unsigned)syscall_find(text_of(name));
}

/* "a0 EQ 5 a1 MASKED_EQ f=2, a0 LT 3": conditions of rules, hexadecimal. */
static struct syscalls parse(const char *name, const char *text)
{
	char *copy = arena_copy(&arena, text, strlen(text)), *rest, *one;
	struct syscalls syscalls = { 0 };
	struct error err;

	for (one = strtok_r(copy, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		struct rule rule = { .call = (uint16_t)call(name), .source = "test" };
		char *words, *word = strtok_r(one, " ", &words);

		for (; word; word = strtok_r(NULL, " ", &words)) {
			struct condition *condition = &rule.conditions[rule.count++];
			const char *compare = arena_printf(&arena, "SCMP_CMP_%s",
							   strtok_r(NULL, " ", &words));
			char *end;

			condition->arg = (uint8_t)(word[1] - '0');
			condition->compare = (uint8_t)compare_find(text_of(compare));
			condition->value =
				strtoull(strtok_r(NULL, " ", &words), &end, 16);
			if (*end == '=')
				condition->value_two = strtoull(end + 1, NULL, 16);
		}
		if (!syscalls_add(&arena, &syscalls, &rule, &err))
			ok(false, "%s: %s", text, err.msg);
	}
	return syscalls;
}

static void print_rule(struct buffer *out, const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct condition *condition = &rule->conditions[i];

		buffer_printf(out, "%sa%u %s %llx", i ? " " : "", condition->arg,
			      compare_name((enum compare)condition->compare) +
				      strlen("SCMP_CMP_"),
			      (unsigned long long)condition->value);
		if (condition->compare == COMPARE_MASKED_EQ)
			buffer_printf(out, "=%llx",
				      (unsigned long long)condition->value_two);
	}
}

static const char *print(const struct emission *emission)
{
	struct buffer out = { .arena = &arena };

	buffer_puts(&out, "");
	for (size_t i = 0; i < emission->rules.count; i++) {
		buffer_puts(&out, i ? ", " : "");
		print_rule(&out, &emission->rules.items[i]);
	}
	for (size_t i = 0; i < emission->refusals.count; i++) {
		buffer_printf(&out, "; %u: ", emission->refusals.items[i].number);
		print_rule(&out, &emission->refusals.items[i].rule);
	}
	return out.bytes;
}

/* The native architecture and another one. */
static struct archs archs_with(const char *name)
{
	struct archs archs = archs_native();

	(void)archs_add(&archs, text_of(name));
	return archs;
}

static const char *emit_for(const struct syscalls *syscalls, struct archs archs)
{
	struct emission emission;
	struct error err;

	if (!emission_make(&arena, syscalls, archs, &emission, &err))
		return err.code == ERR_INEXACT
			       ? "refused"
			       : arena_copy(&arena, err.msg, strlen(err.msg));
	return print(&emission);
}

static const char *emit(const struct syscalls *syscalls, unsigned word_bits)
{
	return emit_for(syscalls,
			word_bits == 32 ? archs_with("SCMP_ARCH_X86") : archs_native());
}

static void test_forms(void)
{
	static const struct {
		const char *rules, *want;
	} cases[] = {
		/* what people write stays as it is */
		{ "a0 EQ 5", "a0 EQ 5" },
		{ "a0 EQ 0, a0 EQ 8, a0 EQ 20000, a0 EQ 20008, a0 EQ ffffffff",
		  "a0 EQ 0, a0 EQ 8, a0 EQ 20000, a0 EQ 20008, a0 EQ ffffffff" },
		{ "a0 MASKED_EQ 7e020000=0", "a0 MASKED_EQ 7e020000=0" },
		{ "a0 NE 28", "a0 NE 28" },
		{ "a0 GE 5", "a0 GE 5" },
		{ "a0 LT 5", "a0 LT 5" },
		{ "a0 EQ 10 a2 EQ 9, a0 NE 10", "a0 NE 10, a2 EQ 9" },
		{ "a0 GE 5 a1 LT 7 a2 NE 3", "a0 GE 5 a1 LT 7 a2 NE 3" },
		/* one way to say it */
		{ "a0 GT 4", "a0 GE 5" },
		{ "a0 LE 4", "a0 LT 5" },
		{ "a0 LE ffffffff", "a0 LE ffffffff" },
		{ "a0 GE 100000000", "a0 GT ffffffff" },
		{ "a0 LT 1", "a0 EQ 0" },
		{ "a0 MASKED_EQ ffffffffffffffff=7", "a0 EQ 7" },
		{ "a0 LT 5, a0 GT 5", "a0 NE 5" },
		{ "a0 EQ 4, a0 LT 4, a0 EQ 5", "a0 LT 6" },
		{ "a0 EQ 1 a1 EQ 2, a0 EQ 1", "a0 EQ 1" },
		{ "a0 EQ 1 a1 LT 2, a0 EQ 1 a1 GE 2", "a0 EQ 1" },
		/* all of it, in the end */
		{ "a0 LT 5, a0 GE 3", "" },
		{ "a0 EQ 1, a0 NE 1", "" },
		/* the two that hang libseccomp */
		{ "a0 NE 9 a1 EQ 0, a0 NE 9 a2 EQ 2", "a0 NE 9 a1 EQ 0" },
		{ "a0 GT 1 a1 GE 3, a0 GT 1 a1 EQ 2", "a0 GE 2 a1 GE 2" },
	};

	for (size_t i = 0; i + 2 < ARRAY_SIZE(cases); i++) {
		struct syscalls syscalls = parse("socket", cases[i].rules);
		const char *got = emit(&syscalls, 64);

		ok(!strcmp(got, cases[i].want), "%s becomes %s", cases[i].rules, got);
	}
}

static void test_always(void)
{
	struct syscalls syscalls = parse("socket", "a0 LT 5, a0 GE 3");
	struct emission emission;
	struct error err;
	unsigned number = call("socket");

	ok(emission_make(&arena, &syscalls, archs_native(), &emission, &err) &&
		   emission.always[number / 64] >> number % 64 & 1,
	   "rules that hold together for everything are no rules");
	syscalls = (struct syscalls){ .all = true };
	ok(emission_make(&arena, &syscalls, archs_native(), &emission, &err) &&
		   emission.all && !emission.rules.count,
	   "the top has no rules");
	syscalls = (struct syscalls){ 0 };
	ok(emission_make(&arena, &syscalls, archs_native(), &emission, &err) &&
		   !emission.all && !emission.rules.count && !emission.refusals.count,
	   "nor has nothing");
}

static void test_refusals(void)
{
	struct syscalls syscalls = parse("socket", "a0 EQ 5");

	syscalls_refuse(&arena, &syscalls, call("clone3"), 38);
	syscalls_refuse(&arena, &syscalls, call("read"), 1);
	ok(!strcmp(emit(&syscalls, 64), "a0 EQ 5; 38: "),
	   "an errno is written unless it is the default");
	syscalls_allow(&syscalls, call("clone3"));
	ok(!strcmp(emit(&syscalls, 64), "a0 EQ 5"), "or the call is granted");
	syscalls_refuse(&arena, &syscalls, call("socket"), 97);
	ok(!strcmp(emit(&syscalls, 64), "a0 EQ 5; 97: a0 NE 5"),
	   "a call that is granted on conditions gets its errno outside of them");
	syscalls = parse("socket", "a0 MASKED_EQ ff=5 a1 EQ 2, a0 EQ 7 a2 LT 9, a1 GE 4, "
				   "a0 EQ 9 a3 NE 1, a2 MASKED_EQ f=3 a3 EQ 1");
	syscalls_refuse(&arena, &syscalls, call("socket"), 38);
	ok(strstr(emit(&syscalls, 64), "; 38: a0 LE 7fffffff; 38: a0 GT 7fffffff") &&
		   strstr(emit(&syscalls, 32), "; 38: a0 LE 7fffffff"),
	   "where the rest takes many rules it comes last instead: %s",
	   emit(&syscalls, 64));
}

static void test_32(void)
{
	struct syscalls low = parse("socket", "a0 EQ 5, a0 GE 28");
	struct syscalls high = parse("socket", "a0 EQ 100000005");
	struct syscalls mask = parse("socket", "a0 MASKED_EQ ff00000000=0");
	struct syscalls blocks = parse("socket", "a0 GE 5 a1 EQ 1, a0 GE 9 a1 EQ 2");

	struct syscalls unequal = parse("socket", "a0 NE 5 a1 EQ 1, a0 EQ 9 a1 GE 4");

	ok(!strcmp(emit(&unequal, 32),
		   "a0 EQ 9 a1 GE 4, a0 GT 5 a1 EQ 1, a0 MASKED_EQ fffffffffffffffb=0 a1 "
		   "EQ 1, a0 MASKED_EQ fffffffffffffffc=0 a1 EQ 1"),
	   "NE is kept apart as GT and masks there");
	ok(!strcmp(emit(&low, 32), "a0 EQ 5, a0 GE 28"),
	   "low words are the same on an architecture of 32 bits");
	ok(!strcmp(emit(&high, 32), "refused"), "high ones can't be tested there");
	ok(!strcmp(emit(&mask, 32), "refused"), "nor masked");
	ok(!strcmp(emit(&blocks, 32), "refused") && strcmp(emit(&blocks, 64), "refused"),
	   "nor needed by the form");
}

static const char *emit_x32(const char *rules)
{
	struct syscalls syscalls = parse("socket", rules);

	return emit_for(&syscalls, archs_with("SCMP_ARCH_X32"));
}

static void test_half_seen(void)
{
	ok(!strcmp(emit_x32("a0 EQ 5"), "refused") &&
		   !strcmp(emit_x32("a0 GE 5"), "refused") &&
		   !strcmp(emit_x32("a0 NE 5"), "refused") &&
		   !strcmp(emit_x32("a1 MASKED_EQ 100000001=1"), "refused"),
	   "what upper halves decide that filters do not see there");
	ok(!strcmp(emit_x32("a0 MASKED_EQ ffffffff=5 a1 MASKED_EQ 2=0"),
		   "a0 MASKED_EQ ffffffff=5 a1 MASKED_EQ 2=0"),
	   "what they do not decide can be said");
}

static void test_blame(void)
{
	struct syscalls syscalls = { 0 };
	struct emission emission;
	struct error err;

	/* Each odd value of a0 with a value of a1 of its own: too much for a filter. */
	for (unsigned i = 0; i < 600; i++) {
		struct rule rule = { .call = (uint16_t)call("socket"),
				     .count = 2,
				     .conditions = { { 0, COMPARE_EQ, 2 * i + 1, 0 },
						     { 1, COMPARE_EQ, 7919 * i, 0 } },
				     .source = i % 2 ? "one" : "two" };

		if (!syscalls_add(&arena, &syscalls, &rule, &err))
			ok(false, "%s", err.msg);
	}
	ok(!emission_make(&arena, &syscalls, archs_native(), &emission, &err) &&
		   err.code == ERR_INEXACT && strstr(err.msg, "socket") &&
		   strstr(err.msg, "'one'") && strstr(err.msg, "'two'"),
	   "%s", err.msg);
}

static uint64_t operand(void)
{
	static const uint64_t edges[] = { 0, 1, 2, 5, 8, 0xffff, 0x7fffffff, UINT32_MAX };

	return next() % 8 ? edges[next() % ARRAY_SIZE(edges)] : (uint32_t)next();
}

static struct rule random_rule(unsigned number)
{
	struct rule rule = { .call = (uint16_t)number };

	for (uint8_t arg = 0; arg < 4; arg++) {
		struct condition *condition = &rule.conditions[rule.count];

		if (next() % 2 && rule.count)
			continue;
		condition->arg = arg;
		condition->compare = (uint8_t)(next() % 7);
		condition->value = operand();
		if (condition->compare == COMPARE_MASKED_EQ)
			condition->value_two = operand() & condition->value;
		rule.count++;
	}
	return rule;
}

/* The same set in other words: halved, repeated, and with a narrower rule beside. */
static void other_words(struct syscalls *syscalls, const struct rule *rule)
{
	struct rule half = *rule;
	struct error err;
	uint64_t at = operand() | 1;

	if (half.count < SYSCALL_ARGS) {
		struct condition *added = &half.conditions[half.count++];

		*added = (struct condition){ 5, COMPARE_LT, at, 0 };
		(void)!syscalls_add(&arena, syscalls, &half, &err);
		added->compare = COMPARE_GE;
		(void)!syscalls_add(&arena, syscalls, &half, &err);
		added->compare = COMPARE_EQ;
	}
	(void)!syscalls_add(&arena, syscalls, &half, &err);
}

static void test_canonical(void)
{
	size_t different = 0, malformed = 0;

	for (unsigned round = 0; round < 300; round++) {
		struct syscalls one = { 0 }, two = { 0 };
		struct emission a, b;
		struct error err;
		struct rule rules[4];

		for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
			rules[i] = random_rule(call("socket"));
			if (!syscalls_add(&arena, &one, &rules[i], &err))
				malformed++;
		}
		for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
			other_words(&two, &rules[i]);
		if (!emission_make(&arena, &one, archs_native(), &a, &err) ||
		    !emission_make(&arena, &two, archs_native(), &b, &err))
			continue;
		different += strcmp(print(&a), print(&b)) != 0;
		for (size_t i = 0; i < a.rules.count; i++) {
			const struct rule *rule = &a.rules.items[i];

			malformed += !rule->count || rule->count > SYSCALL_ARGS;
			malformed += i && rule_compare(rule - 1, rule) >= 0;
			for (size_t j = 1; j < rule->count; j++)
				malformed += rule->conditions[j].arg <=
					     rule->conditions[j - 1].arg;
		}
	}
	ok(!different, "the same set in other words is the same emission");
	ok(!malformed, "rules are sorted, with one condition an argument");
}

/* As long as it is in the end, not as it was written. */
static void test_joined(void)
{
	struct syscalls numbers = { 0 };
	struct emission emission = { 0 };
	struct error err = { 0 };

	for (uint64_t value = 0; value < 2100; value++) {
		struct rule rule = { .call = (uint16_t)call("socket"), .count = 1 };

		rule.conditions[0] =
			(struct condition){ .compare = COMPARE_EQ, .value = value };
		if (!syscalls_add(&arena, &numbers, &rule, &err))
			ok(false, "%s", err.msg);
	}
	ok(emission_make(&arena, &numbers, archs_native(), &emission, &err) &&
		   emission.rules.count == 1,
	   "2100 numbers in a row are one rule %s", err.msg);
}

/* How many calls of 24 values each a filter can hold, however often they are written. */
static unsigned fill(struct archs archs, bool twice, struct error *err)
{
	struct syscalls all = { 0 };
	struct emission emission;
	unsigned calls;

	*err = (struct error){ 0 };
	for (calls = 0; calls < 64; calls++) {
		if (!emission_make(&arena, &all, archs, &emission, err))
			break;
		for (unsigned value = 0; value < 24; value++) {
			struct rule rule = { .call = (uint16_t)calls,
					     .source = "test",
					     .count = 1 };

			rule.conditions[0] =
				(struct condition){ .compare = COMPARE_EQ,
						    .value = (uint32_t)next() };
			if (!syscalls_add(&arena, &all, &rule, err))
				ok(false, "%s", err->msg);
			rule.conditions[0].compare = COMPARE_MASKED_EQ;
			rule.conditions[0].value_two = rule.conditions[0].value;
			rule.conditions[0].value = UINT64_MAX;
			if (twice && !syscalls_add(&arena, &all, &rule, err))
				ok(false, "%s", err->msg);
		}
	}
	return calls;
}

/* Each call alone would fit; together they are longer than a filter may be. */
static void test_length(void)
{
	struct error err;
	unsigned native = fill(archs_native(), false, &err), both;

	ok(native > 8 && native < 64 && err.code == ERR_INEXACT &&
		   strstr(err.msg, "too long for the kernel"),
	   "%u calls of 24 values each: %s", native, err.msg);
	ok(fill(archs_native(), true, &err) == native, "which depends on what they say");
	both = fill(archs_with("SCMP_ARCH_X86"), false, &err);
	ok(both > native / 2 && both < native * 3 / 4 && err.code == ERR_INEXACT,
	   "and %u where an architecture has words of its own", both);
}

int main(void)
{
	test_forms();
	test_always();
	test_refusals();
	test_32();
	test_half_seen();
	test_blame();
	test_canonical();
	test_joined();
	test_length();
	arena_free(&arena);
	return tap_done();
}
