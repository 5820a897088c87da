/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/grants.h"

#include <stdio.h>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "policy/groups.h"

#define NAMED_MAX 12 /* calls of a group that are named in a summary */
#define RULES_MAX 4  /* conditions of a call that are told in a summary */

struct difference grants_whole(const struct policy *policy)
{
	struct difference whole = { .policy = *policy, .nameless = policy->syscalls.all };

	whole.policy.syscalls.refusals = (struct refusals){ 0 };
	return whole;
}

/* Which group each call is in, found once for a report. */
struct grouping {
	uint8_t of[SYSCALL_MAX];
};

static struct grouping grouping_make(void)
{
	struct grouping grouping = { { 0 } };

	for (unsigned call = 0; call < syscall_count(); call++)
		while (!groups_has(grouping.of[call], call))
			grouping.of[call]++;
	return grouping;
}

static size_t rules_of(const struct syscalls *syscalls, unsigned call)
{
	size_t count = 0;

	for (size_t i = 0; i < syscalls->rules.count; i++)
		count += syscalls->rules.items[i].call == call;
	return count;
}

static void print_capabilities(const struct policy *policy, unsigned indent)
{
	struct capset caps = policy->caps, ambient = policy->ambient;

	if (caps.bits == CAPSET_ALL.bits) {
		printf("%*severy capability, those of later kernels with them\n",
		       (int)indent, "");
		return;
	}
	for (unsigned i = 0; i < CAPSET_NAMED; i++) {
		if (capset_has(caps, i))
			printf("%*s%-22s  %s%s\n", (int)indent, "", capset_name(i),
			       capset_meaning(i),
			       capset_has(ambient, i) ? " (any user)" : "");
		else if (capset_has(ambient, i))
			printf("%*s%-22s  also for programs that don't run as root\n",
			       (int)indent, "", capset_name(i));
	}
	if (caps.bits >> CAPSET_NAMED)
		printf("%*sand the capabilities of later kernels\n", (int)indent, "");
}

static void print_rules(struct arena *arena, const struct syscalls *syscalls,
			unsigned call, unsigned indent, enum grants_detail detail)
{
	size_t told = 0, count = rules_of(syscalls, call);

	for (size_t i = 0; i < syscalls->rules.count; i++) {
		const struct rule *rule = &syscalls->rules.items[i];

		if (rule->call != call)
			continue;
		if (detail != GRANTS_WHOLE && count > RULES_MAX &&
		    told == RULES_MAX - 1) {
			printf("%*s%s under %zu more conditions\n", (int)indent, "",
			       syscall_name(call), count - told);
			return;
		}
		printf("%*s%s\n", (int)indent, "", rule_words(arena, rule));
		told++;
	}
}

/* Names; those under conditions too if these themselves are not told, with a star. */
static void print_names(const struct syscalls *syscalls, const struct grouping *grouping,
			size_t group, unsigned indent, enum grants_detail detail)
{
	struct wrap wrap = { .indent = indent };

	for (unsigned call = 0; call < syscall_count(); call++) {
		bool always = syscalls_has(syscalls, call);

		if (grouping->of[call] != group || !syscalls_mention(syscalls, call) ||
		    (!always && detail != GRANTS_BRIEF))
			continue;
		wrap_word(&wrap, syscall_name(call));
		if (!always)
			wrap_glue(&wrap, "*");
	}
	wrap_end(&wrap);
}

struct share {
	size_t some, of;
};

static struct share share_of(const struct syscalls *syscalls,
			     const struct grouping *grouping, size_t group)
{
	struct share share = { 0 };

	for (unsigned call = 0; call < syscall_count(); call++) {
		if (grouping->of[call] != group)
			continue;
		share.of++;
		share.some += syscalls_mention(syscalls, call);
	}
	return share;
}

/* Of each group its name, and how much of it there is. */
static void print_shares(struct arena *arena, const struct syscalls *syscalls,
			 const struct grouping *grouping, unsigned indent)
{
	struct wrap wrap = { .indent = indent };

	for (size_t group = 0; group < groups_count(); group++) {
		struct share share = share_of(syscalls, grouping, group);

		if (!share.some)
			continue;
		if (!wrap.column)
			wrap_word(&wrap, "calls:");
		else
			wrap_glue(&wrap, ",");
		wrap_word(&wrap, arena_printf(arena, "%s %zu/%zu", groups_name(group),
					      share.some, share.of));
	}
	wrap_end(&wrap);
}

static void print_group(struct arena *arena, const struct syscalls *syscalls,
			const struct grouping *grouping, size_t group, unsigned indent,
			enum grants_detail detail)
{
	struct share share = share_of(syscalls, grouping, group);

	if (!share.some)
		return;
	printf("%*s%-13s %s (%zu of %zu)\n", (int)indent, "", groups_name(group),
	       groups_meaning(group), share.some, share.of);
	if (detail == GRANTS_WHOLE || share.some <= NAMED_MAX)
		print_names(syscalls, grouping, group, indent + 4, detail);
	for (unsigned call = 0; call < syscall_count(); call++)
		if (grouping->of[call] == group && detail != GRANTS_BRIEF)
			print_rules(arena, syscalls, call, indent + 4, detail);
}

void grants_print(struct arena *arena, const struct difference *grant, unsigned indent,
		  enum grants_detail detail)
{
	const struct syscalls *syscalls = &grant->policy.syscalls;
	const struct grouping grouping = grouping_make();

	if (difference_empty(grant)) {
		printf("%*snothing\n", (int)indent, "");
		return;
	}
	print_capabilities(&grant->policy, indent);
	if (grant->policy.new_privileges)
		printf("%*snew privileges by execve: setuid programs work\n", (int)indent,
		       "");
	if (syscalls->all || (grant->nameless && detail <= GRANTS_BRIEF)) {
		printf("%*severy %ssystem call, those of later kernels with them\n",
		       (int)indent, "", syscalls->all ? "" : "other ");
		return;
	}
	if (detail == GRANTS_SHORT)
		print_shares(arena, syscalls, &grouping, indent);
	for (size_t group = 0; detail != GRANTS_SHORT && group < groups_count(); group++)
		print_group(arena, syscalls, &grouping, group, indent, detail);
	if (grant->nameless)
		printf("%*sand the system calls of later kernels\n", (int)indent, "");
}

void grants_ground(struct buffer *out, const char *name, const struct ground *ground)
{
	write_key(out, name);
	if (!ground->path) {
		buffer_puts(out, "null");
		return;
	}
	buffer_puts(out, "{");
	write_member(out, "path", text_of(ground->path));
	write_key(out, "line");
	buffer_printf(out, "%zu}", ground->line);
}

static void json_caps(struct buffer *out, const char *name, struct capset caps)
{
	write_key(out, name);
	buffer_puts(out, "[");
	for (unsigned i = 0; i < CAPSET_NAMED; i++) {
		if (!capset_has(caps, i))
			continue;
		buffer_puts(out, out->bytes[out->length - 1] == '[' ? "{" : ", {");
		write_member(out, "name", text_of(capset_name(i)));
		write_member(out, "meaning", text_of(capset_meaning(i)));
		buffer_puts(out, "}");
	}
	buffer_puts(out, "]");
}

static void json_group(struct buffer *out, const struct syscalls *syscalls,
		       const struct grouping *grouping, size_t group)
{
	struct texts names = { 0 };

	for (unsigned call = 0; call < syscall_count(); call++)
		if (grouping->of[call] == group && syscalls_has(syscalls, call))
			*arena_push(out->arena, &names) = text_of(syscall_name(call));
	if (names.count)
		write_texts(out, groups_name(group), &names);
}

static void json_rules(struct buffer *out, const struct rules *rules)
{
	write_key(out, "rules");
	buffer_puts(out, "[");
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->items[i];

		buffer_puts(out, i ? ", {" : "{");
		write_member(out, "call", text_of(syscall_name(rule->call)));
		write_member(out, "if", text_of(rule_words(out->arena, rule)));
		buffer_puts(out, "}");
	}
	buffer_puts(out, "]");
}

void grants_json(struct buffer *out, const char *name, const struct difference *grant)
{
	const struct grouping grouping = grouping_make();
	const struct policy *policy;

	write_key(out, name);
	if (!grant) {
		buffer_puts(out, "null");
		return;
	}
	policy = &grant->policy;
	buffer_puts(out, "{");
	json_caps(out, "capabilities", policy->caps);
	json_caps(out, "ambient", policy->ambient);
	write_truth(out, "everyCapability", policy->caps.bits >> CAPSET_NAMED);
	write_truth(out, "newPrivileges", policy->new_privileges);
	write_truth(out, "everyCall", grant->nameless);
	write_key(out, "calls");
	buffer_puts(out, "{");
	for (size_t group = 0; group < groups_count(); group++)
		json_group(out, &policy->syscalls, &grouping, group);
	buffer_puts(out, "}");
	json_rules(out, &policy->syscalls.rules);
	buffer_puts(out, "}");
}
