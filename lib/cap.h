/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CAP_H
#define LIB_CAP_H

#include "lib/base.h"

/*
 * What libcap knows of this process. Used for looking, by powerbox(8) alone: libcap
 * makes ten system calls before main(), which a runtime's every start, kill and state
 * would pay.
 */

/*
 * What this process could hand on: its bounding set and its permitted one, bit n being
 * capability n.
 */
uint64_t cap_held(void);

#endif
