/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_GROUPS_H
#define POLICY_GROUPS_H

#include "policy/syscalls.h"

/*
 * System calls by what they are for, so that people can read a grant of three hundred.
 * Each call is in exactly one group. A group is only a way to show: nothing is granted by
 * it.
 */
size_t groups_count(void);

/* "files"; and what its calls are for: "open, make, name ...". */
const char *groups_name(size_t group);
const char *groups_meaning(size_t group);

bool groups_has(size_t group, unsigned call);

#endif
