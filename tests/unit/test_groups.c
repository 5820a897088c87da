/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/groups.h"

#include <string.h>

#include "policy/capset.h"
#include "tests/tap.h"

int main(void)
{
	bool said = true;

	for (unsigned call = 0; call < syscall_count(); call++) {
		size_t in = 0;

		for (size_t i = 0; i < groups_count(); i++)
			in += groups_has(i, call);
		if (in != 1)
			printf("# %s is in %zu groups\n", syscall_name(call), in);
		said = said && in == 1;
	}
	ok(said, "each call is in exactly one group");
	for (size_t i = 0; i < groups_count(); i++) {
		size_t length = strlen(groups_name(i)) + strlen(groups_meaning(i));
		bool unlike = true;

		for (size_t j = 0; j < i; j++)
			unlike = unlike && strcmp(groups_name(i), groups_name(j)) != 0;
		ok(length && length < 74 && unlike, "%s: %s", groups_name(i),
		   groups_meaning(i));
	}
	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		ok(capset_meaning(i) && *capset_meaning(i) &&
			   strlen(capset_meaning(i)) <= 54,
		   "%s: %s", capset_name(i), capset_meaning(i));
	ok(!capset_meaning(CAPSET_NAMED), "and there are no more");
	return tap_done();
}
