/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/bpf.h"
#include "lib/cap.h"
#include "lib/trust.h"

/* One line a finding; what is bad makes the exit status. */
struct findings {
	struct arena *arena;
	size_t bad;
};

static void PRINTF(2, 3) good(struct findings *findings, const char *fmt, ...)
{
	va_list args;

	(void)findings;
	fputs("ok    ", stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static void bad(struct findings *findings, const struct error *err)
{
	findings->bad++;
	printf("BAD   %s\n", err->msg);
}

static void PRINTF(2, 3) note(struct findings *findings, const char *fmt, ...)
{
	va_list args;

	(void)findings;
	fputs("note  ", stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static void check_runtime(struct findings *findings, const struct node *node)
{
	CLOSE int fd = -1;
	struct error err;

	if (trust_open_program(findings->arena, node->runtime, &fd, &err))
		good(findings, "runtime %s, with %s's command line", node->runtime,
		     runtime_kind_name(node->kind));
	else
		bad(findings, &err);
}

/* Calls that the installed libseccomp does not know are left out by every runtime. */
static void check_names(struct findings *findings, const struct profile *profile)
{
	const struct syscalls *syscalls = &profile->policy.syscalls;
	struct buffer unknown = { .arena = findings->arena };

	for (unsigned call = 0; call < syscall_count(); call++)
		if (!syscalls->all && syscalls_has(syscalls, call) &&
		    !bpf_knows(syscall_name(call)))
			buffer_printf(&unknown, " %s", syscall_name(call));
	if (unknown.length)
		note(findings,
		     "%s: not known to the installed libseccomp %s, so not granted:%s",
		     profile->name, bpf_version(findings->arena), unknown.bytes);
}

static void check_capabilities(struct findings *findings, const struct profile *profile)
{
	struct capset held = { cap_held() };
	struct capset caps = profile->policy.caps;
	struct buffer missing = { .arena = findings->arena };

	if (caps.bits == CAPSET_ALL.bits || geteuid())
		return;
	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(caps, i) && !capset_has(held, i))
			buffer_printf(&missing, " %s", capset_name(i));
	if (missing.length)
		note(findings,
		     "%s: this process does not hold%s; a container that asks for "
		     "the profile would be refused if the engine does not either",
		     profile->name, missing.bytes);
}

/* That it reads, and that it can be expressed beside the runtime's own. */
static void check_profile(struct findings *findings, const struct gate *gate,
			  struct text name)
{
	const char *runtime = runtime_kind_name(gate->node.kind);
	struct outcome outcome;
	struct profile profile;
	struct error err;

	if (!store_find(findings->arena, &gate->store, name, &profile, &err) ||
	    !gate_union(findings->arena, gate, &name, 1, runtime, &outcome, &err)) {
		bad(findings, &err);
		return;
	}
	good(findings, "%s", profile.path);
	check_names(findings, &profile);
	check_capabilities(findings, &profile);
}

static void check_profiles(struct findings *findings, const struct gate *gate)
{
	struct store_names names;
	struct error err;

	if (!store_names(findings->arena, &gate->store, &names, &err)) {
		bad(findings, &err);
		return;
	}
	for (size_t i = 0; i < names.count; i++)
		check_profile(findings, gate, names.items[i]);
}

/* That what the ACL names is there: a typing error in it would only show at a start. */
static void check_mentioned(struct findings *findings, const struct gate *gate)
{
	struct error err;
	struct profile profile;

	for (size_t i = 0;; i++) {
		struct verdict named = acl_mentioned(gate->acl, i);

		if (!named.ground.path)
			return;
		if (store_find(findings->arena, &gate->store, named.profile, &profile,
			       &err))
			continue;
		error_in(&err, "%s:%zu", named.ground.path, named.ground.line);
		bad(findings, &err);
	}
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct findings findings = { .arena = arena };
	struct error finding;
	struct gate gate;
	struct node node;

	if (argc)
		return usage_error(err, &command_check, "takes no %s",
				   text_quote(arena, text_of(argv[0])));
	if (node_read(arena, &node, &finding))
		good(&findings, "%s, or its defaults", NODE_FILE);
	else
		bad(&findings, &finding);
	check_runtime(&findings, &node);
	if (gate_open(arena, &node, &gate, &finding)) {
		good(&findings, "the ACL in %s, mode %s", POWERBOX_SYSCONFDIR,
		     acl_mode(gate.acl) == MODE_WARN ? "warn" : "enforce");
		check_mentioned(&findings, &gate);
	} else {
		bad(&findings, &finding);
		if (!gate_without_acl(arena, &node, &gate, err))
			return false;
	}
	check_profiles(&findings, &gate);
	if (!findings.bad)
		return true;
	return error_set(err, ERR_CONFIG, "%zu finding%s to mend", findings.bad,
			 findings.bad == 1 ? "" : "s");
}

const struct command command_check = {
	.name = "check",
	.arguments = "",
	.summary = "Check this node's files, runtime and profiles",
	.help = "\nReads everything that a container's start would read, with the same "
		"code, and\n"
		"prints a line per finding: ok, BAD with how to mend it, or note. Exit "
		"status 78\n"
		"if anything is bad.\n",
	.run = run,
};
