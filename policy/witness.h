/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_WITNESS_H
#define POLICY_WITNESS_H

#include "policy/space.h"

/* Some member of a set that is not empty: what a message can show. */
void witness(const struct space *space, uint32_t set, uint64_t ret[SYSCALL_ARGS]);

#endif
