/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile.h"

#include <string.h>

#include "lib/fields.h"
#include "oci/caps.h"
#include "oci/seccomp.h"

#define ERRNO_MAX 4095 /* MAX_ERRNO of the kernel; libseccomp refuses more */

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

	if (!value->text.length || memchr(value->text.bytes, '\n', value->text.length))
		return fields_error(fields, value, err, "the summary must be one line");
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

/* The number of an errno by its name (errno(3)); 0 if there is none. */
static unsigned errno_find(struct text name)
{
	for (int i = 1; i <= ERRNO_MAX; i++) {
		const char *known = strerrorname_np(i);

		if (known && text_is(name, known))
			return (unsigned)i;
	}
	return 0;
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
};

bool profile_parse(struct arena *arena, const char *name, const char *path,
		   struct text text, struct profile *ret, struct error *err)
{
	struct profile profile = { .name = name, .path = path };
	struct fields fields = { .arena = arena, .text = text, .into = &profile };

	if (!fields_file(&fields, profile_fields, ARRAY_SIZE(profile_fields), err))
		return error_in(err, "%s", path);
	if (!profile.summary)
		return error_set(err, ERR_CONFIG, "%s: line 1: a summary must be there",
				 path);
	if (!capset_subset(profile.policy.ambient, profile.policy.caps))
		return error_set(err, ERR_CONFIG,
				 "%s: line 1: an ambient capability must be among the "
				 "capabilities too",
				 path);
	/* The top grants what else the file may say. */
	if (profile.policy.syscalls.all)
		profile.policy.syscalls = (struct syscalls){ .all = true };
	*ret = profile;
	return true;
}
