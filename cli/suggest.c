/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/offers.h"
#include "cli/grants.h"
#include "cli/source.h"
#include "cli/terminal.h"
#include "policy/smallest.h"

struct options {
	const char *source;
	bool json;
};

/* What there is to say of one container, before it is said. */
struct suggestion {
	const struct candidate *candidate;
	struct difference holds;
	struct offers chosen, left_out;
	bool proven;
	struct difference uncovered, beyond;
	struct difference rest; /* what is uncovered of what was to be covered */
};

/*
 * A profile that grants a capability, or new privileges, which the container does not
 * have is no suggestion, however much it covers: the point is to have less.
 */
static bool is_fit(const struct offer *offer, const struct policy *holds)
{
	const struct policy *policy = &offer->profile.policy;
	uint64_t named = (UINT64_C(1) << CAPSET_NAMED) - 1;

	return !(policy->caps.bits & ~holds->caps.bits & named) &&
	       (holds->new_privileges || !policy->new_privileges);
}

/*
 * What is to be covered. Who has no filter has every call, and which of them are needed
 * can't be told: what every program begins with is, and no other call is a reason to
 * choose a profile.
 */
static bool find_target(struct arena *arena, const struct gate *gate,
			const struct policy *holds, struct policy *ret, struct error *err)
{
	struct text name = text_of("minimal");
	struct profile minimal = { 0 };

	*ret = *holds;
	if (!holds->syscalls.all)
		return true;
	if (store_has(arena, &gate->store, name) &&
	    !store_find(arena, &gate->store, name, &minimal, err))
		return false;
	ret->syscalls = minimal.policy.syscalls;
	return true;
}

/* Those that are allowed here come first. */
static void take_chosen(struct arena *arena, const struct offers *fit, const bool *chosen,
			struct offers *ret)
{
	for (int allowed = 1; allowed >= 0; allowed--)
		for (size_t i = 0; i < fit->count; i++)
			if (chosen[i] && !fit->items[i].ground.path == !allowed)
				*arena_push(arena, ret) = fit->items[i];
}

static bool choose(struct arena *arena, const struct offers *fit,
		   const struct policy *holds, const struct policy *target,
		   const struct policy *runtime, struct suggestion *suggestion,
		   struct error *err)
{
	const struct policy **policies =
		arena_new(arena, const struct policy *, fit->count);
	struct policy grant = *runtime;
	struct smallest smallest;

	for (size_t i = 0; i < fit->count; i++)
		policies[i] = &fit->items[i].profile.policy;
	if (!smallest_find(arena, target, runtime, policies, fit->count, &smallest, err))
		return false;
	for (size_t i = 0; i < fit->count; i++)
		if (smallest.chosen[i])
			grant = policy_union(arena, &grant, policies[i]);
	take_chosen(arena, fit, smallest.chosen, &suggestion->chosen);
	suggestion->proven = smallest.proven;
	return policy_difference(arena, target, &grant, &suggestion->rest, err) &&
	       policy_difference(arena, holds, &grant, &suggestion->uncovered, err) &&
	       policy_difference(arena, &grant, holds, &suggestion->beyond, err);
}

/* Whether a profile covers some of what is left. */
static bool would_help(struct arena *arena, const struct offer *offer,
		       const struct suggestion *suggestion, bool *ret, struct error *err)
{
	struct difference rest;
	const struct policy *wanted = &suggestion->rest.policy;

	if (!policy_difference(arena, wanted, &offer->profile.policy, &rest, err))
		return false;
	*ret = !policy_equal(&rest.policy, wanted);
	return true;
}

static bool suggest(struct arena *arena, const struct gate *gate,
		    const struct candidate *candidate, struct suggestion *ret,
		    struct error *err)
{
	const char *name = runtime_profile(arena, gate->node.kind);
	struct suggestion suggestion = { .candidate = candidate };
	struct offers offers, fit = { 0 }, unfit = { 0 };
	struct profile runtime;
	struct policy holds, target;
	bool helps;

	if (!candidate_settings(arena, gate, candidate, &holds, err) ||
	    !find_target(arena, gate, &holds, &target, err) ||
	    !store_find(arena, &gate->store, text_of(name), &runtime, err) ||
	    !offers_read(arena, gate, &candidate->request.subject, &offers, err))
		return false;
	suggestion.holds = grants_whole(&holds);
	for (size_t i = 0; i < offers.count; i++)
		*arena_push(arena, is_fit(&offers.items[i], &holds) ? &fit : &unfit) =
			offers.items[i];
	if (!choose(arena, &fit, &holds, &target, &runtime.policy, &suggestion, err))
		return false;
	for (size_t i = 0; i < unfit.count; i++) {
		if (!would_help(arena, &unfit.items[i], &suggestion, &helps, err))
			return false;
		if (helps)
			*arena_push(arena, &suggestion.left_out) = unfit.items[i];
	}
	*ret = suggestion;
	return true;
}

static const char *names_of(struct arena *arena, const struct offers *offers,
			    const char *between)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "");
	for (size_t i = 0; i < offers->count; i++)
		buffer_printf(&out, "%s%s", i ? between : "",
			      offers->items[i].profile.name);
	return out.bytes;
}

static void print_chosen(struct arena *arena, const struct suggestion *suggestion)
{
	const struct subject *subject = &suggestion->candidate->request.subject;
	struct text *names = arena_new(arena, struct text, suggestion->chosen.count);
	struct table table = { .indent = 2 };
	size_t count = 0;

	for (size_t i = 0; i < suggestion->chosen.count; i++) {
		const struct offer *offer = &suggestion->chosen.items[i];

		*arena_push(arena, &table) = (struct row){ {
			{ offer->profile.name, COLOR_BOLD },
			{ offer_size(arena, offer), COLOR_PLAIN },
			{ offer->ground.path
				  ? arena_printf(arena, "allowed, %s",
						 ground_words(arena, &offer->ground))
				  : "not allowed here",
			  offer->ground.path ? COLOR_GOOD : COLOR_BAD },
		} };
		if (!offer->ground.path)
			names[count++] = text_of(offer->profile.name);
	}
	table_print(&table);
	printf("  to ask for it: %s=\"%s\"\n", KEY_PROFILES,
	       names_of(arena, &suggestion->chosen, " "));
	if (count)
		printf("  to allow it: %s\n",
		       offer_command(arena, names, count, subject));
}

static void print_suggestion(struct arena *arena, const struct suggestion *suggestion)
{
	const struct settings *settings = &suggestion->candidate->settings;

	print_colored(COLOR_BOLD, suggestion->candidate->where);
	putchar('\n');
	if (suggestion->chosen.count) {
		printf("  %s profiles for what %s gives:\n",
		       suggestion->proven ? "the fewest" : "few", settings->from);
		print_chosen(arena, suggestion);
	} else {
		printf("  no profile of this node covers any of what %s gives\n",
		       settings->from);
	}
	if (settings->filter == FILTER_UNKNOWN)
		puts("  its filter is a file of some node: system calls are not counted");
	if (suggestion->holds.nameless)
		puts("  it has no filter, so it holds every call; which ones it needs is "
		     "not known from\n  this, and no profile was chosen for calls beyond "
		     "those of minimal");
	puts("\n  not covered (* under conditions):");
	grants_print(arena, &suggestion->uncovered, 4, GRANTS_BRIEF);
	if (suggestion->left_out.count)
		printf("  some of it %s would cover, which grant%s a capability or new "
		       "privileges that it does not have\n",
		       names_of(arena, &suggestion->left_out, ", "),
		       suggestion->left_out.count == 1 ? "s" : "");
	puts("\n  granted beyond it:");
	grants_print(arena, &suggestion->beyond, 4, GRANTS_BRIEF);
}

static void json_offers(struct buffer *out, const char *name, const struct offers *offers)
{
	write_key(out, name);
	buffer_puts(out, "[");
	for (size_t i = 0; i < offers->count; i++) {
		const struct offer *offer = &offers->items[i];

		buffer_puts(out, i ? ", {" : "{");
		write_member(out, "name", text_of(offer->profile.name));
		grants_ground(out, "by", &offer->ground);
		buffer_puts(out, "}");
	}
	buffer_puts(out, "]");
}

static void json_suggestion(struct buffer *out, const struct suggestion *suggestion)
{
	const struct settings *settings = &suggestion->candidate->settings;

	buffer_puts(out, "{");
	write_member(out, "where", text_of(suggestion->candidate->where));
	write_member(out, "from", text_of(settings->from));
	write_truth(out, "filterKnown", settings->filter != FILTER_UNKNOWN);
	grants_json(out, "holds", &suggestion->holds);
	json_offers(out, "profiles", &suggestion->chosen);
	write_truth(out, "fewest", suggestion->proven);
	json_offers(out, "leftOut", &suggestion->left_out);
	grants_json(out, "uncovered", &suggestion->uncovered);
	grants_json(out, "beyond", &suggestion->beyond);
	buffer_puts(out, "}");
}

static void print_json(struct arena *arena, const char *source,
		       const struct suggestion *suggestions, size_t count)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "{\"version\": 1");
	write_member(&out, "source", text_of(source));
	write_key(&out, "containers");
	buffer_puts(&out, "[");
	for (size_t i = 0; i < count; i++) {
		buffer_puts(&out, i ? ", " : "");
		json_suggestion(&out, &suggestions[i]);
	}
	buffer_puts(&out, "]}");
	puts(out.bytes);
}

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			ret->json = true;
		else if (argv[i][0] == '-' && argv[i][1])
			return usage_unknown(arena, err, &command_suggest, argv[i]);
		else if (ret->source)
			return usage_error(err, &command_suggest, "takes one source");
		else
			ret->source = argv[i];
	}
	return ret->source ||
	       usage_error(err, &command_suggest, "takes a config.json, for instance");
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct progress progress = progress_start("choosing profiles");
	struct options options = { 0 };
	struct suggestion *suggestions;
	struct candidates candidates;
	struct gate gate;
	bool good = true;

	if (!parse(arena, argc, argv, &options, err) || !cli_gate(arena, &gate, err) ||
	    !source_read(arena, &gate, options.source, &candidates, err))
		return false;
	suggestions = arena_new(arena, struct suggestion, candidates.count);
	for (size_t i = 0; good && i < candidates.count; i++) {
		progress_steps(&progress, i, candidates.count);
		good = suggest(arena, &gate, &candidates.items[i], &suggestions[i], err);
	}
	progress_end(&progress);
	if (!good)
		return false;
	if (options.json)
		print_json(arena, options.source, suggestions, candidates.count);
	for (size_t i = 0; i < candidates.count && !options.json; i++) {
		fputs(i ? "\n" : "", stdout);
		print_suggestion(arena, &suggestions[i]);
	}
	return true;
}

const struct command command_suggest = {
	.name = "suggest",
	.arguments = "[--json] CONFIG.JSON|SOURCE",
	.summary = "Choose profiles for what an engine gives a container by itself",
	.help = "\nThe fewest of this node's profiles that grant as much as they can of "
		"the\n"
		"capabilities and system calls in a config.json as an engine wrote it "
		"(or of\n"
		"another source of powerbox audit), what they don't cover, and what they "
		"grant\n"
		"beyond. A profile with a capability that the container does not have is "
		"not\n"
		"chosen.\n\n"
		"  --json  the same for programs (" POWERBOX_DATADIR
		"/schema/suggest.json)\n",
	.run = run,
};
