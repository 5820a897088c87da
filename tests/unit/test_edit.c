/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/edit.h"

#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static const char *edited(const char *text, const struct member *members, size_t count)
{
	struct edits edits = { 0 };
	struct json *root;
	struct error err;

	if (!json_parse(&arena, text_of(text), &root, &err))
		return err.msg[0] ? "not parsed" : "";
	edits_members(&arena, &edits, root, members, count);
	return edits_apply(&arena, &edits, text_of(text)).bytes;
}

static void test_members(void)
{
	const struct member members[] = { { "b", { "[2]", 3 } }, { "a", { "1", 1 } } };
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "{}", "{\"b\":[2],\"a\":1}" },
		{ " { } ", " {\"b\":[2],\"a\":1 } " },
		{ "{\"x\":0}", "{\"b\":[2],\"a\":1,\"x\":0}" },
		{ "{\"a\" : {\"a\":7} , \"x\":0}", "{\"b\":[2],\"a\" : 1 , \"x\":0}" },
		{ "{\"a\":\"\\u0061\",\"b\":null}", "{\"a\":1,\"b\":[2]}" },
		{ "{\"\\u0061\":9}", "{\"b\":[2],\"\\u0061\":1}" },
		{ "{\"x\":\"a\",\"y\":[\"b\"]}",
		  "{\"b\":[2],\"a\":1,\"x\":\"a\",\"y\":[\"b\"]}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *once = edited(cases[i].text, members, ARRAY_SIZE(members));

		ok(!strcmp(once, cases[i].want), "%s becomes %s", cases[i].text, once);
		ok(!strcmp(edited(once, members, ARRAY_SIZE(members)), once),
		   "and stays so");
	}
}

int main(void)
{
	test_members();
	arena_free(&arena);
	return tap_done();
}
