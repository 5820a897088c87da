/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/yaml_scalar.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL "0123456789"
#define HEXADECIMAL DECIMAL "abcdefABCDEF"
#define NUMBER_MAX 64 /* bytes; a longer one is no number that anybody writes */

static const struct {
	const char *word;
	enum scalar_kind kind;
	const char *json;
} words[] = {
	{ "", SCALAR_NULL, "null" },	   { "~", SCALAR_NULL, "null" },
	{ "null", SCALAR_NULL, "null" },   { "Null", SCALAR_NULL, "null" },
	{ "NULL", SCALAR_NULL, "null" },   { "y", SCALAR_BOOL, "true" },
	{ "Y", SCALAR_BOOL, "true" },	   { "yes", SCALAR_BOOL, "true" },
	{ "Yes", SCALAR_BOOL, "true" },	   { "YES", SCALAR_BOOL, "true" },
	{ "true", SCALAR_BOOL, "true" },   { "True", SCALAR_BOOL, "true" },
	{ "TRUE", SCALAR_BOOL, "true" },   { "on", SCALAR_BOOL, "true" },
	{ "On", SCALAR_BOOL, "true" },	   { "ON", SCALAR_BOOL, "true" },
	{ "n", SCALAR_BOOL, "false" },	   { "N", SCALAR_BOOL, "false" },
	{ "no", SCALAR_BOOL, "false" },	   { "No", SCALAR_BOOL, "false" },
	{ "NO", SCALAR_BOOL, "false" },	   { "false", SCALAR_BOOL, "false" },
	{ "False", SCALAR_BOOL, "false" }, { "FALSE", SCALAR_BOOL, "false" },
	{ "off", SCALAR_BOOL, "false" },   { "Off", SCALAR_BOOL, "false" },
	{ "OFF", SCALAR_BOOL, "false" },   { ".nan", SCALAR_NONE, NULL },
	{ ".NaN", SCALAR_NONE, NULL },	   { ".NAN", SCALAR_NONE, NULL },
	{ ".inf", SCALAR_NONE, NULL },	   { ".Inf", SCALAR_NONE, NULL },
	{ ".INF", SCALAR_NONE, NULL },	   { "+.inf", SCALAR_NONE, NULL },
	{ "+.Inf", SCALAR_NONE, NULL },	   { "+.INF", SCALAR_NONE, NULL },
	{ "-.inf", SCALAR_NONE, NULL },	   { "-.Inf", SCALAR_NONE, NULL },
	{ "-.INF", SCALAR_NONE, NULL },
};

/* Go's strconv.ParseInt(s, 0, 64), and ParseUint. */
static bool read_integer(struct arena *arena, const char *digits, struct text *ret)
{
	static const struct {
		const char *prefix;
		int base;
	} bases[] = { { "0x", 16 }, { "0X", 16 }, { "0b", 2 }, { "0B", 2 },
		      { "0o", 8 },  { "0O", 8 },  { "0", 8 } };
	bool negative = *digits == '-';
	const char *start = digits + (*digits == '-' || *digits == '+');
	unsigned long long value;
	int base = 10;
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		size_t length = strlen(bases[i].prefix);

		if (!strncmp(start, bases[i].prefix, length) && start[length]) {
			base = bases[i].base;
			start += length;
			break;
		}
	}
	/* strtoull() would take another sign or prefix. */
	if (!*start || start[strspn(start, base == 16 ? HEXADECIMAL : DECIMAL)])
		return false;
	errno = 0;
	value = strtoull(start, &end, base);
	if (*end || errno)
		return false;
	if (negative && value > (unsigned long long)INT64_MAX + 1)
		return false;
	*ret = text_of(
		arena_printf(arena, "%s%llu", negative && value ? "-" : "", value));
	return true;
}

/* ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$ */
static bool looks_float(const char *digits)
{
	size_t whole, fraction = 0, exponent;

	digits += *digits == '-' || *digits == '+';
	whole = strspn(digits, DECIMAL);
	digits += whole;
	if (*digits == '.') {
		fraction = strspn(++digits, DECIMAL);
		digits += fraction;
	}
	if (!whole && !fraction)
		return false;
	if (*digits != 'e' && *digits != 'E')
		return !*digits;
	digits++;
	digits += *digits == '-' || *digits == '+';
	exponent = strspn(digits, DECIMAL);
	return exponent && !digits[exponent];
}

static struct scalar read_float(struct arena *arena, const char *digits)
{
	double value = strtod(digits, NULL);

	if (!isfinite(value))
		return (struct scalar){ SCALAR_NONE, { NULL, 0 } };
	return (struct scalar){ SCALAR_FLOAT,
				text_of(arena_printf(arena, "%.17g", value)) };
}

struct scalar scalar_of(struct arena *arena, struct text text)
{
	struct scalar scalar = { SCALAR_STRING, text };
	char digits[NUMBER_MAX + 1];
	size_t length = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (text_is(text, words[i].word))
			return (struct scalar){ words[i].kind, text_of(words[i].json) };
	if (text.length > NUMBER_MAX || !strchr("+-." DECIMAL, *text.bytes))
		return scalar;
	for (size_t i = 0; i < text.length; i++) {
		if (!text.bytes[i])
			return scalar;
		if (text.bytes[i] != '_')
			digits[length++] = text.bytes[i];
	}
	digits[length] = '\0';
	if (read_integer(arena, digits, &scalar.text)) {
		scalar.kind = SCALAR_INT;
		return scalar;
	}
	return looks_float(digits) ? read_float(arena, digits) : scalar;
}
