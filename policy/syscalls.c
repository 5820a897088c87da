/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/syscalls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/syscall_names.h"

static const char *const compare_names[] = {
	[COMPARE_NE] = "SCMP_CMP_NE",
	[COMPARE_LT] = "SCMP_CMP_LT",
	[COMPARE_LE] = "SCMP_CMP_LE",
	[COMPARE_EQ] = "SCMP_CMP_EQ",
	[COMPARE_GE] = "SCMP_CMP_GE",
	[COMPARE_GT] = "SCMP_CMP_GT",
	[COMPARE_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
};

const char *compare_name(enum compare compare)
{
	return compare_names[compare];
}

int compare_find(struct text name)
{
	for (size_t i = 0; i < ARRAY_SIZE(compare_names); i++)
		if (text_is(name, compare_names[i]))
			return (int)i;
	return -1;
}

unsigned syscall_count(void)
{
	return syscall_names_count;
}

const char *syscall_name(unsigned call)
{
	return syscall_names[call];
}

int syscall_find(struct text name)
{
	size_t low = 0, high = syscall_names_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *known = syscall_names[middle];
		int order = strncmp(name.bytes, known, name.length);

		if (!order)
			order = (name.length > strlen(known)) -
				(name.length < strlen(known));

		if (!order)
			return (int)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

unsigned errno_find(struct text name)
{
	for (int i = 1; i <= ERRNO_MAX; i++) {
		const char *known = strerrorname_np(i);

		if (known && text_is(name, known))
			return (unsigned)i;
	}
	return 0;
}

const char *errno_name(struct arena *arena, unsigned number)
{
	const char *name = strerrorname_np((int)number);

	return name ? name : arena_printf(arena, "%u", number);
}

bool condition_holds(const struct condition *condition, uint64_t argument)
{
	uint64_t value = condition->value;

	switch ((enum compare)condition->compare) {
	case COMPARE_NE:
		return argument != value;
	case COMPARE_LT:
		return argument < value;
	case COMPARE_LE:
		return argument <= value;
	case COMPARE_EQ:
		return argument == value;
	case COMPARE_GE:
		return argument >= value;
	case COMPARE_GT:
		return argument > value;
	case COMPARE_MASKED_EQ:
		return (argument & value) == (condition->value_two & value);
	}
	return false;
}

static bool always_holds(const struct condition *condition)
{
	switch ((enum compare)condition->compare) {
	case COMPARE_GE:
		return !condition->value;
	case COMPARE_LE:
		return condition->value == UINT64_MAX;
	case COMPARE_MASKED_EQ:
		return !condition->value;
	default:
		return false;
	}
}

static bool never_holds(const struct condition *condition)
{
	switch ((enum compare)condition->compare) {
	case COMPARE_LT:
		return !condition->value;
	case COMPARE_GT:
		return condition->value == UINT64_MAX;
	default:
		return false;
	}
}

static int order_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int condition_compare(const struct condition *a, const struct condition *b)
{
	if (a->arg != b->arg)
		return a->arg < b->arg ? -1 : 1;
	if (a->compare != b->compare)
		return a->compare < b->compare ? -1 : 1;
	if (a->value != b->value)
		return order_u64(a->value, b->value);
	return order_u64(a->value_two, b->value_two);
}

int rule_compare(const struct rule *a, const struct rule *b)
{
	if (a->call != b->call)
		return a->call < b->call ? -1 : 1;
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		int order = condition_compare(&a->conditions[i], &b->conditions[i]);

		if (order)
			return order;
	}
	return (a->count > b->count) - (a->count < b->count);
}

void syscalls_allow(struct syscalls *syscalls, unsigned call)
{
	size_t kept = 0;

	syscalls->always[call / 64] |= UINT64_C(1) << call % 64;
	/* What is granted anyway needs no rule: absorption. */
	for (size_t i = 0; i < syscalls->rules.count; i++)
		if (syscalls->rules.items[i].call != call)
			syscalls->rules.items[kept++] = syscalls->rules.items[i];
	syscalls->rules.count = kept;
}

bool syscalls_has(const struct syscalls *syscalls, unsigned call)
{
	return syscalls->all || syscalls->always[call / 64] >> call % 64 & 1;
}

/* Where the rule stands in the sorted list, or would; *ret_found tells which. */
static size_t rules_search(const struct rules *rules, const struct rule *rule,
			   bool *ret_found)
{
	size_t low = 0, high = rules->count;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = rule_compare(rule, &rules->items[middle]);

		if (!order) {
			*ret_found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void rules_insert(struct arena *arena, struct rules *rules,
			 const struct rule *rule)
{
	bool found;
	size_t at = rules_search(rules, rule, &found);

	if (found)
		return;
	(void)arena_push(arena, rules);
	memmove(&rules->items[at + 1], &rules->items[at],
		(rules->count - 1 - at) * sizeof(*rules->items));
	rules->items[at] = *rule;
}

/* The conditions by argument, each in one spelling, those that always hold left out. */
static void rule_normalise(const struct rule *rule, struct rule *ret)
{
	*ret = (struct rule){ .call = rule->call, .source = rule->source };
	for (uint8_t arg = 0; arg < SYSCALL_ARGS; arg++)
		for (size_t i = 0; i < rule->count; i++)
			if (rule->conditions[i].arg == arg &&
			    !always_holds(&rule->conditions[i]))
				ret->conditions[ret->count++] = rule->conditions[i];
	for (size_t i = 0; i < ret->count; i++) {
		struct condition *condition = &ret->conditions[i];
		bool masked = condition->compare == COMPARE_MASKED_EQ;

		condition->value_two =
			masked ? condition->value_two & condition->value : 0;
	}
}

bool syscalls_mention(const struct syscalls *syscalls, unsigned call)
{
	const struct rules *rules = &syscalls->rules;
	const struct rule first = { .call = (uint16_t)call };
	bool found;
	size_t at = rules_search(rules, &first, &found);

	return syscalls_has(syscalls, call) ||
	       (at < rules->count && rules->items[at].call == call);
}

bool syscalls_add(struct arena *arena, struct syscalls *syscalls, const struct rule *rule,
		  struct error *err)
{
	struct rule normal;
	unsigned seen = 0;

	for (size_t i = 0; i < rule->count; i++) {
		unsigned bit = 1U << rule->conditions[i].arg;

		if (seen & bit)
			return error_set(
				err, ERR_CONFIG,
				"%s: argument %u has two conditions in one rule, which "
				"runtimes read as either; write two rules",
				syscall_name(rule->call), rule->conditions[i].arg);
		seen |= bit;
	}
	if (syscalls_has(syscalls, rule->call))
		return true;
	for (size_t i = 0; i < rule->count; i++)
		if (never_holds(&rule->conditions[i]))
			return true;
	rule_normalise(rule, &normal);
	if (!normal.count) {
		syscalls_allow(syscalls, rule->call);
		return true;
	}
	if (syscalls->rules.count == SYSCALLS_RULES)
		return error_set(err, ERR_CONFIG,
				 "%s: more than %d rules on arguments, counted for each "
				 "call; write fewer and wider ones",
				 syscall_name(rule->call), SYSCALLS_RULES);
	rules_insert(arena, &syscalls->rules, &normal);
	return true;
}

static unsigned refusal_join(unsigned a, unsigned b)
{
	if (a == ENOSYS || b == ENOSYS)
		return ENOSYS;
	return a < b ? a : b;
}

unsigned syscalls_refusal(const struct syscalls *syscalls, unsigned call)
{
	for (size_t i = 0; i < syscalls->refusals.count; i++)
		if (syscalls->refusals.items[i].call == call)
			return syscalls->refusals.items[i].number;
	return 0;
}

void syscalls_refuse(struct arena *arena, struct syscalls *syscalls, unsigned call,
		     unsigned number)
{
	struct refusals *list = &syscalls->refusals;
	size_t at = 0;

	while (at < list->count && list->items[at].call < call)
		at++;
	if (at < list->count && list->items[at].call == call) {
		list->items[at].number =
			(uint16_t)refusal_join(list->items[at].number, number);
		return;
	}
	(void)arena_push(arena, list);
	memmove(&list->items[at + 1], &list->items[at],
		(list->count - 1 - at) * sizeof(*list->items));
	list->items[at] = (struct refusal){ (uint16_t)call, (uint16_t)number };
}

/* Both lists are sorted; so is what comes out. */
static void rules_merge(struct arena *arena, struct syscalls *ret, const struct rules *a,
			const struct rules *b)
{
	for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
		int order = i == a->count   ? 1
			    : j == b->count ? -1
					    : rule_compare(&a->items[i], &b->items[j]);
		const struct rule *rule = order <= 0 ? &a->items[i] : &b->items[j];

		i += order <= 0;
		j += order >= 0;
		if (!syscalls_has(ret, rule->call))
			*arena_push(arena, &ret->rules) = *rule;
	}
}

struct syscalls syscalls_union(struct arena *arena, const struct syscalls *a,
			       const struct syscalls *b)
{
	struct syscalls both = { .all = a->all || b->all };

	for (size_t i = 0; i < ARRAY_SIZE(both.always); i++)
		both.always[i] = a->always[i] | b->always[i];
	rules_merge(arena, &both, &a->rules, &b->rules);
	for (size_t i = 0; i < a->refusals.count; i++)
		*arena_push(arena, &both.refusals) = a->refusals.items[i];
	for (size_t i = 0; i < b->refusals.count; i++)
		syscalls_refuse(arena, &both, b->refusals.items[i].call,
				b->refusals.items[i].number);
	/* The top grants each call that it could say something of. */
	if (both.all) {
		memset(both.always, 0, sizeof(both.always));
		both.refusals.count = 0;
	}
	return both;
}

bool syscalls_equal(const struct syscalls *a, const struct syscalls *b)
{
	if (a->all != b->all || memcmp(a->always, b->always, sizeof(a->always)) ||
	    a->rules.count != b->rules.count || a->refusals.count != b->refusals.count)
		return false;
	for (size_t i = 0; i < a->rules.count; i++)
		if (rule_compare(&a->rules.items[i], &b->rules.items[i]))
			return false;
	for (size_t i = 0; i < a->refusals.count; i++)
		if (a->refusals.items[i].call != b->refusals.items[i].call ||
		    a->refusals.items[i].number != b->refusals.items[i].number)
			return false;
	return true;
}

bool syscalls_grants(const struct syscalls *syscalls, unsigned call,
		     const uint64_t args[SYSCALL_ARGS])
{
	if (syscalls_has(syscalls, call))
		return true;
	for (size_t i = 0; i < syscalls->rules.count; i++) {
		const struct rule *rule = &syscalls->rules.items[i];
		size_t held = 0;

		if (rule->call != call)
			continue;
		while (held < rule->count &&
		       condition_holds(&rule->conditions[held],
				       args[rule->conditions[held].arg]))
			held++;
		if (held == rule->count)
			return true;
	}
	return false;
}
