/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_ACL_H
#define POLICY_ACL_H

#include "lib/fields.h"
#include "policy/request.h"

/*
 * What this node's administrator allows: acl.json and the files of acl.d/, joined. Rules
 * only add: a rule applies if all its selectors match, and the profiles of all rules
 * that apply are allowed. Nothing else is.
 *
 * Every prefix of a file is either no ACL at all (refused) or grants no more than the
 * whole file, since a JSON text has no proper prefix that is one.
 */
struct acl;

/* name=value, of node.json */
struct label {
	struct text name;
	struct text value;
};

struct labels {
	struct label *items;
	size_t count, capacity;
};

/* Add the members of an object. ERR_CONFIG: a value that is no string. */
NODISCARD bool labels_add(const struct fields *fields, const struct json *object,
			  struct labels *labels, struct error *err);

/* Why a profile is allowed: the line of the file on which its name stands. */
struct ground {
	const char *path; /* NULL: nothing allows it */
	size_t line;
};

/*
 * A rule may carry an approval: it then allows a profile as long as that grants no more
 * than it did when it was approved (gate/approval.h compares).
 */
struct approval {
	struct text profile;
	struct ground ground;
	struct text who, when, why;
	const struct json *what; /* the profile's policy, as it was then */
	const struct json *rule; /* the rule, with its selectors */
	struct text file;	 /* of which these are parts */
};

struct approvals {
	struct approval *items;
	size_t count, capacity;
};

struct verdict {
	struct text profile;
	struct ground ground;
	/*
	 * All that apply, if nothing but approvals allows the profile; the first one is
	 * the ground.
	 */
	struct approvals approvals;
	bool outgrown; /* the profile grants more than was approved; the gate sets it */
};

enum mode {
	MODE_ENFORCE,
	MODE_WARN, /* decide, log what would have been refused, change nothing */
};

/*
 * The answer, profile by profile; denied is an answer, not an error. A request of
 * nothing is answered with the ACL's `default`, a sandbox with its `sandbox`, and these
 * are allowed by the line that names them there.
 */
struct decision {
	enum mode mode; /* for this subject */
	struct verdict *verdicts;
	size_t count;
	bool granted; /* every verdict has a ground */
	bool restore; /* a rule that applies lets the runtime restore a checkpoint */
	bool mounts;  /* a rule that applies lets mounts be added while it runs */
};

/* An empty ACL: allows nothing and has no default. */
NODISCARD struct acl *acl_new(struct arena *arena);

/*
 * Add one file. ERR_CONFIG with path and line: no object, another version than 1, a
 * member that is not known, a value of the wrong kind, a name that can't be a profile's,
 * a mode that differs from an earlier file's. The lists of all files add up.
 */
NODISCARD bool acl_add(struct arena *arena, struct acl *acl, const char *path,
		       struct text text, struct error *err);

struct decision acl_decide(struct arena *arena, const struct acl *acl,
			   const struct labels *node, const struct request *request);

/* Whether a rule that applies to the subject names an unsafe annotation's key. */
bool acl_allows_annotation(struct arena *arena, const struct acl *acl,
			   const struct labels *node, const struct subject *subject,
			   struct text key);

/*
 * The names of all profiles that a subject may use here, sorted, separated by ", ": as
 * many as fit into `limit` bytes, and how many more there are.
 */
const char *acl_allowed(struct arena *arena, const struct acl *acl,
			const struct labels *node, const struct subject *subject,
			size_t limit);

/* The n-th place, from 0, at which a profile is named; path is NULL behind the last. */
struct verdict acl_mentioned(const struct acl *acl, size_t n);

/* The n-th rule, from 0, as it stands in its file; path is NULL behind the last. */
struct acl_passage {
	const char *path;
	struct text file;
	const struct json *rule;
};

struct acl_passage acl_rule_at(const struct acl *acl, size_t n);

/* All approvals that apply to a subject and a profile, in the order of the files. */
struct approvals acl_approvals_for(struct arena *arena, const struct acl *acl,
				   const struct labels *node,
				   const struct subject *subject, struct text profile);

/* All approvals, whomever they are for. */
struct approvals acl_approvals(struct arena *arena, const struct acl *acl);

/* The mode of the whole ACL, which holds also where the subject is not known. */
enum mode acl_mode(const struct acl *acl);

/* MODE_WARN if the whole ACL says so, or a rule that applies to the subject. */
enum mode acl_mode_for(struct arena *arena, const struct acl *acl,
		       const struct labels *node, const struct subject *subject);

/* Whether acl_mode_for() depends on the subject: a rule says "warn", the ACL does not. */
bool acl_mode_varies(const struct acl *acl);

/* Where to add a rule: the first line with "rules", else line 1 of the first file. */
struct ground acl_place(const struct acl *acl);

#endif
