/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/approved.h"

struct options {
	struct selectors selectors;
	bool dry_run;
	const char **what;
	size_t count;
};

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	ret->what = arena_new(arena, const char *, (size_t)argc + 1);
	for (int i = 0; i < argc; i++) {
		if (argv[i][0] != '-') {
			ret->what[ret->count++] = argv[i];
		} else if (!strcmp(argv[i], "--dry-run")) {
			ret->dry_run = true;
		} else if (!selectors_option(arena, &command_revoke, argc, argv, &i,
					     &ret->selectors, err)) {
			return err->code ? false
					 : usage_unknown(arena, err, &command_revoke,
							 argv[i]);
		}
	}
	return ret->count || !selectors_empty(&ret->selectors) ||
	       usage_error(err, &command_revoke,
			   "takes names of profiles, numbers or IDs of powerbox "
			   "approvals, or a selection");
}

static bool is_number(const char *what)
{
	return *what && !what[strspn(what, "0123456789")];
}

/* Whether an argument means the approval; `number` counts approvals from 1. */
static bool means(struct arena *arena, const char *what, const struct approved_rule *rule,
		  size_t number)
{
	if (is_number(what))
		return !strcmp(what, arena_printf(arena, "%zu", number));
	if (*what == '@')
		return !strcmp(what, approval_id(arena, rule->approval.profile,
						 &rule->selectors));
	return text_is(rule->approval.profile, what);
}

/* Which of the approvals are meant; what means none is a mistake. */
static bool choose(struct arena *arena, const struct options *options,
		   const struct approved *approved, bool *chosen, struct error *err)
{
	const char *all[] = { NULL };
	const char *const *what = options->count ? options->what : all;
	size_t count = options->count ? options->count : 1;

	for (size_t i = 0; i < count; i++) {
		size_t number = 0;
		bool any = false;

		for (size_t j = 0; j < approved->count; j++) {
			const struct approved_rule *rule = &approved->items[j];

			if (!rule->approval.profile.length)
				continue;
			number++;
			if ((what[i] && !means(arena, what[i], rule, number)) ||
			    !selectors_contain(&rule->selectors, &options->selectors))
				continue;
			chosen[j] = any = true;
		}
		if (!any)
			return error_set(err, ERR_NOINPUT,
					 "no such approval%s%s in " APPROVAL_FILE
					 "; powerbox approvals lists what there is",
					 what[i] ? ": " : "",
					 what[i] ? text_quote(arena, text_of(what[i]))
						 : "");
	}
	return true;
}

static bool revoke(struct arena *arena, const struct options *options,
		   struct approved *approved, struct error *err)
{
	bool *chosen = arena_new(arena, bool, approved->count + 1);

	if (!choose(arena, options, approved, chosen, err))
		return false;
	for (size_t i = approved->count; i--;)
		if (chosen[i]) {
			const struct approved_rule *rule = &approved->items[i];

			printf("%.*s: for %s\n", (int)rule->approval.profile.length,
			       rule->approval.profile.bytes,
			       selectors_words(arena, &rule->selectors));
			approved_drop(approved, rule);
		}
	return options->dry_run || approved_save(approved, err);
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct approved approved = { .dir = -1 };
	struct options options = { 0 };
	bool done;

	if (!parse(arena, argc, argv, &options, err) ||
	    !(options.dry_run ? approved_look(arena, &approved, err)
			      : approved_open(arena, &approved, err)))
		return false;
	done = revoke(arena, &options, &approved, err);
	approved_close(&approved);
	return done && cli_done(options.dry_run ? "nothing is written: --dry-run"
						: "revoked in " APPROVAL_FILE,
				err);
}

const struct command command_revoke = {
	.name = "revoke",
	.arguments = "[OPTION]... [NUMBER|ID|NAME...]",
	.summary = "Take approvals back",
	.help = "\nNUMBER and ID are those of powerbox approvals; NAME is a profile: "
		"all approvals\n"
		"of it. What runs goes on running, and rules that were written by hand "
		"stay.\n\n"
		"  --dry-run           only print; also for others than root\n"
		"\nOnly approvals for:\n" SELECTORS_HELP,
	.run = run,
};
