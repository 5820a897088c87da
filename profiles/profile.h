/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROFILES_PROFILE_H
#define PROFILES_PROFILE_H

#include "lib/fields.h"
#include "policy/policy.h"

/*
 * A named grant. A profile can only add: there is no way to write a denial in it. Its
 * rules have the form of the OCI's linux.seccomp.syscalls (runtime-spec config-linux.md),
 * without the action, which is always to allow.
 */
struct profile {
	const char *name;
	const char *path;
	const char *summary;
	struct policy policy;
	struct texts measured; /* of a runtime's own: the versions it was found with */
};

/* "1.1.5": numbers with dots between them. */
bool version_valid(struct text text);

/*
 * Read a profile's file. ERR_CONFIG, with path and line: a member, capability, call or
 * comparison that is not known, an argument that is tested twice in one rule, an errno of
 * 0 or over 4094, an ambient capability that is not granted, no summary, one that can't
 * be shown as a line, a version that is none.
 */
NODISCARD bool profile_parse(struct arena *arena, const char *name, const char *path,
			     struct text text, struct profile *ret, struct error *err);

/*
 * The same form within another file, about the policy alone: a summary may be left out.
 * ERR_CONFIG, with the line; `name` is for blame.
 */
NODISCARD bool profile_read(const struct fields *fields, const struct json *object,
			    const char *name, struct policy *ret, struct error *err);

/*
 * The file of a profile, in its one canonical form: profile_parse() of it is the same
 * summary, versions and policy, and the same policy is the same bytes, whatever they were
 * read from. Without a summary (NULL), it is what profile_read() reads.
 */
void profile_write(struct buffer *out, const struct profile *profile);

#endif
