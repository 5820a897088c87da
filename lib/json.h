/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * A JSON text as a tree in which every value knows the bytes that it was read from,
 * so that an edit can replace one value and leave every other byte as it was.
 *
 * yajl's callbacks do the lexing and the grammar; this file adds what makes the text
 * mean the same to every reader (RFC 8259 with the restrictions of RFC 7493). Refused,
 * with byte offset and line: bytes that are not shortest-form UTF-8 (yajl takes C0 AF,
 * ED A0 80 and F4 90 80 80), U+0000 raw or as \u0000 (cut off by readers with C
 * strings), lone surrogates (replaced by Go, "?" to yajl), a byte order mark, comments,
 * anything behind the value, control characters other than tab, line feed and carriage
 * return (yajl takes vertical tabs and form feeds for white space), the same key twice in
 * one object (first to yajl, last to json-c, merged by Go), more than JSON_DEPTH levels,
 * more than JSON_VALUES values (a tree is some fifty times as big as "[0,0,0]").
 *
 * Nothing here recurses, and time grows as n log n at most, whoever wrote the text.
 */
#define JSON_DEPTH 64
#define JSON_VALUES ((size_t)2 * 1024 * 1024)

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	enum json_kind kind;
	bool truth;	    /* of a JSON_BOOL */
	struct text text;   /* string: decoded; number: as it is written */
	struct text key;    /* of an object's member: decoded */
	size_t key_start;   /* where the member's key begins, with its quote */
	size_t start, end;  /* the value's bytes are [start, end) of the text */
	struct json *first; /* members of an object, items of an array */
	struct json *next;
	size_t count; /* how many */
};

/*
 * The text must outlive the tree: strings without escapes point into it. ERR_DATA, with
 * "byte N (line L): " in front; bytes count from 0, lines from 1.
 */
NODISCARD bool json_parse(struct arena *arena, struct text text, struct json **ret,
			  struct error *err);

/*
 * The member called `key`, or NULL: of an object without it, of what is no object, and
 * of NULL, so that calls chain.
 */
const struct json *json_get(const struct json *object, const char *key);

/*
 * A value that may be NULL, since json_get() found none: whether it is there and of this
 * kind; neither there nor null counts as absent; whether it is true.
 */
bool json_is(const struct json *value, enum json_kind kind);
bool json_absent(const struct json *value);
bool json_true(const struct json *value);

/* A string's text, { NULL, 0 } of what is none; an array's first item, NULL likewise. */
struct text json_string(const struct json *value);
const struct json *json_items(const struct json *value);

/* "an object", "a string": for messages. */
const char *json_kind_name(enum json_kind kind);

/* The line, from 1, that a byte offset of the text is on. */
size_t json_line(struct text text, size_t offset);

/* ERR_DATA: "byte N (line L): " and the message. */
bool json_error(struct text text, size_t at, struct error *err, const char *fmt, ...)
	PRINTF(4, 5);

/*
 * A non-negative integer written in its plain form ("0", "17"; no sign, fraction,
 * exponent or leading zero) that fits 64 bits. Never passes through a double.
 */
bool json_u64(const struct json *value, uint64_t *ret);

/*
 * Whether two keys are one to a reader that folds case as Go's encoding/json does:
 * ASCII letters, and U+017F for s and U+212A for k.
 */
bool json_key_folds(struct text a, struct text b);

#endif
