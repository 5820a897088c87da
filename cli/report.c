/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/breakage.h"
#include "cli/cli.h"

struct options {
	struct wanted wanted;
	bool json, acl;
};

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	for (int i = 0; i < argc; i++) {
		if (wanted_option(&ret->wanted, argc, argv, &i))
			continue;
		if (!strcmp(argv[i], "--json"))
			ret->json = true;
		else if (!strcmp(argv[i], "--acl"))
			ret->acl = true;
		else
			return usage_unknown(arena, err, &command_report, argv[i]);
	}
	if (ret->json && ret->acl)
		return usage_error(err, &command_report, "--json or --acl, not both");
	ret->wanted.status = "warned";
	return wanted_since(arena, &ret->wanted, err);
}

static void print_subject(struct arena *arena, const struct breakage *breakage)
{
	const struct {
		const char *what;
		struct text text;
	} facts[] = {
		{ "namespace", breakage->subject.namespace },
		{ "container", breakage->subject.container },
		{ "image", breakage->subject.image },
	};
	const char *before = "";

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		if (!facts[i].text.length)
			continue;
		printf("%s%s %s", before, facts[i].what,
		       text_plain(arena, facts[i].text));
		before = ", ";
	}
	if (!*before)
		printf("container %s",
		       breakage->id.length ? text_plain(arena, breakage->id) : "-");
	printf(": %ju decision%s, ", (uintmax_t)breakage->count,
	       breakage->count == 1 ? "" : "s");
	if (breakage->count > 1)
		printf("%.19sZ to ", breakage->first);
	printf("%.19sZ\n", breakage->last);
}

static void print_texts(struct arena *arena, const char *what, const struct texts *texts)
{
	struct wrap wrap = { .indent = 4 };

	if (!texts->count)
		return;
	printf("  %s:\n", what);
	for (size_t i = 0; i < texts->count; i++)
		wrap_word(&wrap, text_plain(arena, texts->items[i]));
	wrap_end(&wrap);
}

static void print_capabilities(const struct breakage *breakage)
{
	struct capset both = capset_union(breakage->capabilities, breakage->ambient);

	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(both, i))
			printf("    %-22s %s%s\n", capset_name(i), capset_meaning(i),
			       capset_has(breakage->capabilities, i)
				       ? ""
				       : " (of programs that don't run as root)");
}

static void print_calls(const struct breakage *breakage)
{
	const struct syscalls *calls = &breakage->calls;
	struct wrap wrap = { .indent = 6 };

	if (breakage->every_other_call)
		puts("    every system call that no profile grants: it has no filter");
	for (unsigned call = 0; call < syscall_count(); call++) {
		if (!syscalls_has(calls, call) && !syscalls_refusal(calls, call))
			continue;
		if (!wrap.column)
			puts("    system calls, * on some arguments only:");
		wrap_word(&wrap, syscall_name(call));
		if (!syscalls_has(calls, call))
			wrap_glue(&wrap, "*");
	}
	wrap_end(&wrap);
}

static void print_lost(struct arena *arena, const struct breakage *breakage)
{
	if (!breakage_loses(breakage))
		return;
	printf("  %swould lose, having it from its engine and from no profile:\n",
	       breakage->refused ? "once allowed, " : "");
	print_capabilities(breakage);
	if (breakage->new_privileges)
		puts("    new privileges by execve");
	print_calls(breakage);
	if (*breakage->config)
		printf("  what it needs of that: powerbox suggest %s\n",
		       text_plain(arena, text_of(breakage->config)));
}

static void print_gained(const struct breakage *breakage)
{
	if (!breakage_gains(breakage))
		return;
	puts("  would gain, having it from its profiles and not from its engine:");
	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(breakage->gained, i))
			printf("    %-22s %s\n", capset_name(i), capset_meaning(i));
	if (breakage->gains_new_privileges)
		puts("    new privileges by execve");
}

/* What a rule made of the log lacks, so that nobody trusts it to be enough. */
static void print_lacks(struct arena *arena, const struct breakage *breakage)
{
	struct texts wider = breakage_wider(arena, breakage);

	for (size_t i = 0; i < breakage->cut_off.count; i++)
		printf("  would be refused for an annotation that no rule here allows, "
		       "its name being cut off in the log: %s\n",
		       text_quote(arena, breakage->cut_off.items[i]));
	if (breakage->more)
		puts("  would be refused for more annotations, for which the log has no "
		     "room");
	for (size_t i = 0; breakage_has_rule(breakage) && i < wider.count; i++)
		printf("  the rule has no \"%.*s\", since the log has cut off the name: "
		       "it holds for more containers than this one\n",
		       (int)wider.items[i].length, wider.items[i].bytes);
}

static void print_rule(struct arena *arena, const struct breakage *breakage)
{
	const char *whom = "";

	if (!breakage_has_rule(breakage))
		return;
	if (breakage_rule_is_for_all(breakage))
		whom = " to every container, since the engine does not name this one";
	printf("  to allow that%s, add to the \"rules\" of the ACL:\n    %s\n", whom,
	       breakage_rule(arena, breakage).bytes);
}

static void print_breakage(struct arena *arena, const struct breakage *breakage)
{
	print_subject(arena, breakage);
	print_texts(arena, "would be refused for its profiles", &breakage->profiles);
	print_texts(arena, "would be refused for its annotations",
		    &breakage->annotations);
	for (size_t i = 0; i < breakage->missing.count; i++)
		printf("  would be refused: there is no profile %s here\n",
		       text_quote(arena, breakage->missing.items[i]));
	for (size_t i = 0; i < breakage->reasons.count; i++)
		printf("  would be refused: %s\n",
		       text_shown(arena, breakage->reasons.items[i]));
	print_rule(arena, breakage);
	print_lacks(arena, breakage);
	print_lost(arena, breakage);
	print_gained(breakage);
	putchar('\n');
}

static void print_report(struct arena *arena, const struct breakages *all,
			 const char *log, uint64_t broken)
{
	size_t refused = 0, less = 0, more = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct breakage *breakage = all->items[i];

		print_breakage(arena, breakage);
		refused += breakage->refused > 0;
		less += !breakage->refused && breakage_loses(breakage);
		more += !breakage->refused && breakage_gains(breakage);
	}
	if (all->count || all->unharmed)
		printf("%zu container%s would be refused, %zu would start with less, %zu "
		       "with more; %ju decision%s of mode warn would have changed "
		       "nothing\n",
		       refused, refused == 1 ? "" : "s", less, more,
		       (uintmax_t)all->unharmed, all->unharmed == 1 ? "" : "s");
	else
		printf("there is no decision of mode warn in %s, or none that is asked "
		       "for\n",
		       log);
	if (all->omitted)
		printf("%ju decisions are left out, there being over %d containers; "
		       "--since, --namespace and --image narrow it down\n",
		       (uintmax_t)all->omitted, BREAKAGES_MAX);
	if (broken)
		printf("%ju broken line%s %s left out\n", (uintmax_t)broken,
		       broken == 1 ? "" : "s", broken == 1 ? "is" : "are");
}

static bool is_whole(struct arena *arena, const struct breakage *breakage)
{
	return !breakage->cut_off.count && !breakage->more &&
	       !(breakage_has_rule(breakage) && breakage_wider(arena, breakage).count);
}

static bool is_among(const struct texts *texts, struct text text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (text_eq(texts->items[i], text))
			return true;
	return false;
}

/*
 * One file for acl.d, which has no place for what it lacks. Where the engine names no
 * container, many have the same rule.
 */
static void print_acl(struct arena *arena, const struct breakages *all)
{
	const char *before = "\n    ";
	struct texts rules = { 0 };
	size_t lacking = 0;

	fputs("{\n  \"version\": 1,\n  \"rules\": [", stdout);
	for (size_t i = 0; i < all->count; i++) {
		struct text rule;

		lacking += !is_whole(arena, all->items[i]);
		if (!breakage_has_rule(all->items[i]))
			continue;
		rule = breakage_rule(arena, all->items[i]);
		if (is_among(&rules, rule))
			continue;
		*arena_push(arena, &rules) = rule;
		printf("%s%s", before, rule.bytes);
		before = ",\n    ";
	}
	puts("\n  ]\n}");
	if (lacking)
		fprintf(stderr,
			"powerbox: note: of %zu container%s the log has cut off names, "
			"which the rules lack; powerbox report tells which\n",
			lacking, lacking == 1 ? "" : "s");
}

static void write_capabilities(struct buffer *out, const char *name, struct capset set)
{
	const char *before = "";

	write_key(out, name);
	buffer_puts(out, "[");
	for (unsigned i = 0; i < CAPSET_NAMED; i++) {
		if (!capset_has(set, i))
			continue;
		buffer_printf(out, "%s\"%s\"", before, capset_name(i));
		before = ", ";
	}
	buffer_puts(out, "]");
}

static void write_calls(struct buffer *out, const char *name,
			const struct syscalls *calls, bool in_part)
{
	const char *before = "";

	write_key(out, name);
	buffer_puts(out, "[");
	for (unsigned call = 0; call < syscall_count(); call++) {
		if (in_part ? syscalls_has(calls, call) || !syscalls_refusal(calls, call)
			    : !syscalls_has(calls, call))
			continue;
		buffer_printf(out, "%s\"%s\"", before, syscall_name(call));
		before = ", ";
	}
	buffer_puts(out, "]");
}

static void write_refused(struct buffer *out, const struct breakage *breakage)
{
	write_key(out, "refused");
	buffer_puts(out, "{");
	write_key(out, "count");
	buffer_printf(out, "%ju", (uintmax_t)breakage->refused);
	write_texts(out, "profiles", &breakage->profiles);
	write_texts(out, "missing", &breakage->missing);
	write_texts(out, "annotations", &breakage->annotations);
	write_texts(out, "reasons", &breakage->reasons);
	write_texts(out, "cutOff", &breakage->cut_off);
	write_truth(out, "more", breakage->more);
	buffer_puts(out, "}");
}

static void write_lost(struct buffer *out, const struct breakage *breakage)
{
	write_key(out, "lost");
	buffer_puts(out, "{");
	write_capabilities(out, "capabilities", breakage->capabilities);
	write_capabilities(out, "ambient", breakage->ambient);
	write_truth(out, "newPrivileges", breakage->new_privileges);
	write_truth(out, "everyOtherCall", breakage->every_other_call);
	write_calls(out, "calls", &breakage->calls, false);
	write_calls(out, "callsInPart", &breakage->calls, true);
	buffer_puts(out, "}");
}

static void write_gained(struct buffer *out, const struct breakage *breakage)
{
	write_key(out, "gained");
	buffer_puts(out, "{");
	write_capabilities(out, "capabilities", breakage->gained);
	write_truth(out, "newPrivileges", breakage->gains_new_privileges);
	buffer_puts(out, "}");
}

static void write_breakage(struct buffer *out, const struct breakage *breakage)
{
	struct texts wider = breakage_wider(out->arena, breakage);

	buffer_puts(out, "{");
	write_member(out, "namespace", breakage->subject.namespace);
	write_member(out, "container", breakage->subject.container);
	write_member(out, "image", breakage->subject.image);
	write_member(out, "id", breakage->id);
	write_key(out, "count");
	buffer_printf(out, "%ju", (uintmax_t)breakage->count);
	write_member(out, "first", text_of(breakage->first));
	write_member(out, "last", text_of(breakage->last));
	write_member(out, "config", text_of(breakage->config));
	write_texts(out, "requested", &breakage->requested);
	write_refused(out, breakage);
	write_lost(out, breakage);
	write_gained(out, breakage);
	write_key(out, "rule");
	buffer_puts(out, breakage_has_rule(breakage)
				 ? breakage_rule(out->arena, breakage).bytes
				 : "null");
	write_texts(out, "wider", &wider);
	buffer_puts(out, "}");
}

static void print_json(struct arena *arena, const struct breakages *all, uint64_t broken)
{
	fputs("{\"containers\":[", stdout);
	for (size_t i = 0; i < all->count; i++) {
		struct buffer out = { .arena = arena };

		write_breakage(&out, all->items[i]);
		printf("%s\n%s", i ? "," : "", out.bytes);
	}
	printf("],\n\"unharmed\":%ju,\"omitted\":%ju,\"brokenLines\":%ju}\n",
	       (uintmax_t)all->unharmed, (uintmax_t)all->omitted, (uintmax_t)broken);
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct options options = { 0 };
	struct decisions decisions = { .fd = -1 };
	struct breakages *all = arena_new(arena, struct breakages, 1);
	struct visit visit = { .wanted = &options.wanted,
			       .extent = EXTENT_WHOLE,
			       .each = breakages_add,
			       .into = all };
	struct progress progress = progress_start("reading the decision log");
	struct gate gate;
	struct node node;
	bool passes;

	all->arena = arena;
	if (!parse(arena, argc, argv, &options, err) || !node_read(arena, &node, err) ||
	    !gate_without_acl(arena, &node, &gate, err) ||
	    !decisions_open(arena, options.wanted.file, &decisions, err))
		return false;
	visit.progress = &progress;
	passes = decisions_visit(&decisions, &visit, err);
	progress_end(&progress);
	close_cleanup(&decisions.fd);
	if (!passes)
		return false;
	breakages_look(all, &gate.store);
	if (options.json)
		print_json(arena, all, visit.broken);
	else if (options.acl)
		print_acl(arena, all);
	else
		print_report(arena, all, decisions.shown, visit.broken);
	return true;
}

const struct command command_report = {
	.name = "report",
	.arguments = "[OPTION...]",
	.summary = "Tell what mode warn keeps from being refused or taken away",
	.help = "\nReads the decision log, and tells per image and container what would "
		"have\n"
		"been refused, with the rule of the ACL that would allow it, and what it "
		"would\n"
		"have lost, or gained.\n\n"
		"  --acl              print all these rules as one file for acl.d\n"
		"  --json             for programs (" POWERBOX_DATADIR
		"/schema/report.json)\n"
		"  --since TIME       2026-11-21T14:30:00Z, 2026-11-21, or how long ago: "
		"15m,\n"
		"                     2h, 7d\n"
		"  --container ID     an id, or how it begins; or the container's name\n"
		"  --namespace NAME   of this namespace\n"
		"  --image PATTERN    of images like this; * stands for anything\n"
		"  --file FILE        another log; - is standard input\n",
	.run = run,
};
