/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/import.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "policy/difference.h"
#include "tests/tap.h"

static struct arena arena;

static unsigned call(const char *name)
{
	return (unsigned)syscall_find(text_of(name));
}

static struct import_options options(void)
{
	return (struct import_options){
		.selection = { .arch = "SCMP_ARCH_X86_64", .kernel = { 6, 1 } },
		.summary = "s",
	};
}

static bool grants(const struct profile *profile, const char *name, uint64_t a,
		   uint64_t b)
{
	const uint64_t args[SYSCALL_ARGS] = { a, b };

	return syscalls_grants(&profile->policy.syscalls, call(name), args);
}

static unsigned refusal(const struct profile *profile, const char *name)
{
	return syscalls_refusal(&profile->policy.syscalls, call(name));
}

#define ERRNO_DEFAULT "\"defaultAction\":\"SCMP_ACT_ERRNO\""
#define ALLOW(names, more) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\"" more "}"
#define REFUSE(names, more) \
	"{\"names\":[" names "],\"action\":\"SCMP_ACT_ERRNO\"" more "}"
#define ARG(index, op, value) \
	"{\"index\":" #index ",\"op\":\"SCMP_CMP_" #op "\",\"value\":" #value "}"
#define ARGS(list) ",\"args\":[" list "]"

static bool import(const char *entries, const struct import_options *with,
		   struct profile *ret, struct import_notes *notes, struct error *err)
{
	const char *text =
		arena_printf(&arena, "{" ERRNO_DEFAULT ",\n\"syscalls\":[%s]}", entries);

	return import_read(&arena, "f.json", text_of(text), with, ret, notes, err);
}

static void test_selection(void)
{
	static const struct {
		const char *guard;
		bool none, admin, both; /* with which capabilities it counts */
	} cases[] = {
		{ "", true, true, true },
		{ ",\"includes\":{},\"excludes\":{\"caps\":[]}", true, true, true },
		{ ",\"includes\":null,\"excludes\":{\"arches\":null}", true, true, true },
		{ ",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", false, true, true },
		{ ",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", false,
		  false, true },
		{ ",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", true, false,
		  false },
		{ ",\"includes\":{\"arches\":[\"arm64\",\"amd64\"]}", true, true, true },
		{ ",\"includes\":{\"arches\":[\"arm64\"]}", false, false, false },
		{ ",\"excludes\":{\"arches\":[\"amd64\"]}", false, false, false },
		{ ",\"includes\":{\"minKernel\":\"4.8\"}", true, true, true },
		{ ",\"includes\":{\"minKernel\":\"6.1\"}", true, true, true },
		{ ",\"includes\":{\"minKernel\":\"6.2\"}", false, false, false },
		{ ",\"includes\":{\"minKernel\":\"7.0\"}", false, false, false },
		{ ",\"excludes\":{\"minKernel\":\"6.1\"}", false, false, false },
		{ ",\"comment\":\"c\",\"includes\":{\"arches\":[\"amd64\"],"
		  "\"caps\":[\"CAP_BPF\"]}",
		  false, false, true },
	};
	struct import_notes notes;
	struct profile profile;
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *entry =
			arena_printf(&arena, ALLOW("\"bpf\"", "%s"), cases[i].guard);
		const bool want[] = { cases[i].none, cases[i].admin, cases[i].both };
		const uint64_t caps[] = { 0, UINT64_C(1) << 21,
					  UINT64_C(1) << 21 | UINT64_C(1) << 39 };

		for (size_t j = 0; j < ARRAY_SIZE(caps); j++) {
			struct import_options with = options();

			with.selection.caps.bits = caps[j];
			ok(import(entry, &with, &profile, &notes, &err) &&
				   grants(&profile, "bpf", 0, 0) == want[j] &&
				   profile.policy.caps.bits == caps[j],
			   "'%s' with capabilities %zu: %s", cases[i].guard, j, err.msg);
		}
	}
}

static void test_answers(void)
{
	struct import_options with = options();
	struct import_notes notes;
	struct profile p;
	struct error err = { 0 };

	ok(import("{\"name\":\"read\",\"action\":\"SCMP_ACT_ALLOW\",\"args\":null}",
		  &with, &p, &notes, &err) &&
		   grants(&p, "read", 0, 0),
	   "an old entry with one name: %s", err.msg);
	ok(import(REFUSE("\"clone3\"", ",\"errnoRet\":38") "," REFUSE(
			  "\"bpf\",\"acct\"",
			  ",\"errno\":\"EACCES\"") "," REFUSE("\"reboot\"", ""),
		  &with, &p, &notes, &err) &&
		   refusal(&p, "clone3") == ENOSYS && refusal(&p, "bpf") == EACCES &&
		   refusal(&p, "acct") == EACCES && !refusal(&p, "reboot"),
	   "errnos by number and name; the default's says nothing: %s", err.msg);
	ok(import(ALLOW("\"socket\"", ARGS(ARG(0, NE, 16))) "," ALLOW(
			  "\"socket\"",
			  ARGS(ARG(2, NE, 9))) "," REFUSE("\"socket\"",
							  ARGS(ARG(0, EQ, 16) "," ARG(
								  2, EQ,
								  9)) ",\"errnoRet\":22"),
		  &with, &p, &notes, &err) &&
		   refusal(&p, "socket") == EINVAL && grants(&p, "socket", 1, 0) &&
		   p.policy.syscalls.rules.count == 2,
	   "an errno of exactly what is not allowed: %s", err.msg);
	ok(import(REFUSE("\"setns\"", ",\"errnoRet\":13") "," ALLOW("\"setns\"", ""),
		  &with, &p, &notes, &err) &&
		   !grants(&p, "setns", 0, 0) && refusal(&p, "setns") == EACCES &&
		   notes.count == 1 && strstr(notes.items[0], "line 2"),
	   "of two rules without conditions the first counts");
	ok(import(ALLOW("\"setns\"", "") "," REFUSE("\"setns\"", ",\"errnoRet\":13"),
		  &with, &p, &notes, &err) &&
		   grants(&p, "setns", 0, 0) && !refusal(&p, "setns"),
	   "whichever it is");
	with.skip_unknown = true;
	ok(import(ALLOW("\"read\",\"reed\"", ""), &with, &p, &notes, &err) &&
		   grants(&p, "read", 0, 0) && notes.count == 1 &&
		   strstr(notes.items[0], "'reed'"),
	   "unknown names are left out on request, with a note");
}

static void test_defaults(void)
{
	static const char enosys[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"ENOSYS\","
		"\"syscalls\":[" ALLOW("\"read\"", "") "," ALLOW(
			"\"personality\"",
			ARGS(ARG(0, EQ,
				 0))) "," REFUSE("\"reboot\"",
						 "") "," REFUSE("\"acct\"",
								",\"errnoRet\":38") "]}";
	static const char trap[] =
		"{\"defaultAction\":\"SCMP_ACT_TRAP\",\"flags\":[\"X\"],"
		"\"syscalls\":[" ALLOW("\"read\"", "") "]}";
	struct import_options with = options();
	struct import_notes notes;
	struct profile p;
	struct error err = { 0 };

	ok(import_read(&arena, "f", text_of(enosys), &with, &p, &notes, &err) &&
		   refusal(&p, "mseal") == ENOSYS && refusal(&p, "acct") == ENOSYS &&
		   refusal(&p, "personality") == ENOSYS && !refusal(&p, "read") &&
		   !refusal(&p, "reboot") && notes.count == 1,
	   "another errno by default is one of each call that gets it: %s", err.msg);
	ok(import_read(&arena, "f", text_of(trap), &with, &p, &notes, &err) &&
		   grants(&p, "read", 0, 0) && !p.policy.syscalls.refusals.count &&
		   notes.count == 2,
	   "killing by default becomes EPERM, and flags go, with notes: %s", err.msg);
	ok(import_read(&arena, "f", text_of("{" ERRNO_DEFAULT ",\"syscalls\":null}"),
		       &with, &p, &notes, &err),
	   "no rules: %s", err.msg);
}

static void test_refused(void)
{
	static const struct {
		const char *entries;
		const char *message;
	} cases[] = {
		{ "\n{\"names\":[\"read\"],\"action\":\"SCMP_ACT_KILL\"}",
		  "line 3: a profile only grants" },
		{ "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRAP\"}", "only grants" },
		{ "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRACE\"}", "only grants" },
		{ "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_NOTIFY\"}",
		  "only grants" },
		{ "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_LOG\"}", "only grants" },
		{ "{\"names\":[\"read\"],\"action\":\"ALLOW\"}", "only grants" },
		{ "{\"names\":[\"read\"]}", "action must be there" },
		{ ALLOW("\"reed\"", ""), "'reed' is no system call" },
		{ ALLOW("7", ""), "is no system call" },
		{ ALLOW("\"read\"", ",\"errnoRet\":1"), "says nothing" },
		{ ALLOW("\"read\"", ",\"name\":\"read\""), "either names" },
		{ "{\"action\":\"SCMP_ACT_ALLOW\"}", "either names" },
		{ ALLOW("\"read\"", ",\"Action\":\"SCMP_ACT_KILL\""), "unknown member" },
		{ ALLOW("\"read\"", ",\"includes\":{\"caps\":[\"CAP_X\"]}"),
		  "'CAP_X' is no capability" },
		{ ALLOW("\"read\"", ",\"excludes\":{\"arches\":[\"amd46\"]}"),
		  "'amd46' is no architecture" },
		{ ALLOW("\"read\"", ",\"excludes\":{\"arch\":[\"amd64\"]}"),
		  "'arch' is no" },
		{ ALLOW("\"read\"", ",\"excludes\":{\"caps\":\"CAP_BPF\"}"),
		  "'caps' is no" },
		{ ALLOW("\"read\"", ",\"includes\":{\"minKernel\":\"four\"}"),
		  "minKernel" },
		{ ALLOW("\"read\"", ",\"includes\":{\"minKernel\":\"4.8-rc1\"}"),
		  "minKernel" },
		{ ALLOW("\"read\"", ",\n"
				    "\"args\":[" ARG(0, NE, 1) ",\n" ARG(0, NE, 2) "]"),
		  "line 4: argument 0 is tested twice" },
		{ REFUSE("\"read\"", ",\"errnoRet\":0"), "from 1 to 4094" },
		{ REFUSE("\"read\"", ",\"errnoRet\":12345"), "from 1 to 4094" },
		{ REFUSE("\"read\"", ",\"errno\":\"EWHAT\""), "'EWHAT' is no errno" },
		{ REFUSE("\"read\"", ",\"errno\":\"EPERM\",\"errnoRet\":38"),
		  "engines differ" },
		{ ALLOW("\"read\"", "") ",\n" REFUSE(
			  "\"read\"", ARGS(ARG(0, EQ, 1)) ",\"errnoRet\":13"),
		  "line 3: read gets another answer by line 2" },
		{ REFUSE("\"read\"", ",\"errnoRet\":13") ",\n" ALLOW("\"read\"",
								     ARGS(ARG(0, EQ, 1))),
		  "line 3: read gets another answer by line 2" },
		{ ALLOW("\"read\"", ARGS(ARG(0, LT, 9))) "," REFUSE(
			  "\"read\"", ARGS(ARG(1, EQ, 1)) ",\"errnoRet\":13"),
		  "another answer" },
		{ REFUSE("\"read\"", ARGS(ARG(0, EQ, 1)) ",\"errnoRet\":13"),
		  "the default's on others" },
		{ REFUSE("\"read\"", ARGS(ARG(0, EQ, 1)) ",\"errnoRet\":13") "," REFUSE(
			  "\"read\"", ARGS(ARG(0, EQ, 2)) ",\"errnoRet\":14"),
		  "more than one errno" },
	};
	static const char *const files[][2] = {
		{ "{\"defaultAction\":\n\"SCMP_ACT_ALLOW\",\"syscalls\":[]}",
		  "line 2: the default is 'SCMP_ACT_ALLOW': a list of denials" },
		{ "{\"defaultAction\":\"SCMP_ACT_LOG\"}", "list of denials" },
		{ "{\"syscalls\":[]}", "defaultAction must be there" },
		{ "[]", "must be an object" },
		{ "{" ERRNO_DEFAULT ",\"defaultErrnoRet\":0}", "from 1 to 4094" },
		{ "{" ERRNO_DEFAULT ",\"syscall\":[]}", "unknown member 'syscall'" },
		{ "{" ERRNO_DEFAULT ",\"syscalls\":{}}", "must be an array" },
		{ "{", "f.json: byte" },
	};
	struct import_options with = options();
	struct import_notes notes;
	struct profile profile;
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(!import(cases[i].entries, &with, &profile, &notes, &err) &&
			   err.code == ERR_CONFIG && strstr(err.msg, cases[i].message) &&
			   !strncmp(err.msg, "f.json: line ", 13),
		   "%s: %s", cases[i].message, err.msg);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		ok(!import_read(&arena, "f.json", text_of(files[i][0]), &with, &profile,
				&notes, &err) &&
			   err.code == ERR_CONFIG && strstr(err.msg, files[i][1]),
		   "%s: %s", files[i][1], err.msg);
}

static bool equal(const struct profile *a, const struct profile *b)
{
	struct difference more, less;
	struct told_aparts apart;
	struct error err;

	return policy_difference(&arena, &a->policy, &b->policy, &more, &err) &&
	       policy_difference(&arena, &b->policy, &a->policy, &less, &err) &&
	       policy_told_apart(&arena, &a->policy, &b->policy, &apart, &err) &&
	       difference_empty(&more) && difference_empty(&less) && !apart.count;
}

/* The files of two engines, resolved by us and by their own code. */
static void test_corpus(const char *corpus)
{
	static const char *const files[][2] = {
		{ "moby-default.docker.json", "resolved/moby-docker-caps.json" },
		{ "containers-common.docker.json", "resolved/common-docker-caps.json" },
	};
	struct import_options with = options();
	struct import_notes notes;
	struct profile profiles[2];
	struct error err = { 0 };
	struct file file;

	with.selection.caps.bits = 0xa80425fb; /* Docker's fourteen */
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		bool read = true;

		for (size_t j = 0; j < 2; j++) {
			const char *path =
				arena_printf(&arena, "%s/%s", corpus, files[i][j]);

			read = read &&
			       file_read(&arena, AT_FDCWD, path, (size_t)1 << 20, &file,
					 &err) &&
			       import_read(&arena, path, file.text, &with, &profiles[j],
					   &notes, &err);
		}
		ok(read && equal(&profiles[0], &profiles[1]), "%s is %s: %s", files[i][0],
		   files[i][1], err.msg);
	}
}

/* read(write(x)) == x, and writing it again gives the same bytes. */
static void test_write(const char *folder)
{
	DIR *stream = opendir(folder);
	size_t tried = 0, wrong = 0;
	struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		struct buffer first = { .arena = &arena }, second = { .arena = &arena };
		struct profile read, back;
		struct error err = { 0 };
		struct file file;

		if (*entry->d_name == '.')
			continue;
		tried++;
		if (!file_read(&arena, AT_FDCWD,
			       arena_printf(&arena, "%s/%s", folder, entry->d_name),
			       (size_t)1 << 20, &file, &err) ||
		    !profile_parse(&arena, "p", "p", file.text, &read, &err)) {
			wrong++;
			continue;
		}
		profile_write(&first, &read);
		if (!profile_parse(&arena, "p", "p", buffer_text(&first), &back, &err) ||
		    !policy_equal(&read.policy, &back.policy) ||
		    strcmp(read.summary, back.summary) != 0)
			wrong++;
		else
			profile_write(&second, &back);
		wrong += !text_eq(buffer_text(&first), buffer_text(&second));
	}
	if (stream)
		closedir(stream);
	ok(tried && !wrong,
	   "%zu profiles come back from their canonical form, %zu do not", tried, wrong);
}

/* A file may be anybody's: rules that answer alike are not compared, each with each. */
static void test_many(void)
{
	struct import_options options = { .summary = "s",
					  .selection.arch = "SCMP_ARCH_X86_64" };
	struct buffer text = { .arena = &arena };
	struct import_notes notes;
	struct profile profile;
	struct error err = { 0 };

	buffer_puts(&text, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[");
	for (unsigned i = 0; i < 2000; i++)
		buffer_printf(&text,
			      "%s{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\","
			      "\"args\":[{\"index\":0,\"op\":\"SCMP_CMP_EQ\","
			      "\"value\":%u}]}",
			      i ? "," : "", i * 3);
	buffer_puts(&text, "]}");
	alarm(20);
	ok(import_read(&arena, "f", buffer_text(&text), &options, &profile, &notes,
		       &err) &&
		   profile.policy.syscalls.rules.count == 2000,
	   "2000 rules of one call come over: %s", err.msg);
	alarm(0);
}

/* What powerbox writes where the rest of a call has an errno and takes many rules. */
static void test_rest(void)
{
#define REST(op, number) \
	"," REFUSE("\"socket\"", ARGS(ARG(0, op, 2147483647)) ",\"errnoRet\":" #number)
#define SOCKET(list) ALLOW("\"socket\"", ARGS(list))
	static const char *const others[] = {
		SOCKET(ARG(1, GE, 4)) REST(GT, 38) REST(LE, 38),
		SOCKET(ARG(1, GE, 4)) REST(LE, 38) REST(GT, 13),
		SOCKET(ARG(1, GE, 4)) REST(LE, 38),
		SOCKET(ARG(0, LT, 4)) REST(LE, 38) REST(GT, 38),
		SOCKET(ARG(1, GE, 4) "," ARG(0, EQ, 4)) REST(LE, 38) REST(GT, 38),
		SOCKET(ARG(1, GE, 4) "," ARG(2, EQ, 1)) "," SOCKET(ARG(1, LT, 2))
			REST(LE, 38) REST(GT, 38),
	};
	const struct import_options with = options();
	struct import_notes notes;
	struct profile got;
	struct error err;

	ok(import(SOCKET(ARG(1, GE, 4)) "," SOCKET(ARG(0, EQ, 7) "," ARG(2, EQ, 9))
			  REST(LE, 38) REST(GT, 38),
		  &with, &got, &notes, &err) &&
		   refusal(&got, "socket") == ENOSYS && grants(&got, "socket", 1, 4) &&
		   !grants(&got, "socket", 7, 3),
	   "an errno of all that is not granted, in rules that are tried last: %s",
	   err.msg);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		ok(!import(others[i], &with, &got, &notes, &err) &&
			   strstr(err.msg, "another answer"),
		   "which they are not in other words: %s", err.msg);
}

int main(void)
{
	const char *source = getenv("SRCDIR") ? getenv("SRCDIR") : ".";
	const char *corpus = arena_printf(&arena, "%s/../shared/corpus/seccomp", source);
	DIR *there = opendir(corpus);

	test_selection();
	test_answers();
	test_defaults();
	test_refused();
	test_many();
	test_write(arena_printf(&arena, "%s/profiles/data", source));
	if (there) {
		test_corpus(corpus);
		closedir(there);
	} else {
		printf("ok %d # SKIP machine: there is no corpus of seccomp files here\n",
		       ++tap_run);
	}
	test_rest();
	arena_free(&arena);
	return tap_done();
}
