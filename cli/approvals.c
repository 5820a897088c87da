/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/approved.h"
#include "cli/terminal.h"

/* What has become of a profile since it was approved. */
enum state {
	STATE_SAME,
	STATE_LESS,
	STATE_MORE,
	STATE_MISSING,
};

static const struct {
	const char *name; /* in JSON */
	const char *words;
	enum color color;
} states[] = {
	[STATE_SAME] = { "same", "as approved", COLOR_GOOD },
	[STATE_LESS] = { "less", "grants less now", COLOR_GOOD },
	[STATE_MORE] = { "more", "grants more now, so it is refused", COLOR_BAD },
	[STATE_MISSING] = { "missing", "there is no such profile now", COLOR_BAD },
};

struct entry {
	const struct approval *approval;
	struct selectors selectors;
	size_t number; /* in APPROVAL_FILE; 0: elsewhere */
	enum state state;
	struct difference added;
};

static bool find_state(struct arena *arena, const struct gate *gate, struct entry *entry,
		       struct error *err)
{
	const struct approval *approval = entry->approval;
	struct approvals one = { 0 };
	struct profile profile;
	struct change change;

	if (!store_has(arena, &gate->store, approval->profile)) {
		entry->state = STATE_MISSING;
		return true;
	}
	*arena_push(arena, &one) = *approval;
	if (!store_find(arena, &gate->store, approval->profile, &profile, err) ||
	    !approvals_compare(arena, &one, &profile.policy, &change, err))
		return error_in(err, "approval at %s:%zu", approval->ground.path,
				approval->ground.line);
	entry->added = change.added;
	entry->state = !difference_empty(&change.added)	 ? STATE_MORE
		       : !difference_empty(&change.gone) ? STATE_LESS
							 : STATE_SAME;
	return true;
}

static void print_entry(struct arena *arena, const struct entry *entry)
{
	const struct approval *approval = entry->approval;
	const char *id = approval_id(arena, approval->profile, &entry->selectors);

	printf("%s %s  ",
	       entry->number ? arena_printf(arena, "%3zu", entry->number) : "  -", id);
	print_colored(COLOR_BOLD, text_plain(arena, approval->profile));
	printf("  for %s\n      ", selectors_words(arena, &entry->selectors));
	print_colored(states[entry->state].color, states[entry->state].words);
	if (entry->state == STATE_MORE)
		printf(": %s", difference_words(arena, &entry->added, 60));
	printf("\n      %.*s by %s%s%s\n", (int)approval->when.length,
	       approval->when.bytes, text_plain(arena, approval->who),
	       approval->why.length ? ": " : "", text_shown(arena, approval->why));
	if (!entry->number)
		printf("      in %s:%zu\n", approval->ground.path, approval->ground.line);
}

static void write_member(struct buffer *out, const char *name, struct text value)
{
	buffer_printf(out, ", \"%s\": ", name);
	buffer_json(out, value);
}

static void write_texts(struct buffer *out, const char *name, const struct texts *texts)
{
	buffer_printf(out, ", \"%s\": [", name);
	for (size_t i = 0; i < texts->count; i++) {
		buffer_puts(out, i ? ", " : "");
		buffer_json(out, texts->items[i]);
	}
	buffer_puts(out, "]");
}

static void print_json(struct arena *arena, const struct entry *entry)
{
	const struct approval *approval = entry->approval;
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "{\"profile\": ");
	buffer_json(&out, approval->profile);
	write_member(&out, "id",
		     text_of(approval_id(arena, approval->profile, &entry->selectors)));
	if (entry->number)
		buffer_printf(&out, ", \"number\": %zu", entry->number);
	buffer_puts(&out, ", \"nodes\": {");
	for (size_t i = 0; i < entry->selectors.nodes.count; i++) {
		buffer_puts(&out, i ? ", " : "");
		buffer_json(&out, entry->selectors.nodes.items[i].name);
		buffer_puts(&out, ": ");
		buffer_json(&out, entry->selectors.nodes.items[i].value);
	}
	buffer_puts(&out, "}");
	write_texts(&out, "namespaces", &entry->selectors.namespaces);
	write_texts(&out, "containers", &entry->selectors.containers);
	write_texts(&out, "images", &entry->selectors.images);
	write_member(&out, "who", approval->who);
	write_member(&out, "when", approval->when);
	write_member(&out, "why", approval->why);
	write_member(&out, "file", text_of(approval->ground.path));
	buffer_printf(&out, ", \"line\": %zu", approval->ground.line);
	write_member(&out, "state", text_of(states[entry->state].name));
	if (entry->state == STATE_MORE)
		write_member(&out, "more",
			     text_of(difference_words(arena, &entry->added, SIZE_MAX)));
	printf("%s}", out.bytes);
}

static bool print_all(struct arena *arena, const struct gate *gate, bool json,
		      struct error *err)
{
	struct approvals approvals = acl_approvals(arena, gate->acl);
	size_t number = 0;

	if (json)
		putchar('[');
	for (size_t i = 0; i < approvals.count; i++) {
		struct entry entry = { .approval = &approvals.items[i] };

		if (!strcmp(entry.approval->ground.path, APPROVAL_FILE))
			entry.number = ++number;
		entry.selectors = selectors_of_rule(arena, entry.approval->rule);
		if (!find_state(arena, gate, &entry, err))
			return false;
		if (!json) {
			print_entry(arena, &entry);
			continue;
		}
		fputs(i ? ",\n " : "", stdout);
		print_json(arena, &entry);
	}
	if (json)
		puts("]");
	else if (!approvals.count)
		puts("nothing is approved; powerbox approve does that");
	return true;
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	bool json = argc == 1 && !strcmp(argv[0], "--json");
	struct gate gate;

	if (argc > json)
		return usage_error(err, &command_approvals, "takes --json or nothing");
	return cli_gate(arena, &gate, err) && print_all(arena, &gate, json, err);
}

const struct command command_approvals = {
	.name = "approvals",
	.arguments = "[--json]",
	.summary = "List what is approved, and whether it still holds",
	.help = "\nEach approval with its number and ID (for powerbox revoke), whom it "
		"is for,\n"
		"what has become of the profile since, and who approved it when and "
		"why.\n\n"
		"  --json  the same for programs (" POWERBOX_DATADIR
		"/schema/approvals.json)\n",
	.run = run,
};
