/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_EDIT_H
#define OCI_EDIT_H

#include "lib/json.h"

/*
 * Byte ranges of a text, and what is to stand in their place; every other byte stays.
 * Always sorted and disjoint, so applying them is one pass.
 */
struct edit {
	size_t start, end; /* [start, end); equal: an insertion */
	struct text with;
};

struct edits {
	struct edit *items;
	size_t count, capacity;
};

/* A member that an object shall have, with this JSON text as its value. */
struct member {
	const char *key;
	struct text value;
};

/*
 * Replace the values of the members that the object has, and insert the others behind
 * its opening brace, in their order.
 */
void edits_members(struct arena *arena, struct edits *edits, const struct json *object,
		   const struct member *members, size_t count);

NODISCARD struct text edits_apply(struct arena *arena, const struct edits *edits,
				  struct text text);

#endif
