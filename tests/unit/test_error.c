/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/error.h"

#include <errno.h>
#include <string.h>

#include "tests/tap.h"

static void test_set(void)
{
	struct error err;

	ok(!error_set(&err, ERR_TRUST, "%s is open to %d", "door", 7),
	   "set returns false");
	ok(err.code == ERR_TRUST, "set keeps the code");
	ok(!strcmp(err.msg, "door is open to 7"), "set formats: %s", err.msg);
}

static void test_errno(void)
{
	static const struct {
		int number;
		enum errc code;
		const char *msg;
	} cases[] = {
		{ ENOENT, ERR_NOINPUT, "open x: No such file or directory" },
		{ ENOTDIR, ERR_NOINPUT, "open x: Not a directory" },
		{ ENOMEM, ERR_MEMORY, "open x: Cannot allocate memory" },
		{ EACCES, ERR_IO, "open x: Permission denied" },
		{ EIO, ERR_IO, "open x: Input/output error" },
		{ 524, ERR_IO, "open x: error 524" }, /* ENOTSUPP, which has no text */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err;

		errno = cases[i].number;
		ok(!error_errno(&err, "open %s", "x"), "errno returns false");
		ok(err.code == cases[i].code, "errno %d has its code", cases[i].number);
		ok(!strcmp(err.msg, cases[i].msg), "errno has its text: %s", err.msg);
	}
}

static void test_in(void)
{
	struct error err;

	error_set(&err, ERR_CONFIG, "line 3: no");
	ok(!error_in(&err, "profile '%s'", "x"), "in returns false");
	ok(err.code == ERR_CONFIG, "in keeps the code");
	ok(!strcmp(err.msg, "profile 'x': line 3: no"), "in stands in front: %s",
	   err.msg);
}

static void test_mend(void)
{
	struct error err;

	error_set(&err, ERR_CONFIG, "no");
	ok(!error_mend(&err, "write '%s'", "x"), "mend returns false");
	ok(err.code == ERR_CONFIG, "mend keeps the code");
	ok(!strcmp(err.msg, "no; write 'x'"), "mend stands behind: %s", err.msg);
}

static void test_too_long(void)
{
	struct error err;
	char name[2 * sizeof(err.msg)];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	error_set(&err, ERR_DATA, "%s", name);
	ok(strlen(err.msg) == sizeof(err.msg) - 1, "set cuts what is too long");
	error_in(&err, "a");
	ok(!strncmp(err.msg, "a: nnn", 6), "in keeps the context and cuts the end");
	ok(strlen(err.msg) == sizeof(err.msg) - 1, "in fills the line");
	error_in(&err, "%s", name);
	ok(strlen(err.msg) == sizeof(err.msg) - 1, "in cuts a context that is too long");
	error_mend(&err, "a");
	ok(strlen(err.msg) == sizeof(err.msg) - 1,
	   "mend finds no room, and writes nothing");
	errno = EIO;
	error_errno(&err, "%s", name);
	ok(strlen(err.msg) == sizeof(err.msg) - 1, "errno cuts what is too long");
}

int main(void)
{
	test_set();
	test_errno();
	test_in();
	test_mend();
	test_too_long();
	return tap_done();
}
