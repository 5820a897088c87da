/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_ARCHS_H
#define POLICY_ARCHS_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * The architectures that a node lets its containers use: the native one and those that
 * node.json adds. The order of the table is the order in which they are written.
 */
struct archs {
	uint32_t bits;
};

/* The one that this program was built for. */
struct archs archs_native(void);

/* Add the one of this name (SCMP_ARCH_X86_64); false if there is none. */
bool archs_add(struct archs *archs, struct text name);

/* The n-th name of a set, from 0; NULL behind the last. */
const char *archs_name(struct archs archs, unsigned n);

/*
 * 32 if the arguments of any of them have 32 bits, else 64: libseccomp cuts operands off
 * at 32 bits there, so a test of the upper half would mean something else.
 */
unsigned archs_word_bits(struct archs archs);

/* How many of them have arguments of `word_bits` bits (32 or 64). */
unsigned archs_count(struct archs archs, unsigned word_bits);

/*
 * Whether any of them gives calls arguments of 64 bits of which libseccomp compares only
 * the lower 32 (x32, and n32 on MIPS). A test then must not depend on the upper ones.
 */
bool archs_half_seen(struct archs archs);

/*
 * Whether any of them carries this call inside socketcall(2) or ipc(2), or it is one of
 * these. libseccomp then replaces the condition on the first argument by one on the
 * number of the sub-call, which voids argument rules, and meets those of the carrying
 * call.
 */
bool archs_multiplex(struct archs archs, const char *call);

#endif
