/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include "lib/arena.h"

/*
 * Bytes with a length. Text from outside may hold anything, so it is compared by
 * length and bytes and never as a C string. A text does not own its bytes.
 */
struct text {
	const char *bytes;
	size_t length;
};

/* A list of them, to which arena_push() adds. */
struct texts {
	struct text *items;
	size_t count, capacity;
};

/* A text of a C string; { NULL, 0 } of NULL. */
struct text text_of(const char *string);

bool text_eq(struct text a, struct text b);
bool text_is(struct text a, const char *string);

/* Whether it begins with the string, or is the string. */
bool text_begins(struct text text, const char *with);

/* <0, 0 or >0 as a stands before, at or after b, byte by byte. */
int text_compare(struct text a, struct text b);

/* Length of the character at `s`, of which `n` bytes are there; 0: it is malformed. */
size_t utf8_length(const unsigned char *s, size_t n);

/* Whether all of it is UTF-8, as what becomes JSON has to be. */
bool text_is_utf8(struct text text);

/*
 * For showing text that is not ours: in single quotes, printable ASCII as it is,
 * quotes, backslashes and every other byte as \xNN, at most 80 bytes of it (then
 * "..."), so that nothing that somebody else wrote can move a terminal's cursor,
 * start a line of a log, or fill it.
 */
NODISCARD const char *text_quote(struct arena *arena, struct text text);

/*
 * Whether UTF-8 text can be shown as it is, on one line: no control character (also of
 * the second set, U+0080 to U+009F), no end of a line or paragraph, and nothing that
 * turns the direction of writing or can't be seen.
 */
bool text_is_line(struct text text);

/* A text that grows. `{ .arena = a }` is an empty one. Always followed by a NUL. */
struct buffer {
	struct arena *arena;
	char *bytes;
	size_t length;
	size_t capacity;
};

void buffer_add(struct buffer *buffer, const char *bytes, size_t n);
void buffer_puts(struct buffer *buffer, const char *string);
void buffer_printf(struct buffer *buffer, const char *fmt, ...) PRINTF(2, 3);

/* A JSON string, quoted, with everything escaped that RFC 8259 asks for, and DEL. */
void buffer_json(struct buffer *buffer, struct text text);

/*
 * JSON, of which every byte of a string that is no printable ASCII is written as an
 * escape; what is not UTF-8 becomes U+FFFD. Means the same, and no terminal can be moved
 * by it.
 */
void buffer_ascii(struct buffer *buffer, struct text text);

/* A JSON string of any bytes, the same way. */
void buffer_json_ascii(struct buffer *buffer, struct text text);

/* What it holds; valid until it grows again. */
struct text buffer_text(const struct buffer *buffer);

#endif
