/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oci/seccomp.h"
#include "profiles/import_call.h"

struct import {
	struct import_options options;
	const struct json *action; /* the default's */
	struct {
		struct import_entry *items;
		size_t count, capacity;
	} entries;
	const char *source;
	struct import_meaning meaning;
};

static void note(const struct fields *fields, const char *line)
{
	struct import *import = fields->into;

	*arena_push(fields->arena, &import->meaning.notes) = line;
}

static bool read_nothing(const struct fields *fields, const struct json *value,
			 struct error *err)
{
	(void)fields;
	(void)value;
	(void)err;
	return true;
}

/* "EPERM" or, as containers-common takes it too, "1"; and errnoRet beside it. */
static bool read_errno(const struct fields *fields, const struct json *name,
		       const struct json *number, unsigned *ret, struct error *err)
{
	uint64_t named = 0, given = EPERM;

	if (!json_absent(name) && name->kind != JSON_STRING)
		return fields_error(fields, name, err, "%s must be a string",
				    text_quote(fields->arena, name->key));
	if (!json_absent(name) && name->text.length) {
		named = errno_find(name->text);
		if (!named && !json_u64(name, &named))
			named = 0;
		if (!named)
			return fields_error(fields, name, err, "%s is no errno",
					    text_quote(fields->arena, name->text));
		given = named;
	}
	if (!json_absent(number) &&
	    (!json_u64(number, &given) || !given || given > ERRNO_MAX))
		return fields_error(fields, number, err,
				    "an errno is a plain integer from 1 to %d: with 0 a "
				    "refused call would look like one that succeeded",
				    ERRNO_MAX);
	if (given > ERRNO_MAX || (named && named != given))
		return fields_error(fields, name, err,
				    "the errno by name is not the one by number, and "
				    "engines differ in which they take");
	*ret = (unsigned)given;
	return true;
}

static bool read_action(const struct fields *fields, const struct json *item,
			unsigned *ret, struct error *err)
{
	const struct json *action = json_get(item, "action");
	const struct json *number = json_get(item, "errnoRet");
	const struct json *name = json_get(item, "errno");

	*ret = 0;
	if (!json_is(action, JSON_STRING))
		return fields_error(fields, item, err, "action must be there, a string");
	if (text_is(action->text, "SCMP_ACT_ERRNO"))
		return read_errno(fields, name, number, ret, err);
	if (!text_is(action->text, "SCMP_ACT_ALLOW"))
		return fields_error(fields, action, err,
				    "a profile only grants: a rule with %s can't be "
				    "carried over",
				    text_quote(fields->arena, action->text));
	if (!json_absent(number) || (!json_absent(name) && name->text.length))
		return fields_error(fields, json_absent(number) ? name : number, err,
				    "an errno says nothing with SCMP_ACT_ALLOW; crun "
				    "refuses it");
	return true;
}

static bool add_name(const struct fields *fields, const struct json *name,
		     struct import_entry *entry, struct error *err)
{
	struct import *import = fields->into;
	int call = json_is(name, JSON_STRING) ? syscall_find(name->text) : -1;

	if (call >= 0) {
		entry->rule.call = (uint16_t)call;
		entry->order = import->entries.count;
		*arena_push(fields->arena, &import->entries) = *entry;
		return true;
	}
	if (!json_is(name, JSON_STRING) || !import->options.skip_unknown)
		return fields_error(
			fields, name, err, "%s is no system call that is known here%s",
			text_quote(fields->arena, name->text),
			json_is(name, JSON_STRING) ? " (--skip-unknown leaves it out)"
						   : "");
	note(fields, arena_printf(fields->arena,
				  "line %zu: %s is no system call that is known here; it "
				  "is left out",
				  json_line(fields->text, name->start),
				  text_quote(fields->arena, name->text)));
	return true;
}

static const struct field entry_fields[] = {
	{ "name", JSON_ANY, read_nothing },	 { "names", JSON_ANY, read_nothing },
	{ "action", JSON_STRING, read_nothing }, { "errnoRet", JSON_ANY, read_nothing },
	{ "errno", JSON_ANY, read_nothing },	 { "args", JSON_ANY, read_nothing },
	{ "comment", JSON_ANY, read_nothing },	 { "includes", JSON_ANY, read_nothing },
	{ "excludes", JSON_ANY, read_nothing },
};

static bool read_entry(const struct fields *fields, const struct json *item,
		       struct error *err)
{
	struct import *import = fields->into;
	const struct json *name = json_get(item, "name"),
			  *names = json_get(item, "names");
	const struct json *args = json_get(item, "args");
	struct import_entry entry = { .rule.source = import->source, .at = item };
	bool counts;
	unsigned number;

	if (!fields_read(fields, item, entry_fields, ARRAY_SIZE(entry_fields), err) ||
	    !selection_counts(fields, &import->options.selection, item, &counts, err))
		return false;
	if (json_is(name, JSON_STRING) && !name->text.length)
		name = NULL;
	if (json_absent(name) == json_absent(names) ||
	    (!json_absent(names) && names->kind != JSON_ARRAY))
		return fields_error(fields, item, err,
				    "either names must be there, a list, or one name");
	if (!counts)
		return true;
	if (!read_action(fields, item, &number, err) ||
	    !seccomp_read_conditions(fields, json_absent(args) ? NULL : args, &entry.rule,
				     err))
		return false;
	entry.number = (uint16_t)number;
	if (json_absent(names))
		return add_name(fields, name, &entry, err);
	for (name = names->first; name; name = name->next)
		if (!add_name(fields, name, &entry, err))
			return false;
	return true;
}

static bool read_syscalls(const struct fields *fields, const struct json *value,
			  struct error *err)
{
	if (value->kind == JSON_NULL)
		return true;
	if (value->kind != JSON_ARRAY)
		return fields_error(fields, value, err, "syscalls must be an array");
	return fields_each(fields, value, JSON_OBJECT, read_entry, err);
}

static bool read_architectures(const struct fields *fields, const struct json *value,
			       struct error *err)
{
	(void)err;
	if (value->first)
		note(fields, "which architectures a container has is the node's choice "
			     "(\"architectures\" in node.json), not a profile's");
	return true;
}

static bool read_flags(const struct fields *fields, const struct json *value,
		       struct error *err)
{
	(void)err;
	if (value->first || value->text.length)
		note(fields,
		     arena_printf(fields->arena, "line %zu: %s has no place in a profile",
				  json_line(fields->text, value->start),
				  text_quote(fields->arena, value->key)));
	return true;
}

static bool read_default(const struct fields *fields, const struct json *value,
			 struct error *err)
{
	struct import *import = fields->into;

	if (!seccomp_action_stops(value->text))
		return fields_error(
			fields, value, err,
			"the default is %s: a list of denials can't be carried "
			"over, since a profile only grants",
			text_quote(fields->arena, value->text));
	import->action = value;
	if (!text_is(value->text, "SCMP_ACT_ERRNO"))
		note(fields,
		     arena_printf(fields->arena,
				  "what nobody grants gets EPERM; the file says %s",
				  text_quote(fields->arena, value->text)));
	return true;
}

/* seccomp (runtime-spec, config-linux.md) and what Docker's form has beside it. */
static const struct field section_fields[] = {
	{ "defaultAction", JSON_STRING, read_default },
	{ "defaultErrnoRet", JSON_ANY, read_nothing },
	{ "defaultErrno", JSON_ANY, read_nothing },
	{ "archMap", JSON_ANY, read_architectures },
	{ "architectures", JSON_ANY, read_architectures },
	{ "flags", JSON_ANY, read_flags },
	{ "listenerPath", JSON_ANY, read_flags },
	{ "listenerMetadata", JSON_ANY, read_flags },
	{ "syscalls", JSON_ANY, read_syscalls },
	{ "comment", JSON_ANY, read_nothing },
};

static int entry_compare(const void *a, const void *b)
{
	const struct import_entry *left = a, *right = b;

	if (left->rule.call != right->rule.call)
		return left->rule.call < right->rule.call ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

/* A rule whose action is the default says nothing, to every runtime. */
static void drop_default(struct import *import)
{
	size_t kept = 0;

	for (size_t i = 0; i < import->entries.count; i++)
		if (import->entries.items[i].number != import->meaning.number ||
		    !text_is(import->action->text, "SCMP_ACT_ERRNO"))
			import->entries.items[kept++] = import->entries.items[i];
	import->entries.count = kept;
}

/* A default errno is one of every call that nothing is said of and we have a name of. */
static void spread_default(const struct fields *fields, const bool *mentioned)
{
	struct import *import = fields->into;

	if (import->meaning.number == EPERM)
		return;
	for (unsigned call = 0; call < syscall_count(); call++)
		if (!mentioned[call])
			syscalls_refuse(fields->arena, &import->meaning.syscalls, call,
					import->meaning.number);
	note(fields, arena_printf(fields->arena,
				  "the default's errno %s is written out for each call "
				  "that is known here; what has no name yet gets EPERM",
				  errno_name(fields->arena, import->meaning.number)));
}

static bool read_section(const struct fields *fields, const struct json *section,
			 struct error *err)
{
	struct import *import = fields->into;
	struct import_entry *entries;
	bool mentioned[SYSCALL_MAX] = { false };

	if (section->kind != JSON_OBJECT)
		return fields_error(fields, section, err, "it must be an object");
	if (!read_errno(fields, json_get(section, "defaultErrno"),
			json_get(section, "defaultErrnoRet"), &import->meaning.number,
			err) ||
	    !fields_read(fields, section, section_fields, ARRAY_SIZE(section_fields),
			 err))
		return false;
	if (!import->action)
		return fields_error(fields, section, err, "defaultAction must be there");
	if (!text_is(import->action->text, "SCMP_ACT_ERRNO"))
		import->meaning.number = EPERM;
	drop_default(import);
	entries = import->entries.items;
	for (size_t i = 0; i < import->entries.count; i++)
		mentioned[entries[i].rule.call] = true;
	if (import->entries.count)
		qsort(entries, import->entries.count, sizeof(*entries), entry_compare);
	for (size_t i = 0, end; i < import->entries.count; i = end) {
		for (end = i + 1; end < import->entries.count &&
				  entries[end].rule.call == entries[i].rule.call;)
			end++;
		if (!import_settle(fields, &import->meaning, &entries[i], end - i, err))
			return false;
	}
	spread_default(fields, mentioned);
	return true;
}

bool import_read(struct arena *arena, const char *path, struct text text,
		 const struct import_options *options, struct profile *ret,
		 struct import_notes *ret_notes, struct error *err)
{
	struct import import = { .options = *options, .source = path };
	struct fields fields = { .arena = arena, .text = text, .into = &import };
	struct json *root;

	if (!json_parse(arena, text, &root, err)) {
		err->code = ERR_CONFIG;
		return error_in(err, "%s", path);
	}
	if (!read_section(&fields, root, err))
		return error_in(err, "%s", path);
	*ret = (struct profile){ .name = path,
				 .path = path,
				 .summary = options->summary,
				 .policy.caps = options->selection.caps,
				 .policy.syscalls = import.meaning.syscalls };
	*ret_notes = import.meaning.notes;
	return true;
}

bool import_section(const struct fields *fields, const struct json *section,
		    struct syscalls *ret, struct error *err)
{
	struct import import = { .options.selection.arch =
					 archs_name(archs_native(), 0) };
	struct fields own = { .arena = fields->arena, .text = fields->text };
	const struct json *action = json_get(section, "defaultAction");
	const struct json *entries = json_get(section, "syscalls");

	if (json_absent(section) ||
	    (json_is(action, JSON_STRING) && !(entries && entries->first) &&
	     text_is(action->text, "SCMP_ACT_ALLOW"))) {
		*ret = (struct syscalls){ .all = true };
		return true;
	}
	own.into = &import;
	if (!read_section(&own, section, err))
		return false;
	*ret = import.meaning.syscalls;
	return true;
}
