/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/terminal.h"

static void show_capabilities(const struct policy *policy)
{
	puts("capabilities:");
	if (!policy->caps.bits)
		puts("  none");
	if (policy->caps.bits == CAPSET_ALL.bits) {
		puts("  all that this node has");
		return;
	}
	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(policy->caps, i))
			printf("  %-22s %s%s\n", capset_name(i), capset_meaning(i),
			       capset_has(policy->ambient, i) ? " (any user)" : "");
}

static void show_syscalls(struct arena *arena, const struct syscalls *syscalls)
{
	puts("system calls:");
	if (syscalls->all) {
		puts("  all");
		return;
	}
	syscalls_print(arena, syscalls, 2);
	if (syscalls->refusals.count)
		puts("told apart while nobody grants them:");
	for (size_t i = 0; i < syscalls->refusals.count; i++)
		printf("  %s: %s\n", syscall_name(syscalls->refusals.items[i].call),
		       errno_name(arena, syscalls->refusals.items[i].number));
}

/* A name is a profile of this node; what can't be one is a file. */
static bool find(struct arena *arena, const char *what, struct profile *ret,
		 struct error *err)
{
	const char *shown = text_shown(arena, text_of(what));
	struct gate gate;
	struct text text;

	if (!profile_name_valid(text_of(what)))
		return cli_read(arena, what, PROFILE_SIZE_MAX, &text, err) &&
		       profile_parse(arena, shown, shown, text, ret, err);
	return cli_profiles(arena, &gate, err) &&
	       store_find(arena, &gate.store, text_of(what), ret, err);
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct profile profile;

	if (argc != 1 || (argv[0][0] == '-' && argv[0][1]))
		return usage_error(err, &command_show,
				   "takes the name of one profile, or its file");
	if (!find(arena, argv[0], &profile, err))
		return false;
	printf("%s: %s\n%s\n", text_shown(arena, text_of(profile.name)),
	       text_shown(arena, text_of(profile.summary)),
	       text_shown(arena, text_of(profile.path)));
	show_capabilities(&profile.policy);
	printf("new privileges by execve: %s\n",
	       profile.policy.new_privileges ? "yes" : "no");
	show_syscalls(arena, &profile.policy.syscalls);
	return true;
}

const struct command command_show = {
	.name = "show",
	.arguments = "NAME|FILE",
	.summary = "Show in words what a profile grants",
	.help = "\nIts file, capabilities (\"any user\": also for programs that don't "
		"run as root),\n"
		"system calls and the conditions on their arguments.\n",
	.run = run,
};
