/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include <string.h>

#include "tests/tap.h"

int main(void)
{
	static const char *const shown[][2] = {
		{ "Bind ports", "Bind ports" },
		{ "a\\b 'c'", "a\\b 'c'" },
		{ "caf\xc3\xa9 \xe2\x80\x94 \xe6\x97\xa5",
		  "caf\xc3\xa9 \xe2\x80\x94 \xe6\x97\xa5" },
		{ "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7" },
		{ "\033[31mred", "\\x1b[31mred" },
		{ "a\nb\rc\td", "a\\x0ab\\x0dc\\x09d" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b"
		  "31m",
		  "\\xc2\\x9b31m" }, /* CSI in one character */
		{ "\xe2\x80\xae"
		  "a",
		  "\\xe2\\x80\\xaea" }, /* right to left */
		{ "\xe2\x80\x8b", "\\xe2\\x80\\x8b" },
		{ "\xef\xbb\xbf", "\\xef\\xbb\\xbf" },
		{ "\xc0\x9b", "\\xc0\\x9b" },
		{ "\xe0\x80\x9b", "\\xe0\\x80\\x9b" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xff\xe2\x80", "\\xff\\xe2\\x80" },
	};
	static const char *const plain[][2] = {
		{ "/srv/pod.yaml", "/srv/pod.yaml" },
		{ "", "''" },
		{ "a b", "'a b'" },
		{ "it's", "'it\\x27s'" },
		{ "\033[2J", "'\\x1b[2J'" },
		{ "\xc3\xa9", "'\\xc3\\xa9'" },
	};
	struct arena arena = { NULL };

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		ok(!strcmp(text_shown(&arena, text_of(shown[i][0])), shown[i][1]),
		   "shown: %s", shown[i][1]);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		ok(!strcmp(text_plain(&arena, text_of(plain[i][0])), plain[i][1]),
		   "plain: %s", plain[i][1]);
	arena_free(&arena);
	return tap_done();
}
