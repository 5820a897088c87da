/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/offers.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "gate/approval.h"
#include "gate/refusal.h"

static bool decide(struct arena *arena, const struct gate *gate,
		   const struct subject *subject, struct offer *offer, struct error *err)
{
	struct request request = {
		.subject = *subject,
		.profiles = { text_of(offer->profile.name) },
		.count = 1,
	};
	struct decision decision =
		acl_decide(arena, gate->acl, &gate->node.labels, &request);
	const struct verdict *verdict = &decision.verdicts[0];
	struct difference added;
	bool holds = true;

	if (verdict->approvals.count &&
	    !approvals_hold(arena, &verdict->approvals, &offer->profile.policy, &holds,
			    &added, err))
		return error_in(err, "profile \"%s\"", offer->profile.name);
	if (holds)
		offer->ground = verdict->ground;
	return true;
}

static void measure(struct offer *offer)
{
	const struct policy *policy = &offer->profile.policy;

	offer->caps = (size_t)__builtin_popcountll(policy->caps.bits);
	for (unsigned call = 0; call < syscall_count(); call++)
		offer->calls += syscalls_mention(&policy->syscalls, call);
}

static int by_size(const void *a, const void *b)
{
	const struct offer *one = a, *other = b;

	if (one->caps != other->caps)
		return one->caps < other->caps ? -1 : 1;
	if (one->calls != other->calls)
		return one->calls < other->calls ? -1 : 1;
	return strcmp(one->profile.name, other->profile.name);
}

static bool is_runtimes(struct arena *arena, struct text name)
{
	return text_is(name, runtime_profile(arena, RUNTIME_RUNC)) ||
	       text_is(name, runtime_profile(arena, RUNTIME_CRUN));
}

bool offers_read(struct arena *arena, const struct gate *gate,
		 const struct subject *subject, struct offers *ret, struct error *err)
{
	struct texts names;
	struct offers offers = { 0 };

	if (!store_names(arena, &gate->store, &names, err))
		return false;
	for (size_t i = 0; i < names.count; i++) {
		struct offer offer = { 0 };

		if (is_runtimes(arena, names.items[i]))
			continue;
		if (!store_find(arena, &gate->store, names.items[i], &offer.profile,
				err) ||
		    !decide(arena, gate, subject, &offer, err))
			return false;
		measure(&offer);
		*arena_push(arena, &offers) = offer;
	}
	if (offers.count)
		qsort(offers.items, offers.count, sizeof(*offers.items), by_size);
	*ret = offers;
	return true;
}

const char *offer_size(struct arena *arena, const struct offer *offer)
{
	const char *caps = offer->caps == 1
				   ? "1 capability"
				   : arena_printf(arena, "%zu capabilities", offer->caps);
	const char *calls = offer->calls == 1
				    ? "1 call"
				    : arena_printf(arena, "%zu calls", offer->calls);

	if (offer->profile.policy.syscalls.all)
		calls = "every call";
	if (offer->caps == 64)
		caps = "every capability";
	return offer->caps ? arena_printf(arena, "%s, %s", caps, calls) : calls;
}

const char *offer_command(struct arena *arena, const struct text *names, size_t count,
			  const struct subject *subject)
{
	const char *selector = refusal_selector(arena, subject);
	struct buffer out = { .arena = arena };

	if (!selector)
		return "powerbox approve, with its config.json";
	buffer_puts(&out, "powerbox approve");
	for (size_t i = 0; i < count; i++) {
		buffer_puts(&out, " ");
		buffer_add(&out, names[i].bytes, names[i].length);
	}
	buffer_puts(&out, selector);
	return out.bytes;
}

const char *offer_allowed(struct arena *arena, const struct offer *offer,
			  const struct subject *subject)
{
	struct text name = text_of(offer->profile.name);

	if (offer->ground.path)
		return arena_printf(arena, "yes, %s",
				    ground_words(arena, &offer->ground));
	return offer_command(arena, &name, 1, subject);
}
