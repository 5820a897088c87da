/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_ACL_RULES_H
#define POLICY_ACL_RULES_H

#include "policy/acl.h"

/* The ACL as it is kept: acl_read.c fills it, acl.c decides by it, nobody else looks. */

struct names {
	struct name {
		struct text text;
		struct ground ground;
	} * items;
	size_t count, capacity;
};

struct acl_rule {
	struct names allow;
	struct labels nodes;
	struct names namespaces, images, containers;
	bool has_namespaces, has_images, has_containers;
	struct names annotations; /* keys, with stars */
	bool restore, mounts;
	bool warn;

	bool has_approved;
	struct approval approved; /* who, when and why */
	const struct json *what;  /* profile -> policy */
	const struct json *json;  /* the rule itself, a part of `file` */
	const char *path;
	struct text file;
};

struct acl {
	enum mode mode;
	bool has_mode;
	struct ground place;
	struct names defaults, sandbox;
	struct names pause; /* what a sandbox gets where the files name nothing */
	struct {
		struct acl_rule *items;
		size_t count, capacity;
	} rules;
};

/* The policy of a profile that a rule has the approval of, or NULL. */
const struct json *acl_rule_what(const struct acl_rule *rule, struct text profile);

#endif
