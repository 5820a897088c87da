/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/record.h"

#include <string.h>

#include "tests/tap.h"

static struct arena arena;
static const struct timespec now = { 1795269172, 123456789 };

/* The members of a line, after what holds for each. */
static const struct json *parse(const char *what, const struct record *record,
				const struct error *why)
{
	struct text line = record_line(&arena, record, why, now);
	struct json *root = NULL;
	bool ascii = true;
	struct error err;

	for (size_t i = 0; i + 1 < line.length; i++)
		ascii = ascii && line.bytes[i] >= ' ' && line.bytes[i] <= '~';
	ok(ascii && line.bytes[line.length - 1] == '\n', "%s: one line of ASCII", what);
	ok(!memcmp(line.bytes, RECORD_START, strlen(RECORD_START)), "%s: its beginning",
	   what);
	ok(json_parse(&arena, line, &root, &err), "%s: JSON: %.200s", what, line.bytes);
	return root;
}

static bool says(const struct json *root, const char *key, const char *want)
{
	const struct json *value = json_get(root, key);

	return want ? json_is(value, JSON_STRING) && text_is(value->text, want) : !value;
}

static struct record basic(const struct node *node)
{
	return (struct record){ .operation = "create",
				.id = text_of("c1"),
				.node = node };
}

static void test_status(void)
{
	const struct error why = { .code = ERR_DENIED, .msg = "because" };
	struct node node = node_default();
	struct record record = basic(&node);
	const struct json *root = parse("granted", &record, NULL);

	ok(says(root, "status", "granted") && says(root, "mode", "enforce") &&
		   says(root, "operation", "create") && says(root, "id", "c1") &&
		   says(root, "time", "2026-11-21T13:52:52.123456Z") &&
		   says(root, "runtime", node.runtime) && says(root, "why", NULL),
	   "granted");
	root = parse("refused", &record, &why);
	ok(says(root, "status", "refused") && says(root, "why", "because"), "refused");
	record.mode = MODE_WARN;
	root = parse("refused in mode warn", &record, &why);
	ok(says(root, "status", "refused") && says(root, "mode", "warn"),
	   "refused all the same");
	record.warned = true;
	root = parse("warned", &record, &why);
	ok(says(root, "status", "warned") && says(root, "why", "because"), "warned");
	root = parse("warned of nothing", &record, NULL);
	ok(says(root, "status", "warned") && says(root, "why", NULL),
	   "warned of nothing");
}

/* Texts of others: what they say is found again, and nothing else is changed by them. */
static void test_hostile(void)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *want;
	} cases[] = {
		{ "\",\"status\":\"granted", 19, "\",\"status\":\"granted" },
		{ RECORD_LOST RECORD_BEFORE, 20, RECORD_LOST RECORD_BEFORE },
		{ "\n" RECORD_START, 10, "\n" RECORD_START },
		{ "\x1b[2J\x7f\r\b", 7, "\x1b[2J\x7f\r\b" },
		{ "\xc2\x9b"
		  "31m",
		  5,
		  "\xc2\x9b"
		  "31m" },
		{ "\xf0\x9f\xa6\x80\xe2\x80\xae", 7, "\xf0\x9f\xa6\x80\xe2\x80\xae" },
		{ "a\xff\xc0\xaf z", 6, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd z" },
		{ "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\\u0000\\", 7, "\\u0000\\" },
	};
	struct node node = node_default();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text text = { cases[i].bytes, cases[i].length };
		const char *what = text_quote(&arena, text);
		struct outcome outcome = {
			.request = { .subject = { text, text, text },
				     .profiles = { text },
				     .count = 1 },
		};
		struct record record = basic(&node);
		const struct json *root, *subject;

		record.id = text;
		record.outcome = &outcome;
		root = parse(what, &record, NULL);
		subject = json_get(root, "subject");
		ok(says(root, "id", cases[i].want) &&
			   says(subject, "namespace", cases[i].want) &&
			   says(subject, "container", cases[i].want) &&
			   says(subject, "image", cases[i].want) &&
			   text_is(json_get(root, "requested")->first->text,
				   cases[i].want),
		   "%s is found again", what);
		ok(says(root, "status", "granted") && root->count == 9,
		   "%s: and nothing else", what);
	}
}

static void test_bounds(void)
{
	struct node node = node_default();
	struct record record = basic(&node);
	struct text line;

	record.id.length = 1 << 20;
	record.id.bytes =
		memset(arena_new(&arena, char, record.id.length), 0xff, record.id.length);
	line = record_line(&arena, &record, NULL, now);
	ok(line.length < 8 * RECORD_TEXT_MAX, "a megabyte becomes %zu bytes",
	   line.length);
}

int main(void)
{
	test_status();
	test_hostile();
	test_bounds();
	arena_free(&arena);
	return tap_done();
}
