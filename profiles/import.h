/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROFILES_IMPORT_H
#define PROFILES_IMPORT_H

#include "profiles/profile.h"
#include "profiles/selection.h"

/*
 * A profile out of a seccomp file: of Docker's and containers-common's form (rules that
 * count for some capabilities, architectures and kernels), or of the OCI's. Such a file
 * is a whole filter and may deny; a profile only grants. What is read is the filter's
 * meaning as the rules are written (not what libseccomp makes of them), and it comes over
 * exactly or not at all:
 *
 * - The default must end a call. How it does so is not a grant: killing becomes EPERM,
 *   and an errno other than EPERM becomes one of each known call that it answers.
 * - An ERRNO rule may cover no call or argument that is allowed as well, and must leave
 *   one errno for what is not allowed of a call.
 * - Every other action has no place in a profile.
 */
struct import_options {
	struct selection selection; /* its capabilities are granted, too */
	bool skip_unknown;	    /* leave calls of unknown names out, with a note */
	const char *summary;	    /* of the profile */
};

/* What the reader of the profile should know: lines without a newline. */
struct import_notes {
	const char **items;
	size_t count, capacity;
};

/*
 * ERR_CONFIG, with path and line: malformed, a member, action or name that is not known,
 * what can't be carried over, or rules that are too intricate to compare.
 */
NODISCARD bool import_read(struct arena *arena, const char *path, struct text text,
			   const struct import_options *options, struct profile *ret,
			   struct import_notes *ret_notes, struct error *err);

/* linux.seccomp of a bundle alone; a missing one (NULL) grants all. "line N: ...". */
NODISCARD bool import_section(const struct fields *fields, const struct json *section,
			      struct syscalls *ret, struct error *err);

#endif
