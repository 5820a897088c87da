/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_GRANTS_H
#define CLI_GRANTS_H

#include "policy/difference.h"

/*
 * A grant in words and as JSON, the same content: capabilities with their meanings, and
 * system calls in groups (policy/groups.h) with the conditions on their arguments.
 */

enum report_detail {
	REPORT_BRIEF, /* of conditions, that there are any; no names of very many calls */
	REPORT_WORDS, /* conditions, where they are few */
	REPORT_WHOLE,
};

/* Indented lines on stdout. Nothing granted is a line that says so. */
void report_print(struct arena *arena, const struct difference *grant, unsigned indent,
		  enum report_detail detail);

/* The object that doc/schema/audit.json calls a grant. */
void report_json(struct buffer *out, const struct difference *grant);

/* What a policy grants, as a difference to nothing. */
struct difference report_whole(const struct policy *policy);

/* A JSON member, "name": "text", or null for what is not there; without a comma. */
void report_member(struct buffer *out, const char *name, struct text text);

/* The calls that a grant mentions: always, or under conditions. */
bool report_mentions(const struct syscalls *syscalls, unsigned call);

#endif
