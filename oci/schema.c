/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/schema.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "oci/schema_members.h"

/* The tables nest no deeper than this: linux.resources.blockIO.weightDevice[0].major. */
#define PLACES 16

struct walk {
	struct arena *arena;
	struct text text;
	const char *root; /* what the outermost object is called in messages */
	struct error *err;
};

/* Where the walk is: a value, and what it is in. On the stack, for messages only. */
struct place {
	const struct json *value;
	const struct place *up;
};

static const struct {
	enum json_kind json;
	uint64_t most;	/* of a number */
	uint64_t least; /* of a number, negated */
} kinds[] = {
	[BOOL] = { JSON_BOOL, 0, 0 },
	[STRING] = { JSON_STRING, 0, 0 },
	[OBJECT] = { JSON_OBJECT, 0, 0 },
	[U16] = { JSON_NUMBER, UINT16_MAX, 0 },
	[U32] = { JSON_NUMBER, UINT32_MAX, 0 },
	[U64] = { JSON_NUMBER, UINT64_MAX, 0 },
	[I32] = { JSON_NUMBER, INT32_MAX, (uint64_t)INT32_MAX + 1 },
	[I64] = { JSON_NUMBER, INT64_MAX, (uint64_t)INT64_MAX + 1 },
};

/* Of the spec's own spelling, which can be shown as it is. */
static bool is_word(struct text key)
{
	for (size_t i = 0; i < key.length; i++) {
		char c = (char)(key.bytes[i] | 0x20);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
			return false;
	}
	return key.length > 0;
}

/* "process.env[3]" */
static const char *path_of(struct walk *walk, const struct place *place)
{
	struct buffer path = { .arena = walk->arena };
	const struct place *way[PLACES] = { NULL };
	size_t n = 0;

	for (; place->up && n < PLACES; place = place->up)
		way[n++] = place;
	buffer_puts(&path, walk->root);
	while (n--) {
		const struct json *value = way[n]->value, *in = way[n]->up->value;
		size_t index = 0;

		if (in->kind == JSON_ARRAY) {
			for (const struct json *m = in->first; m != value; m = m->next)
				index++;
			buffer_printf(&path, "[%zu]", index);
		} else if (!is_word(value->key)) {
			buffer_printf(&path, "[%s]", text_quote(walk->arena, value->key));
		} else {
			buffer_printf(&path, "%s%.*s", path.length ? "." : "",
				      (int)value->key.length, value->key.bytes);
		}
	}
	return path.length ? path.bytes : "the file";
}

static bool PRINTF(4, 5) refuse(struct walk *walk, const struct place *place, size_t at,
				const char *fmt, ...)
{
	char reason[sizeof(walk->err->msg)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return json_error(walk->text, at, walk->err, "%s: %s", path_of(walk, place),
			  reason);
}

/* A number in plain digits that fits: as text, so that none is ever rounded. */
static bool check_number(struct walk *walk, const struct place *place,
			 enum schema_kind kind)
{
	struct json size = *place->value;
	bool negative = size.text.bytes[0] == '-';
	uint64_t number, most = kinds[kind].most, least = kinds[kind].least;

	size.text.bytes += negative;
	size.text.length -= negative;
	if ((!negative || least) && json_u64(&size, &number) &&
	    number <= (negative ? least : most))
		return true;
	return refuse(walk, place, place->value->start,
		      "must be a whole number from %s%" PRIu64 " to %" PRIu64
		      ", in digits, not %s",
		      least ? "-" : "", least, most,
		      text_quote(walk->arena, place->value->text));
}

static bool check_object(struct walk *walk, const struct place *place,
			 const struct schema_member *members);

/* One value, by itself or in an array or a map. */
static bool check_value(struct walk *walk, const struct place *place,
			const struct schema_member *member)
{
	enum schema_kind kind = member->kind & KIND;

	if (place->value->kind != kinds[kind].json)
		return refuse(walk, place, place->value->start, "must be %s, not %s",
			      json_kind_name(kinds[kind].json),
			      json_kind_name(place->value->kind));
	if (kinds[kind].json == JSON_NUMBER)
		return check_number(walk, place, kind);
	return kind != OBJECT || check_object(walk, place, member->inside);
}

static bool check_member(struct walk *walk, const struct place *place,
			 const struct schema_member *member)
{
	const struct json *value = place->value;
	enum json_kind many = member->kind & LIST ? JSON_ARRAY : JSON_OBJECT;

	if (member->kind == OTHER)
		return true;
	if (value->kind == JSON_NULL && !(member->kind & NOT_NULL))
		return true;
	if (!(member->kind & (LIST | MAP)))
		return check_value(walk, place, member);
	if (value->kind != many)
		return refuse(walk, place, place->value->start, "must be %s, not %s",
			      json_kind_name(many), json_kind_name(value->kind));
	for (const struct json *item = value->first; item; item = item->next) {
		struct place inner = { item, place };

		/* runc keeps annotations as "key=value" and cuts at the first '='. */
		if ((member->kind & LABELS) && item->key.length &&
		    memchr(item->key.bytes, '=', item->key.length))
			return refuse(walk, &inner, item->key_start,
				      "a key must not contain '='");
		if (!check_value(walk, &inner, member))
			return false;
	}
	return true;
}

/* The member of this name to the letter, else one that folds to it, else NULL. */
static const struct schema_member *find(const struct schema_member *members,
					struct text key, bool *ret_exact)
{
	for (const struct schema_member *m = members; m->name; m++)
		if (!strncmp(m->name, key.bytes, key.length) && !m->name[key.length]) {
			*ret_exact = true;
			return m;
		}
	*ret_exact = false;
	for (const struct schema_member *m = members; m->name; m++)
		if (json_key_folds(text_of(m->name), key))
			return m;
	return NULL;
}

/* Recursion follows the tables, which end; not the document, which need not. */
static bool check_object(struct walk *walk, const struct place *place,
			 const struct schema_member *members)
{
	for (const struct json *value = place->value->first; value; value = value->next) {
		struct place inner = { value, place };
		bool exact;
		const struct schema_member *member = find(members, value->key, &exact);

		if (member && !exact)
			return refuse(walk, &inner, value->key_start,
				      "reads as \"%s\" to some", member->name);
		if (member && !check_member(walk, &inner, member))
			return false;
	}
	return true;
}

static bool check_root(struct walk *walk, const struct json *value,
		       const struct schema_member *members)
{
	const struct schema_member member = { walk->root, OBJECT, members };
	const struct place place = { value, NULL };

	return check_value(walk, &place, &member);
}

bool schema_check(struct arena *arena, const struct json *config, struct text text,
		  struct error *err)
{
	struct walk walk = { arena, text, "", err };

	return check_root(&walk, config, schema_config);
}

bool schema_check_process(struct arena *arena, const struct json *process,
			  struct text text, struct error *err)
{
	struct walk walk = { arena, text, "process", err };

	return check_root(&walk, process, schema_process);
}

bool schema_check_mounts(struct arena *arena, const struct json *mounts, struct text text,
			 struct error *err)
{
	struct walk walk = { arena, text, "mounts", err };
	const struct schema_member member = { walk.root, NOT_NULL | LIST | OBJECT,
					      schema_mount };
	const struct place place = { mounts, NULL };

	return check_member(&walk, &place, &member);
}
