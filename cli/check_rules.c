/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check.h"
#include "cli/selectors.h"
#include "gate/approval.h"
#include "oci/reference.h"

/* What a rule may let containers do beside asking for profiles. */
static const struct {
	const char *member;
	const char *means;
} openings[] = {
	{ "annotations", "each may ask the runtime itself for what no profile grants" },
	{ "restore", "each may be made of a checkpoint, with what its processes had" },
	{ "mounts", "mounts may be added to each while it runs" },
};

/* Whom a rule is for on this node, and where it stands. */
struct seen {
	struct acl_passage passage;
	struct selectors whom;
};

static size_t line_of(const struct seen *seen, const struct json *value)
{
	return json_line(seen->passage.file, value->start);
}

static void check_warn(struct findings *findings, const struct gate *gate,
		       const struct seen *seen)
{
	const struct json *mode = json_get(seen->passage.rule, "mode");

	if (mode && acl_mode(gate->acl) != MODE_WARN)
		found_note(findings,
			   "%s:%zu: mode warn for %s: powerbox protects nothing there; "
			   "take it away when the decisions in the log are what you want",
			   seen->passage.path, line_of(seen, mode),
			   selectors_words(findings->arena, &seen->whom));
}

static void check_openings(struct findings *findings, const struct seen *seen)
{
	if (!selectors_empty(&seen->whom))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(openings); i++) {
		const struct json *member =
			json_get(seen->passage.rule, openings[i].member);

		if (member && (member->first || member->truth))
			found_note(findings,
				   "%s:%zu: \"%s\" for every container: %s; say in the "
				   "rule which namespaces, containers or images need it",
				   seen->passage.path, line_of(seen, member),
				   openings[i].member, openings[i].means);
	}
}

/* An approval holds for what its profile was then. */
static void check_approval(struct findings *findings, const struct gate *gate,
			   const struct approval *approval)
{
	struct arena *arena = findings->arena;
	struct approvals one = { 0 };
	struct profile profile;
	struct difference added;
	struct error err;
	bool holds;

	*arena_push(arena, &one) = *approval;
	/* A profile that is not there, or is broken, is found where profiles are. */
	if (!store_find(arena, &gate->store, approval->profile, &profile, &err))
		return;
	if (!approvals_hold(arena, &one, &profile.policy, &holds, &added, &err)) {
		error_in(&err, "approval at %s:%zu", approval->ground.path,
			 approval->ground.line);
		found_error(findings, &err);
	} else if (!holds) {
		found_bad(findings,
			  "%s:%zu: profile \"%s\" grants more than was approved there "
			  "(%s), so that it is refused; powerbox approvals tells more, "
			  "powerbox approve it again, or powerbox revoke",
			  approval->ground.path, approval->ground.line, profile.name,
			  difference_words(arena, &added, 60));
	}
}

/* A selector by what nobody tells powerbox on this node matches nothing. */
static bool check_tellable(struct findings *findings, const struct gate *gate,
			   const struct seen *seen)
{
	const char *why, *untold = selectors_untold(findings->arena, gate->node.engine,
						    &seen->whom, &why);

	if (!untold)
		return true;
	found_note(findings,
		   "%s:%zu: \"%s\" matches nothing here, so that the rule never "
		   "applies: %s",
		   seen->passage.path,
		   line_of(seen, json_get(seen->passage.rule, untold)), untold, why);
	return false;
}

/* Short names are what people write, and no engine tells. */
static void check_images(struct findings *findings, const struct seen *seen)
{
	struct arena *arena = findings->arena;

	for (size_t i = 0; i < seen->whom.images.count; i++) {
		struct text image = seen->whom.images.items[i];
		struct text whole = reference_pattern(arena, image);

		if (!text_eq(image, whole))
			found_note(findings,
				   "%s:%zu: engines tell the whole name of an image, and "
				   "%s is not like one: say %s",
				   seen->passage.path,
				   line_of(seen, json_get(seen->passage.rule, "images")),
				   text_quote(arena, image), text_quote(arena, whole));
	}
}

void check_rules(struct findings *findings, const struct gate *gate)
{
	struct approvals approvals = acl_approvals(findings->arena, gate->acl);

	for (size_t i = 0;; i++) {
		struct seen seen = { .passage = acl_rule_at(gate->acl, i) };

		if (!seen.passage.path)
			break;
		seen.whom = selectors_of_rule(findings->arena, seen.passage.rule);
		if (!selectors_hold_on(&seen.whom, &gate->node.labels))
			continue;
		/* This is one of the nodes. */
		seen.whom.nodes = (struct labels){ 0 };
		if (!check_tellable(findings, gate, &seen))
			continue;
		check_images(findings, &seen);
		check_warn(findings, gate, &seen);
		check_openings(findings, &seen);
	}
	for (size_t i = 0; i < approvals.count; i++) {
		struct selectors whom =
			selectors_of_rule(findings->arena, approvals.items[i].rule);

		if (selectors_hold_on(&whom, &gate->node.labels))
			check_approval(findings, gate, &approvals.items[i]);
	}
}
