/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What libseccomp does with a seccomp section of the OCI's form, as a runtime has it do:
 * compile FILE, for callgrind to count what happens below bpf_compile().
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "lib/bpf.h"
#include "lib/fields.h"
#include "lib/file.h"
#include "oci/seccomp.h"

struct section {
	struct arena *arena;
	const struct json *root;
	struct {
		const char **items;
		size_t count, capacity;
	} arches;
	struct {
		struct bpf_rule *items;
		size_t count, capacity;
	} rules;
};

static const char *string(struct arena *arena, const struct json *value)
{
	return arena_copy(arena, value->text.bytes, value->text.length);
}

static uint32_t action(const struct json *object, const char *key, const char *number)
{
	const struct json *named = json_get(object, key);
	uint64_t value = EPERM;

	if (json_is(named, JSON_STRING) && text_is(named->text, "SCMP_ACT_ALLOW"))
		return SECCOMP_RET_ALLOW;
	if (json_is(named, JSON_STRING) && text_is(named->text, "SCMP_ACT_TRAP"))
		return SECCOMP_RET_TRAP;
	if (json_is(json_get(object, number), JSON_NUMBER))
		(void)!json_u64(json_get(object, number), &value);
	return SECCOMP_RET_ERRNO | (uint32_t)value;
}

static bool add_entry(struct section *section, struct text text, const struct json *entry,
		      struct error *err)
{
	struct fields fields = { .arena = section->arena, .text = text };
	const struct json *args = json_get(entry, "args");
	const struct json *names = json_get(entry, "names");
	const struct json *name = names ? names->first : json_get(entry, "name");
	struct bpf_rule rule = { .action = action(entry, "action", "errnoRet") };
	struct rule read = { 0 };

	if (!seccomp_read_conditions(&fields, json_is(args, JSON_ARRAY) ? args : NULL,
				     &read, err))
		return false;
	rule.count = read.count;
	for (size_t i = 0; i < read.count; i++)
		rule.conditions[i] = (struct bpf_condition){
			read.conditions[i].arg,
			(enum bpf_compare)read.conditions[i].compare,
			read.conditions[i].value, read.conditions[i].value_two
		};
	for (; name; name = names ? name->next : NULL) {
		rule.call = string(section->arena, name);
		*arena_push(section->arena, &section->rules) = rule;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct arena arena = { NULL };
	struct section section = { .arena = &arena };
	const struct json *list;
	struct bpf_filter filter;
	struct program program;
	struct json *root;
	struct error err;
	struct file file;

	if (argc != 2 ||
	    !file_read(&arena, AT_FDCWD, argv[1], (size_t)1 << 20, &file, &err) ||
	    !json_parse(&arena, file.text, &root, &err))
		return 1;
	section.root = json_get(root, "seccomp") ? json_get(root, "seccomp") : root;
	list = json_get(section.root, "architectures");
	for (const struct json *arch = list ? list->first : NULL; arch; arch = arch->next)
		*arena_push(&arena, &section.arches) = string(&arena, arch);
	list = json_get(section.root, "syscalls");
	for (const struct json *entry = list ? list->first : NULL; entry;
	     entry = entry->next)
		if (!add_entry(&section, file.text, entry, &err))
			return 1;
	filter = (struct bpf_filter){
		.action = action(section.root, "defaultAction", "defaultErrnoRet"),
		.arches = section.arches.items,
		.arch_count = section.arches.count,
		.rules = section.rules.items,
		.rule_count = section.rules.count,
	};
	if (!bpf_compile(&arena, &filter, &program, &err)) {
		fprintf(stderr, "%s: %s\n", argv[1], err.msg);
		return 1;
	}
	printf("%zu\n", program.count);
	arena_free(&arena);
	return 0;
}
