/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROFILES_IMPORT_CALL_H
#define PROFILES_IMPORT_CALL_H

#include "profiles/import.h"

/* For profiles/import.c alone: what all rules of a call come to. */

/* One rule that counts, on one call. */
struct import_entry {
	struct rule rule;
	uint32_t set;	 /* where it holds, once that is needed */
	uint16_t number; /* an errno; 0 grants */
	const struct json *at;
	size_t order; /* in the file */
};

/* What a file says, as far as it is settled. */
struct import_meaning {
	unsigned number; /* the default's errno; EPERM of what kills */
	struct syscalls syscalls;
	struct import_notes notes;
	struct space *space; /* NULL until it is needed */
};

/*
 * The entries are all of one call, in the file's order. Answers must not overlap, but for
 * rules without conditions, of which the first one counts, and for an errno of all that
 * is not granted, written as powerbox itself writes it. ERR_CONFIG: they overlap, leave
 * more than one errno for what is not granted, or are too intricate to compare.
 */
NODISCARD bool import_settle(const struct fields *fields, struct import_meaning *meaning,
			     struct import_entry *entries, size_t count,
			     struct error *err);

#endif
