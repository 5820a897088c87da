/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/seccomp.h"

#include <errno.h>
#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static bool reads(const char *text, struct syscalls *ret, struct error *err)
{
	struct fields fields = { .arena = &arena, .text = text_of(text) };
	struct json *root;

	return json_parse(&arena, fields.text, &root, err) &&
	       seccomp_read(&fields, root, ret, err);
}

/* The section that a set of grants becomes; NULL: it can't be expressed. */
static const char *written(const struct syscalls *syscalls)
{
	struct buffer out = { .arena = &arena };
	struct emission emission;
	struct error err;

	if (!emission_make(&arena, syscalls, archs_native(), &emission, &err)) {
		printf("# %s\n", err.msg);
		return NULL;
	}
	seccomp_write(&out, &emission, archs_native());
	return out.bytes;
}

/* A section that denies, with these entries. */
static const char *section(const char *entries)
{
	return arena_printf(&arena,
			    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[%s]}",
			    entries);
}

static const char *entry(const char *name, const char *args)
{
	return arena_printf(&arena,
			    "{\"names\":[\"%s\"],\"action\":\"SCMP_ACT_ALLOW\","
			    "\"args\":[%s]}",
			    name, args);
}

static const char *arg(unsigned index, const char *op, const char *value, const char *two)
{
	return arena_printf(
		&arena, "{\"index\":%u,\"op\":\"SCMP_CMP_%s\",\"value\":%s%s%s}", index,
		op, value, two ? ",\"valueTwo\":" : "", two ? two : "");
}

struct values {
	uint64_t *items;
	size_t count, capacity;
};

/* Both ends of everything, and every operand with its neighbours. */
static void add_edges(struct values *values, const struct syscalls *syscalls)
{
	*arena_push(&arena, values) = 0;
	*arena_push(&arena, values) = UINT64_MAX;
	for (size_t i = 0; i < syscalls->rules.count; i++)
		for (unsigned c = 0; c < syscalls->rules.items[i].count; c++)
			for (unsigned k = 0; k < 3; k++)
				*arena_push(&arena, values) =
					syscalls->rules.items[i].conditions[c].value + k -
					1;
}

/*
 * Whether two sets grant the same, however their rules are written: on every call, with
 * every edge of either in each of the first three arguments.
 */
static bool same_grants(const struct syscalls *a, const struct syscalls *b)
{
	struct values v = { 0 };

	add_edges(&v, a);
	add_edges(&v, b);
	for (unsigned call = 0; call < syscall_count(); call++)
		for (size_t i = 0; i < v.count * v.count * v.count; i++) {
			const uint64_t args[SYSCALL_ARGS] = {
				v.items[i % v.count], v.items[i / v.count % v.count],
				v.items[i / v.count / v.count]
			};

			if (syscalls_grants(a, call, args) !=
			    syscalls_grants(b, call, args))
				return false;
		}
	return true;
}

/* What a section written from what was read of these entries grants. */
static void test_round(void)
{
	const char *const cases[] = {
		"",
		entry("read", ""),
		"{\"names\":[\"write\",\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}",
		entry("socket", arg(0, "EQ", "1", NULL)),
		entry("socket", arg(0, "NE", "40", NULL)),
		entry("socket", arg(2, "GT", "18446744073709551614", NULL)),
		entry("ioctl", arg(1, "MASKED_EQ", "4294967295", "21505")),
		arena_printf(&arena, "%s,%s,%s", entry("socket", arg(0, "EQ", "2", NULL)),
			     entry("socket", arg(0, "EQ", "1", NULL)), entry("bind", "")),
		entry("socket", arena_printf(&arena, "%s,%s", arg(1, "EQ", "3", NULL),
					     arg(0, "EQ", "16", NULL))),
		arena_printf(&arena, "%s,%s", entry("socket", arg(0, "EQ", "1", NULL)),
			     entry("socket", "")),
		arena_printf(&arena, "%s,%s", entry("socket", arg(0, "EQ", "1", NULL)),
			     "{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\","
			     "\"errnoRet\":38}"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct syscalls first = { 0 }, second = { .all = true };
		struct error err = { 0 };
		const char *once, *twice;

		if (!ok(reads(section(cases[i]), &first, &err), "read: %s %s", cases[i],
			err.msg))
			continue;
		once = written(&first);
		if (!ok(once != NULL, "written"))
			continue;
		ok(reads(once, &second, &err) && same_grants(&first, &second),
		   "and read again, it grants the same: %s", err.msg);
		twice = written(&second);
		ok(twice && !strcmp(once, twice), "and is written the same");
	}
}

static void test_top(void)
{
	struct syscalls all = { .all = true }, back = { 0 };
	struct error err;
	const char *text = written(&all);

	if (!ok(text != NULL, "the top is written"))
		return;
	ok(strstr(text, "SCMP_ACT_ALLOW") && !strstr(text, "names"),
	   "all calls are one default: %s", text);
	ok(reads(text, &back, &err) && back.all, "which reads as all");
}

static void test_form(void)
{
	struct syscalls syscalls = { 0 };
	struct error err;
	const char *text;

	if (!reads(section("{\"names\":[\"write\",\"read\"],\"action\":"
			   "\"SCMP_ACT_ALLOW\"},{\"names\":[\"bind\",\"accept\"],"
			   "\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":2,"
			   "\"value\""
			   ":7,\"op\":\"SCMP_CMP_EQ\"}]}"),
		   &syscalls, &err))
		return;
	syscalls_refuse(&arena, &syscalls, (unsigned)syscall_find(text_of("clone3")),
			ENOSYS);
	syscalls_refuse(&arena, &syscalls, (unsigned)syscall_find(text_of("read")),
			ENOSYS);
	syscalls_refuse(&arena, &syscalls, (unsigned)syscall_find(text_of("reboot")),
			EPERM);
	text = written(&syscalls);
	if (!ok(text != NULL, "written"))
		return;
	ok(strstr(text, "\"syscalls\":[{\"names\":[\"read\",\"write\"],\"action\":"
			"\"SCMP_ACT_ALLOW\"},{\"names\":[\"accept\",\"bind\"],"
			"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":2,"
			"\"value\":7,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"clone3\"],"
			"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}]}"),
	   "sorted, grouped, without what the default says: %s", text);
	ok(strstr(text, "{\"defaultAction\":\"SCMP_ACT_ERRNO\","
			"\"defaultErrnoRet\":1,\"architectures\":[\"") == text,
	   "and the rest is written out");
}

static void test_grants(void)
{
	static const struct {
		const char *text;
		bool all, read;
	} cases[] = {
		{ "null", true, false },
		{ "{}", true, false },
		{ "{\"defaultAction\":null}", true, false },
		{ "{\"defaultAction\":\"\"}", true, false },
		{ "{\"defaultAction\":7}", true, false },
		{ "{\"defaultAction\":\"scmp_act_errno\"}", true, false },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", true, false },
		{ "{\"defaultAction\":\"SCMP_ACT_LOG\"}", true, false },
		{ "{\"defaultAction\":\"SCMP_ACT_TRACE\"}", true, false },
		{ "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", true, false },
		{ "{\"defaultAction\":\"SCMP_ACT_NEW\"}", true, false },
		{ "{\"defaultAction\":\"SCMP_ACT_KILL\"}", false, false },
		{ "{\"defaultAction\":\"SCMP_ACT_KILL_THREAD\"}", false, false },
		{ "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\"}", false, false },
		{ "{\"defaultAction\":\"SCMP_ACT_TRAP\"}", false, false },
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":null}", false,
		  false },
	};
	static const struct {
		const char *action;
		bool grants;
	} actions[] = {
		{ "\"SCMP_ACT_ALLOW\"", true },	 { "\"SCMP_ACT_LOG\"", true },
		{ "\"SCMP_ACT_TRACE\"", true },	 { "\"SCMP_ACT_NOTIFY\"", true },
		{ "\"SCMP_ACT_WHAT\"", true },	 { "null", true },
		{ "\"SCMP_ACT_ERRNO\"", false }, { "\"SCMP_ACT_KILL\"", false },
		{ "\"SCMP_ACT_TRAP\"", false },
	};
	unsigned call = (unsigned)syscall_find(text_of("read"));
	struct fields fields = { .arena = &arena };
	struct syscalls got = { 0 };
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(reads(cases[i].text, &got, &err) && got.all == cases[i].all &&
			   syscalls_has(&got, call) == (cases[i].all || cases[i].read),
		   "%s grants %s", cases[i].text, cases[i].all ? "all" : "nothing");
	got = (struct syscalls){ 0 };
	ok(seccomp_read(&fields, NULL, &got, &err) && got.all,
	   "no section grants everything");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		const char *text = section(
			arena_printf(&arena, "{\"names\":[\"read\"],\"action\":%s}",
				     actions[i].action));

		ok(reads(text, &got, &err) &&
			   syscalls_has(&got, call) == actions[i].grants,
		   "%s %s a grant", actions[i].action,
		   actions[i].grants ? "is" : "is no");
	}
}

static void test_refused(void)
{
	const struct {
		const char *entry, *message;
	} cases[] = {
		{ "{\"action\":\"SCMP_ACT_ALLOW\"}", "without names" },
		{ "{\"names\":\"read\",\"action\":\"SCMP_ACT_ALLOW\"}", "without names" },
		{ "{\"names\":[\"reed\"],\"action\":\"SCMP_ACT_ALLOW\"}",
		  "'reed' is no system call" },
		{ "{\"names\":[7],\"action\":\"SCMP_ACT_ALLOW\"}", "is no system call" },
		{ "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":{}}",
		  "args must be an array" },
		{ entry("read", "7"), "must be an object" },
		{ entry("read", "{}"), "op must be" },
		{ entry("read", arg(6, "EQ", "1", NULL)), "index must be" },
		{ entry("read", arg(0, "IS", "1", NULL)), "op must be" },
		{ entry("read", arg(0, "EQ", "-1", NULL)), "value must be" },
		{ entry("read", arg(0, "EQ", "1.0", NULL)), "value must be" },
		{ entry("read", arg(0, "EQ", "1e3", NULL)), "value must be" },
		{ entry("read", arg(0, "EQ", "\"1\"", NULL)), "value must be" },
		{ entry("read", arg(0, "EQ", "18446744073709551616", NULL)),
		  "value must be" },
		{ entry("read", arg(0, "MASKED_EQ", "1", "null")), "valueTwo must be" },
		{ entry("read", arena_printf(&arena, "%s,%s", arg(0, "NE", "1", NULL),
					     arg(0, "NE", "2", NULL))),
		  "tested twice" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct syscalls got = { .all = true };
		struct error err = { 0 };

		ok(!reads(section(cases[i].entry), &got, &err) &&
			   strstr(err.msg, cases[i].message) &&
			   strstr(err.msg, "line 1: "),
		   "%s: %s", cases[i].entry, err.msg);
	}
}

int main(void)
{
	test_round();
	test_top();
	test_form();
	test_grants();
	test_refused();
	arena_free(&arena);
	return tap_done();
}
