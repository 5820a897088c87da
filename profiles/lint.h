/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROFILES_LINT_H
#define PROFILES_LINT_H

#include "profiles/profile.h"

/*
 * What is wrong with a profile that reads well: a rule that lets through more than its
 * author sees, or that can't mean what it says. An error is something to mend; a warning
 * is a risk that one may take.
 */
enum lint_level {
	LINT_WARNING,
	LINT_ERROR,
};

struct lint_finding {
	enum lint_level level;
	size_t line; /* 0: the message says where */
	const char *message;
};

struct lint_findings {
	struct lint_finding *items;
	size_t count, capacity;
};

/*
 * Errors: a file that profile_parse() refuses (an unknown name, say); a rule on an
 * argument that the kernel cuts to 32 bits, and that lets through a number whose lower
 * half it does not grant; a rule that never holds; a capability without any call that
 * makes use of it, and a call that does nothing without a capability that is not granted.
 * Warnings: a rule that the others imply, a condition that always holds, io_uring, and
 * the first of the errors where it is Docker's own rule.
 *
 * In the order of their lines.
 */
struct lint_findings lint_profile(struct arena *arena, const char *path,
				  struct text text);

#endif
