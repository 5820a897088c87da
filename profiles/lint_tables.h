/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROFILES_LINT_TABLES_H
#define PROFILES_LINT_TABLES_H

#include "policy/syscalls.h"

/* The tables behind profiles/lint.h, and for its eyes only. Each ends with a NULL. */

/* Arguments of which the kernel looks at 32 bits, whatever the filter sees. */
extern const struct lint_ints {
	const char *call;
	const char *arguments; /* a digit each */
} lint_ints[];

/* Rules of others that a profile may take over to the letter. */
extern const struct lint_known {
	const char *call;
	struct condition condition;
	const char *whose;
} lint_known[];

/*
 * What a capability is for: one of these calls must be granted with it; those of `only`
 * do nothing without it, in no user namespace either.
 */
extern const struct lint_capability {
	const char *name;
	const char *uses, *only; /* words */
} lint_capabilities[];

#endif
