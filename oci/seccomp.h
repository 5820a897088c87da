/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_SECCOMP_H
#define OCI_SECCOMP_H

#include "lib/fields.h"
#include "policy/archs.h"
#include "policy/emission.h"

/*
 * linux.seccomp (runtime-spec, config-linux.md, "Seccomp"): the one reader and the one
 * writer of its rules, for bundles and for profiles.
 */

/*
 * One entry of a `syscalls` list: the calls that it names, under its conditions (NULL or
 * empty: none). ERR_CONFIG: a call or comparison that is not known, an index over 5, a
 * number that is no plain u64, an argument that is tested twice.
 */
NODISCARD bool seccomp_read_entry(const struct fields *fields, const struct json *names,
				  const struct json *args, const char *source,
				  struct syscalls *into, struct error *err);

/*
 * The conditions of one rule as they stand, also those that always hold, in the order in
 * which they are written; added to those of *ret. ERR_CONFIG, as above.
 */
NODISCARD bool seccomp_read_conditions(const struct fields *fields,
				       const struct json *args, struct rule *ret,
				       struct error *err);

/* "SCMP_ACT_ERRNO" and the like: whether it ends a call before it has an effect. */
bool seccomp_action_stops(struct text action);

/*
 * What a section of a config.json grants at the most: actions that let a call through
 * (ALLOW, LOG, TRACE, NOTIFY) count as grants, a missing section or a default that lets
 * calls through as all of them.
 */
NODISCARD bool seccomp_read(const struct fields *fields, const struct json *section,
			    struct syscalls *ret, struct error *err);

/*
 * The section, in one canonical form: sorted by call, calls under the same condition in
 * one entry, the default always ERRNO(EPERM) unless everything is granted.
 */
void seccomp_write(struct buffer *out, const struct emission *emission,
		   struct archs archs);

#endif
