/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/approval.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "profiles/profile.h"
#include "tests/tap.h"

static struct arena arena;

/* A policy in the words of a profile. */
static struct policy policy_of(const char *members)
{
	struct profile profile = { 0 };
	struct error err;
	const char *text =
		arena_printf(&arena, "{\"version\":1,\"summary\":\"s\",%s}", members);

	if (!profile_parse(&arena, "p", "p.json", text_of(text), &profile, &err))
		ok(false, "%s", err.msg);
	return profile.policy;
}

/* An ACL's approvals of p, one for each text of what was approved. */
static struct approvals approvals_of(const struct text *whats, size_t count)
{
	struct labels none = { 0 };
	struct subject nobody = { 0 };
	struct acl *acl = acl_new(&arena);
	struct buffer out = { .arena = &arena };
	struct error err;

	buffer_puts(&out, "{\"rules\":[");
	for (size_t i = 0; i < count; i++) {
		buffer_printf(&out, "%s{\"allow\":[\"p\"],\"approved\":{\"who\":\"me\",",
			      i ? ",\n" : "");
		buffer_puts(&out, "\"when\":\"2026-11-21T12:00:00Z\",\"what\":{\"p\":");
		buffer_add(&out, whats[i].bytes, whats[i].length);
		buffer_puts(&out, "}}}");
	}
	buffer_puts(&out, "]}");
	if (!acl_add(&arena, acl, "a.json", buffer_text(&out), &err))
		ok(false, "%s", err.msg);
	return acl_approvals_for(&arena, acl, &none, &nobody, text_of("p"));
}

static const char chown[] =
	"\"capabilities\":[\"CAP_CHOWN\"],\"syscalls\":[{\"names\":[\"chown\"]}]";

/* Whether what is approved lets a profile pass that grants `now`. */
static void test_hold(void)
{
	static const struct {
		const char *approved[3];
		const char *now;
		bool holds;
	} rows[] = {
		{ { chown }, chown, true },
		{ { chown }, "\"syscalls\":[]", true },
		{ { chown },
		  "\"syscalls\":[{\"names\":[\"chown\"],\"args\":[{\"index\":1,"
		  "\"value\":7,\"op\":\"SCMP_CMP_LT\"}]}]",
		  true },
		{ { chown }, "\"syscalls\":[{\"names\":[\"kill\"]}]", false },
		{ { chown }, "\"capabilities\":[\"CAP_KILL\"],\"syscalls\":[]", false },
		{ { chown },
		  "\"capabilities\":[\"CAP_CHOWN\"],\"ambient\":[\"CAP_CHOWN\"],"
		  "\"syscalls\":[]",
		  false },
		{ { chown }, "\"newPrivileges\":true,\"syscalls\":[]", false },
		{ { chown }, "\"syscalls\":\"all\"", false },
		{ { chown }, "\"capabilities\":\"all\",\"syscalls\":[]", false },
		{ { "\"capabilities\":\"all\",\"syscalls\":\"all\"" }, chown, true },
		{ { "\"syscalls\":\"all\"" }, chown, false },
		/* Together they are of all of it; either alone is not. */
		{ { chown, "\"syscalls\":[{\"names\":[\"kill\"]}]" },
		  "\"capabilities\":[\"CAP_CHOWN\"],\"syscalls\":[{\"names\":[\"chown\","
		  "\"kill\"]}]",
		  true },
		{ { "\"syscalls\":[{\"names\":[\"kill\"],\"args\":[{\"index\":1,"
		    "\"value\":9,"
		    "\"op\":\"SCMP_CMP_LT\"}]}]",
		    "\"syscalls\":[{\"names\":[\"kill\"],\"args\":[{\"index\":1,"
		    "\"value\":9,"
		    "\"op\":\"SCMP_CMP_GE\"}]}]" },
		  "\"syscalls\":[{\"names\":[\"kill\"]}]",
		  true },
		/* An errno is no grant. */
		{ { chown },
		  "\"syscalls\":[],\"refuse\":[{\"names\":[\"bpf\"],\"errno\":\"ENOSYS\"}"
		  "]",
		  true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct policy now = policy_of(rows[i].now), then;
		struct text whats[3];
		struct approvals approvals;
		struct difference added;
		struct change change;
		struct error err = { 0 };
		bool holds = false;
		size_t n = 0;

		for (; n < 3 && rows[i].approved[n]; n++) {
			then = policy_of(rows[i].approved[n]);
			whats[n] = approval_text(&arena, &then);
		}
		approvals = approvals_of(whats, n);
		ok(approvals.count == n &&
			   approvals_hold(&arena, &approvals, &now, &holds, &added,
					  &err) &&
			   holds == rows[i].holds && (holds || !difference_empty(&added)),
		   "row %zu: %s", i, err.msg);
		ok(approvals_compare(&arena, &approvals, &now, &change, &err) &&
			   difference_empty(&change.added) == holds,
		   "and so it is compared");
	}
}

/* The policies of all profiles that are shipped are read back as what was written. */
static void test_text(void)
{
	const char *source = getenv("SRCDIR");
	struct error err;
	struct file file;
	glob_t found;

	if (!ok(source && !glob(arena_printf(&arena, "%s/profiles/data/*.json", source),
				0, NULL, &found),
		"shipped profiles"))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		struct approvals approvals;
		struct profile profile;
		struct policy then;
		struct text text;

		if (!file_read(&arena, AT_FDCWD, path, 1 << 20, &file, &err) ||
		    !profile_parse(&arena, "p", path, file.text, &profile, &err)) {
			ok(false, "%s", err.msg);
			continue;
		}
		text = approval_text(&arena, &profile.policy);
		approvals = approvals_of(&text, 1);
		ok(approvals_policy(&arena, &approvals, &then, &err) &&
			   policy_equal(&then, &profile.policy) &&
			   text_eq(approval_text(&arena, &then), text),
		   "%s", strrchr(path, '/') + 1);
	}
	globfree(&found);
}

/* What is equal to the byte is not read, so that nothing of it costs a start anything. */
static void test_broken(void)
{
	static const struct {
		const char *what, *message;
	} rows[] = {
		{ "{\"names\":[]}", "a.json: line 1: unknown member 'names'" },
		{ "{\"action\":\"x\"}", "a.json: line 1: unknown member 'action'" },
		{ "{\n\"capabilities\":[\"CAP_X\"]}", "a.json: line 2: " },
		{ "{\"syscalls\":[{\"names\":[\"nothing\"]}]}", "a.json: line 1: " },
		{ "{\"ambient\":[\"CAP_KILL\"]}",
		  "a.json: line 1: an ambient capability" },
		{ "{\"version\":2}", "a.json: line 1: version '2'" },
	};
	struct policy now = policy_of(chown);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text what = text_of(rows[i].what);
		struct approvals approvals = approvals_of(&what, 1);
		struct difference added;
		struct error err = { 0 };
		bool holds = true;

		ok(!approvals_hold(&arena, &approvals, &now, &holds, &added, &err) &&
			   err.code == ERR_CONFIG && strstr(err.msg, rows[i].message),
		   "broken %zu: %s", i, err.msg);
	}
}

int main(void)
{
	test_hold();
	test_text();
	test_broken();
	arena_free(&arena);
	return tap_done();
}
