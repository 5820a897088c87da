/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_GRANTS_H
#define CLI_GRANTS_H

#include "policy/acl.h"
#include "policy/difference.h"

/*
 * A grant in words and as JSON, the same content: capabilities with their meanings, and
 * system calls in groups (policy/groups.h) with the conditions on their arguments.
 */

enum grants_detail {
	GRANTS_SHORT, /* of each group of calls, how many */
	GRANTS_BRIEF, /* of conditions, that there are any; no names of very many calls */
	GRANTS_WORDS, /* conditions, where they are few */
	GRANTS_WHOLE,
};

/* Indented lines on stdout. Nothing granted is a line that says so. */
void grants_print(struct arena *arena, const struct difference *grant, unsigned indent,
		  enum grants_detail detail);

/* A member that is what doc/schema/audit.json calls a grant; NULL is null. */
void grants_json(struct buffer *out, const char *name, const struct difference *grant);

/* What a policy grants, as a difference to nothing. */
struct difference grants_whole(const struct policy *policy);

/* A member {"path": ..., "line": ...}, or null. */
void grants_ground(struct buffer *out, const char *name, const struct ground *ground);

#endif
