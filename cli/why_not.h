/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_WHY_NOT_H
#define CLI_WHY_NOT_H

#include "gate/gate.h"

/*
 * What a container lacks: a capability, or a call with the arguments that are known of it
 * ("socket 16 3 0"; the rest may be anything).
 */
struct lack {
	const char *words; /* as it was asked, printable */
	int cap;	   /* -1: it is a call */
	unsigned call;
	size_t count; /* of arguments that are known */
	uint64_t args[SYSCALL_ARGS];
};

/* ERR_USAGE: no such capability or call, or no number. */
NODISCARD bool lack_parse(struct arena *arena, const char *text, struct lack *ret,
			  struct error *err);

/*
 * Say on stdout whether the outcome's union gives it, and if not, which profiles of this
 * node would, the smallest first, and what allows them. ERR_DENIED without a message: the
 * container does not have it.
 */
NODISCARD bool why_not(struct arena *arena, const struct gate *gate,
		       const struct outcome *outcome, const struct lack *lack,
		       struct error *err);

#endif
