/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "policy/capset.h"
#include "policy/syscalls.h"

/*
 * What is granted. Policies form a join-semilattice: policy_union() is the join, { 0 },
 * which may do nothing, its bottom, and a profile that grants all of everything its top.
 * tests/laws holds the laws.
 */
struct policy {
	struct capset caps;
	struct capset ambient; /* a subset of caps: also for programs of other users */
	bool new_privileges;   /* execve may add privileges (setuid, file capabilities) */
	struct syscalls syscalls;
};

struct policy policy_union(struct arena *arena, const struct policy *a,
			   const struct policy *b);

bool policy_equal(const struct policy *a, const struct policy *b);

#endif
