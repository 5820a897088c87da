/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/why_not.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/offers.h"
#include "cli/terminal.h"
#include "oci/keys.h"
#include "policy/emission.h"
#include "policy/words.h"

/* The next word, or NULL. */
static const char *next_word(struct arena *arena, const char **at)
{
	const char *start = *at + strspn(*at, " \t,()");
	size_t length = strcspn(start, " \t,()");

	*at = start + length;
	return length ? arena_copy(arena, start, length) : NULL;
}

static bool number(const char *word, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	if (*word < '0' || *word > '9')
		return false;
	errno = 0;
	value = strtoull(word, &end, 0);
	*ret = value;
	return !*end && !errno;
}

bool lack_parse(struct arena *arena, const char *text, struct lack *ret,
		struct error *err)
{
	struct lack lack = { .words = text_shown(arena, text_of(text)) };
	const char *at = text, *word = next_word(arena, &at);
	int call;

	if (!word)
		return error_set(err, ERR_USAGE,
				 "--why-not wants a capability or a call");
	lack.cap = capset_find(text_of(word));
	call = syscall_find(text_of(word));
	if (lack.cap < 0 && call < 0)
		return error_set(err, ERR_USAGE,
				 "there is no capability or system call %s "
				 "(\"CAP_NET_RAW\" and \"socket\" are some)",
				 text_quote(arena, text_of(word)));
	lack.call = call < 0 ? 0 : (unsigned)call;
	while ((word = next_word(arena, &at))) {
		if (lack.cap >= 0 || lack.count == SYSCALL_ARGS)
			return error_set(err, ERR_USAGE, "%s has no argument %s",
					 lack.cap >= 0 ? "a capability" : "the call",
					 text_quote(arena, text_of(word)));
		if (!number(word, &lack.args[lack.count++]))
			return error_set(err, ERR_USAGE,
					 "%s is no number (arguments are numbers)",
					 text_quote(arena, text_of(word)));
	}
	*ret = lack;
	return true;
}

/* Those conditions of the rule that are on arguments that are not known. */
static bool leaves(const struct rule *rule, const struct lack *lack, struct rule *ret)
{
	*ret = (struct rule){ .call = rule->call };
	for (size_t i = 0; i < rule->count; i++) {
		const struct condition *condition = &rule->conditions[i];

		if (condition->arg >= lack->count)
			ret->conditions[ret->count++] = *condition;
		else if (!condition_holds(condition, lack->args[condition->arg]))
			return false;
	}
	return true;
}

/*
 * What a policy gives of it: nothing (NULL), "always", or the first conditions under
 * which it does so, where they are on arguments that are not known.
 */
static const char *given_of(struct arena *arena, const struct policy *policy,
			    const struct lack *lack)
{
	const char *given = NULL;
	bool others = false;
	struct rule left;

	if (lack->cap >= 0)
		return capset_has(policy->caps, (unsigned)lack->cap) ? "always" : NULL;
	if (syscalls_has(&policy->syscalls, lack->call))
		return "always";
	for (size_t i = 0; i < policy->syscalls.rules.count; i++) {
		const struct rule *rule = &policy->syscalls.rules.items[i];

		if (rule->call != lack->call || !leaves(rule, lack, &left))
			continue;
		if (!left.count)
			return "always";
		others = given;
		given = given ? given : rule_words(arena, &left);
	}
	return others ? arena_printf(arena, "%s, or others", given) : given;
}

static void print_sources(struct arena *arena, const struct outcome *outcome,
			  const struct lack *lack)
{
	for (size_t i = 0; i < outcome->count; i++) {
		const struct grant *grant = &outcome->grants[i];
		const char *given = given_of(arena, &grant->profile.policy, lack);

		if (!given)
			continue;
		printf("  by %s", grant->profile.name);
		if (grant->ground.line)
			printf(", which %s:%zu allows", grant->ground.path,
			       grant->ground.line);
		printf("%s%s\n", strcmp(given, "always") ? ": " : "",
		       strcmp(given, "always") ? given : "");
	}
}

static void print_refused(struct arena *arena, const struct outcome *outcome,
			  const struct lack *lack)
{
	printf("%s: not given", lack->words);
	if (lack->cap < 0) {
		printf(", the call ends with %s",
		       errno_name(arena, emission_refusal(&outcome->policy.syscalls,
							  lack->call)));
	} else {
		printf(" (%s)", capset_meaning((unsigned)lack->cap));
	}
	putchar('\n');
}

static bool print_offers(struct arena *arena, const struct gate *gate,
			 const struct subject *subject, const struct lack *lack,
			 struct error *err)
{
	struct table table = { .indent = 2 };
	struct offers offers;

	if (!offers_read(arena, gate, subject, &offers, err))
		return false;
	*arena_push(arena, &table) = (struct row){ { { "profile", COLOR_DIM },
						     { "grants in all", COLOR_DIM },
						     { "this", COLOR_DIM },
						     { "allowed, or how", COLOR_DIM } } };
	for (size_t i = 0; i < offers.count; i++) {
		const struct offer *offer = &offers.items[i];
		const char *given = given_of(arena, &offer->profile.policy, lack);

		if (!given)
			continue;
		*arena_push(arena, &table) = (struct row){ {
			{ offer->profile.name, COLOR_BOLD },
			{ offer_size(arena, offer), COLOR_PLAIN },
			{ given, COLOR_PLAIN },
			{ offer_allowed(arena, offer, subject),
			  offer->ground.path ? COLOR_GOOD : COLOR_PLAIN },
		} };
	}
	if (table.count == 1) {
		puts("no profile of this node grants it; powerbox-profile(5) says how to "
		     "write one");
		return true;
	}
	puts("profiles that would, the smallest first:");
	table_print(&table);
	puts("the container has to ask for one: in its annotation " KEY_PROFILES);
	return true;
}

bool why_not(struct arena *arena, const struct gate *gate, const struct outcome *outcome,
	     const struct lack *lack, struct error *err)
{
	const char *given = given_of(arena, &outcome->policy, lack);

	if (given && !strcmp(given, "always")) {
		printf("%s: given\n", lack->words);
		print_sources(arena, outcome, lack);
		return true;
	}
	if (given) {
		printf("%s: given under conditions on further arguments\n", lack->words);
		print_sources(arena, outcome, lack);
	} else {
		print_refused(arena, outcome, lack);
	}
	if (!print_offers(arena, gate, &outcome->request.subject, lack, err))
		return false;
	return error_set(err, ERR_DENIED, "%s", "");
}
