/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json_bytes.h"

#include <string.h>

#include "lib/json.h"

/* The value of four hexadecimal digits, or -1. */
static int hex4(struct text text, size_t at)
{
	int value = 0;

	if (text.length < 4 || at > text.length - 4)
		return -1;
	for (size_t i = at; i < at + 4; i++) {
		char c = text.bytes[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value * 16 + (c | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return value;
}

/*
 * The escape at *at, and past it. Only what yajl takes and should not is refused here: a
 * backslash outside a string and unknown escapes are its own business.
 */
static bool check_escape(struct text text, size_t *at, struct error *err)
{
	size_t start = *at;
	int unit, low = -1;

	*at += 2;
	if (*at >= text.length || text.bytes[start + 1] != 'u')
		return true;
	unit = hex4(text, start + 2);
	if (unit == 0)
		return json_error(text, start, err, "the escape \\u0000");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit < 0xdc00 && start + 8 < text.length && text.bytes[start + 6] == '\\' &&
	    text.bytes[start + 7] == 'u')
		low = hex4(text, start + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return json_error(text, start, err, "half a surrogate pair");
	*at = start + 12;
	return true;
}

/* Whether these 8 bytes are printable ASCII without a backslash: nothing to check. */
static bool plain8(const char *bytes)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	uint64_t word, slash;

	memcpy(&word, bytes, sizeof(word));
	slash = word ^ (ones * '\\');
	return !((word | ((word - ones * ' ') & ~word) | ((slash - ones) & ~slash)) &
		 tops);
}

bool json_bytes_check(struct text text, struct error *err)
{
	const unsigned char *bytes = (const unsigned char *)text.bytes;
	size_t at = 0, n;

	if (text.length >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
		return json_error(text, 0, err, "a byte order mark");
	while (at < text.length) {
		if (text.length - at >= 8 && plain8(text.bytes + at)) {
			at += 8;
		} else if (bytes[at] == '\\') {
			if (!check_escape(text, &at, err))
				return false;
		} else if (bytes[at] >= 0x80) {
			n = utf8_length(bytes + at, text.length - at);
			if (!n)
				return json_error(text, at, err,
						  "bytes that are not UTF-8");
			at += n;
		} else if (bytes[at] < ' ' && !memchr("\t\n\r", bytes[at], 3)) {
			return json_error(text, at, err, "the control character 0x%02x",
					  bytes[at]);
		} else {
			at++;
		}
	}
	return true;
}
