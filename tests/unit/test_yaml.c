/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static struct arena arena;

/* What each document stands for, without the lines, separated by ' '. */
static const char *json_of(struct text text, struct error *err)
{
	struct buffer out = { .arena = &arena };
	struct yaml yaml;

	if (!yaml_read(&arena, text, &yaml, err))
		return NULL;
	buffer_puts(&out, "");
	for (size_t i = 0; i < yaml.count; i++) {
		struct text json = yaml.items[i].text;

		buffer_puts(&out, i ? " " : "");
		for (size_t j = 0; j < json.length; j++)
			if (json.bytes[j] != '\n')
				buffer_add(&out, &json.bytes[j], 1);
	}
	return out.bytes;
}

static const struct {
	const char *yaml, *json;
} good[] = {
	{ "", "" },
	{ "---\n---\n# nothing\n", "" },
	{ "a: b", "{\"a\":\"b\"}" },
	{ "a: {b: [c, d], e: f}", "{\"a\":{\"b\":[\"c\",\"d\"],\"e\":\"f\"}}" },
	{ "- a\n-\n- - b\n", "[\"a\",null,[\"b\"]]" },
	{ "a: 1\n---\nb: 2\n...\n", "{\"a\":1} {\"b\":2}" },
	{ "{\"a\": \"\\u00e9\\t\"}", "{\"a\":\"\xc3\xa9\\u0009\"}" },
	{ "a: |\n  x\n  y\nb: >-\n  c\n  d\n",
	  "{\"a\":\"x\\u000ay\\u000a\",\"b\":\"c d\"}" },
	/* as Kubernetes resolves them */
	{ "[yes, No, on, OFF, y, n, true, False, yEs]",
	  "[true,false,true,false,true,false,true,false,\"yEs\"]" },
	{ "['yes', \"no\", '1', 'null', '']", "[\"yes\",\"no\",\"1\",\"null\",\"\"]" },
	{ "[~, null, Null, nULL]", "[null,null,null,\"nULL\"]" },
	{ "[0, 17, -3, +4, 0644, 0o17, 0x1F, 0b101, 1_000, 08, 0x, -, 1-2]",
	  "[0,17,-3,4,420,15,31,5,1000,8,\"0x\",\"-\",\"1-2\"]" },
	{ "[18446744073709551615, -9223372036854775808, 18446744073709551616]",
	  "[18446744073709551615,-9223372036854775808,1.8446744073709552e+19]" },
	{ "[1.5, .5, 1., 1e3, -2.5E-1, 1.2.3, 1.e, 2001-01-01]",
	  "[1.5,0.5,1,1000,-0.25,\"1.2.3\",\"1.e\",\"2001-01-01\"]" },
	{ "[0x-1, 0x0x1, 0b12, --1]", "[\"0x-1\",\"0x0x1\",\"0b12\",\"--1\"]" },
	{ "{on: a, 0x10: b, 'null': c}", "{\"true\":\"a\",\"16\":\"b\",\"null\":\"c\"}" },
	{ "%YAML 1.1\n---\na: b\n", "{\"a\":\"b\"}" },
	{ "\xef\xbb\xbf"
	  "a: b\n",
	  "{\"a\":\"b\"}" },
};

static const struct {
	const char *yaml, *says;
} bad[] = {
	{ "a: 1\nb: &x 2\n", "line 2: anchors" },
	{ "a: &x [1]\n", "line 1: anchors" },
	{ "a: b\nc: *x\n", "line 2: aliases" },
	{ "a: &a [x, x]\nb: &b [*a, *a]\n", "line 1: anchors" },
	{ "a: !!str 1\n", "line 1: tags" },
	{ "a: ! 1\n", "line 1: tags" },
	{ "a: !<tag:x> {}\n", "line 1: tags" },
	{ "%TAG ! tag:x,2000:\n---\na: b\n", "tags" },
	{ "a: 1\nb: 2\na: 3\n", "line 3: " },
	{ "a: 1\n'a': 2\n", "line 2: " },
	{ "a: 1\nb:\n  yes: 1\n  'true': 2\n", "line 4: " },
	{ "<<: {a: b}\n", "line 1: merge keys" },
	{ "? [a]\n: b\n", "line 1: a key" },
	{ "? {a: b}\n: c\n", "line 1: a key" },
	{ "1.5: a\n", "can't be a key" },
	{ "~: a\n", "can't be a key" },
	{ "? \n: a\n", "can't be a key" },
	{ "a: .inf\n", "line 1: '.inf'" },
	{ "a: .NaN\n", "line 1: '.NaN'" },
	{ "a: 1e999\n", "line 1: '1e999'" },
	{ "a: \"x\\0y\"\n", "line 1: " },
	{ "a: \"\\xff\\uD800\"\n", "line 1: " },
	{ "a: [\n", "line " },
	{ "a: 'b\n", "line " },
	{ "\ta: b\n", "line 1: " },
	{ "a: b: c\n", "line 1: " },
	{ "a: b\xff\n", "line 1: " },
	{ "a: \xc0\xaf\n", "line 1: " },
};

static void test_tables(void)
{
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const char *json = json_of(text_of(good[i].yaml), &err);

		ok(json && !strcmp(json, good[i].json), "%s", good[i].json);
		if (!json || strcmp(json, good[i].json) != 0)
			printf("# %s\n", json ? json : err.msg);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *json = json_of(text_of(bad[i].yaml), &err);

		ok(!json && err.code == ERR_DATA && strstr(err.msg, bad[i].says),
		   "refused: %s", bad[i].says);
		if (json || !strstr(err.msg, bad[i].says))
			printf("# %s\n", json ? json : err.msg);
	}
}

static struct text repeated(const char *word, size_t times, const char *last)
{
	struct buffer out = { .arena = &arena };

	for (size_t i = 0; i < times; i++)
		buffer_puts(&out, word);
	buffer_puts(&out, last);
	return buffer_text(&out);
}

static void test_limits(void)
{
	const struct json *value;
	struct yaml yaml;
	struct error err;

	ok(!json_of(repeated("[", 100000, ""), &err) && strstr(err.msg, "levels"),
	   "100000 brackets end at the limit");
	ok(!json_of(repeated("- ", 100000, "a"), &err) && strstr(err.msg, "levels"),
	   "and so do 100000 dashes in a line");
	ok(!json_of(repeated("? ", 1000, "a"), &err), "and question marks");
	ok(!json_of(repeated("---\na\n", YAML_DOCUMENTS_MAX + 1, ""), &err) &&
		   strstr(err.msg, "documents"),
	   "there is a limit to documents");
	ok(!json_of(repeated("---\n", YAML_DOCUMENTS_MAX + 1, ""), &err) &&
		   strstr(err.msg, "documents"),
	   "and to empty ones");
	ok(!json_of(repeated("0123456789", YAML_SIZE_MAX / 10, "0123456789"), &err) &&
		   strstr(err.msg, "MiB"),
	   "and to bytes");
	ok(yaml_read(&arena, text_of("# first\na: b\n\nc:\n  - d: e\n    f: g\n"), &yaml,
		     &err),
	   "a text of several lines");
	value = json_get(json_get(yaml.items[0].root, "c")->first, "f");
	ok(yaml.items[0].line - 1 + json_line(yaml.items[0].text, value->start) == 6,
	   "values keep their lines");
	ok(yaml_read(&arena, repeated("\n", 100000, "--- a\n--- b\n# c\n---\nd"), &yaml,
		     &err) &&
		   yaml.count == 3 && yaml.items[1].line == 100002 &&
		   yaml.items[2].line == 100004,
	   "documents begin on lines of their own");
	ok(yaml.items[1].text.length < 16, "and cost nothing for the lines before them");
	ok(!json_of(text_of("a: b\n---\nc: d\nc: e\n"), &err) &&
		   strstr(err.msg, "line 4: "),
	   "which are counted from the beginning of the file");
	ok(!json_of((struct text){ "a\0: b", 5 }, &err) && err.code == ERR_DATA,
	   "a NUL is refused");
	ok(!json_of((struct text){ "\xff\xfe"
				   "a\0",
				   4 },
		    &err),
	   "and so is UTF-16");
}

/* Nothing that is cut off anywhere does harm; whatever is read is JSON. */
static void test_prefixes(void)
{
	static const char text[] =
		"a: {b: [c, 'd', \"\\n\"], e: 0x1f}\nf: |\n  g\n---\n- h";
	struct error err;
	size_t read = 0;

	for (size_t i = 0; i < sizeof(text); i++) {
		char *copy = malloc(i + 1);

		memcpy(copy, text, i);
		read += json_of((struct text){ copy, i }, &err) != NULL;
		free(copy);
	}
	ok(read > 5, "every prefix ends well");
}

int main(void)
{
	test_tables();
	test_limits();
	test_prefixes();
	arena_free(&arena);
	return tap_done();
}
