/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROFILES_SELECTION_H
#define PROFILES_SELECTION_H

#include "lib/fields.h"
#include "policy/capset.h"

/*
 * Which rules of a seccomp file of Docker's form count: a rule may say for which
 * capabilities, architectures and kernels it is (moby/profiles, seccomp_linux.go).
 */
struct selection {
	struct capset caps; /* what the container has */
	const char *arch;   /* SCMP_ARCH_X86_64 ... */
	unsigned kernel[2]; /* 6.1: { 6, 1 }; none: rules for newer kernels don't count */
};

/* Whether there is a word for this architecture. */
bool selection_knows(const char *arch);

/*
 * By the entry's "includes", of which all must be so, and "excludes", of which nothing
 * may. ERR_CONFIG: malformed, or a capability or architecture that is not known.
 */
NODISCARD bool selection_counts(const struct fields *fields,
				const struct selection *selection,
				const struct json *entry, bool *ret, struct error *err);

#endif
