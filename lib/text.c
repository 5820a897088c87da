/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUOTE_MAX 80

struct text text_of(const char *string)
{
	return (struct text){ string, string ? strlen(string) : 0 };
}

bool text_eq(struct text a, struct text b)
{
	return a.length == b.length && (!a.length || !memcmp(a.bytes, b.bytes, a.length));
}

bool text_is(struct text a, const char *string)
{
	return text_eq(a, text_of(string));
}

bool text_begins(struct text text, const char *with)
{
	size_t n = strlen(with);

	return text.length >= n && (!n || !memcmp(text.bytes, with, n));
}

int text_compare(struct text a, struct text b)
{
	size_t n = a.length < b.length ? a.length : b.length;
	int order = n ? memcmp(a.bytes, b.bytes, n) : 0;

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

const char *text_quote(struct arena *arena, struct text text)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "'");
	for (size_t i = 0; i < text.length && i < QUOTE_MAX; i++) {
		unsigned char c = (unsigned char)text.bytes[i];

		if (c < ' ' || c > '~' || c == '\\' || c == '\'')
			buffer_printf(&out, "\\x%02x", c);
		else
			buffer_add(&out, &text.bytes[i], 1);
	}
	buffer_puts(&out, text.length > QUOTE_MAX ? "...'" : "'");
	return out.bytes;
}

size_t utf8_length(const unsigned char *s, size_t n)
{
	/* Each lead byte narrows what may follow: no overlong forms, no surrogates. */
	unsigned char low = 0x80, high = 0xbf;
	size_t length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] < 0xc2 || s[0] > 0xf4 || n < length)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return length;
}

bool text_is_utf8(struct text text)
{
	const unsigned char *bytes = (const unsigned char *)text.bytes;
	size_t n;

	for (size_t i = 0; i < text.length; i += n) {
		n = bytes[i] < 0x80 ? 1 : utf8_length(bytes + i, text.length - i);
		if (!n)
			return false;
	}
	return true;
}

/* Three bytes of UTF-8 that nobody sees and that change how what follows is shown. */
static bool is_format(const char *at)
{
	static const struct {
		unsigned char lead, from, to;
	} ranges[] = {
		{ 0x80, 0x8b, 0x8f }, /* U+200B to U+200F: no width, directions */
		{ 0x80, 0xa8, 0xae }, /* U+2028 to U+202E: ends of lines, directions */
		{ 0x81, 0xa0, 0xaf }, /* U+2060 to U+206F: joiners, isolates */
	};
	unsigned char lead = (unsigned char)at[0], last = (unsigned char)at[1];

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (lead == ranges[i].lead && last >= ranges[i].from &&
		    last <= ranges[i].to)
			return true;
	return false;
}

bool text_is_line(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		const char *at = text.bytes + i;
		size_t left = text.length - i;
		unsigned char c = (unsigned char)*at;

		if (c < ' ' || c == 0x7f)
			return false;
		/* U+0080 to U+009F, U+061C */
		if (left > 1 && ((c == 0xc2 && (unsigned char)at[1] < 0xa0) ||
				 (c == 0xd8 && (unsigned char)at[1] == 0x9c)))
			return false;
		if (left > 2 && c == 0xe2 && is_format(at + 1))
			return false;
		/* U+FEFF */
		if (left > 2 && !memcmp(at, "\xef\xbb\xbf", 3))
			return false;
	}
	return true;
}

static void buffer_reserve(struct buffer *buffer, size_t n)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 64;
	char *bytes;

	/* Lengths are bounded far below SIZE_MAX / 2 by the input limits. */
	while (capacity - buffer->length <= n)
		capacity *= 2;
	if (capacity == buffer->capacity)
		return;
	bytes = arena_new(buffer->arena, char, capacity);
	if (buffer->length)
		memcpy(bytes, buffer->bytes, buffer->length);
	buffer->bytes = bytes;
	buffer->capacity = capacity;
}

void buffer_add(struct buffer *buffer, const char *bytes, size_t n)
{
	buffer_reserve(buffer, n);
	if (n)
		memcpy(buffer->bytes + buffer->length, bytes, n);
	buffer->length += n;
	buffer->bytes[buffer->length] = '\0';
}

void buffer_puts(struct buffer *buffer, const char *string)
{
	buffer_add(buffer, string, strlen(string));
}

void buffer_printf(struct buffer *buffer, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return;
	buffer_reserve(buffer, (size_t)n);
	va_start(args, fmt);
	vsnprintf(buffer->bytes + buffer->length, (size_t)n + 1, fmt, args);
	va_end(args);
	buffer->length += (size_t)n;
}

void buffer_json(struct buffer *buffer, struct text text)
{
	buffer_puts(buffer, "\"");
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.bytes[i];

		if (c < ' ' || c == 0x7f)
			buffer_printf(buffer, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			buffer_printf(buffer, "\\%c", c);
		else
			buffer_add(buffer, &text.bytes[i], 1);
	}
	buffer_puts(buffer, "\"");
}

/* The code point of a character that utf8_length() has measured. */
static unsigned decode(const unsigned char *s, size_t length)
{
	unsigned value = s[0] & (0xffU >> (length + 1));

	for (size_t i = 1; i < length; i++)
		value = value << 6 | (s[i] & 0x3fU);
	return value;
}

/* As UTF-16, which is what escapes are made of. */
static void add_escape(struct buffer *buffer, unsigned value)
{
	if (value >= 0x10000)
		buffer_printf(buffer, "\\u%04x\\u%04x",
			      0xd800 + ((value - 0x10000) >> 10),
			      0xdc00 + (value & 0x3ff));
	else
		buffer_printf(buffer, "\\u%04x", value);
}

/* How many bytes from `at` on are printable ASCII. */
static size_t plain_run(struct text text, size_t at)
{
	size_t n = 0;

	while (at + n < text.length && text.bytes[at + n] >= ' ' &&
	       text.bytes[at + n] <= '~')
		n++;
	return n;
}

void buffer_ascii(struct buffer *buffer, struct text text)
{
	const unsigned char *bytes = (const unsigned char *)text.bytes;
	size_t at = 0;

	for (;;) {
		size_t n = plain_run(text, at);

		buffer_add(buffer, text.bytes + at, n);
		at += n;
		if (at == text.length)
			return;
		n = 0;
		if (bytes[at] >= 0x80)
			n = utf8_length(bytes + at, text.length - at);
		/* Between values; in a string they would stand as escapes. */
		if (bytes[at] == '\t' || bytes[at] == '\n' || bytes[at] == '\r')
			buffer_puts(buffer, " ");
		else if (bytes[at] < 0x80)
			add_escape(buffer, bytes[at]);
		else
			add_escape(buffer, n ? decode(bytes + at, n) : 0xfffd);
		at += n ? n : 1;
	}
}

void buffer_json_ascii(struct buffer *buffer, struct text text)
{
	struct buffer quoted = { .arena = buffer->arena };

	buffer_json(&quoted, text);
	buffer_ascii(buffer, buffer_text(&quoted));
}

struct text buffer_text(const struct buffer *buffer)
{
	return (struct text){ buffer->bytes, buffer->length };
}
