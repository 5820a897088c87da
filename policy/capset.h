/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_CAPSET_H
#define POLICY_CAPSET_H

#include "lib/text.h"

/*
 * A set of capabilities as the kernel numbers them (linux/capability.h): bit n is
 * capability n. CAPSET_ALL is the top: every capability there is, those of later
 * kernels with them.
 *
 * Names are matched to the letter. crun hands names to libcap, which takes "21" and
 * "cap_chown,x" too, and runc skips what it does not know, so what is written into a
 * bundle comes from the table in capset.c alone.
 */
struct capset {
	uint64_t bits;
};

#define CAPSET_ALL ((struct capset){ UINT64_MAX })

/* Capabilities that have a name here: 0 .. CAPSET_NAMED - 1 (Linux 5.9 to 6.18). */
#define CAPSET_NAMED 41

/* -1 if there is no capability of exactly this name ("CAP_NET_RAW"). */
int capset_find(struct text name);

/* NULL beyond CAPSET_NAMED. */
const char *capset_name(unsigned number);

/* What it lets a process do, in a few words; NULL beyond CAPSET_NAMED. */
const char *capset_meaning(unsigned number);

struct capset capset_union(struct capset a, struct capset b);
struct capset capset_intersection(struct capset a, struct capset b);
bool capset_subset(struct capset a, struct capset b);
bool capset_has(struct capset set, unsigned number);

#endif
