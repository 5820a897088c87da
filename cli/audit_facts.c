/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit.h"

#include <string.h>

#include "cli/cli.h"

static const char *kept(struct arena *arena, const struct error *err)
{
	return arena_copy(arena, err->msg, strlen(err->msg));
}

/* All that is asked for; or what of it is allowed, which may be a part of a profile. */
static struct policy joined(struct arena *arena, const struct audited *audit, bool all)
{
	struct policy policy = { 0 };

	for (size_t i = 0; i < audit->count; i++) {
		const struct audited_profile *asked = &audit->profiles[i];
		const struct policy *part = asked->outgrown && !all
						    ? &asked->unchanged.policy
						    : &asked->profile.policy;

		if (!asked->missing && (all || asked->ground.path))
			policy = policy_union(arena, &policy, part);
	}
	return policy;
}

/* What the runtime itself needs is given to every container, whatever it asks for. */
static struct policy with_runtime(struct arena *arena, const struct gate *gate,
				  struct policy policy)
{
	const char *name = runtime_profile(arena, gate->node.kind);
	struct profile profile;
	struct error err;

	if (!store_find(arena, &gate->store, text_of(name), &profile, &err))
		return policy;
	return policy_union(arena, &policy, &profile.policy);
}

static void compare(struct arena *arena, const struct gate *gate, struct audited *audit)
{
	struct policy asked = joined(arena, audit, true);
	struct policy allowed = joined(arena, audit, false);
	struct policy grant = with_runtime(arena, gate, asked), settings;
	struct error err;

	if (!policy_difference(arena, &asked, &allowed, &audit->adding, &err) ||
	    !candidate_settings(arena, gate, audit->candidate, &settings, &err) ||
	    !policy_difference(arena, &settings, &grant, &audit->beyond, &err))
		audit->incomparable = kept(arena, &err);
}

/* How a profile has changed since its approvals, if there are any. */
static bool since_approval(struct arena *arena, const struct gate *gate,
			   const struct candidate *candidate,
			   const struct verdict *verdict, struct audited_profile *asked,
			   struct error *err)
{
	const struct policy *now = &asked->profile.policy;

	asked->approvals =
		acl_approvals_for(arena, gate->acl, &gate->node.labels,
				  &candidate->request.subject, verdict->profile);
	if (!asked->approvals.count)
		return true;
	if (!approvals_compare(arena, &asked->approvals, now, &asked->since, err) ||
	    !policy_difference(arena, now, &asked->since.added.policy, &asked->unchanged,
			       err))
		return error_in(err, "profile \"%s\"", asked->profile.name);
	asked->outgrown =
		verdict->approvals.count && !difference_empty(&asked->since.added);
	return true;
}

/* The first thing that keeps it from starting, as a start would find it. */
static const char *refusal(struct arena *arena, const struct gate *gate,
			   const struct audited *audit)
{
	struct outcome outcome;
	struct error err;

	for (size_t i = 0; i < audit->count; i++)
		if (!audit->profiles[i].ground.path)
			return "it asks for what is not allowed";
	for (size_t i = 0; i < audit->count; i++)
		if (audit->profiles[i].outgrown)
			return "what was approved has grown since";
	for (size_t i = 0; i < audit->count; i++)
		if (audit->profiles[i].missing)
			return audit->profiles[i].missing;
	if (audit->candidate->config.length &&
	    !gate_decide(arena, gate, audit->candidate->config, &outcome, &err))
		return kept(arena, &err);
	return NULL;
}

bool audit_make(struct arena *arena, const struct gate *gate,
		const struct candidate *candidate, struct audited *ret, struct error *err)
{
	struct audited audit = {
		.candidate = candidate,
		.decision = acl_decide(arena, gate->acl, &gate->node.labels,
				       &candidate->request),
	};

	audit.profiles = arena_new(arena, struct audited_profile, audit.decision.count);
	for (size_t i = 0; i < audit.decision.count; i++) {
		const struct verdict *verdict = &audit.decision.verdicts[i];
		struct audited_profile *asked = &audit.profiles[audit.count++];

		asked->name = verdict->profile;
		asked->ground = verdict->ground;
		if (store_find(arena, &gate->store, asked->name, &asked->profile, err)) {
			if (!since_approval(arena, gate, candidate, verdict, asked, err))
				return false;
			continue;
		}
		/* Nobody's fault but the request's; whatever else is this node's. */
		if (err->code != ERR_CONFIG)
			return false;
		asked->missing = kept(arena, err);
	}
	compare(arena, gate, &audit);
	audit.refusal = refusal(arena, gate, &audit);
	*ret = audit;
	return true;
}
