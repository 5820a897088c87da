/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/lint.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "tests/tap.h"

static struct arena arena;

#define RULE(call, arg, op, value)                                           \
	"\"syscalls\":[{\"names\":[\"" call "\"],\"args\":[{\"index\":" #arg \
	",\"op\":\"SCMP_CMP_" #op "\",\"value\":" #value "}]}]"
#define TWO(call, arg, op, value, op2, value2)                                       \
	"\"syscalls\":[{\"names\":[\"" call "\"],\"args\":[{\"index\":" #arg         \
	",\"op\":\"SCMP_CMP_" #op "\",\"value\":" #value "}]},\n{\"names\":[\"" call \
	"\"],\"args\":[{\"index\":" #arg ",\"op\":\"SCMP_CMP_" #op2                  \
	"\",\"value\":" #value2 "}]}]"

/* What is found on one profile: the severity and a part of the message; NULL is nothing.
 */
static const struct {
	const char *members;
	const char *error;
	const char *warning;
} cases[] = {
	{ "\"syscalls\":[]", NULL, NULL },
	{ "\"syscalls\":[{\"names\":[\"reed\"]}]", "'reed' is no system call", NULL },
	/* What the kernel cuts to 32 bits. */
	{ RULE("ioctl", 1, NE, 21522), "0x100005412 passes here and counts as 0x5412",
	  NULL },
	{ RULE("socket", 0, NE, 16), "argument 0", NULL },
	{ RULE("socket", 0, GT, 3), "argument 0", NULL },
	{ RULE("personality", 0, GE, 8), "argument 0", NULL },
	{ RULE("prctl", 0, NE, 22), "argument 0", NULL },
	{ RULE("fcntl", 1, GT, 1), "argument 1", NULL },
	{ RULE("clone", 0, NE, 0), "argument 0", NULL },
	{ RULE("ioctl", 1, EQ, 4294988818), "counts as 0x5412", NULL },
	{ RULE("ioctl", 1, EQ, 21522), NULL, NULL },
	{ RULE("socket", 0, LT, 38), NULL, NULL },
	{ RULE("socket", 0, LE, 37), NULL, NULL },
	{ RULE("mmap", 1, NE, 0), NULL, NULL },
	{ RULE("lseek", 1, GT, 5), NULL, NULL },
	/* Whatever the upper half is, the lower one is granted. */
	{ TWO("socket", 0, GE, 4294967296, LE, 4294967295), NULL, NULL },
	{ TWO("socket", 0, LT, 39, GE, 1), NULL, NULL },
	/* Docker's own. */
	{ RULE("socket", 0, GT, 40), NULL, "Docker's default" },
	{ TWO("socket", 0, GT, 40, NE, 16), "argument 0", "already" },
	/* Rules that say nothing. */
	{ RULE("lseek", 1, LT, 0), "never holds", NULL },
	{ RULE("lseek", 1, GT, 18446744073709551615), "never holds", NULL },
	{ RULE("lseek", 1, GE, 0), NULL, "always holds" },
	{ TWO("lseek", 1, LT, 9, LT, 5), NULL, "already" },
	{ TWO("lseek", 1, LT, 9, LT, 9), NULL, "already" },
	{ TWO("lseek", 1, LT, 9, GT, 9), NULL, NULL },
	{ "\"syscalls\":[{\"names\":[\"read\"]},\n{\"names\":[\"read\"]}]", NULL,
	  "already" },
	/* Capabilities and calls. */
	{ "\"capabilities\":[\"CAP_SYS_TIME\"]", "CAP_SYS_TIME is of no use", NULL },
	{ "\"capabilities\":[\"CAP_SYS_TIME\"],\"syscalls\":[{\"names\":["
	  "\"settimeofday\"]}]",
	  NULL, NULL },
	{ "\"syscalls\":[{\"names\":[\"settimeofday\"]}]",
	  "settimeofday does nothing without CAP_SYS_TIME", NULL },
	{ "\"syscalls\":[{\"names\":[\"init_module\"]}]", "without CAP_SYS_MODULE",
	  NULL },
	{ "\"capabilities\":[\"CAP_DAC_OVERRIDE\",\"CAP_SYS_ADMIN\"]", NULL, NULL },
	{ "\"capabilities\":\"all\",\"syscalls\":\"all\"", NULL, NULL },
	{ "\"syscalls\":[{\"names\":[\"io_uring_setup\"]}]", NULL, "io_uring" },
};

/* As much as is wanted of one severity: nothing, or a message with this in it. */
static bool found(const struct lint_findings *findings, enum lint_level level,
		  const char *want)
{
	size_t count = 0;
	bool seen = false;

	for (size_t i = 0; i < findings->count; i++) {
		if (findings->items[i].level != level)
			continue;
		count++;
		seen |= want && strstr(findings->items[i].message, want);
	}
	return want ? seen : !count;
}

static void test_cases(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = arena_printf(&arena, "{\"summary\":\"s\",\n%s}",
						cases[i].members);
		struct lint_findings findings =
			lint_profile(&arena, "p.json", text_of(text));

		ok(found(&findings, LINT_ERROR, cases[i].error) &&
			   found(&findings, LINT_WARNING, cases[i].warning),
		   "%s", cases[i].members);
		for (size_t j = 0; j < findings.count; j++)
			printf("# %zu %s\n", findings.items[j].line,
			       findings.items[j].message);
	}
}

static void test_line(void)
{
	static const char text[] = "{\"summary\":\"s\",\n\"syscalls\":[\n"
				   "{\"names\":[\"socket\"],\"args\":[{\"index\":0,"
				   "\"op\":\"SCMP_CMP_EQ\",\"value\":1}]},\n"
				   "{\"names\":[\"socket\"],\"args\":[{\"index\":0,"
				   "\"op\":\"SCMP_CMP_NE\",\"value\":16}]}]}";
	struct lint_findings findings = lint_profile(&arena, "p.json", text_of(text));

	ok(findings.count == 2 && findings.items[0].line == 3 &&
		   findings.items[0].level == LINT_WARNING,
	   "the rule that is implied has its line");
	ok(findings.count == 2 && findings.items[1].line == 4 &&
		   findings.items[1].level == LINT_ERROR,
	   "and so has the one that lets too much through");
}

/* Each rule is held against the others together, not against each of them. */
static void test_many(void)
{
	struct buffer text = { .arena = &arena };
	struct lint_findings findings;

	buffer_puts(&text, "{\"summary\":\"s\",\"syscalls\":[");
	for (unsigned i = 0; i < 500; i++)
		buffer_printf(&text,
			      "%s\n{\"names\":[\"socket\"],\"args\":[{\"index\":0,"
			      "\"op\":\"SCMP_CMP_EQ\",\"value\":%u}]}",
			      i ? "," : "", i * 3);
	buffer_puts(&text, "]}");
	findings = lint_profile(&arena, "p.json", buffer_text(&text));
	ok(!findings.count, "500 rules of one call are judged, and right");
}

/* What is shipped has no errors. */
static void test_shipped(const char *folder)
{
	DIR *stream = opendir(folder);
	struct dirent *entry;
	size_t tried = 0;

	while (stream && (entry = readdir(stream))) {
		const char *path = arena_printf(&arena, "%s/%s", folder, entry->d_name);
		struct lint_findings findings;
		struct error err = { 0 };
		struct file file;

		if (*entry->d_name == '.')
			continue;
		tried++;
		if (!file_read(&arena, AT_FDCWD, path, (size_t)1 << 20, &file, &err)) {
			ok(false, "%s", err.msg);
			continue;
		}
		findings = lint_profile(&arena, path, file.text);
		ok(found(&findings, LINT_ERROR, NULL), "%s has no errors", entry->d_name);
	}
	ok(tried, "there are profiles");
	if (stream)
		closedir(stream);
}

int main(void)
{
	const char *source = getenv("SRCDIR") ? getenv("SRCDIR") : ".";

	test_cases();
	test_line();
	test_many();
	test_shipped(arena_printf(&arena, "%s/profiles/data", source));
	arena_free(&arena);
	return tap_done();
}
