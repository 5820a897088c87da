/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_DIGEST_H
#define LIB_DIGEST_H

#include "lib/text.h"

/*
 * SHA-256 (FIPS 180-4), by which reports and the decision log name what was read. Nothing
 * is allowed because a digest fits: where powerbox compares, it compares the thing
 * itself.
 */
struct digest {
	struct arena *arena;
	void *state;
};

/* Over several texts: start, add each, end. */
struct digest digest_start(struct arena *arena);
void digest_add(struct digest *digest, struct text text);

/* "sha256:" and 64 hexadecimal digits. */
const char *digest_end(struct digest *digest);

const char *digest_text(struct arena *arena, struct text text);

#endif
