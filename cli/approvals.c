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

struct listed {
	const struct approval *approval;
	struct selectors selectors;
	size_t number; /* in APPROVAL_FILE; 0: elsewhere */
	enum state state;
	struct difference added;
};

static bool find_state(struct arena *arena, const struct gate *gate,
		       struct listed *listed, struct error *err)
{
	const struct approval *approval = listed->approval;
	struct approvals one = { 0 };
	struct profile profile;
	struct change change;

	if (!store_has(arena, &gate->store, approval->profile)) {
		listed->state = STATE_MISSING;
		return true;
	}
	*arena_push(arena, &one) = *approval;
	if (!store_find(arena, &gate->store, approval->profile, &profile, err) ||
	    !approvals_compare(arena, &one, &profile.policy, &change, err))
		return error_in(err, "approval at %s:%zu", approval->ground.path,
				approval->ground.line);
	listed->added = change.added;
	listed->state = !difference_empty(&change.added)  ? STATE_MORE
			: !difference_empty(&change.gone) ? STATE_LESS
							  : STATE_SAME;
	return true;
}

static void print_listed(struct arena *arena, const struct listed *listed)
{
	const struct approval *approval = listed->approval;
	const char *id = approval_id(arena, approval->profile, &listed->selectors);

	printf("%s %s  ",
	       listed->number ? arena_printf(arena, "%3zu", listed->number) : "  -", id);
	print_colored(COLOR_BOLD, text_plain(arena, approval->profile));
	printf("  for %s\n      ", selectors_words(arena, &listed->selectors));
	print_colored(states[listed->state].color, states[listed->state].words);
	if (listed->state == STATE_MORE)
		printf(": %s", difference_words(arena, &listed->added, 60));
	printf("\n      %s by %s%s%s\n", text_plain(arena, approval->when),
	       text_plain(arena, approval->who), approval->why.length ? ": " : "",
	       text_shown(arena, approval->why));
	if (!listed->number)
		printf("      in %s:%zu\n", approval->ground.path, approval->ground.line);
}

static void print_json(struct arena *arena, const struct listed *listed)
{
	const struct approval *approval = listed->approval;
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "{");
	write_member(&out, "profile", approval->profile);
	write_member(&out, "id",
		     text_of(approval_id(arena, approval->profile, &listed->selectors)));
	if (listed->number) {
		write_key(&out, "number");
		buffer_printf(&out, "%zu", listed->number);
	}
	write_labels(&out, "nodes", &listed->selectors.nodes);
	write_texts(&out, "namespaces", &listed->selectors.namespaces);
	write_texts(&out, "containers", &listed->selectors.containers);
	write_texts(&out, "images", &listed->selectors.images);
	write_member(&out, "who", approval->who);
	write_member(&out, "when", approval->when);
	write_member(&out, "why", approval->why.length ? approval->why : text_of(""));
	write_member(&out, "file", text_of(approval->ground.path));
	write_key(&out, "line");
	buffer_printf(&out, "%zu", approval->ground.line);
	write_member(&out, "state", text_of(states[listed->state].name));
	if (listed->state == STATE_MORE)
		write_member(&out, "more",
			     text_of(difference_words(arena, &listed->added, SIZE_MAX)));
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
		struct listed listed = { .approval = &approvals.items[i] };

		if (!strcmp(listed.approval->ground.path, APPROVAL_FILE))
			listed.number = ++number;
		listed.selectors = selectors_of_rule(arena, listed.approval->rule);
		if (!find_state(arena, gate, &listed, err))
			return false;
		if (!json) {
			print_listed(arena, &listed);
			continue;
		}
		fputs(i ? ",\n " : "", stdout);
		print_json(arena, &listed);
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
