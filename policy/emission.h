/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_EMISSION_H
#define POLICY_EMISSION_H

#include "policy/archs.h"
#include "policy/forms.h"

/*
 * What is written into a bundle so that the filter which the kernel runs lets through
 * exactly what is granted. Rules as profiles write them can't be handed on: libseccomp
 * compiles some lists of them to a filter that allows more, or less, or never comes back.
 *
 * An emission depends on what is granted alone, not on how or in which order it was
 * written. No call has a rule and is in `always`; the rules of one call are in a form
 * that libseccomp compiles exactly (policy/forms.c); nothing says what the default,
 * ERRNO(EPERM), says anyway.
 */
#define EMISSION_DEFAULT 1 /* EPERM */

struct emission {
	bool all;
	uint64_t always[SYSCALL_MAX / 64];
	struct rules rules;	 /* ALLOW */
	struct answers refusals; /* ERRNO; a rule without conditions: wherever */
};

/* The errno of a call where nobody grants it. */
unsigned emission_refusal(const struct syscalls *granted, unsigned call);

/*
 * It holds on each of the architectures. ERR_INEXACT: it can't be said exactly; names the
 * call, the profiles and why.
 */
NODISCARD bool emission_make(struct arena *arena, const struct syscalls *granted,
			     struct archs archs, struct emission *ret, struct error *err);

#endif
