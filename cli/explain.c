/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/grants.h"
#include "cli/running.h"
#include "cli/source.h"
#include "cli/terminal.h"
#include "cli/why_not.h"
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
	if (outcome->acl_digest)
		printf("by the ACL %s%s\n", outcome->acl_digest,
		       outcome->decision.mode == MODE_WARN
			       ? " in mode warn: it is only tried on this container"
			       : "");
}

/* ", approved by root on ...": of a profile that nothing but approvals allows. */
static const char *approved_by(struct arena *arena, const struct outcome *outcome,
			       size_t i)
{
	const struct approval *approval;

	/* Behind the verdicts' grants comes the runtime's own. */
	if (i >= outcome->decision.count ||
	    !outcome->decision.verdicts[i].approvals.count)
		return "";
	approval = &outcome->decision.verdicts[i].approvals.items[0];
	return arena_printf(arena, ", approved by %s on %s",
			    text_plain(arena, approval->who),
			    text_plain(arena, approval->when));
}

static void print_profiles(struct arena *arena, const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->count; i++) {
		const struct grant *grant = &outcome->grants[i];

		if (grant->ground.line)
			printf("gets: %s, by %s:%zu%s\n", grant->profile.name,
			       grant->ground.path, grant->ground.line,
			       approved_by(arena, outcome, i));
		else
			printf("gets: %s, as every container does: it holds what the "
			       "runtime itself needs\n",
			       grant->profile.name);
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
			if (!syscalls_mention(own, call))
				continue;
			wrap_word(&wrap, syscall_name(call));
			if (!syscalls_has(own, call))
				wrap_glue(&wrap, "*");
		}
		wrap_end(&wrap);
	}
}

struct options {
	const char *what;
	const char *root;
	const char *why_not;
};

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	for (int i = 0; i < argc; i++) {
		const char *value;

		if ((value = option_value("--root", argc, argv, &i)))
			ret->root = value;
		else if ((value = option_value("--why-not", argc, argv, &i)))
			ret->why_not = value;
		else if (argv[i][0] == '-')
			return usage_unknown(arena, err, &command_explain, argv[i]);
		else if (ret->what)
			return usage_error(err, &command_explain, "takes one container");
		else
			ret->what = argv[i];
	}
	return ret->what || usage_error(err, &command_explain,
					"takes a bundle, a config.json or the ID of a "
					"container");
}

static bool open_path(struct arena *arena, const char *path, struct bundle *ret,
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

/* A path, or else the ID of a container, for which alone *ret_running is written. */
static bool open_source(struct arena *arena, const struct options *options,
			struct bundle *ret, struct running *ret_running,
			struct error *err)
{
	struct running running;
	struct stat st;

	if (!options->root && (strchr(options->what, '/') || !stat(options->what, &st))) {
		if (!stat(options->what, &st) || errno != ENOENT)
			return open_path(arena, options->what, ret, err);
		return error_set(err, ERR_NOINPUT, "there is no bundle or config.json %s",
				 text_quote(arena, text_of(options->what)));
	}
	if (!running_find(arena, options->what, options->root, &running, err))
		return options->root
			       ? false
			       : error_in(err, "there is no bundle or config.json %s",
					  text_quote(arena, text_of(options->what)));
	*ret_running = running;
	return open_path(arena, running.target, ret, err);
}

static void print_running(struct arena *arena, const struct running *running,
			  const struct bundle *bundle)
{
	const struct timespec *now = &bundle->file.stat.st_ctim;

	printf("container %s of %s, bundle %s\n", text_plain(arena, text_of(running->id)),
	       text_plain(arena, text_of(running->root)),
	       text_plain(arena, text_of(running->target)));
	if (now->tv_sec != running->changed.tv_sec ||
	    now->tv_nsec != running->changed.tv_nsec)
		puts("its config.json was changed since powerbox left it there: what is "
		     "said here need not be what it was started with");
}

static bool in_effect(struct arena *arena, struct text config, struct policy *ret,
		      struct error *err)
{
	struct candidate candidate = {
		.where = "its config.json",
		.config = config,
		.settings = { .filter = FILTER_CONFIG },
	};

	return candidate_settings(arena, NULL, &candidate, ret, err);
}

/* What a container was given at its start is in its config.json, and stays. */
static bool print_in_effect(struct arena *arena, const struct outcome *outcome,
			    struct error *err)
{
	struct difference more, less;
	struct policy now;

	if (text_eq(outcome->text, outcome->config.text)) {
		puts("in effect: just that");
		return true;
	}
	if (!in_effect(arena, outcome->config.text, &now, err) ||
	    !policy_difference(arena, &now, &outcome->policy, &more, err) ||
	    !policy_difference(arena, &outcome->policy, &now, &less, err))
		return false;
	/* All that there is, as it was written: a name for each that the node has. */
	if (outcome->policy.caps.bits == CAPSET_ALL.bits)
		less.policy.caps.bits = 0;
	puts("in effect since its start, and no more given at a start now:");
	grants_print(arena, &more, 2, GRANTS_WORDS);
	puts("given at a start now, and not in effect:");
	grants_print(arena, &less, 2, GRANTS_WORDS);
	return true;
}

/* Of one that would not start now, and runs nevertheless. */
static void print_in_effect_alone(struct arena *arena, struct text config)
{
	struct difference whole;
	struct policy now;
	struct error err;

	if (!in_effect(arena, config, &now, &err)) {
		printf("what is in effect since its start can't be told: %s\n", err.msg);
		return;
	}
	whole = grants_whole(&now);
	puts("in effect since its start, and refused at a start now:");
	grants_print(arena, &whole, 2, GRANTS_WORDS);
}

/*
 * What every program begins with is memory. The runtime's own calls, behind the verdicts'
 * grants, may hold that too, but not what goes with it.
 */
static bool can_begin(const struct outcome *outcome)
{
	static const char *const calls[] = { "brk", "mmap", "mmap2" };

	for (size_t i = 0; i < outcome->decision.count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(calls); j++) {
			int call = syscall_find(text_of(calls[j]));

			if (call >= 0 &&
			    syscalls_mention(&outcome->grants[i].profile.policy.syscalls,
					     (unsigned)call))
				return true;
		}
	return false;
}

static void print_grants_of(struct arena *arena, const struct outcome *outcome)
{
	if (!outcome->decision.count)
		puts("gets: nothing");
	if (!can_begin(outcome) && outcome->decision.mode != MODE_WARN)
		puts("note: no program can begin with that; it dies at once in its "
		     "libc's words, or by a signal: ask for \"minimal\" as well");
	print_profiles(arena, outcome);
	printf("new privileges by execve: %s\n",
	       outcome->policy.new_privileges ? "yes" : "no");
	print_capabilities(outcome);
	print_syscalls(outcome);
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct options options = { 0 };
	struct bundle bundle = { .dir = -1 };
	struct lack lack;
	struct running running = { 0 };
	struct outcome outcome;
	CLOSE int dir = -1;
	struct gate gate;
	bool decided;

	if (!parse(arena, argc, argv, &options, err) ||
	    (options.why_not && !lack_parse(arena, options.why_not, &lack, err)) ||
	    !cli_gate(arena, &gate, err) ||
	    !open_source(arena, &options, &bundle, &running, err))
		return false;
	dir = bundle.dir;
	decided = gate_decide(arena, &gate, bundle.file.text, &outcome, err);
	if (!decided && err->code == ERR_DATA)
		return error_in(err, "%s", text_quote(arena, text_of(bundle.path)));
	if (options.why_not && outcome.decision.mode == MODE_WARN)
		puts("note: in mode warn it starts as its engine made it, with what its "
		     "config.json holds; this is what it would have otherwise");
	if (options.why_not && !decided && err->code == ERR_DENIED)
		printf("as it is it would not start: %s\n", err->msg);
	if (options.why_not)
		return (decided || err->code == ERR_DENIED) &&
		       why_not(arena, &gate, &outcome, &lack, err);
	if (running.id)
		print_running(arena, &running, &bundle);
	print_request(arena, &outcome.request);
	print_acl(&outcome);
	if (!decided && running.id)
		print_in_effect_alone(arena, bundle.file.text);
	if (!decided)
		return false;
	print_grants_of(arena, &outcome);
	return !running.id || print_in_effect(arena, &outcome, err);
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "[--root DIR] [--why-not WHAT] BUNDLE|CONFIG.JSON|ID",
	.summary = "Explain what a container gets here, from which profile and why",
	.help = "\nWhat it asks for, which line of the ACL allows that, and where each "
		"capability\n"
		"and system call comes from. Of a container by its ID (or its "
		"beginning), also\n"
		"whether that is what it was started with. Changes nothing. The exit "
		"status is\n"
		"that of the container's start, of which mode warn makes no other: 1 if "
		"it would\n"
		"be denied.\n\n"
		"  --root DIR      a container of the runtime with this state root\n"
		"  --why-not WHAT  tell what would give it this capability, or this call "
		"with\n"
		"                  these arguments (\"socket 16 3 0\"), and how to allow "
		"that;\n"
		"                  exit status 1 if it does not have it\n",
	.run = run,
};
