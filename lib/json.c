/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "lib/json_bytes.h"

/* Up to so many members are compared each with each, which is less work than sorting. */
#define FEW_MEMBERS 12

struct level {
	struct json *container;
	struct json *last;
};

struct reader {
	struct arena *arena;
	struct text text;
	struct error *err;
	yajl_handle yajl;
	bool finishing;	   /* the whole text is read: what comes now ends where it ends */
	size_t start, end; /* of the last token */
	struct text key;   /* of the member whose value comes next */
	size_t key_start;
	struct level levels[JSON_DEPTH];
	size_t depth;
	size_t values;
	struct json *root;
};

static bool is_separator(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ':';
}

/*
 * yajl says where a token ends. It begins behind the one before, separators skipped: all
 * other bytes between two values are tokens that have their own callback.
 */
static void take_token(struct reader *reader)
{
	size_t start = reader->end;

	/* A bare number at the very end is reported once there is nothing to consume. */
	reader->end = reader->finishing ? reader->text.length
					: yajl_get_bytes_consumed(reader->yajl);
	while (start < reader->end && is_separator(reader->text.bytes[start]))
		start++;
	reader->start = start;
}

static enum json_kind kind_of_byte(char first)
{
	switch (first) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
	case 'f':
		return JSON_BOOL;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

/* NULL if it is one too many. */
static struct json *add_value(struct reader *reader, enum json_kind kind)
{
	struct level *level;
	struct json *value;

	take_token(reader);
	/* Spans stand on how yajl counts: should another version differ, don't go on. */
	assert(reader->start < reader->end);
	assert(kind_of_byte(reader->text.bytes[reader->start]) == kind);
	if (++reader->values > JSON_VALUES) {
		(void)json_error(reader->text, reader->start, reader->err,
				 "more than %zu values", JSON_VALUES);
		return NULL;
	}
	value = arena_new(reader->arena, struct json, 1);
	value->kind = kind;
	value->start = reader->start;
	value->end = reader->end;
	if (!reader->depth) {
		reader->root = value;
		return value;
	}
	level = &reader->levels[reader->depth - 1];
	if (level->container->kind == JSON_OBJECT) {
		value->key = reader->key;
		value->key_start = reader->key_start;
	}
	if (level->last)
		level->last->next = value;
	else
		level->container->first = value;
	level->last = value;
	level->container->count++;
	return value;
}

/* The string just read; yajl hands out a piece of the text unless it had to decode. */
static struct text take_string(struct reader *reader, const unsigned char *bytes,
			       size_t n)
{
	const char *raw = reader->text.bytes + reader->start + 1;

	if ((const char *)bytes == raw)
		return (struct text){ raw, n };
	return (struct text){ arena_copy(reader->arena, (const char *)bytes, n), n };
}

static int on_null(void *context)
{
	return add_value(context, JSON_NULL) != NULL;
}

static int on_bool(void *context, int truth)
{
	struct json *value = add_value(context, JSON_BOOL);

	if (value)
		value->truth = truth;
	return value != NULL;
}

static int on_number(void *context, const char *bytes, size_t n)
{
	struct reader *reader = context;
	struct json *value = add_value(reader, JSON_NUMBER);

	(void)bytes; /* not the text's own when it is the last token */
	if (!value)
		return 0;
	assert(n == value->end - value->start);
	value->text = (struct text){ reader->text.bytes + value->start, n };
	return 1;
}

static int on_string(void *context, const unsigned char *bytes, size_t n)
{
	struct json *value = add_value(context, JSON_STRING);

	if (value)
		value->text = take_string(context, bytes, n);
	return value != NULL;
}

static int on_key(void *context, const unsigned char *bytes, size_t n)
{
	struct reader *reader = context;

	take_token(reader);
	reader->key = take_string(reader, bytes, n);
	reader->key_start = reader->start;
	return 1;
}

static int open_container(struct reader *reader, enum json_kind kind)
{
	struct json *value = add_value(reader, kind);

	if (!value)
		return 0;
	if (reader->depth == JSON_DEPTH) {
		return json_error(reader->text, value->start, reader->err,
				  "more than %d levels", JSON_DEPTH);
	}
	reader->levels[reader->depth++] = (struct level){ .container = value };
	return 1;
}

static int on_object(void *context)
{
	return open_container(context, JSON_OBJECT);
}

static int on_array(void *context)
{
	return open_container(context, JSON_ARRAY);
}

static struct json *close_container(struct reader *reader)
{
	struct json *container = reader->levels[--reader->depth].container;

	take_token(reader);
	container->end = reader->end;
	return container;
}

static int on_array_end(void *context)
{
	(void)close_container(context);
	return 1;
}

static int compare_keys(const void *a, const void *b)
{
	const struct json *x = *(struct json *const *)a, *y = *(struct json *const *)b;
	int order = text_compare(x->key, y->key);

	return order ? order
		     : (x->key_start > y->key_start) - (x->key_start < y->key_start);
}

/* Of many members: the second of two with the same key, or NULL. */
static const struct json *find_twin_sorted(struct arena *arena, const struct json *object)
{
	struct json **members = arena_new(arena, struct json *, object->count);
	size_t n = 0;

	for (struct json *m = object->first; m; m = m->next)
		members[n++] = m;
	qsort(members, n, sizeof(*members), compare_keys);
	for (size_t i = 1; i < n; i++)
		if (text_eq(members[i - 1]->key, members[i]->key))
			return members[i];
	return NULL;
}

static const struct json *find_twin(struct arena *arena, const struct json *object)
{
	if (object->count > FEW_MEMBERS)
		return find_twin_sorted(arena, object);
	for (const struct json *m = object->first; m; m = m->next)
		for (const struct json *o = object->first; o != m; o = o->next)
			if (text_eq(o->key, m->key))
				return m;
	return NULL;
}

static int on_object_end(void *context)
{
	struct reader *reader = context;
	const struct json *twin = find_twin(reader->arena, close_container(reader));

	if (!twin)
		return 1;
	return json_error(reader->text, twin->key_start, reader->err,
			  "the key %s stands twice in one object",
			  text_quote(reader->arena, twin->key));
}

/* yajl's memory: the arena's, each piece with its size in front for realloc. */
union piece {
	size_t size;
	max_align_t align;
};

static void *piece_new(void *context, size_t size)
{
	union piece *piece = arena_alloc(context, 1, sizeof(*piece) + size);

	piece->size = size;
	return piece + 1;
}

static void *piece_resize(void *context, void *memory, size_t size)
{
	const union piece *old = memory;
	void *grown;

	if (!memory)
		return piece_new(context, size);
	if (size <= old[-1].size)
		return memory;
	grown = piece_new(context, size);
	memcpy(grown, memory, old[-1].size);
	return grown;
}

static void piece_free(void *context, void *memory)
{
	(void)context;
	(void)memory;
}

/* In yajl's words: "lexical error: <reason>\n" or "parse error: <reason>\n". */
static bool refuse_syntax(struct reader *reader, struct error *err)
{
	const char *words =
		(const char *)yajl_get_error(reader->yajl, 0, (const void *)"", 0);
	const char *reason = strchr(words, ':');
	size_t at = reader->end, end = reader->text.length;

	reason = reason ? reason + 2 : words;
	if (!reader->finishing)
		end = yajl_get_bytes_consumed(reader->yajl);
	while (at + 1 < end && is_separator(reader->text.bytes[at]))
		at++;
	if (reader->finishing && (reader->depth || !reader->root))
		at = end; /* where something is missing */
	else if (words[0] == 'l' && reader->text.bytes[at] == '"')
		at = end; /* the byte in the string, not the string */
	return json_error(reader->text, at, err, "%.*s", (int)strcspn(reason, "\n"),
			  reason);
}

static bool read_text(struct reader *reader, struct error *err)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_bool,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_object,
		.yajl_map_key = on_key,
		.yajl_end_map = on_object_end,
		.yajl_start_array = on_array,
		.yajl_end_array = on_array_end,
	};
	yajl_alloc_funcs memory = { piece_new, piece_resize, piece_free, reader->arena };
	yajl_status status;

	reader->yajl = yajl_alloc(&callbacks, &memory, reader);
	/* json_bytes_check() has done it, and stricter. */
	yajl_config(reader->yajl, yajl_dont_validate_strings, 1);
	status = yajl_parse(reader->yajl, (const unsigned char *)reader->text.bytes,
			    reader->text.length);
	if (status == yajl_status_ok) {
		reader->finishing = true;
		status = yajl_complete_parse(reader->yajl);
	}
	if (status == yajl_status_error)
		return refuse_syntax(reader, err);
	return status == yajl_status_ok; /* else a callback has said why */
}

bool json_error(struct text text, size_t at, struct error *err, const char *fmt, ...)
{
	va_list args;

	err->code = ERR_DATA;
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	return error_in(err, "byte %zu (line %zu)", at, json_line(text, at));
}

bool json_parse(struct arena *arena, struct text text, struct json **ret,
		struct error *err)
{
	struct reader reader = { .arena = arena, .text = text, .err = err };

	if (!json_bytes_check(text, err) || !read_text(&reader, err))
		return false;
	assert(reader.root && !reader.depth);
	/* yajl never looks at a token that begins behind the value and has no end. */
	for (size_t at = reader.root->end; at < text.length; at++)
		if (!memchr(" \t\n\r", text.bytes[at], 4))
			return json_error(text, at, err, "trailing garbage");
	*ret = reader.root;
	return true;
}

const struct json *json_get(const struct json *object, const char *key)
{
	struct text name = text_of(key);

	if (!json_is(object, JSON_OBJECT))
		return NULL;
	for (const struct json *m = object->first; m; m = m->next)
		if (text_eq(m->key, name))
			return m;
	return NULL;
}

bool json_is(const struct json *value, enum json_kind kind)
{
	return value && value->kind == kind;
}

bool json_absent(const struct json *value)
{
	return !value || value->kind == JSON_NULL;
}

bool json_true(const struct json *value)
{
	return json_is(value, JSON_BOOL) && value->truth;
}

struct text json_string(const struct json *value)
{
	return json_is(value, JSON_STRING) ? value->text : (struct text){ NULL, 0 };
}

const struct json *json_items(const struct json *value)
{
	return json_is(value, JSON_ARRAY) ? value->first : NULL;
}

const char *json_kind_name(enum json_kind kind)
{
	static const char *const names[] = {
		[JSON_NULL] = "null",	    [JSON_BOOL] = "true or false",
		[JSON_NUMBER] = "a number", [JSON_STRING] = "a string",
		[JSON_ARRAY] = "an array",  [JSON_OBJECT] = "an object",
	};

	return names[kind];
}

size_t json_line(struct text text, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text.bytes[i] == '\n';
	return line;
}

bool json_u64(const struct json *value, uint64_t *ret)
{
	uint64_t number = 0;

	if (!json_is(value, JSON_NUMBER))
		return false;
	/* The grammar has no leading zeros, so digits alone are the plain form. */
	for (size_t i = 0; i < value->text.length; i++) {
		char c = value->text.bytes[i];

		if (c < '0' || c > '9' || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(c - '0'), &number))
			return false;
	}
	*ret = number;
	return true;
}

/* The character at *at, folded, and past it. */
static unsigned char fold_next(struct text text, size_t *at)
{
	const char *rest = text.bytes + *at;
	size_t n = text.length - *at;
	unsigned char c = (unsigned char)*rest;

	if (n >= 2 && !memcmp(rest, "\xc5\xbf", 2)) { /* U+017F, long s */
		*at += 2;
		return 's';
	}
	if (n >= 3 && !memcmp(rest, "\xe2\x84\xaa", 3)) { /* U+212A, Kelvin */
		*at += 3;
		return 'k';
	}
	*at += 1;
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool json_key_folds(struct text a, struct text b)
{
	size_t i = 0, j = 0;

	while (i < a.length && j < b.length)
		if (fold_next(a, &i) != fold_next(b, &j))
			return false;
	return i == a.length && j == b.length;
}
