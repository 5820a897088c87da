/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stamp.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static void test_write(void)
{
	static const struct {
		struct timespec when;
		const char *text;
	} cases[] = {
		{ { 0, 0 }, "1970-01-01T00:00:00.000000Z" },
		{ { 1795269172, 123456789 }, "2026-11-21T13:52:52.123456Z" },
		{ { 951782400, 999999999 }, "2000-02-29T00:00:00.999999Z" },
		{ { INT64_C(253402300799), 1000 }, "9999-12-31T23:59:59.000001Z" },
	};

	setenv("TZ", "Asia/Kathmandu", 1);
	tzset();
	setlocale(LC_ALL, "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = stamp_write(&arena, cases[i].when);
		struct timespec back = { 0 };

		ok(!strcmp(text, cases[i].text), "%s", text);
		ok(strlen(text) == STAMP_LENGTH, "it is as long as all");
		ok(stamp_read(text_of(text), &back) &&
			   back.tv_sec == cases[i].when.tv_sec &&
			   back.tv_nsec == cases[i].when.tv_nsec / 1000 * 1000,
		   "and reads back");
	}
}

static void test_read(void)
{
	static const struct {
		const char *text;
		struct timespec when;
	} cases[] = {
		{ "2026-11-21T13:52:52Z", { 1795269172, 0 } },
		{ "2026-11-21t13:52:52z", { 1795269172, 0 } },
		{ "2026-11-21 13:52:52Z", { 1795269172, 0 } },
		{ "2026-11-21T14:52:52+01:00", { 1795269172, 0 } },
		{ "2026-11-21T08:22:52.5-05:30", { 1795269172, 500000000 } },
		{ "2026-11-21T13:52:52.1234567890Z", { 1795269172, 123456789 } },
	};
	static const char *const wrong[] = {
		"",
		"2026",
		"2026-11-21",
		"2026-11-21T13:52",
		"2026-11-21T13:52:52",
		"2026-11-21T13:52:52.Z",
		"2026-11-21T13:52:52Zx",
		"2026-02-30T00:00:00Z",
		"2026-00-10T00:00:00Z",
		"2026-13-10T00:00:00Z",
		"2026-11-21T24:00:00Z",
		"2026-11-21T13:60:00Z",
		"2026-11-21T13:52:61Z",
		"2026-11-21T13:52:52+1:00",
		"+026-11-21T13:52:52Z",
		"2026/11/21T13:52:52Z",
	};
	struct timespec when;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(stamp_read(text_of(cases[i].text), &when) &&
			   when.tv_sec == cases[i].when.tv_sec &&
			   when.tv_nsec == cases[i].when.tv_nsec,
		   "%s", cases[i].text);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ok(!stamp_read(text_of(wrong[i]), &when), "no time: \"%s\"", wrong[i]);
}

static void test_since(void)
{
	static const struct {
		const char *text;
		time_t seconds;
	} cases[] = {
		{ "2026-11-21", 1795219200 }, { "2026-11-21T13:52:52Z", 1795269172 },
		{ "90s", 1795269172 - 90 },   { "15m", 1795269172 - 900 },
		{ "2h", 1795269172 - 7200 },  { "7d", 1795269172 - 604800 },
		{ "0s", 1795269172 },	      { "99999999d", 0 },
	};
	static const char *const wrong[] = {
		"",	     "h",   "1",   "1w", "-1h",
		"1 h",	     "1hh", "now", "h1", "999999999999d",
		"2026-11-32"
	};
	const struct timespec now = { 1795269172, 7 };
	struct timespec when;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(stamp_since(&arena, text_of(cases[i].text), now, &when, &err) &&
			   when.tv_sec == cases[i].seconds,
		   "since %s", cases[i].text);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ok(!stamp_since(&arena, text_of(wrong[i]), now, &when, &err) &&
			   err.code == ERR_USAGE,
		   "since when: \"%s\"", wrong[i]);
}

int main(void)
{
	test_write();
	test_read();
	test_since();
	arena_free(&arena);
	return tap_done();
}
