/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/fields.h"

#include <stdarg.h>
#include <stdio.h>

bool fields_error(const struct fields *fields, const struct json *at, struct error *err,
		  const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	err->code = ERR_CONFIG;
	return error_in(err, "line %zu", json_line(fields->text, at->start));
}

static bool check_kind(const struct fields *fields, const struct json *value,
		       const char *name, enum json_kind kind, struct error *err)
{
	if (kind == JSON_ANY || value->kind == kind)
		return true;
	return fields_error(fields, value, err, "%s must be %s, not %s", name,
			    json_kind_name(kind), json_kind_name(value->kind));
}

static const struct field *table_find(const struct field *table, size_t count,
				      struct text name)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(name, table[i].name))
			return &table[i];
	return NULL;
}

static bool unknown_member(const struct fields *fields, const struct json *member,
			   struct error *err)
{
	(void)fields_error(fields, member, err, "unknown member %s",
			   text_quote(fields->arena, member->key));
	if (fields->page)
		error_mend(err, "%s has all", fields->page);
	return false;
}

bool fields_read(const struct fields *fields, const struct json *object,
		 const struct field *table, size_t count, struct error *err)
{
	for (const struct json *m = object->first; m; m = m->next) {
		const struct field *field = table_find(table, count, m->key);

		if (!field)
			return unknown_member(fields, m, err);
		if (!check_kind(fields, m, field->name, field->kind, err) ||
		    !field->read(fields, m, err))
			return false;
	}
	return true;
}

bool fields_each(const struct fields *fields, const struct json *array,
		 enum json_kind kind,
		 bool (*read)(const struct fields *fields, const struct json *item,
			      struct error *err),
		 struct error *err)
{
	for (const struct json *item = array->first; item; item = item->next)
		if (!check_kind(fields, item, "each item", kind, err) ||
		    !read(fields, item, err))
			return false;
	return true;
}

bool fields_version(const struct fields *fields, const struct json *value,
		    struct error *err)
{
	if (text_is(value->text, "1"))
		return true;
	return fields_error(fields, value, err, "version %s is not known here; this is 1",
			    text_quote(fields->arena, value->text));
}

bool fields_file(const struct fields *fields, const struct field *table, size_t count,
		 struct error *err)
{
	struct json *root;

	if (!json_parse(fields->arena, fields->text, &root, err)) {
		err->code = ERR_CONFIG;
		if (fields->page)
			error_mend(err, "mend the JSON there; %s has examples",
				   fields->page);
		return false;
	}
	if (!check_kind(fields, root, "the file", JSON_OBJECT, err))
		return false;
	return fields_read(fields, root, table, count, err);
}
