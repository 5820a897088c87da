/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cap.h"

#include <sys/capability.h>

uint64_t cap_held(void)
{
	cap_t own = cap_get_proc();
	uint64_t held = 0;

	for (cap_value_t i = 0; own && i < cap_max_bits(); i++) {
		cap_flag_value_t permitted = CAP_CLEAR;

		if (!cap_get_flag(own, i, CAP_PERMITTED, &permitted) &&
		    permitted == CAP_SET && cap_get_bound(i) == CAP_SET)
			held |= UINT64_C(1) << i;
	}
	cap_free(own);
	return held;
}
