/* SPDX-License-Identifier: Apache-2.0 */

/*
 * powerbox-prove: whether libseccomp makes of a section what was granted. Reads a
 * question (gate/prove.c) on standard input and says "proven by LIBRARY", the libseccomp
 * that it used and what that was when it began, or what is wrong. Who asks sees to it
 * that it does not take forever.
 */

#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "gate/rundir.h"
#include "lib/bpf.h"
#include "lib/fields.h"
#include "lib/file.h"
#include "oci/seccomp.h"
#include "policy/proof.h"
#include "profiles/profile.h"

#define USAGE "usage: powerbox-prove <QUESTION | --help | --version"
#define QUESTION_SIZE_MAX ((size_t)4 << 20)
/* Numbers up to this are tried whether they have a name or not (Linux 6.18: 470). */
#define NUMBERS 1024
#define MEMORY_MAX ((rlim_t)512 << 20)

struct bpf_rules {
	struct bpf_rule *items;
	size_t count, capacity;
};

struct names {
	const char **items;
	size_t count, capacity;
};

/* All that is asked. The text is powerbox's own: what is wrong with it is a bug. */
struct inquiry {
	struct arena *arena;
	struct text text;
	struct json *root;
	const struct json *section;
	struct names arches;
	struct syscalls granted;
	struct bpf_rules rules;
	uint32_t action;
};

static bool odd(const char *what, struct error *err)
{
	return error_set(err, ERR_DATA, "the question has no %s", what);
}

/* ALLOW, and ERRNO with its number: nothing else is ever emitted. */
static bool read_action(const struct json *action, const struct json *number,
			uint32_t *ret, struct error *err)
{
	uint64_t value;

	if (!json_is(action, JSON_STRING))
		return odd("action", err);
	*ret = SECCOMP_RET_ALLOW;
	if (text_is(action->text, "SCMP_ACT_ALLOW"))
		return true;
	if (!text_is(action->text, "SCMP_ACT_ERRNO") || !json_u64(number, &value) ||
	    value > ERRNO_MAX)
		return odd("errno", err);
	*ret = SECCOMP_RET_ERRNO | (uint32_t)value;
	return true;
}

static bool read_entry(struct inquiry *inquiry, const struct json *entry,
		       struct error *err)
{
	struct fields fields = { .arena = inquiry->arena, .text = inquiry->text };
	struct bpf_rule rule = { 0 };
	struct rule conditions = { 0 };

	if (!read_action(json_get(entry, "action"), json_get(entry, "errnoRet"),
			 &rule.action, err) ||
	    !seccomp_read_conditions(&fields, json_get(entry, "args"), &conditions, err))
		return false;
	rule.count = conditions.count;
	for (size_t i = 0; i < conditions.count; i++)
		rule.conditions[i] = (struct bpf_condition){
			conditions.conditions[i].arg,
			(enum bpf_compare)conditions.conditions[i].compare,
			conditions.conditions[i].value,
			conditions.conditions[i].value_two,
		};
	for (const struct json *name = json_get(entry, "names")->first; name;
	     name = name->next) {
		rule.call =
			arena_copy(inquiry->arena, name->text.bytes, name->text.length);
		*arena_push(inquiry->arena, &inquiry->rules) = rule;
	}
	return true;
}

static bool read_section(struct inquiry *inquiry, struct error *err)
{
	const struct json *section = json_get(inquiry->root, "seccomp");
	const struct json *entries = json_get(section, "syscalls");

	if (!json_is(entries, JSON_ARRAY))
		return odd("seccomp", err);
	if (!read_action(json_get(section, "defaultAction"),
			 json_get(section, "defaultErrnoRet"), &inquiry->action, err))
		return false;
	for (const struct json *entry = entries->first; entry; entry = entry->next)
		if (!json_is(json_get(entry, "names"), JSON_ARRAY) ||
		    !read_entry(inquiry, entry, err))
			return false;
	return true;
}

static bool read_inquiry(struct inquiry *inquiry, struct error *err)
{
	const struct json *arches, *granted;
	struct profile profile;
	struct text text;

	if (!file_read_fd(inquiry->arena, 0, "the question", QUESTION_SIZE_MAX,
			  &inquiry->text, err) ||
	    !json_parse(inquiry->arena, inquiry->text, &inquiry->root, err))
		return false;
	arches = json_get(inquiry->root, "architectures");
	granted = json_get(inquiry->root, "granted");
	if (!json_is(arches, JSON_ARRAY) || !granted)
		return odd("architectures", err);
	for (const struct json *arch = arches->first; arch; arch = arch->next)
		*arena_push(inquiry->arena, &inquiry->arches) =
			arena_copy(inquiry->arena, arch->text.bytes, arch->text.length);
	text = (struct text){ inquiry->text.bytes + granted->start,
			      granted->end - granted->start };
	if (!profile_parse(inquiry->arena, "union", "granted", text, &profile, err))
		return false;
	inquiry->granted = profile.policy.syscalls;
	return read_section(inquiry, err);
}

/* socketcall(2) and ipc(2) carry others: libseccomp opens them as far as those are. */
static bool carries(unsigned call)
{
	return !strcmp(syscall_name(call), "socketcall") ||
	       !strcmp(syscall_name(call), "ipc");
}

/* A number that no call resolves to; what is carried inside others may have one, too. */
static bool try_other(struct inquiry *inquiry, uint32_t arch, struct proof *proof,
		      int number, struct error *err)
{
	const char *name = bpf_name(inquiry->arena, arch, number);
	int call = name ? syscall_find(text_of(name)) : -1;
	struct counterexample wrong;

	if (call >= 0)
		return proof_call(inquiry->arena, proof, (unsigned)call, number, &wrong,
				  err);
	return proof_nameless(inquiry->arena, proof, number, &wrong, err);
}

static bool try_arch(struct inquiry *inquiry, uint32_t arch, struct proof *proof,
		     struct error *err)
{
	bool named[NUMBERS] = { false };
	struct counterexample wrong;
	int first;

	proof->arch = bpf_arch_seen(arch, &first);
	for (unsigned call = 0; call < syscall_count(); call++) {
		int number = bpf_number(arch, syscall_name(call));

		if (number < 0)
			continue;
		if (number >= first && number - first < NUMBERS)
			named[number - first] = true;
		if (!carries(call) &&
		    !proof_call(inquiry->arena, proof, call, number, &wrong, err))
			return false;
	}
	for (int number = 0; number < NUMBERS; number++)
		if (!named[number] &&
		    !try_other(inquiry, arch, proof, first + number, err))
			return false;
	return true;
}

/* As crun has libseccomp compile it, and as runc does from 33 entries on. */
static bool try_all(struct inquiry *inquiry, struct error *err)
{
	struct bpf_filter filter = {
		.action = inquiry->action,
		.arches = inquiry->arches.items,
		.arch_count = inquiry->arches.count,
		.rules = inquiry->rules.items,
		.rule_count = inquiry->rules.count,
	};
	struct program program;

	for (int tree = 0; tree < 2; tree++) {
		filter.tree = tree;
		if (!bpf_compile(inquiry->arena, &filter, &program, err))
			return false;
		for (size_t i = 0; i < inquiry->arches.count; i++) {
			struct archs archs = { 0 };
			struct proof proof = {
				.program = &program,
				.granted = &inquiry->granted,
			};

			if (!archs_add(&archs, text_of(inquiry->arches.items[i])))
				return odd("architectures", err);
			proof.word_bits =
				archs_half_seen(archs) ? 64 : archs_word_bits(archs);
			if (!try_arch(inquiry, bpf_arch(inquiry->arches.items[i]), &proof,
				      err))
				return false;
		}
	}
	return true;
}

static int find_library(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	if (!strstr(info->dlpi_name, "/libseccomp.so"))
		return 0;
	*(const char **)data = info->dlpi_name;
	return 1;
}

/*
 * 300 rules on whole numbers of 64 bits, of one call, take 150 MiB. The sanitizers' own
 * memory would be counted, too, and has no end.
 */
static bool limit_memory(struct error *err)
{
#ifndef __SANITIZE_ADDRESS__
	struct rlimit limit;

	if (getrlimit(RLIMIT_DATA, &limit) < 0)
		return error_errno(err, "limit the memory");
	if (limit.rlim_max > MEMORY_MAX)
		limit.rlim_max = MEMORY_MAX;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_DATA, &limit) < 0)
		return error_errno(err, "limit the memory");
#endif
	(void)err;
	return true;
}

/* For people; powerbox itself gives it no words. */
static int about(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("powerbox-prove " PACKAGE_VERSION);
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		puts(USAGE
		     "\nAsked by powerbox whether libseccomp makes of a filter what "
		     "was granted; see powerbox-runtime(8)");
		return 0;
	}
	fputs(USAGE "\n", stderr);
	return ERR_USAGE;
}

int main(int argc, char **argv)
{
	/* Linked into the program itself, libseccomp changes with it. */
	const char *library = "/proc/self/exe";
	struct arena arena = { NULL };
	struct inquiry inquiry = { .arena = &arena };
	struct text used = { NULL, 0 };
	char path[PATH_MAX];
	struct error err;
	bool proven = false;

	if (argc > 1)
		return about(argc, argv);
	dl_iterate_phdr(find_library, &library);
	if (!realpath(library, path))
		(void)error_errno(&err, "%s", library);
	else
		proven = limit_memory(&err) &&
			 rundir_identify(&arena, path, &used, &err) &&
			 read_inquiry(&inquiry, &err) && try_all(&inquiry, &err);
	if (proven)
		printf("proven by %s\n%s\n", path, used.bytes);
	else
		puts(err.msg);
	arena_free(&arena);
	return proven ? 0 : (int)err.code;
}
