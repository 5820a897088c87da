/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/witness.h"

#include <string.h>

void witness(const struct space *space, uint32_t set, uint64_t ret[SYSCALL_ARGS])
{
	memset(ret, 0, SYSCALL_ARGS * sizeof(*ret));
	while (set > SET_ALL) {
		struct halves halves = space_halves(space, set);
		bool high = halves.low == SET_NONE;
		unsigned bit = 63 - halves.variable % 64;

		ret[halves.variable / 64] |= (uint64_t)high << bit;
		set = high ? halves.high : halves.low;
	}
}
