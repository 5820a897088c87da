/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "oci/bundle.h"

static void print_request(struct arena *arena, const struct request *request)
{
	if (request->sandbox) {
		puts("asks for: nothing, being a pod's sandbox");
		return;
	}
	if (!request->count) {
		puts("asks for: nothing, so it gets the ACL's default");
		return;
	}
	fputs("asks for:", stdout);
	for (size_t i = 0; i < request->count; i++)
		printf("%s %.*s", i ? "," : "", (int)request->profiles[i].length,
		       request->profiles[i].bytes);
	printf(" (annotation %s)\n", text_quote(arena, request->source));
}

static void print_acl(const struct outcome *outcome)
{
	if (outcome->acl)
		printf("by the ACL %s%s\n", outcome->acl,
		       outcome->decision.mode == MODE_WARN
			       ? " in mode warn: it is only tried on this container"
			       : "");
}

static void print_profiles(const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->count; i++) {
		const struct grant *grant = &outcome->grants[i];

		if (grant->ground.line)
			printf("gets: %s, by %s:%zu\n", grant->profile.name,
			       grant->ground.path, grant->ground.line);
		else
			printf("gets: %s, %s\n", grant->profile.name, grant->ground.path);
	}
}

/* Each capability with the profiles that it comes from. */
static void print_capabilities(const struct outcome *outcome)
{
	puts("capabilities:");
	if (!outcome->policy.caps.bits)
		puts("  none");
	for (unsigned number = 0; number < CAPSET_NAMED; number++) {
		const char *before = "";

		if (!capset_has(outcome->policy.caps, number))
			continue;
		printf("  %-22s from ", capset_name(number));
		for (size_t i = 0; i < outcome->count; i++) {
			const struct profile *profile = &outcome->grants[i].profile;

			if (!capset_has(profile->policy.caps, number))
				continue;
			printf("%s%s", before, profile->name);
			before = ", ";
		}
		puts(capset_has(outcome->policy.ambient, number) ? ", for any user" : "");
	}
}

static bool mentions(const struct syscalls *syscalls, unsigned call)
{
	if (syscalls_has(syscalls, call))
		return true;
	for (size_t i = 0; i < syscalls->rules.count; i++)
		if (syscalls->rules.items[i].call == call)
			return true;
	return false;
}

/* Per profile, the calls that no profile before it in the list has brought. */
static void print_syscalls(const struct outcome *outcome)
{
	puts("system calls, * under conditions on their arguments (powerbox show "
	     "tells):");
	for (size_t i = 0; i < outcome->count; i++) {
		const struct syscalls *own = &outcome->grants[i].profile.policy.syscalls;
		struct wrap wrap = { .indent = 4 };

		printf("  from %s:\n", outcome->grants[i].profile.name);
		if (own->all)
			puts("    all");
		for (unsigned call = 0; !own->all && call < syscall_count(); call++) {
			if (!mentions(own, call))
				continue;
			wrap_word(&wrap, syscall_name(call));
			if (!syscalls_has(own, call))
				wrap_glue(&wrap, "*");
		}
		wrap_end(&wrap);
	}
}

static bool open_source(struct arena *arena, const char *path, struct bundle *ret,
			struct error *err)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return bundle_open(arena, path, NULL, ret, err);
	/* Not "config.json", which would be looked for in a bundle. */
	return bundle_open(arena, NULL,
			   arena_printf(arena, "%s%s", *path == '/' ? "" : "./", path),
			   ret, err);
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct bundle bundle = { .dir = -1 };
	struct outcome outcome;
	CLOSE int dir = -1;
	struct gate gate;
	bool decided;

	if (argc != 1)
		return usage_error(err, &command_explain,
				   "takes a bundle or a config.json");
	if (!cli_gate(arena, &gate, err) || !open_source(arena, argv[0], &bundle, err))
		return false;
	dir = bundle.dir;
	decided = gate_decide(arena, &gate, bundle.file.text, &outcome, err);
	if (!decided && err->code == ERR_DATA)
		return error_in(err, "%s", text_quote(arena, text_of(bundle.path)));
	print_request(arena, &outcome.request);
	print_acl(&outcome);
	if (!decided)
		return false;
	print_profiles(&outcome);
	printf("new privileges by execve: %s\n",
	       outcome.policy.new_privileges ? "yes" : "no");
	print_capabilities(&outcome);
	print_syscalls(&outcome);
	return true;
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "BUNDLE|CONFIG.JSON",
	.summary = "Explain what a container would get here, from which profile and why",
	.help = "\nWhat it asks for, which line of the ACL allows that, and where each "
		"capability\n"
		"and system call comes from. Changes nothing. The exit status is that of "
		"the\n"
		"container's start: 1 if it would be denied.\n",
	.run = run,
};
