/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/source.h"
#include "cli/terminal.h"
#include "policy/difference.h"

/* One side: what it is called, and what it grants. */
struct side {
	const char *name;
	struct policy policy;
};

static bool is_config(struct arena *arena, struct text text)
{
	struct json *root;
	struct error err;

	return json_parse(arena, text, &root, &err) && config_looks(root);
}

static bool read_file(struct arena *arena, const char *path, struct side *ret,
		      struct error *err)
{
	struct profile profile;
	struct text text;
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		path = arena_printf(arena, "%s/config.json", path);
	if (!cli_read(arena, path, CONFIG_SIZE_MAX, &text, err))
		return false;
	path = text_shown(arena, text_of(path));
	ret->name = path;
	if (is_config(arena, text))
		return config_settings(arena, text, &ret->policy, err) ||
		       error_in(err, "%s", path);
	if (!profile_parse(arena, path, path, text, &profile, err))
		return false;
	ret->policy = profile.policy;
	return true;
}

/* A name is a profile of this node; what can't be one is a file. */
static bool read_side(struct arena *arena, const struct gate *gate, const char *what,
		      struct side *ret, struct error *err)
{
	struct profile profile;

	if (!profile_name_valid(text_of(what)))
		return read_file(arena, what, ret, err);
	if (!store_find(arena, &gate->store, text_of(what), &profile, err))
		return false;
	*ret = (struct side){ profile.name, profile.policy };
	return true;
}

static void print_capabilities(const struct difference *more)
{
	struct capset ambient = more->policy.ambient;

	if (!(more->policy.caps.bits | ambient.bits))
		return;
	puts("  capabilities:");
	for (unsigned i = 0; i < CAPSET_NAMED; i++) {
		if (capset_has(more->policy.caps, i))
			printf("    %-22s %s%s\n", capset_name(i), capset_meaning(i),
			       capset_has(ambient, i) ? " (any user)" : "");
		else if (capset_has(ambient, i))
			printf("    %-22s also for programs that don't run as root\n",
			       capset_name(i));
	}
	if (more->policy.caps.bits >> CAPSET_NAMED)
		puts("    and those of later kernels");
}

/* Whether there are any of these calls, after telling them. */
static bool print_intricate(const uint64_t calls[SYSCALL_MAX / 64], const char *title)
{
	struct wrap wrap = { .indent = 4 };
	bool any = false;

	for (unsigned call = 0; call < syscall_count(); call++) {
		if (!(calls[call / 64] >> call % 64 & 1))
			continue;
		if (!any)
			puts(title);
		any = true;
		wrap_word(&wrap, syscall_name(call));
	}
	wrap_end(&wrap);
	return any;
}

/* What `a` has more than `b`, if anything; the calls that nobody can tell of join
 * `unknown`.
 */
static bool print_more(struct arena *arena, const struct side *a, const struct side *b,
		       uint64_t unknown[SYSCALL_MAX / 64])
{
	struct difference more = policy_difference_told(arena, &a->policy, &b->policy);
	const struct syscalls *syscalls = &more.policy.syscalls;
	static const struct syscalls nothing;
	bool any = !difference_empty(&more);

	if (any)
		printf("%s grants, and %s does not:\n", a->name, b->name);
	print_capabilities(&more);
	if (more.policy.new_privileges)
		puts("  new privileges by execve");
	if (more.nameless || !syscalls_equal(syscalls, &nothing)) {
		puts("  system calls:");
		syscalls_print(arena, syscalls, 4);
	}
	if (more.nameless)
		puts("    and those of later kernels");
	(void)print_intricate(more.unsaid,
			      "  system calls, under conditions that are too "
			      "intricate to put in words:");
	for (size_t i = 0; i < ARRAY_SIZE(more.unknown); i++)
		unknown[i] |= more.unknown[i];
	return any;
}

/* The calls from `at` on that get the same two errnos; they are done then. */
static void print_alike(struct told_aparts *list, size_t at)
{
	struct wrap wrap = { .indent = 4 };
	struct told_apart first = list->items[at];

	for (size_t i = at; i < list->count; i++) {
		struct told_apart *other = &list->items[i];

		if (other->number_a != first.number_a ||
		    other->number_b != first.number_b)
			continue;
		wrap_word(&wrap, syscall_name(other->call));
		other->number_a = other->number_b = 0;
	}
	wrap_end(&wrap);
}

static bool print_refusals(struct arena *arena, const struct side *a,
			   const struct side *b, bool *ret_any, struct error *err)
{
	struct told_aparts list;

	if (!policy_told_apart(arena, &a->policy, &b->policy, &list, err))
		return false;
	*ret_any = list.count;
	if (list.count)
		puts("told apart where neither grants them:");
	for (size_t i = 0; i < list.count; i++) {
		if (!list.items[i].number_a)
			continue;
		printf("  %s in %s, %s in %s:\n",
		       errno_name(arena, list.items[i].number_a), a->name,
		       errno_name(arena, list.items[i].number_b), b->name);
		print_alike(&list, i);
	}
	return true;
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct side a, b;
	bool more, less, refusals, untold;
	uint64_t unknown[SYSCALL_MAX / 64] = { 0 };
	struct gate gate;

	if (argc != 2)
		return usage_error(
			err, &command_diff,
			"takes two of: a profile's name, its file, a config.json");
	if (!cli_profiles(arena, &gate, err) ||
	    !read_side(arena, &gate, argv[0], &a, err) ||
	    !read_side(arena, &gate, argv[1], &b, err))
		return false;
	more = print_more(arena, &b, &a, unknown);
	less = print_more(arena, &a, &b, unknown);
	untold = print_intricate(unknown,
				 "system calls that are too intricate to compare:");
	if (!print_refusals(arena, &a, &b, &refusals, err))
		return false;
	if (untold && !(more || less || refusals))
		return error_set(err, ERR_INEXACT,
				 "whether they grant the same can't be told");
	return !(more || less || refusals) || error_set(err, ERR_DENIED, "%s", "");
}

const struct command command_diff = {
	.name = "diff",
	.arguments = "A B",
	.summary = "Tell what B grants beyond A, and A beyond B",
	.help = "\nA and B are each the name of a profile, a profile's file, a bundle or "
		"its\n"
		"config.json. Compares what they mean, however they are written; a "
		"call's\n"
		"conditions are those of the difference. Exit status 0: they grant the "
		"same,\n"
		"1: they don't, 70: some call is too intricate to tell.\n",
	.run = run,
};
