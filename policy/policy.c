/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

struct policy policy_union(struct arena *arena, const struct policy *a,
			   const struct policy *b)
{
	return (struct policy){
		.caps = capset_union(a->caps, b->caps),
		.ambient = capset_union(a->ambient, b->ambient),
		.new_privileges = a->new_privileges || b->new_privileges,
		.syscalls = syscalls_union(arena, &a->syscalls, &b->syscalls),
	};
}

bool policy_equal(const struct policy *a, const struct policy *b)
{
	return a->caps.bits == b->caps.bits && a->ambient.bits == b->ambient.bits &&
	       a->new_privileges == b->new_privileges &&
	       syscalls_equal(&a->syscalls, &b->syscalls);
}
