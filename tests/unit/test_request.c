/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/request.h"

#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static const char *join(const struct request *request)
{
	struct buffer out = { .arena = &arena };

	buffer_puts(&out, "");
	for (size_t i = 0; i < request->count; i++) {
		buffer_puts(&out, i ? " " : "");
		buffer_add(&out, request->profiles[i].bytes, request->profiles[i].length);
	}
	return out.bytes;
}

static void test_names(void)
{
	static const struct {
		struct text value;
		const char *want; /* NULL: refused */
	} cases[] = {
		{ { "a", 1 }, "a" },	  { { "b,a", 3 }, "a b" },
		{ { "b a", 3 }, "a b" },  { { " b , a ", 7 }, "a b" },
		{ { "a,a a", 5 }, "a" },  { { "", 0 }, "" },
		{ { "   ", 3 }, "" },	  { { "net-bind2", 9 }, "net-bind2" },
		{ { ",", 1 }, NULL },	  { { "a,", 2 }, NULL },
		{ { "a,,b", 4 }, NULL },  { { ",a", 2 }, NULL },
		{ { "a, ,b", 5 }, NULL }, { { "-a", 2 }, NULL },
		{ { "a-", 2 }, NULL },	  { { "A", 1 }, NULL },
		{ { "a_b", 3 }, NULL },	  { { "a/b", 3 }, NULL },
		{ { "..", 2 }, NULL },	  { { "../x", 4 }, NULL },
		{ { "a\tb", 3 }, NULL },  { { "a\nb", 3 }, NULL },
		{ { "a\0b", 3 }, NULL },  { { "\xc3\xa4", 2 }, NULL },
		{ { "a;b", 3 }, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct request request = { 0 };
		struct error err = { 0 };
		bool read = request_names(&arena, cases[i].value, &request, &err);

		if (cases[i].want)
			ok(read && !strcmp(join(&request), cases[i].want), "%s is read",
			   text_quote(&arena, cases[i].value));
		else
			ok(!read && err.code == ERR_DATA, "%s is refused",
			   text_quote(&arena, cases[i].value));
	}
}

static void test_limits(void)
{
	char name[PROFILE_NAME_MAX + 1];
	struct buffer many = { .arena = &arena };
	struct request request = { 0 };
	struct error err;

	memset(name, 'a', sizeof(name));
	ok(profile_name_valid((struct text){ name, PROFILE_NAME_MAX }),
	   "63 bytes are a name");
	ok(!profile_name_valid((struct text){ name, PROFILE_NAME_MAX + 1 }),
	   "64 are none");
	for (int i = 0; i < REQUEST_PROFILES; i++)
		buffer_printf(&many, "p%d ", i);
	ok(request_names(&arena, buffer_text(&many), &request, &err),
	   "32 names are read");
	buffer_puts(&many, "p0");
	request.count = 0;
	ok(request_names(&arena, buffer_text(&many), &request, &err),
	   "one of them twice too");
	buffer_puts(&many, " more");
	request.count = 0;
	ok(!request_names(&arena, buffer_text(&many), &request, &err), "33 are refused");
}

int main(void)
{
	test_names();
	test_limits();
	arena_free(&arena);
	return tap_done();
}
