/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/approval.h"

#include <string.h>

#include "profiles/profile.h"

/* How deep a policy lies in the file: rules, rule, approved, what, profile. */
static const char indentation[] = "\n\t\t\t\t\t";

/* Line feeds stand between tokens alone: those of strings are escaped. */
struct text approval_text(struct arena *arena, const struct policy *policy)
{
	const struct profile profile = { .policy = *policy };
	struct buffer plain = { .arena = arena }, out = { .arena = arena };
	const char *line, *end;

	profile_write(&plain, &profile);
	for (line = plain.bytes; (end = strchr(line, '\n')) && end[1]; line = end + 1) {
		buffer_add(&out, line, (size_t)(end - line));
		buffer_puts(&out, indentation);
	}
	buffer_add(&out, line, strcspn(line, "\n"));
	return buffer_text(&out);
}

bool approvals_policy(struct arena *arena, const struct approvals *approvals,
		      struct policy *ret, struct error *err)
{
	struct policy all = { 0 };

	for (size_t i = 0; i < approvals->count; i++) {
		const struct approval *approval = &approvals->items[i];
		struct fields fields = { .arena = arena, .text = approval->file };
		const char *name = arena_copy(arena, approval->profile.bytes,
					      approval->profile.length);
		struct policy one;

		if (!profile_read(&fields, approval->what, name, &one, err))
			return error_in(err, "%s", approval->ground.path);
		all = policy_union(arena, &all, &one);
	}
	*ret = all;
	return true;
}

bool approvals_compare(struct arena *arena, const struct approvals *approvals,
		       const struct policy *now, struct change *ret, struct error *err)
{
	struct policy approved;
	struct change change;

	if (!approvals_policy(arena, approvals, &approved, err) ||
	    !policy_difference(arena, now, &approved, &change.added, err) ||
	    !policy_difference(arena, &approved, now, &change.gone, err))
		return false;
	*ret = change;
	return true;
}

static bool is_approved(const struct approval *approval, struct text now)
{
	struct text then = { approval->file.bytes + approval->what->start,
			     approval->what->end - approval->what->start };

	return text_eq(then, now);
}

bool approvals_hold(struct arena *arena, const struct approvals *approvals,
		    const struct policy *now, bool *ret, struct difference *ret_added,
		    struct error *err)
{
	struct text text = approval_text(arena, now);
	struct policy approved;
	struct difference added;

	for (size_t i = 0; i < approvals->count; i++)
		if (is_approved(&approvals->items[i], text)) {
			*ret = true;
			return true;
		}
	if (!approvals_policy(arena, approvals, &approved, err) ||
	    !policy_difference(arena, now, &approved, &added, err))
		return false;
	*ret = difference_empty(&added);
	*ret_added = added;
	return true;
}
