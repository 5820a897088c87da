/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_APPROVED_H
#define CLI_APPROVED_H

#include "cli/selectors.h"
#include "gate/approval.h"
#include "lib/file.h"

/*
 * APPROVAL_FILE, as `powerbox approve` and `powerbox revoke` change it. One rule is one
 * approval: of one profile, for one selection. Rules of another kind that somebody has
 * put there stay as they are, to the byte, and so does whatever else the file says; what
 * a rule says beside an approval becomes a rule of its own, which goes with no approval.
 *
 * Who changes it holds a lock on the folder (flock(2), which leaves nothing behind), so
 * that of approvals at the same time none is lost; and the file is replaced in one step.
 */
struct approved_rule {
	struct approval approval; /* its profile is empty: a rule of another kind */
	struct selectors selectors;
	struct text text;
};

struct approved {
	struct arena *arena;
	int dir; /* -1: only looked at */
	bool exists;
	struct file file;
	const struct json *root; /* NULL: there was no such file */
	struct approved_rule *items;
	size_t count, capacity;
};

/* To look at. A missing file has no approvals. */
NODISCARD bool approved_look(struct arena *arena, struct approved *ret,
			     struct error *err);

/* To change: waits for whoever else does. ERR_TRUST: only root can. Else as the ACL. */
NODISCARD bool approved_open(struct arena *arena, struct approved *ret,
			     struct error *err);

/* Give up the lock. */
void approved_close(struct approved *approved);

/* The approval of this profile for just this selection, or NULL. */
struct approved_rule *approved_find(const struct approved *approved, struct text profile,
				    const struct selectors *selectors);

/* What is to stand in the file about a profile; "what" is approval_text()'s. */
struct approving {
	struct text profile;
	struct selectors selectors;
	struct text who, when, why, what;
};

/* Replaces an approval of the same profile for the same selection, if there is one. */
void approved_put(struct approved *approved, const struct approving *approving);

void approved_drop(struct approved *approved, const struct approved_rule *rule);

/* To the disk. */
NODISCARD bool approved_save(const struct approved *approved, struct error *err);

/* "@3fa9c1d2": of profile and selection, so that it stays what it is. */
const char *approval_id(struct arena *arena, struct text profile,
			const struct selectors *selectors);

#endif
