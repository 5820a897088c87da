/* SPDX-License-Identifier: Apache-2.0 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/approved.h"
#include "cli/grants.h"
#include "cli/source.h"
#include "lib/stamp.h"

#define TEXT_MAX ((size_t)1000)
#define LOGIN_NONE UINT32_MAX

struct options {
	struct selectors selectors;
	const char *reason;
	bool dry_run;
	enum grants_detail detail;
	const char **what; /* names and sources */
	size_t count;
};

/* One approval that is wished for. */
struct wish {
	struct text profile;
	struct selectors selectors;
};

struct wishes {
	struct wish *items;
	size_t count, capacity;
};

static bool parse_option(struct arena *arena, int argc, char **argv, int *i,
			 struct options *ret, struct error *err)
{
	const char *value;

	if (selectors_option(arena, &command_approve, argc, argv, i, &ret->selectors,
			     err))
		return true;
	if (err->code)
		return false;
	if ((value = option_value("--reason", argc, argv, i))) {
		ret->reason = value;
		return (strlen(value) <= TEXT_MAX && text_is_utf8(text_of(value))) ||
		       usage_error(err, &command_approve,
				   "a reason has at most %zu bytes, in UTF-8", TEXT_MAX);
	}
	if (!strcmp(argv[*i], "--dry-run")) {
		ret->dry_run = true;
		return true;
	}
	if (!strcmp(argv[*i], "--short")) {
		ret->detail = GRANTS_SHORT;
		return true;
	}
	return usage_unknown(arena, err, &command_approve, argv[*i]);
}

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	ret->what = arena_new(arena, const char *, (size_t)argc + 1);
	for (int i = 0; i < argc; i++) {
		if (argv[i][0] != '-' || !argv[i][1])
			ret->what[ret->count++] = argv[i];
		else if (!parse_option(arena, argc, argv, &i, ret, err))
			return false;
	}
	return ret->count ||
	       usage_error(err, &command_approve,
			   "takes names of profiles, or what asks for them");
}

/* The user who logged in (proc(5), which nobody can change), whoever he is by now. */
static const struct passwd *login_user(struct arena *arena)
{
	struct json number = { .kind = JSON_NUMBER };
	struct error ignored;
	CLOSE int fd = file_open(AT_FDCWD, "/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
	uint64_t uid;

	if (fd < 0 || !file_read_fd(arena, fd, "loginuid", 32, &number.text, &ignored) ||
	    !json_u64(&number, &uid) || uid >= LOGIN_NONE)
		return NULL;
	return getpwuid((uid_t)uid);
}

/* Who approves, for the record alone. sudo's word counts where no login is known. */
static struct text find_who(struct arena *arena)
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *user = login_user(arena);

	if (!user && sudo && *sudo && text_is_utf8(text_of(sudo)))
		return (struct text){ sudo, strnlen(sudo, TEXT_MAX) };
	if (!user)
		user = getpwuid(getuid());
	return text_of(user ? arena_copy(arena, user->pw_name, strlen(user->pw_name))
			    : arena_printf(arena, "uid %u", getuid()));
}

/* What a container asks for and no rule of the administrator's allows it already. */
static void wish_for(struct arena *arena, const struct gate *gate,
		     const struct options *options, const struct candidate *candidate,
		     struct wishes *wishes)
{
	struct decision decision =
		acl_decide(arena, gate->acl, &gate->node.labels, &candidate->request);
	struct selectors selectors = options->selectors;

	selectors_of_subject(arena, &selectors, &candidate->request.subject);
	if (candidate->note)
		printf("%s: note: %s\n", candidate->where, candidate->note);
	if (candidate->request.sandbox || !candidate->request.count)
		printf("%s asks for nothing\n", candidate->where);
	for (size_t i = 0; i < candidate->request.count; i++) {
		const struct verdict *verdict = &decision.verdicts[i];
		const struct ground *ground = &verdict->ground;

		if (ground->path && !verdict->approvals.count)
			printf("%.*s: allowed by %s:%zu, whatever it grants\n",
			       (int)verdict->profile.length, verdict->profile.bytes,
			       ground->path, ground->line);
		else
			*arena_push(arena, wishes) =
				(struct wish){ verdict->profile, selectors };
	}
}

/* A name is a profile of this node; what can't be one is a source. */
static bool collect(struct arena *arena, const struct gate *gate,
		    const struct options *options, struct wishes *ret, struct error *err)
{
	struct wishes wishes = { 0 };

	for (size_t i = 0; i < options->count; i++) {
		struct candidates candidates = { 0 };
		struct text what = text_of(options->what[i]);

		if (profile_name_valid(what)) {
			*arena_push(arena, &wishes) =
				(struct wish){ what, options->selectors };
			continue;
		}
		if (!source_read(arena, gate, options->what[i], &candidates, err))
			return false;
		for (size_t j = 0; j < candidates.count; j++)
			wish_for(arena, gate, options, &candidates.items[j], &wishes);
	}
	*ret = wishes;
	return true;
}

static void print_part(struct arena *arena, const char *title,
		       const struct difference *part, enum grants_detail detail)
{
	if (difference_empty(part))
		return;
	printf("  %s:\n", title);
	grants_print(arena, part, 4, detail);
}

/* Anybody gives a pod its names and images; only its namespace says whose it is. */
static bool is_for_strangers(const struct gate *gate, const struct selectors *selectors)
{
	const struct subject any = { .namespace = { "any", 3 } };

	return !selectors->namespaces.count && !selectors_empty(selectors) &&
	       engine_tells(gate->node.engine, any).namespace.length;
}

/* What it grants, or how that has changed since it was approved. */
static bool print_wish(struct arena *arena, const struct gate *gate,
		       const struct wish *wish, const struct profile *profile,
		       const struct approved_rule *before, enum grants_detail detail,
		       struct error *err)
{
	struct approvals approvals = { 0 };
	const char *untold, *why;
	struct change change;

	if (before && before->approval.what)
		*arena_push(arena, &approvals) = before->approval;
	if (!approvals_compare(arena, &approvals, &profile->policy, &change, err))
		return error_in(err, "profile %s", profile->name);
	printf("%s: %s\n  for %s\n", profile->name, profile->summary,
	       selectors_words(arena, &wish->selectors));
	if (is_for_strangers(gate, &wish->selectors))
		puts("  warning: in every namespace, whoever's it is; --namespace N "
		     "narrows it down");
	if (selectors_hold_on(&wish->selectors, &gate->node.labels) &&
	    (untold = selectors_untold(arena, gate->node.engine, &wish->selectors, &why)))
		printf("  warning: never applies on this node, where \"%s\" matches "
		       "nothing: %s\n",
		       untold, why);
	if (approvals.count && difference_empty(&change.added) &&
	    difference_empty(&change.gone))
		puts("  grants what was approved before");
	print_part(arena, approvals.count ? "grants, beyond what was approved" : "grants",
		   &change.added, detail);
	print_part(arena, "grants no more", &change.gone, detail);
	return true;
}

static bool grant(struct arena *arena, const struct gate *gate,
		  const struct wishes *wishes, enum grants_detail detail,
		  struct approving *form, struct approved *approved, struct error *err)
{
	for (size_t i = 0; i < wishes->count; i++) {
		const struct wish *wish = &wishes->items[i];
		struct profile profile;

		if (!store_find(arena, &gate->store, wish->profile, &profile, err) ||
		    !print_wish(arena, gate, wish, &profile,
				approved_find(approved, wish->profile, &wish->selectors),
				detail, err))
			return false;
		form->profile = wish->profile;
		form->selectors = wish->selectors;
		form->what = approval_text(arena, &profile.policy);
		approved_put(approved, form);
	}
	return true;
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct approved approved = { .dir = -1 };
	struct options options = { .detail = GRANTS_WORDS };
	struct approving form = { 0 };
	struct wishes wishes;
	struct timespec now;
	struct gate gate;
	bool done;

	if (!parse(arena, argc, argv, &options, err) || !cli_gate(arena, &gate, err) ||
	    !collect(arena, &gate, &options, &wishes, err) ||
	    !(options.dry_run ? approved_look(arena, &approved, err)
			      : approved_open(arena, &approved, err)))
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	form.who = find_who(arena);
	form.when = text_of(stamp_write(arena, now));
	form.why = text_of(options.reason);
	done = grant(arena, &gate, &wishes, options.detail, &form, &approved, err) &&
	       (options.dry_run || !wishes.count || approved_save(&approved, err));
	approved_close(&approved);
	return done && cli_done(options.dry_run ? "nothing is written: --dry-run"
				: wishes.count	? "written to " APPROVAL_FILE
						: "nothing to approve",
				err);
}

const struct command command_approve = {
	.name = "approve",
	.arguments = "[OPTION]... SOURCE|NAME...",
	.summary = "Allow profiles, as long as they grant no more than now",
	.help = "\nNAME is a profile of this node. SOURCE is what powerbox audit reads: "
		"each of\n"
		"its containers may then have what it asks for. Prints what that grants, "
		"and\n"
		"writes it to " APPROVAL_FILE ".\n"
		"Approving again what was approved, for the same selection, renews "
		"it.\n\n"
		"  --reason TEXT       why, for the record\n"
		"  --dry-run           only print; also for others than root\n"
		"  --short             print of system calls only how many of which "
		"kind\n"
		"\nFor containers (and, with SOURCE, in the place of what it "
		"says):\n" SELECTORS_HELP,
	.run = run,
};
