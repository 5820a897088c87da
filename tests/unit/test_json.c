/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "lib/json.h"
#include "tests/tap.h"

/* A text of a literal, with the NULs in it. */
#define TEXT(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	struct text text;
	const char *msg;
} refused[] = {
	/* the grammar, and where */
	{ TEXT(""), "byte 0 (line 1): premature EOF" },
	{ TEXT(" \n"), "byte 2 (line 2): premature EOF" },
	{ TEXT("[tru]"), "byte 1 (line 1): invalid string in json text." },
	{ TEXT("nul"), "byte 3 (line 1): invalid string in json text." },
	{ TEXT("{\"a\":1"), "byte 6 (line 1): premature EOF" },
	{ TEXT("[\"a"), "byte 3 (line 1): premature EOF" },
	{ TEXT("[1]x"), "byte 3 (line 1): trailing garbage" },
	{ TEXT("{}\n{}"), "byte 3 (line 2): trailing garbage" },
	{ TEXT("{} \"abc"), "byte 3 (line 1): trailing garbage" },
	{ TEXT("7\"cl:"), "byte 1 (line 1): trailing garbage" },
	{ TEXT("{}\n tru"), "byte 4 (line 2): trailing garbage" },
	{ TEXT("[] 12"), "byte 3 (line 1): trailing garbage" },
	{ TEXT("[]-"), "byte 2 (line 1): trailing garbage" },
	{ TEXT("[],"), "byte 2 (line 1): trailing garbage" },
	{ TEXT("{}/"), "trailing garbage" },
	{ TEXT("1 2 "), "byte 2 (line 1): trailing garbage" },
	{ TEXT("[1,,2]"), "byte 3 (line 1): unallowed token" },
	{ TEXT("[1,]"), "byte 3 (line 1): unallowed token" },
	{ TEXT("{\"a\":1,}"), "byte 7 (line 1): invalid object key" },
	{ TEXT("{\"a\":\n\n[]]"), "byte 9 (line 3): after key and value" },
	{ TEXT("{\"a\" 1}"), "byte 5 (line 1): object key and value must be" },
	{ TEXT("{a:1}"), "byte 1 (line 1): invalid char" },
	{ TEXT("{'a':1}"), "byte 1 (line 1): invalid char" },
	{ TEXT("{1:1}"), "byte 1 (line 1): invalid object key" },
	{ TEXT("[1 2]"), "byte 3 (line 1): after array element" },
	{ TEXT("[00]"), "byte 2 (line 1): after array element" },
	{ TEXT("[-]"), "byte 1 (line 1): malformed number" },
	{ TEXT("[1.]"), "malformed number" },
	{ TEXT("[1e]"), "malformed number" },
	{ TEXT("[.5]"), "invalid char" },
	{ TEXT("[+5]"), "invalid char" },
	{ TEXT("[0x0]"), "byte 2 (line 1): invalid char" },
	{ TEXT("[NaN]"), "invalid char" },
	{ TEXT("[Infinity]"), "invalid char" },
	{ TEXT("[\"\\x\"]"), "byte 3 (line 1): inside a string" },
	{ TEXT("[\"\\'\"]"), "byte 3 (line 1): inside a string" },
	{ TEXT("[\"\\u12g4\"]"), "byte 6 (line 1): invalid (non-hex) character" },
	{ TEXT("\\"), "invalid char" },
	{ TEXT("[\"a\nb\"]"), "byte 3 (line 1): invalid character inside string" },
	{ TEXT("[\"a\tb\"]"), "byte 3 (line 1): invalid character inside string" },
	{ TEXT("/**/1"), "comments are not enabled" },
	{ TEXT("[1]// x\n"), "trailing garbage" },
	{ TEXT("#\n1"), "invalid char" },
	/* the bytes */
	{ TEXT("\xef\xbb\xbf{}"), "byte 0 (line 1): a byte order mark" },
	{ TEXT("\xff\xfe{\0}\0"), "byte 0 (line 1): bytes that are not UTF-8" },
	{ TEXT("\0{}"), "byte 0 (line 1): the control character 0x00" },
	{ TEXT("{}\0"), "byte 2 (line 1): the control character 0x00" },
	{ TEXT("{}\0garbage"), "byte 2 (line 1): the control character 0x00" },
	{ TEXT("[\"aaaaaaaa\0bbbbbbbb\"]"), "byte 10 (line 1): the control character" },
	{ TEXT("[1,\v2]"), "byte 3 (line 1): the control character 0x0b" },
	{ TEXT("[1,\f2]"), "byte 3 (line 1): the control character 0x0c" },
	{ TEXT("[\"\x1f\"]"), "byte 2 (line 1): the control character 0x1f" },
	{ TEXT("[\"aaaaaaaaaaaaaa\x1f\"]"), "byte 16 (line 1): the control character" },
	{ TEXT("[\"\x80\"]"), "byte 2 (line 1): bytes that are not UTF-8" },
	{ TEXT("[\"aaaaaaaaaaaaaa\x80\"]"), "byte 16 (line 1): bytes that are not" },
	{ TEXT("[\"\xc0\xaf\"]"), "not UTF-8" },
	{ TEXT("[\"\xc1\xbf\"]"), "not UTF-8" },
	{ TEXT("[\"\xc3\"]"), "not UTF-8" },
	{ TEXT("[\"\xc3\xc3\"]"), "not UTF-8" },
	{ TEXT("\"\xc3"), "not UTF-8" },
	{ TEXT("[\"\xe0\x9f\xbf\"]"), "not UTF-8" },
	{ TEXT("[\"\xe1\x80\xc0\"]"), "not UTF-8" },
	{ TEXT("[\"\xe1\x80\x7f\"]"), "not UTF-8" },
	{ TEXT("[\"\xed\xa0\x80\"]"), "not UTF-8" },
	{ TEXT("[\"\xed\xbf\xbf\"]"), "not UTF-8" },
	{ TEXT("[\"\xf0\x8f\xbf\xbf\"]"), "not UTF-8" },
	{ TEXT("[\"\xf4\x90\x80\x80\"]"), "not UTF-8" },
	{ TEXT("[\"\xf5\x80\x80\x80\"]"), "not UTF-8" },
	{ TEXT("\"\xf0\x9f\x98"), "not UTF-8" },
	{ TEXT("{\"\xfe\":1}"), "not UTF-8" },
	/* escapes that are no character */
	{ TEXT("[\"\\u0000\"]"), "byte 2 (line 1): the escape \\u0000" },
	{ TEXT("{\"process\\u0000x\":1}"), "byte 9 (line 1): the escape \\u0000" },
	{ TEXT("[\"\\ud800\"]"), "byte 2 (line 1): half a surrogate pair" },
	{ TEXT("[\"\\udc00\"]"), "half a surrogate pair" },
	{ TEXT("[\"\\uDBFF\\uDBFF\"]"), "half a surrogate pair" },
	{ TEXT("[\"\\uDFFF\\uD800\"]"), "half a surrogate pair" },
	{ TEXT("[\"\\ud83d\\u0041\"]"), "half a surrogate pair" },
	{ TEXT("[\"\\ud83d\\ue000\"]"), "half a surrogate pair" },
	{ TEXT("[\"\\ud83d\\n\\n\\n\"]"), "half a surrogate pair" },
	{ TEXT("[\"\\ud83d\\ndc00\"]"), "half a surrogate pair" },
	{ TEXT("[\"\\udc00\\udc00\"]"), "half a surrogate pair" },
	{ TEXT("[\"\\ud83dxudc00\"]"), "half a surrogate pair" },
	{ TEXT("\"\\ud83d"), "half a surrogate pair" },
	{ TEXT("\"\\ud83d\\u"), "half a surrogate pair" },
	{ TEXT("\"\\ud83d\\udc0"), "half a surrogate pair" },
	/* the same key twice */
	{ TEXT("{\"a\":1,\"a\":1}"), "byte 7 (line 1): the key 'a' stands twice" },
	{ TEXT("{\"a\":1,\n\"b\":1,\n\"\\u0061\":1}"), "byte 15 (line 3): the key 'a'" },
	{ TEXT("[{\"x\":{\"\":1,\"\":1}}]"), "byte 12 (line 1): the key '' stands" },
	{ TEXT("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,"
	       "\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"c\":1}"),
	  "byte 79 (line 1): the key 'c' stands twice" },
	{ TEXT("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,"
	       "\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"b\":1}"),
	  "byte 73 (line 1): the key 'b' stands twice" },
	{ TEXT("{\"\\u001b[2J\":1,\"\\u001b[2J\":1}"), "the key '\\x1b[2J' stands" },
};

static const struct text accepted[] = {
	TEXT("null"),
	TEXT(" true\n"),
	TEXT("false"),
	TEXT("17"),
	TEXT("\t-0.5e+300 "),
	TEXT("123456789012345678901234567890"),
	TEXT("\"\""),
	TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\x7f\""),
	TEXT("\"\\\\u0000\""),
	TEXT("\"\\\\\\\\ud800\""),
	TEXT("\"\\ud83d\\ude00\""),
	TEXT("[\"\\uDBFF\\uDFFF\\ud800\\udc00\"]"),
	TEXT("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""),
	TEXT("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\xf3\xb0\x80\x80\""),
	TEXT("[]"),
	TEXT("{}"),
	TEXT("\r\n[ 1 , -2.5e3,\ttrue,null , \"a\\nb\",\"\",[ ] , { } ]\r\n"),
	TEXT("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}],\"A\":1,\"\":\"x:,y\"}"),
	TEXT("{ \"k\\u00e9y\" : [0,10,1e3,-0] , \"\xe2\x82\xac\":false,\"z\":17 }"),
};

static struct text repeat(struct arena *arena, const char *what, size_t times)
{
	struct buffer out = { .arena = arena };

	for (size_t i = 0; i < times; i++)
		buffer_puts(&out, what);
	return buffer_text(&out);
}

static bool parses(struct arena *arena, struct text text)
{
	struct json *value;
	struct error err;

	return json_parse(arena, text, &value, &err);
}

/* In memory of its own, to the byte, so that a sanitizer sees a byte too far. */
static struct text tight(struct arena *arena, struct text text)
{
	char *bytes = arena_new(arena, char, text.length);

	if (text.length)
		memcpy(bytes, text.bytes, text.length);
	return (struct text){ bytes, text.length };
}

static void test_refused(struct arena *arena)
{
	struct json *value;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		bool passed =
			json_parse(arena, tight(arena, refused[i].text), &value, &err);

		ok(!passed && err.code == ERR_DATA && strstr(err.msg, refused[i].msg),
		   "refused: %s: %s", text_quote(arena, refused[i].text),
		   passed ? "accepted" : err.msg);
	}
}

/*
 * Each value read alone from its span is the same value, and the spans tile the text:
 * what is between them is white space, ',', ':', keys and brackets.
 */
static bool same(struct arena *arena, struct text text, const struct json *value,
		 const struct json *parent)
{
	struct text span = { text.bytes + value->start, value->end - value->start };
	struct json *again;
	struct error err;
	size_t count = 0;

	if (!json_parse(arena, span, &again, &err) || again->kind != value->kind ||
	    again->start != 0 || again->end != span.length ||
	    again->truth != value->truth || again->count != value->count ||
	    !text_eq(again->text, value->text))
		return false;
	if (json_is(parent, JSON_OBJECT)) {
		span = (struct text){ text.bytes + value->key_start,
				      value->start - value->key_start };
		while (span.bytes[span.length - 1] != '"')
			if (!strchr(" \t\n\r:", span.bytes[--span.length]))
				return false;
		if (!json_parse(arena, span, &again, &err) ||
		    !text_eq(again->text, value->key))
			return false;
	}
	for (const struct json *m = value->first; m; m = m->next, count++)
		if (!same(arena, text, m, value) || (m->next && m->end >= m->next->start))
			return false;
	return count == value->count;
}

static void test_accepted(struct arena *arena)
{
	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++) {
		struct json *value;
		struct error err;
		bool passed = json_parse(arena, accepted[i], &value, &err);

		ok(passed && same(arena, accepted[i], value, NULL), "accepted: %s%s%s",
		   text_quote(arena, accepted[i]), passed ? "" : ": ",
		   passed ? "" : err.msg);
	}
}

static void test_prefixes(struct arena *arena)
{
	struct text whole = accepted[ARRAY_SIZE(accepted) - 1];
	size_t passed = 0;

	for (size_t n = 0; n < whole.length; n++)
		passed += parses(arena, tight(arena, (struct text){ whole.bytes, n }));
	ok(!passed, "no prefix of a text is one");
	ok(!parses(arena, (struct text){ NULL, 0 }), "nor is nothing");
}

static void test_tree(struct arena *arena)
{
	struct text text = TEXT("{\"a\": {\"b\\u0063\": \"x\\ty\"}, \"n\": [true, 7]}");
	const struct json *value;
	struct json *root;
	struct error err;

	if (!json_parse(arena, text, &root, &err)) {
		ok(false, "a tree: %s", err.msg);
		return;
	}
	value = json_get(json_get(root, "a"), "bc");
	ok(json_is(value, JSON_STRING) && text_is(value->text, "x\ty"), "decoded");
	ok(value && value->key_start == 7 && value->start == 18 && value->end == 24,
	   "spans of key and value");
	value = json_get(root, "n");
	ok(json_is(value, JSON_ARRAY) && value->count == 2, "an array");
	ok(value && value->first->truth && text_is(value->first->next->text, "7"),
	   "and its items, in order");
	ok(value && text.bytes + value->first->next->start ==
			    value->first->next->text.bytes,
	   "text without escapes is not copied");
	ok(!json_get(root, "A") && !json_get(value, "") && !json_get(NULL, "n"),
	   "what is not there is NULL");
	ok(!json_get(json_get(json_get(root, "x"), "y"), "z"), "and it chains");
	ok(!json_is(NULL, JSON_NULL), "nothing is of no kind");
}

/* What a value is to who wants one of a kind, whether or not there is any. */
static void test_values(struct arena *arena)
{
	static const struct {
		const char *text;
		bool absent, truth, items;
		const char *string;
	} cases[] = {
		{ "null", .absent = true },	    { "true", .truth = true },
		{ "false", .truth = false },	    { "\"x\"", .string = "x" },
		{ "[1]", .items = true },	    { "[]", .items = false },
		{ "{\"a\":true}", .items = false }, { "1", .string = NULL },
	};
	struct error err;
	struct json *root;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(json_parse(arena, text_of(cases[i].text), &root, &err) &&
			   json_absent(root) == cases[i].absent &&
			   json_true(root) == cases[i].truth &&
			   (json_items(root) != NULL) == cases[i].items &&
			   text_is(json_string(root), cases[i].string),
		   "%s as absent, true, a list and a string", cases[i].text);
	ok(json_absent(NULL) && !json_true(NULL) && !json_items(NULL) &&
		   !json_string(NULL).bytes,
	   "nothing is absent, and none of the others");
}

static void test_limits(struct arena *arena)
{
	char *deep = arena_printf(arena, "%s1%s", repeat(arena, "[", JSON_DEPTH).bytes,
				  repeat(arena, "]", JSON_DEPTH).bytes);
	struct buffer many = { .arena = arena };
	clock_t start = clock();
	struct json *value;
	struct error err;

	ok(parses(arena, text_of(deep)), "%d levels", JSON_DEPTH);
	ok(!json_parse(arena, text_of(arena_printf(arena, "[%s]", deep)), &value, &err) &&
		   strstr(err.msg, "byte 64 (line 1): more than 64 levels"),
	   "and no more");
	ok(!json_parse(arena, repeat(arena, "{\"a\":", 100000), &value, &err) &&
		   strstr(err.msg, "byte 320 (line 1): more than 64 levels"),
	   "whatever comes behind");
	buffer_puts(&many, "[0");
	buffer_add(&many, repeat(arena, ",0", JSON_VALUES - 2).bytes,
		   2 * (JSON_VALUES - 2));
	buffer_puts(&many, "]");
	ok(parses(arena, buffer_text(&many)), "%zu values", JSON_VALUES);
	many.length--;
	buffer_puts(&many, ",0]");
	ok(!json_parse(arena, buffer_text(&many), &value, &err) &&
		   strstr(err.msg, "more than 2097152 values"),
	   "and no more");
	many.length = 0;
	for (int i = 0; i < 1000000; i++)
		buffer_printf(&many, "%c\"%06d\":0", i ? ',' : '{', i);
	buffer_puts(&many, "}");
	ok(parses(arena, buffer_text(&many)), "a million keys");
	many.length--;
	buffer_puts(&many, ",\"000000\":0}");
	ok(!json_parse(arena, buffer_text(&many), &value, &err) &&
		   strstr(err.msg, "the key '000000' stands twice"),
	   "and one of them again");
	ok(clock() - start < 60 * CLOCKS_PER_SEC, "in n log n");
}

static void test_u64(struct arena *arena)
{
	static const struct {
		const char *text;
		bool plain;
		uint64_t value;
	} rows[] = {
		{ "0", true, 0 },
		{ "17", true, 17 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "184467440737095516150", false, 0 },
		{ "99999999999999999999999999", false, 0 },
		{ "-1", false, 0 },
		{ "-0", false, 0 },
		{ "1.0", false, 0 },
		{ "1e3", false, 0 },
		{ "\"1\"", false, 0 },
		{ "true", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 0;
		struct json *json;
		struct error err;

		ok(json_parse(arena, text_of(rows[i].text), &json, &err) &&
			   json_u64(json, &value) == rows[i].plain &&
			   value == rows[i].value,
		   "json_u64 of %s", rows[i].text);
	}
	ok(!json_u64(NULL, &(uint64_t){ 0 }), "json_u64 of nothing");
}

static void test_folds(struct arena *arena)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "linux", "LINUX", true },
		{ "linux", "linux", true },
		{ "", "", true },
		{ "", "a", false },
		{ "capabilities", "capabilitie\xc5\xbf", true },
		{ "\xc5\xbf\xc5\xbf", "sS", true },
		{ "hooks", "hoo\xe2\x84\xaa\xc5\xbf", true },
		{ "linux", "linuxx", false },
		{ "linuxx", "linux", false },
		{ "a_b", "A_B", true },
		{ "a@", "a`", false },
		{ "[", "{", false },
		{ "\xc5", "s", false },
		{ "\xe2\x84", "k", false },
		{ "\xc3\xa9", "\xc3\x89", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ok(json_key_folds(text_of(rows[i].a), text_of(rows[i].b)) ==
				   rows[i].same &&
			   json_key_folds(text_of(rows[i].b), text_of(rows[i].a)) ==
				   rows[i].same,
		   "%s and %s are %s key", text_quote(arena, text_of(rows[i].a)),
		   text_quote(arena, text_of(rows[i].b)),
		   rows[i].same ? "one" : "not one");
}

int main(void)
{
	struct arena arena = { 0 };

	test_refused(&arena);
	test_accepted(&arena);
	test_prefixes(&arena);
	test_tree(&arena);
	test_values(&arena);
	test_limits(&arena);
	test_u64(&arena);
	test_folds(&arena);
	arena_free(&arena);
	return tap_done();
}
