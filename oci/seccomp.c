/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/seccomp.h"

static bool read_u64(const struct fields *fields, const struct json *arg, const char *key,
		     bool required, uint64_t max, uint64_t *ret, struct error *err)
{
	const struct json *value = json_get(arg, key);

	if (!value && !required) {
		*ret = 0;
		return true;
	}
	if (value && json_u64(value, ret) && *ret <= max)
		return true;
	return fields_error(fields, value ? value : arg, err,
			    "%s must be a plain integer from 0 to %llu", key,
			    (unsigned long long)max);
}

static const struct json *unknown_member(const struct json *object,
					 const char *const *keys, size_t count)
{
	for (const struct json *m = object->first; m; m = m->next) {
		size_t i = 0;

		while (i < count && !text_is(m->key, keys[i]))
			i++;
		if (i == count)
			return m;
	}
	return NULL;
}

static bool read_condition(const struct fields *fields, const struct json *arg,
			   struct condition *ret, struct error *err)
{
	static const char *const keys[] = { "index", "op", "value", "valueTwo" };
	const struct json *stray, *op = json_get(arg, "op");
	uint64_t index;
	int compare;

	if (arg->kind != JSON_OBJECT)
		return fields_error(fields, arg, err, "each of args must be an object");
	stray = unknown_member(arg, keys, ARRAY_SIZE(keys));
	if (stray)
		return fields_error(fields, stray, err, "unknown member %s",
				    text_quote(fields->arena, stray->key));
	compare = json_is(op, JSON_STRING) ? compare_find(op->text) : -1;
	if (compare < 0)
		return fields_error(
			fields, op ? op : arg, err,
			"op must be one of SCMP_CMP_NE, LT, LE, EQ, GE, GT and "
			"MASKED_EQ");
	if (!read_u64(fields, arg, "index", true, SYSCALL_ARGS - 1, &index, err) ||
	    !read_u64(fields, arg, "value", true, UINT64_MAX, &ret->value, err) ||
	    !read_u64(fields, arg, "valueTwo", false, UINT64_MAX, &ret->value_two, err))
		return false;
	ret->arg = (uint8_t)index;
	ret->compare = (uint8_t)compare;
	return true;
}

bool seccomp_read_conditions(const struct fields *fields, const struct json *args,
			     struct rule *ret, struct error *err)
{
	struct rule rule = *ret;
	unsigned seen = 0;

	if (args && args->kind != JSON_ARRAY)
		return fields_error(fields, args, err, "args must be an array");
	for (const struct json *arg = args ? args->first : NULL; arg; arg = arg->next) {
		struct condition condition;

		if (!read_condition(fields, arg, &condition, err))
			return false;
		if (seen >> condition.arg & 1)
			return fields_error(
				fields, arg, err,
				"argument %u is tested twice in one rule, which "
				"runtimes read as either; write two rules",
				condition.arg);
		seen |= 1U << condition.arg;
		rule.conditions[rule.count++] = condition;
	}
	*ret = rule;
	return true;
}

bool seccomp_read_entry(const struct fields *fields, const struct json *names,
			const struct json *args, const char *source,
			struct syscalls *into, struct error *err)
{
	struct rule rule = { .source = source };

	if (!seccomp_read_conditions(fields, args, &rule, err))
		return false;
	for (const struct json *name = names->first; name; name = name->next) {
		int call = name->kind == JSON_STRING ? syscall_find(name->text) : -1;

		if (call < 0)
			return fields_error(fields, name, err, "%s is no system call",
					    text_quote(fields->arena, name->text));
		rule.call = (uint16_t)call;
		if (!syscalls_add(fields->arena, into, &rule, err))
			return false;
	}
	return true;
}

/* seccomp(2) */
bool seccomp_action_stops(struct text action)
{
	static const char *const stops[] = {
		"SCMP_ACT_ERRNO",	"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS",
		"SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP",
	};

	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		if (text_is(action, stops[i]))
			return true;
	return false;
}

static bool action_stops(const struct json *action)
{
	return json_is(action, JSON_STRING) && seccomp_action_stops(action->text);
}

bool seccomp_read(const struct fields *fields, const struct json *section,
		  struct syscalls *ret, struct error *err)
{
	struct syscalls granted = { 0 };
	const struct json *entries = json_get(section, "syscalls");

	if (!action_stops(json_get(section, "defaultAction"))) {
		*ret = (struct syscalls){ .all = true };
		return true;
	}
	for (const struct json *entry = entries ? entries->first : NULL; entry;
	     entry = entry->next) {
		const struct json *names = json_get(entry, "names");

		if (!json_is(names, JSON_ARRAY))
			return fields_error(fields, entry, err, "an entry without names");
		if (action_stops(json_get(entry, "action")))
			continue;
		if (!seccomp_read_entry(fields, names, json_get(entry, "args"), NULL,
					&granted, err))
			return false;
	}
	*ret = granted;
	return true;
}

static void write_condition(struct buffer *out, const struct condition *condition)
{
	buffer_printf(out, "{\"index\":%u,\"value\":%llu", condition->arg,
		      (unsigned long long)condition->value);
	if (condition->compare == COMPARE_MASKED_EQ)
		buffer_printf(out, ",\"valueTwo\":%llu",
			      (unsigned long long)condition->value_two);
	buffer_puts(out, ",\"op\":\"");
	buffer_puts(out, compare_name(condition->compare));
	buffer_puts(out, "\"}");
}

/* Close an entry behind its last name; number 0 is to allow. */
static void write_entry_end(struct buffer *out, const struct rule *rule, unsigned number)
{
	if (number)
		buffer_printf(out, "\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":%u",
			      number);
	else
		buffer_puts(out, "\"],\"action\":\"SCMP_ACT_ALLOW\"");
	for (size_t i = 0; rule && i < rule->count; i++) {
		buffer_puts(out, i ? "," : ",\"args\":[");
		write_condition(out, &rule->conditions[i]);
	}
	buffer_puts(out, rule && rule->count ? "]}" : "}");
}

/* There are hundreds, with nothing to escape. */
static void write_name(struct buffer *out, unsigned call, bool first)
{
	buffer_puts(out, first ? "{\"names\":[\"" : "\",\"");
	buffer_puts(out, syscall_name(call));
}

static void write_always(struct buffer *out, const struct emission *emission)
{
	bool first = true;

	for (unsigned call = 0; call < syscall_count(); call++) {
		if (!(emission->always[call / 64] >> call % 64 & 1))
			continue;
		write_name(out, call, first);
		first = false;
	}
	if (!first)
		write_entry_end(out, NULL, 0);
}

/* Whether two answers differ in nothing but the call. */
static bool same_entry(const struct answer *a, const struct answer *b)
{
	struct rule other = b->rule;

	other.call = a->rule.call;
	return a->number == b->number && !rule_compare(&a->rule, &other);
}

/* Each answer that no earlier entry has, with all calls that share it. */
static void write_answers(struct buffer *out, const struct answers *answers,
			  const char *comma)
{
	for (size_t i = 0; i < answers->count; i++) {
		const struct answer *answer = &answers->items[i];
		bool written = false;

		for (size_t j = 0; j < i && !written; j++)
			written = same_entry(answer, &answers->items[j]);
		if (written)
			continue;
		buffer_puts(out, comma);
		for (size_t j = i; j < answers->count; j++) {
			if (!same_entry(answer, &answers->items[j]))
				continue;
			write_name(out, answers->items[j].rule.call, j == i);
		}
		write_entry_end(out, &answer->rule, answer->number);
		comma = ",";
	}
}

void seccomp_write(struct buffer *out, const struct emission *emission,
		   struct archs archs)
{
	struct answers answers = { 0 };
	size_t start;

	for (size_t i = 0; i < emission->rules.count; i++)
		arena_push(out->arena, &answers)->rule = emission->rules.items[i];
	for (size_t i = 0; i < emission->refusals.count; i++)
		*arena_push(out->arena, &answers) = emission->refusals.items[i];
	buffer_puts(out, "{\"defaultAction\":\"");
	buffer_puts(out, emission->all ? "SCMP_ACT_ALLOW\"" : "SCMP_ACT_ERRNO\"");
	if (!emission->all)
		buffer_printf(out, ",\"defaultErrnoRet\":%d", EMISSION_DEFAULT);
	for (unsigned i = 0; archs_name(archs, i); i++)
		buffer_printf(out, "%s\"%s\"", i ? "," : ",\"architectures\":[",
			      archs_name(archs, i));
	buffer_puts(out, "],\"syscalls\":[");
	start = out->length;
	write_always(out, emission);
	write_answers(out, &answers, out->length > start ? "," : "");
	buffer_puts(out, "]}");
}
