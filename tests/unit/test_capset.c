/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/capset.h"

#include <ctype.h>
#include <string.h>
#include <sys/capability.h>

#include "lib/cap.h"
#include "tests/tap.h"

/* The table against libcap's, which is made from the kernel's header. */
static void test_table(void)
{
	for (unsigned i = 0; i < CAPSET_NAMED; i++) {
		char *name = cap_to_name((cap_value_t)i);

		for (char *c = name; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		ok(!strcmp(name, capset_name(i)), "%u is %s", i, name);
		cap_free(name);
		ok(capset_find(text_of(capset_name(i))) == (int)i, "and found by it");
		ok(strlen(capset_meaning(i)) > 5, "and has a meaning");
	}
	ok(!capset_name(CAPSET_NAMED) && !capset_meaning(CAPSET_NAMED),
	   "no more than that");
}

/* What libcap, and so crun, takes for a capability, and what runc skips. */
static void test_spellings(void)
{
	static const struct text not [] = {
		{ "cap_chown", 9 },
		{ "CAP_CHOWN ", 10 },
		{ "0", 1 },
		{ "21", 2 },
		{ "0x15", 4 },
		{ "CHOWN", 5 },
		{ "CAP_CHOWN,x", 11 },
		{ "CAP_CHOWN\0", 10 },
		{ "", 0 },
		{ "CAP_SYS_ADMIN0", 14 },
		{ "ALL", 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(not ); i++)
		ok(capset_find(not [i]) < 0, "spelling %zu is none", i);
}

static void test_sets(void)
{
	struct capset a = { 5 }, b = { 3 };

	ok(capset_union(a, b).bits == 7 && capset_intersection(a, b).bits == 1,
	   "operations");
	ok(capset_subset((struct capset){ 1 }, a) && !capset_subset(b, a), "subset");
	ok(capset_subset(a, CAPSET_ALL), "everything is in the top");
	ok(capset_has(a, 2) && !capset_has(a, 1) && !capset_has(CAPSET_ALL, 64),
	   "membership");
	ok(cap_max_bits() >= 38 && !(cap_held() >> cap_max_bits()),
	   "what is held is known to the kernel");
}

int main(void)
{
	test_table();
	test_spellings();
	test_sets();
	return tap_done();
}
