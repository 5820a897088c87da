/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_APPROVAL_H
#define GATE_APPROVAL_H

#include "policy/acl.h"
#include "policy/difference.h"

/*
 * What was approved of a profile, beside what it grants now. `powerbox approve` writes
 * approvals to APPROVAL_FILE, as rules of the ACL; they count in whatever file of the ACL
 * they stand. Which ones apply to whom is acl_approvals_for()'s to say.
 *
 * Several approvals that apply add up, like all rules: together they are of the union of
 * their policies.
 */
#define APPROVAL_NAME "50-approved.json"
#define APPROVAL_DIR POWERBOX_SYSCONFDIR "/acl.d"
#define APPROVAL_FILE APPROVAL_DIR "/" APPROVAL_NAME

/*
 * A policy as it stands in "what", in the one canonical form: policies that are equal are
 * equal bytes.
 */
struct text approval_text(struct arena *arena, const struct policy *policy);

/* The union of what the approvals approve. ERR_CONFIG, with path and line. */
NODISCARD bool approvals_policy(struct arena *arena, const struct approvals *approvals,
				struct policy *ret, struct error *err);

/* How a profile has changed since. */
struct change {
	struct difference added; /* granted now, and not approved: a start is refused */
	struct difference gone;	 /* approved, and not granted any more */
};

/* ERR_CONFIG as above. ERR_INEXACT: a call's rules are too intricate to compare. */
NODISCARD bool approvals_compare(struct arena *arena, const struct approvals *approvals,
				 const struct policy *now, struct change *ret,
				 struct error *err);

/*
 * Whether a profile grants no more than was approved, and else what. Costs next to
 * nothing where it is what was approved, to the byte.
 */
NODISCARD bool approvals_hold(struct arena *arena, const struct approvals *approvals,
			      const struct policy *now, bool *ret,
			      struct difference *ret_added, struct error *err);

#endif
