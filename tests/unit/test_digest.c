/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/digest.h"

#include <string.h>

#include "tests/tap.h"

/* The examples of FIPS 180-2, appendix B.1 and B.2, and of nothing. */
static void test_known(void)
{
	static const char *const cases[][2] = {
		{ "",
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = digest_text(&arena, text_of(cases[i][0]));

		ok(!strncmp(got, "sha256:", 7) && !strcmp(got + 7, cases[i][1]),
		   "'%s': %s", cases[i][0], got);
	}
	arena_free(&arena);
}

static void test_parts(void)
{
	struct arena arena = { 0 };
	struct digest digest = digest_start(&arena);

	digest_add(&digest, text_of("a"));
	digest_add(&digest, (struct text){ NULL, 0 });
	digest_add(&digest, text_of("bc"));
	ok(!strcmp(digest_end(&digest), digest_text(&arena, text_of("abc"))),
	   "in parts as in one");
	arena_free(&arena);
}

int main(void)
{
	test_known();
	test_parts();
	return tap_done();
}
