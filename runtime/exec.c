/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/exec.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/trust.h"

#define SELF "/proc/self/exe"

/* Compare two open files of the same size, in pieces. */
static bool same_content(int a, int b, off_t size)
{
	static const size_t piece = 16384;
	char left[16384], right[16384];

	for (off_t at = 0; at < size;) {
		ssize_t n = pread(a, left, piece, at);

		if (n <= 0 || pread(b, right, (size_t)n, at) != n ||
		    memcmp(left, right, (size_t)n) != 0)
			return false;
		at += n;
	}
	return true;
}

/* Without /proc nothing can be compared; the engines that call us need it themselves. */
static bool is_self(int fd, const struct stat *stat_of_fd)
{
	CLOSE int self = -1;
	struct stat own;

	if (stat(SELF, &own) < 0)
		return false;
	if (own.st_dev == stat_of_fd->st_dev && own.st_ino == stat_of_fd->st_ino)
		return true;
	if (own.st_size != stat_of_fd->st_size)
		return false;
	self = open(SELF, O_RDONLY | O_CLOEXEC);
	return self >= 0 && same_content(self, fd, own.st_size);
}

/*
 * A wrapper may start powerbox again, which starts the wrapper again, for ever and in the
 * same process, since each of them executes the next. What survives an execve, is not
 * inherited by a child and does nothing is an interval timer that is 34 years away: who
 * finds it has been here before. A timer that the caller has set is left alone; a ring
 * with one of these is only found by whoever waits for it.
 */
static bool is_ring(void)
{
	static const time_t mark = 1 << 30;
	struct itimerval timer;

	if (getitimer(ITIMER_REAL, &timer) < 0)
		return false;
	if (timer.it_value.tv_sec > mark / 2)
		return true;
	if (timer.it_value.tv_sec || timer.it_value.tv_usec)
		return false;
	timer = (struct itimerval){ .it_value.tv_sec = mark };
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	return false;
}

bool runtime_check(struct arena *arena, const char *path, struct error *err)
{
	CLOSE int fd = -1;
	struct stat st;

	if (!trust_open_program(arena, path, &fd, err)) {
		if (err->code == ERR_NOINPUT || err->code == ERR_CONFIG)
			err->code = ERR_RUNTIME;
		return error_in(err, "the real runtime (\"runtime\" in node.json)");
	}
	if (fstat(fd, &st) < 0)
		return error_errno(err, "the real runtime %s", path);
	if (is_self(fd, &st))
		return error_set(
			err, ERR_RUNTIME,
			"the real runtime %s is powerbox itself; name runc or crun as "
			"\"runtime\" in node.json",
			path);
	if (is_ring())
		return error_set(
			err, ERR_RUNTIME,
			"the real runtime %s starts powerbox again; name runc or crun "
			"as \"runtime\" in node.json",
			path);
	return true;
}

bool runtime_exec(const char *path, char *const *argv, struct error *err)
{
	execve(path, argv, environ);
	error_errno(err, "can't execute the real runtime %s", path);
	err->code = ERR_RUNTIME;
	return false;
}
