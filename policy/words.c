/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/words.h"

#include <string.h>

/* A masked comparison as people think of it, where that is a few numbers or a range. */
static const char *masked_words(struct arena *arena, const struct condition *condition)
{
	unsigned long long mask = condition->value, value = condition->value_two;
	unsigned arg = condition->arg;

	if (!(~mask & (~mask + 1)))
		return arena_printf(arena, "%llu <= arg%u <= %llu", value, arg,
				    value | ~mask);
	if (__builtin_popcountll(~mask) == 1)
		return arena_printf(arena, "arg%u == %llu or %llu", arg, value,
				    value | ~mask);
	if (__builtin_popcountll(~mask) < 32)
		return arena_printf(arena, "arg%u & ~0x%llx == 0x%llx", arg, ~mask,
				    value);
	return arena_printf(arena, "arg%u & 0x%llx == 0x%llx", arg, mask, value);
}

static const char *condition_words(struct arena *arena, const struct condition *condition)
{
	static const char *const signs[] = {
		[COMPARE_NE] = "!=", [COMPARE_LT] = "<",  [COMPARE_LE] = "<=",
		[COMPARE_EQ] = "==", [COMPARE_GE] = ">=", [COMPARE_GT] = ">",
	};

	if (condition->compare == COMPARE_MASKED_EQ)
		return masked_words(arena, condition);
	return arena_printf(arena, "arg%u %s %llu", condition->arg,
			    signs[condition->compare],
			    (unsigned long long)condition->value);
}

const char *rule_words(struct arena *arena, const struct rule *rule)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, syscall_name(rule->call));
	for (size_t i = 0; i < rule->count; i++)
		buffer_printf(&out, "%s %s", i ? " and" : " if",
			      condition_words(arena, &rule->conditions[i]));
	return out.bytes;
}

void words_add(struct word_list *list, const char *word)
{
	*arena_push(list->arena, list) = word;
}

const char *words_join(const struct word_list *list, size_t limit)
{
	struct buffer out = { .arena = list->arena };
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (i && out.length + strlen(list->items[i]) + 2 > limit)
			break;
		buffer_printf(&out, "%s%s", i ? ", " : "", list->items[i]);
	}
	if (i < list->count)
		buffer_printf(&out, " and %zu more", list->count - i);
	return i ? out.bytes : "nothing";
}

static void add_capabilities(struct word_list *list, const struct policy *policy)
{
	if (policy->caps.bits >> CAPSET_NAMED) {
		words_add(list, "all capabilities");
	} else {
		for (unsigned i = 0; i < CAPSET_NAMED; i++)
			if (capset_has(policy->caps, i))
				words_add(list, capset_name(i));
	}
	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(policy->ambient, i))
			words_add(list, arena_printf(list->arena, "%s for any user",
						     capset_name(i)));
}

static void add_calls(struct word_list *list, const struct syscalls *syscalls)
{
	for (unsigned call = 0; call < syscall_count(); call++)
		if (syscalls_has(syscalls, call))
			words_add(list, syscall_name(call));
	for (size_t i = 0; i < syscalls->rules.count; i++)
		words_add(list, rule_words(list->arena, &syscalls->rules.items[i]));
}

const char *difference_words(struct arena *arena, const struct difference *difference,
			     size_t limit)
{
	const struct policy *policy = &difference->policy;
	struct word_list list = { .arena = arena };

	add_capabilities(&list, policy);
	if (policy->new_privileges)
		words_add(&list, "new privileges by execve");
	if (difference->nameless)
		words_add(&list, "all system calls");
	else
		add_calls(&list, &policy->syscalls);
	return words_join(&list, limit);
}
