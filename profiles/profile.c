/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile.h"

#include <string.h>

#include "lib/fields.h"
#include "oci/caps.h"
#include "oci/seccomp.h"

bool version_valid(struct text text)
{
	bool digit = false;

	for (size_t i = 0; i < text.length; i++) {
		if (text.bytes[i] == '.' && !digit)
			return false;
		digit = text.bytes[i] >= '0' && text.bytes[i] <= '9';
		if (!digit && text.bytes[i] != '.')
			return false;
	}
	return digit;
}

/* "all" is the one string that a list may be: the top. */
static bool is_all(const struct json *value)
{
	return value->kind == JSON_STRING && text_is(value->text, "all");
}

static bool read_capset(const struct fields *fields, const struct json *value,
			struct capset *ret, struct error *err)
{
	if (is_all(value)) {
		*ret = CAPSET_ALL;
		return true;
	}
	if (value->kind != JSON_ARRAY)
		return fields_error(fields, value, err,
				    "%s must be a list of names or \"all\"",
				    text_quote(fields->arena, value->key));
	return caps_read_list(fields, value, ret, err);
}

static bool read_capabilities(const struct fields *fields, const struct json *value,
			      struct error *err)
{
	struct profile *profile = fields->into;

	return read_capset(fields, value, &profile->policy.caps, err);
}

static bool read_ambient(const struct fields *fields, const struct json *value,
			 struct error *err)
{
	struct profile *profile = fields->into;

	return read_capset(fields, value, &profile->policy.ambient, err);
}

static bool read_new_privileges(const struct fields *fields, const struct json *value,
				struct error *err)
{
	struct profile *profile = fields->into;

	(void)err;
	profile->policy.new_privileges = value->truth;
	return true;
}

static bool read_summary(const struct fields *fields, const struct json *value,
			 struct error *err)
{
	struct profile *profile = fields->into;

	if (!value->text.length || !text_is_line(value->text))
		return fields_error(
			fields, value, err,
			"the summary must be one line of text, without control "
			"characters");
	profile->summary =
		arena_copy(fields->arena, value->text.bytes, value->text.length);
	return true;
}

static bool read_description(const struct fields *fields, const struct json *value,
			     struct error *err)
{
	(void)fields;
	(void)value;
	(void)err;
	return true;
}

static bool read_version(const struct fields *fields, const struct json *item,
			 struct error *err)
{
	struct profile *profile = fields->into;

	if (!version_valid(item->text))
		return fields_error(fields, item, err,
				    "%s is no version; the form is 1.1.5",
				    text_quote(fields->arena, item->text));
	*arena_push(fields->arena, &profile->measured) = item->text;
	return true;
}

static bool read_measured(const struct fields *fields, const struct json *value,
			  struct error *err)
{
	return fields_each(fields, value, JSON_STRING, read_version, err);
}

/* A member of a profile that is not known could have been meant to restrict it. */
static bool check_keys(const struct fields *fields, const struct json *object,
		       const char *const keys[2], struct error *err)
{
	for (const struct json *m = object->first; m; m = m->next) {
		if (text_is(m->key, "action") || text_is(m->key, "errnoRet"))
			return fields_error(fields, m, err,
					    "a profile only grants: %s can't be given",
					    text_quote(fields->arena, m->key));
		if (!text_is(m->key, keys[0]) && !text_is(m->key, keys[1]))
			return fields_error(fields, m, err, "unknown member %s",
					    text_quote(fields->arena, m->key));
	}
	if (json_is(json_get(object, "names"), JSON_ARRAY))
		return true;
	return fields_error(fields, object, err,
			    "names must be there, a list of system calls");
}

static bool read_syscalls_entry(const struct fields *fields, const struct json *item,
				struct error *err)
{
	static const char *const keys[2] = { "names", "args" };
	struct profile *profile = fields->into;

	return check_keys(fields, item, keys, err) &&
	       seccomp_read_entry(fields, json_get(item, "names"), json_get(item, "args"),
				  profile->name, &profile->policy.syscalls, err);
}

static bool read_syscalls(const struct fields *fields, const struct json *value,
			  struct error *err)
{
	struct profile *profile = fields->into;

	if (is_all(value)) {
		profile->policy.syscalls.all = true;
		return true;
	}
	if (value->kind != JSON_ARRAY)
		return fields_error(fields, value, err,
				    "syscalls must be a list or \"all\"");
	return fields_each(fields, value, JSON_OBJECT, read_syscalls_entry, err);
}

static bool read_errno(const struct fields *fields, const struct json *value,
		       uint64_t *ret, struct error *err)
{
	uint64_t number = 0;

	if (value->kind == JSON_STRING)
		number = errno_find(value->text);
	else if (!json_u64(value, &number))
		number = 0;
	if (number < 1 || number > ERRNO_MAX)
		return fields_error(
			fields, value, err,
			"errno must be a name like \"ENOSYS\" or a number from 1 "
			"to %d",
			ERRNO_MAX);
	*ret = number;
	return true;
}

static bool read_refuse_entry(const struct fields *fields, const struct json *item,
			      struct error *err)
{
	static const char *const keys[2] = { "names", "errno" };
	struct profile *profile = fields->into;
	const struct json *number = json_get(item, "errno");
	uint64_t value = 0;

	if (!check_keys(fields, item, keys, err))
		return false;
	if (!number)
		return fields_error(fields, item, err, "errno must be there");
	if (!read_errno(fields, number, &value, err))
		return false;
	for (const struct json *name = json_get(item, "names")->first; name;
	     name = name->next) {
		int call = name->kind == JSON_STRING ? syscall_find(name->text) : -1;

		if (call < 0)
			return fields_error(fields, name, err, "%s is no system call",
					    text_quote(fields->arena, name->text));
		syscalls_refuse(fields->arena, &profile->policy.syscalls, (unsigned)call,
				(unsigned)value);
	}
	return true;
}

static bool read_refuse(const struct fields *fields, const struct json *value,
			struct error *err)
{
	return fields_each(fields, value, JSON_OBJECT, read_refuse_entry, err);
}

static const struct field profile_fields[] = {
	{ "version", JSON_NUMBER, fields_version },
	{ "summary", JSON_STRING, read_summary },
	{ "description", JSON_STRING, read_description },
	{ "capabilities", JSON_ANY, read_capabilities },
	{ "ambient", JSON_ANY, read_ambient },
	{ "newPrivileges", JSON_BOOL, read_new_privileges },
	{ "syscalls", JSON_ANY, read_syscalls },
	{ "refuse", JSON_ARRAY, read_refuse },
	{ "measured", JSON_ARRAY, read_measured },
};

static bool check_policy(struct policy *policy, struct error *err)
{
	if (!capset_subset(policy->ambient, policy->caps))
		return error_set(err, ERR_CONFIG,
				 "an ambient capability must be among the capabilities "
				 "too");
	/* The top grants what else the file may say. */
	if (policy->syscalls.all)
		policy->syscalls = (struct syscalls){ .all = true };
	return true;
}

bool profile_parse(struct arena *arena, const char *name, const char *path,
		   struct text text, struct profile *ret, struct error *err)
{
	struct profile profile = { .name = name, .path = path };
	struct fields fields = { .arena = arena,
				 .text = text,
				 .into = &profile,
				 .page = "powerbox-profile(5)" };

	if (!fields_file(&fields, profile_fields, ARRAY_SIZE(profile_fields), err))
		return error_in(err, "%s", path);
	if (!profile.summary)
		return error_set(err, ERR_CONFIG, "%s: line 1: a summary must be there",
				 path);
	if (!check_policy(&profile.policy, err))
		return error_in(err, "%s: line 1", path);
	*ret = profile;
	return true;
}

bool profile_read(const struct fields *fields, const struct json *object,
		  const char *name, struct policy *ret, struct error *err)
{
	struct profile profile = { .name = name };
	struct fields inner = *fields;

	inner.into = &profile;
	if (!fields_read(&inner, object, profile_fields, ARRAY_SIZE(profile_fields), err))
		return false;
	if (!check_policy(&profile.policy, err))
		return error_in(err, "line %zu", json_line(fields->text, object->start));
	*ret = profile.policy;
	return true;
}

/* One list of strings: on the line that has begun, or wrapped, indented, below it. */
struct list {
	struct buffer *out;
	unsigned indent; /* of the line that it begins on, in tabs */
	size_t column;	 /* that has been reached there, a tab being eight */
	const char **items;
	size_t count, capacity;
};

#define COLUMNS 90

static void list_add(struct list *list, const char *item)
{
	*arena_push(list->out->arena, list) = item;
}

static void write_indent(struct buffer *out, unsigned indent)
{
	buffer_puts(out, "\n");
	for (unsigned i = 0; i < indent; i++)
		buffer_puts(out, "\t");
}

/* A name of ours has nothing to escape, and a profile has hundreds. */
static void write_quoted(struct buffer *out, const char *before, const char *name)
{
	buffer_puts(out, before);
	buffer_puts(out, name);
	buffer_puts(out, "\"");
}

static void write_wrapped(const struct list *list)
{
	size_t column = COLUMNS;

	for (size_t i = 0; i < list->count; i++) {
		size_t length = strlen(list->items[i]) + 3; /* quotes and a comma */

		if (i)
			buffer_puts(list->out, ",");
		if (column + 1 + length > COLUMNS) {
			write_indent(list->out, list->indent + 1);
			column = (list->indent + 1) * (size_t)8;
		} else {
			buffer_puts(list->out, " ");
			column++;
		}
		write_quoted(list->out, "\"", list->items[i]);
		column += length;
	}
	write_indent(list->out, list->indent);
}

static void list_write(const struct list *list)
{
	size_t length = 2;

	for (size_t i = 0; i < list->count; i++)
		length += strlen(list->items[i]) + 4;
	buffer_puts(list->out, "[");
	if (list->column + length > COLUMNS)
		write_wrapped(list);
	else
		for (size_t i = 0; i < list->count; i++)
			write_quoted(list->out, i ? ", \"" : "\"", list->items[i]);
	buffer_puts(list->out, "]");
}

static void write_capset(struct buffer *out, const char *key, struct capset set)
{
	struct list list = { .out = out, .indent = 1, .column = 8 + strlen(key) + 4 };

	buffer_printf(out, ",\n\t\"%s\": ", key);
	if (set.bits == CAPSET_ALL.bits) {
		buffer_puts(out, "\"all\"");
		return;
	}
	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(set, i))
			list_add(&list, capset_name(i));
	list_write(&list);
}

/* Begin an entry with its calls; `comma` stands before every entry but the first. */
static void write_names(struct buffer *out, const char *comma, struct list *names)
{
	names->out = out;
	names->indent = 3;
	names->column = 3 * 8 + strlen("\"names\": ");
	buffer_printf(out, "%s\n\t\t{\n\t\t\t\"names\": ", comma);
	list_write(names);
}

static void write_conditions(struct buffer *out, const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct condition *condition = &rule->conditions[i];

		buffer_puts(out, i ? ",\n\t\t\t\t" : ",\n\t\t\t\"args\": [\n\t\t\t\t");
		buffer_printf(out, "{ \"index\": %u, \"value\": %llu, ", condition->arg,
			      (unsigned long long)condition->value);
		if (condition->compare == COMPARE_MASKED_EQ)
			buffer_printf(out, "\"valueTwo\": %llu, ",
				      (unsigned long long)condition->value_two);
		buffer_printf(out, "\"op\": \"%s\" }", compare_name(condition->compare));
	}
	if (rule->count)
		buffer_puts(out, "\n\t\t\t]");
}

/* The calls from rule `at` on that have its conditions; none if an earlier rule had. */
static struct list same_conditions(struct arena *arena, const struct rules *rules,
				   size_t at)
{
	struct buffer scratch = { .arena = arena };
	struct list names = { .out = &scratch };

	for (size_t i = 0; i < rules->count; i++) {
		struct rule other = rules->items[i];

		other.call = rules->items[at].call;
		if (rule_compare(&other, &rules->items[at]))
			continue;
		if (i < at)
			return (struct list){ 0 };
		list_add(&names, syscall_name(rules->items[i].call));
	}
	return names;
}

static void write_syscalls(struct buffer *out, const struct syscalls *syscalls)
{
	const struct rules *rules = &syscalls->rules;
	struct list names = { .out = out };
	const char *comma = "";

	buffer_puts(out, ",\n\t\"syscalls\": ");
	if (syscalls->all) {
		buffer_puts(out, "\"all\"");
		return;
	}
	buffer_puts(out, "[");
	for (unsigned call = 0; call < syscall_count(); call++)
		if (syscalls_has(syscalls, call))
			list_add(&names, syscall_name(call));
	if (names.count) {
		write_names(out, comma, &names);
		buffer_puts(out, "\n\t\t}");
		comma = ",";
	}
	for (size_t i = 0; i < rules->count; i++) {
		names = same_conditions(out->arena, rules, i);
		if (!names.count)
			continue;
		write_names(out, comma, &names);
		write_conditions(out, &rules->items[i]);
		buffer_puts(out, "\n\t\t}");
		comma = ",";
	}
	buffer_puts(out, *comma ? "\n\t]" : "]");
}

/* The calls from `at` on that get its errno; none if an earlier one did. */
static struct list same_errno(struct buffer *out, const struct refusals *refusals,
			      size_t at)
{
	struct list names = { .out = out };

	for (size_t i = 0; i < refusals->count; i++) {
		if (refusals->items[i].number != refusals->items[at].number)
			continue;
		if (i < at)
			return (struct list){ 0 };
		list_add(&names, syscall_name(refusals->items[i].call));
	}
	return names;
}

static void write_refuse(struct buffer *out, const struct refusals *refusals)
{
	const char *comma = "";

	if (!refusals->count)
		return;
	buffer_puts(out, ",\n\t\"refuse\": [");
	for (size_t i = 0; i < refusals->count; i++) {
		const char *word = strerrorname_np(refusals->items[i].number);
		struct list names = same_errno(out, refusals, i);

		if (!names.count)
			continue;
		write_names(out, comma, &names);
		if (word)
			buffer_printf(out, ",\n\t\t\t\"errno\": \"%s\"\n\t\t}", word);
		else
			buffer_printf(out, ",\n\t\t\t\"errno\": %u\n\t\t}",
				      refusals->items[i].number);
		comma = ",";
	}
	buffer_puts(out, "\n\t]");
}

static void write_measured(struct buffer *out, const struct texts *measured)
{
	for (size_t i = 0; i < measured->count; i++) {
		buffer_puts(out, i ? ", " : ",\n\t\"measured\": [");
		buffer_json(out, measured->items[i]);
	}
	buffer_puts(out, measured->count ? "]" : "");
}

void profile_write(struct buffer *out, const struct profile *profile)
{
	const struct policy *policy = &profile->policy;

	buffer_puts(out, "{\n\t\"version\": 1");
	if (profile->summary) {
		buffer_puts(out, ",\n\t\"summary\": ");
		buffer_json(out, text_of(profile->summary));
	}
	if (policy->caps.bits)
		write_capset(out, "capabilities", policy->caps);
	if (policy->ambient.bits)
		write_capset(out, "ambient", policy->ambient);
	if (policy->new_privileges)
		buffer_puts(out, ",\n\t\"newPrivileges\": true");
	write_syscalls(out, &policy->syscalls);
	write_refuse(out, &policy->syscalls.refusals);
	write_measured(out, &profile->measured);
	buffer_puts(out, "\n}\n");
}
