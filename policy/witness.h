/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_WITNESS_H
#define POLICY_WITNESS_H

#include "policy/space.h"

/* Some member of a set, which a message can show; zeros if a full space left it empty. */
void witness(const struct space *space, uint32_t set, uint64_t ret[SYSCALL_ARGS]);

#endif
