/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/digest.h"

#include <sha2.h>

struct digest digest_start(struct arena *arena)
{
	SHA2_CTX *state = arena_new(arena, SHA2_CTX, 1);

	SHA256Init(state);
	return (struct digest){ arena, state };
}

void digest_add(struct digest *digest, struct text text)
{
	if (text.length)
		SHA256Update(digest->state, (const uint8_t *)text.bytes, text.length);
}

const char *digest_end(struct digest *digest)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];

	SHA256End(digest->state, hex);
	return arena_printf(digest->arena, "sha256:%s", hex);
}

const char *digest_text(struct arena *arena, struct text text)
{
	struct digest digest = digest_start(arena);

	digest_add(&digest, text);
	return digest_end(&digest);
}
