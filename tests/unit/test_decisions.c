/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/decisions.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/breakage.h"
#include "tests/tap.h"

#define HEAD "{\"time\":\"2026-11-21T13:52:52.123456Z\","
#define LINE                                                                           \
	HEAD "\"status\":\"granted\",\"mode\":\"enforce\",\"operation\":\"run\","      \
	     "\"id\":\"abcdef\",\"subject\":{\"namespace\":\"n\",\"container\":\"c\"," \
	     "\"image\":\"r/i:1\"}}"

static struct arena arena;

static void test_entry(void)
{
	static const struct {
		const char *line;
		bool whole, broken;
	} cases[] = {
		{ LINE, true, false },
		{ HEAD "\"status\":\"warned\",\"operation\":\"run\"}", true, false },
		{ HEAD "\"status\":\"warned\",\"operation\":\"run\",\"before\":{\"x",
		  false, false },
		{ HEAD "\"status\":\"warned\",\"operation\":\"run\",\"before\":{\"x\x1b}",
		  true, false },
		{ "{\"time\":\"20" LINE, true, true },
		{ "\x1b[2J" LINE, true, true },
		{ HEAD "\"a\":" LINE, true, true },
		{ "", false, false },
		{ "x", false, false },
		{ "{}", false, false },
		{ "[]", false, false },
		{ "null", false, false },
		{ HEAD "}", false, false },
		{ HEAD "\"status\":1,\"operation\":\"run\"}", false, false },
		{ HEAD "\"status\":\"a\",\"operation\":\"b\",\"status\":\"c\"}", false,
		  false },
		{ "{\"time\":\"2026-13-21T13:52:52.123456Z\",\"status\":\"a\","
		  "\"operation\":\"b\"}",
		  false, false },
		{ "{\"time\":\"2026-11-21T13:52:52.12Z\",\"status\":\"a\","
		  "\"operation\":\"b\",\"x\":\"yyyyyyyyyyyyyy\"}",
		  false, false },
	};
	struct entry entry = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text line = text_of(cases[i].line);
		bool read = entry_read(&arena, line, EXTENT_FRONT, &entry);

		ok(read == cases[i].whole && (!read || entry.broken == cases[i].broken),
		   "%s", text_quote(&arena, line));
	}
	/* Each beginning of a line, as a full disk or a kill leaves it, and one behind
	 * it. */
	for (size_t n = 0; n < strlen(LINE); n++) {
		struct text line = { LINE, n };
		const char *both = arena_printf(&arena, "%.*s%s", (int)n, LINE, LINE);

		if (entry_read(&arena, line, EXTENT_WHOLE, &entry))
			ok(false, "%zu bytes are no decision", n);
		if (!entry_read(&arena, text_of(both), EXTENT_WHOLE, &entry) ||
		    entry.broken != (n > 0) || entry.line.length != strlen(LINE))
			ok(false, "the decision behind %zu bytes is found", n);
	}
	ok(true, "no beginning of a decision is one");
}

static void test_wanted(void)
{
	static const struct {
		struct wanted wanted;
		bool fits;
	} cases[] = {
		{ { 0 }, true },
		{ { .since = "2026-11-21T13:52:52.123456Z" }, true },
		{ { .since = "2026-11-21T13:52:52.123457Z" }, false },
		{ { .container = "abc" }, true },
		{ { .container = "c" }, true },
		{ { .container = "bc" }, false },
		{ { .container = "abcdefg" }, false },
		{ { .namespace = "n" }, true },
		{ { .namespace = "r" }, false },
		{ { .image = "r/*" }, true },
		{ { .image = "r/i:1" }, true },
		{ { .image = "i:1" }, false },
		{ { .status = "granted" }, true },
		{ { .status = "refused" }, false },
		{ { .status = "granted", .namespace = "x" }, false },
	};
	struct text line = text_of(LINE);
	struct entry entry;

	if (!ok(entry_read(&arena, line, EXTENT_FRONT, &entry), "the line"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct wanted *wanted = &cases[i].wanted;
		bool perhaps = wanted_perhaps(wanted, line);

		ok((perhaps && wanted_entry(&arena, wanted, &entry)) == cases[i].fits,
		   "case %zu", i);
		ok(perhaps || !wanted_entry(&arena, wanted, &entry),
		   "case %zu: nothing is passed over that is wanted", i);
	}
}

/* A log of these bytes, which are counted as they come. */
static struct decisions log_of(const char *bytes, size_t length)
{
	struct decisions decisions = { .path = "log",
				       .fd = memfd_create("log", 0),
				       .bytes = arena_new(&arena, char, DECISION_MAX) };

	if (write(decisions.fd, bytes, length) != (ssize_t)length)
		ok(false, "write");
	(void)lseek(decisions.fd, 0, SEEK_SET);
	return decisions;
}

static bool add_one(struct arena *line, const struct entry *entry, void *into,
		    struct error *err)
{
	(void)line;
	(void)entry;
	(void)err;
	++*(size_t *)into;
	return true;
}

static void test_visit(void)
{
	static const struct wanted all;
	static const char end[] = "\n" LINE "\n\n" LINE "\nx\0y\n\xff\n" LINE;
	size_t length = 3 * DECISION_MAX + sizeof(end) - 1, count = 0;
	struct visit visit = { .wanted = &all, .each = add_one, .into = &count };
	char *bytes = arena_new(&arena, char, length);
	struct decisions decisions;
	struct error err;

	memset(bytes, 'x', 3 * DECISION_MAX);
	memcpy(bytes + 3 * DECISION_MAX, end, sizeof(end) - 1);
	decisions = log_of(bytes, length);
	ok(decisions_visit(&decisions, &visit, &err), "a log with odd lines");
	ok(count == 2 && visit.broken == 3, "%zu decisions, %zu broken lines", count,
	   (size_t)visit.broken);
	ok(text_is(decisions_rest(&decisions), LINE), "and what is left");
	close(decisions.fd);
}

static void test_rule(void)
{
	static const struct {
		struct subject subject;
		const char *rule;
		bool for_all;
	} cases[] = {
		{ { { 0 }, { 0 }, { 0 } }, "{\"allow\": [\"a\"]}", true },
		{ { { "n", 1 }, { "c", 1 }, { "r/i:1", 5 } },
		  "{\"allow\": [\"a\"], \"namespaces\": [\"n\"], \"containers\": "
		  "[\"c\"], "
		  "\"images\": [\"r/i:1\"]}",
		  false },
		{ { { 0 }, { 0 }, { "a*[?\\", 5 } },
		  "{\"allow\": [\"a\"], \"images\": [\"a\\\\*\\\\[\\\\?\\\\\\\\\"]}",
		  false },
		{ { { "\"\xc2\x9b", 3 }, { 0 }, { 0 } },
		  "{\"allow\": [\"a\"], \"namespaces\": [\"\\\"\\u009b\"]}",
		  false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text profile = text_of("a");
		struct breakage breakage = { .subject = cases[i].subject,
					     .profiles = { &profile, 1, 1 } };
		struct text rule = breakage_rule(&arena, &breakage);
		struct acl *acl = acl_new(&arena);
		struct error err;

		ok(text_is(rule, cases[i].rule), "%s", rule.bytes);
		ok(breakage_rule_is_for_all(&breakage) == cases[i].for_all,
		   "whether it is for all");
		ok(acl_add(&arena, acl, "acl",
			   text_of(arena_printf(&arena, "{\"rules\": [%s]}", rule.bytes)),
			   &err),
		   "the ACL takes it: %s", err.msg);
	}
}

int main(void)
{
	test_entry();
	test_wanted();
	test_visit();
	test_rule();
	arena_free(&arena);
	return tap_done();
}
