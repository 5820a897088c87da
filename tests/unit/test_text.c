/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text.h"

#include <string.h>

#include "tests/tap.h"

#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })

static void test_compare(void)
{
	static const struct {
		struct text a, b;
		int order;
	} cases[] = {
		{ { "", 0 }, { NULL, 0 }, 0 },	 { { "a", 1 }, { "a", 1 }, 0 },
		{ { "a", 1 }, { "b", 1 }, -1 },	 { { "a", 1 }, { "ab", 2 }, -1 },
		{ { "b", 1 }, { "ab", 2 }, 1 },	 { { "a\0b", 3 }, { "a\0c", 3 }, -1 },
		{ { "a\0", 2 }, { "a", 1 }, 1 }, { { "\xff", 1 }, { "a", 1 }, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int there = text_compare(cases[i].a, cases[i].b);
		int back = text_compare(cases[i].b, cases[i].a);

		ok((there > 0) - (there < 0) == cases[i].order, "case %zu: order", i);
		ok((back > 0) - (back < 0) == -cases[i].order, "case %zu: mirrored", i);
		ok(text_eq(cases[i].a, cases[i].b) == !cases[i].order, "case %zu: equal",
		   i);
	}
	ok(text_is(TEXT("ab"), "ab"), "is");
	ok(!text_is(TEXT("ab\0"), "ab"), "is not, with a NUL behind it");
	ok(text_begins(TEXT("ab"), "a") && text_begins(TEXT("ab"), "ab") &&
		   text_begins(text_of(NULL), ""),
	   "begins");
	ok(!text_begins(TEXT("ab"), "b") && !text_begins(TEXT("ab"), "abc") &&
		   !text_begins(text_of(NULL), "a"),
	   "begins otherwise, or is too short");
	ok(text_eq(text_of(NULL), (struct text){ 0 }), "a text of NULL is empty");
}

static void test_quote(void)
{
	static const struct {
		struct text text;
		const char *want;
	} cases[] = {
		{ { NULL, 0 }, "''" },
		{ { "a b~", 4 }, "'a b~'" },
		{ { "it's", 4 }, "'it\\x27s'" },
		{ { "a\\n", 3 }, "'a\\x5cn'" },
		{ { "\x1b[2J", 4 }, "'\\x1b[2J'" },
		{ { "a\nb\0c", 5 }, "'a\\x0ab\\x00c'" },
		{ { "\x7f\xc3\xa4", 3 }, "'\\x7f\\xc3\\xa4'" },
	};
	struct arena arena = { 0 };
	char name[81];
	const char *quoted;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		quoted = text_quote(&arena, cases[i].text);
		ok(!strcmp(quoted, cases[i].want), "quote: %s", quoted);
	}
	memset(name, 'n', sizeof(name));
	quoted = text_quote(&arena, (struct text){ name, 80 });
	ok(strlen(quoted) == 82 && !strchr(quoted, '.'), "80 bytes are shown whole");
	quoted = text_quote(&arena, (struct text){ name, 81 });
	ok(!strcmp(quoted + 81, "...'"), "81 are cut: %s", quoted);
	arena_free(&arena);
}

static void test_json(void)
{
	static const struct {
		struct text text;
		const char *want;
	} cases[] = {
		{ { NULL, 0 }, "\"\"" },
		{ { "a/'b", 4 }, "\"a/'b\"" },
		{ { "\"\\", 2 }, "\"\\\"\\\\\"" },
		{ { "\0\n\x1f\x7f", 4 }, "\"\\u0000\\u000a\\u001f\\u007f\"" },
		{ { "\xc3\xa4", 2 }, "\"\xc3\xa4\"" },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer buffer = { .arena = &arena };

		buffer_json(&buffer, cases[i].text);
		ok(text_is(buffer_text(&buffer), cases[i].want), "json: %s",
		   buffer.bytes);
	}
	arena_free(&arena);
}

static void test_ascii(void)
{
	static const struct {
		struct text text;
		const char *want;
		bool utf8;
	} cases[] = {
		{ { NULL, 0 }, "\"\"", true },
		{ { "a\"~", 3 }, "\"a\\\"~\"", true },
		{ { "\x1b", 1 }, "\"\\u001b\"", true },
		{ { "\xc3\xa4", 2 }, "\"\\u00e4\"", true },
		{ { "\xf0\x9f\x98\x80", 4 }, "\"\\ud83d\\ude00\"", true },
		{ { "\xc0\xaf", 2 }, "\"\\ufffd\\ufffd\"", false },
		{ { "a\xe2\x82", 3 }, "\"a\\ufffd\\ufffd\"", false },
	};
	struct arena arena = { 0 };
	struct buffer spaced = { .arena = &arena };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buffer buffer = { .arena = &arena };

		buffer_json_ascii(&buffer, cases[i].text);
		ok(text_is(buffer_text(&buffer), cases[i].want) &&
			   text_is_utf8(cases[i].text) == cases[i].utf8,
		   "ascii: %s", buffer.bytes);
	}
	buffer_ascii(&spaced, text_of("{\"a\":\n\t1}"));
	ok(text_is(buffer_text(&spaced), "{\"a\":  1}"), "ascii: on one line");
	arena_free(&arena);
}

static void test_buffer(void)
{
	struct arena arena = { 0 };
	struct buffer buffer = { .arena = &arena };
	bool same = true;

	buffer_add(&buffer, NULL, 0);
	ok(buffer.length == 0 && buffer.bytes[0] == '\0',
	   "nothing added: an empty string");
	for (int i = 0; i < 10000; i++) {
		buffer_add(&buffer, "a\0", 2);
		buffer_puts(&buffer, "bc");
		buffer_printf(&buffer, "%c%d", 'd', i % 10);
	}
	ok(buffer_text(&buffer).length == 60000, "60000 bytes");
	for (size_t i = 0; i < 10000; i++)
		same = same && !memcmp(buffer.bytes + 6 * i, "a\0bcd", 5) &&
		       buffer.bytes[6 * i + 5] == (char)('0' + i % 10);
	ok(same, "... kept while it grows");
	ok(buffer.bytes[buffer.length] == '\0', "... and a NUL behind them");
	arena_free(&arena);
}

static void test_line(void)
{
	static const char *const shown[] = {
		"",
		"plain",
		"na\303\257ve \342\200\224 \346\227\245",
		"\xc2\xa0",
		"\xf0\x9f\x98\x80",
		"\xe2\x80\xa7\xe2\x80\xaf",
		"\xe2\x80\x8a\xe2\x80\x90",
		"\xe2\x81\x9f\xe2\x81\xb0",
	};
	static const char *const hidden[] = {
		"\x1b[2J",	"a\nb",		"\t",
		"\x7f",		"\xc2\x80",	"\xc2\x9f",
		"\xd8\x9c",	"\xe2\x80\x8b", "\xe2\x80\x8f",
		"\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa",
		"\xe2\x80\xae", "\xe2\x81\xa0", "\xe2\x81\xa6",
		"\xe2\x81\xaf", "\xef\xbb\xbf", "text\xe2\x80\xae",
	};

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		ok(text_is_line(text_of(shown[i])), "a line: %s", shown[i]);
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		ok(!text_is_line(text_of(hidden[i])), "no line: %zu", i);
	ok(text_is_line((struct text){ "\xe2\x80", 2 }) &&
		   text_is_line((struct text){ "\xc2", 1 }),
	   "nothing behind the end is looked at");
}

int main(void)
{
	test_compare();
	test_quote();
	test_line();
	test_json();
	test_ascii();
	test_buffer();
	return tap_done();
}
