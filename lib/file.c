/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/file.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK ((size_t)16 * 1024)

/* So often something is tried again before something else must be wrong. */
#define INTERRUPTIONS_MAX 1000

/*
 * Whether to try again: interrupted, or a pipe that somebody else made non-blocking. Not
 * for ever: so many interruptions in one transfer are no signals any more.
 */
static bool again(int fd, short event, unsigned *tries)
{
	struct pollfd wait = { .fd = fd, .events = event };

	if (++*tries > INTERRUPTIONS_MAX)
		return false;
	if (errno == EINTR)
		return true;
	return event && errno == EAGAIN && (poll(&wait, 1, -1) == 1 || errno == EINTR);
}

int file_open(int dir, const char *name, int flags)
{
	unsigned tries = 0;
	int fd;

	do
		fd = openat(dir, name, flags);
	while (fd < 0 && errno == EINTR && ++tries <= INTERRUPTIONS_MAX);
	return fd;
}

/* `enough` to `size` bytes into `bytes`, fewer only at the end; false: errno says why. */
static bool read_full(int fd, short event, char *bytes, size_t enough, size_t size,
		      size_t *ret)
{
	size_t length = 0;
	unsigned tries = 0;

	while (length < enough) {
		ssize_t n = read(fd, bytes + length, size - length);

		if (!n)
			break;
		if (n > 0)
			length += (size_t)n;
		else if (!again(fd, event, &tries))
			return false;
	}
	*ret = length;
	return true;
}

bool file_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool file_read_open(struct arena *arena, int fd, const char *name, size_t limit,
		    struct file *ret, struct error *err)
{
	struct stat before, after;
	size_t size, length = 0;
	char *bytes;

	if (fstat(fd, &before) < 0)
		return error_errno(err, "stat %s", name);
	if (!S_ISREG(before.st_mode))
		return error_set(err, ERR_IO,
				 "%s is not a regular file; put one in its place", name);
	if ((uintmax_t)before.st_size > limit)
		return error_set(err, ERR_DATA, "%s is longer than %zu bytes", name,
				 limit);
	size = (size_t)before.st_size;
	bytes = arena_new(arena, char, size + 1);
	/*
	 * One byte more than there should be: it may be growing. A read that stops short
	 * of that has found the end.
	 */
	if (!read_full(fd, 0, bytes, size ? size : 1, size + 1, &length))
		return error_errno(err, "read %s", name);
	if (fstat(fd, &after) < 0)
		return error_errno(err, "stat %s", name);
	if (length != size || !file_unchanged(&before, &after))
		return error_set(err, ERR_IO, "%s changed while it was read; try again",
				 name);
	*ret = (struct file){ .text = { bytes, size }, .stat = before };
	return true;
}

bool file_read(struct arena *arena, int dir, const char *name, size_t limit,
	       struct file *ret, struct error *err)
{
	CLOSE int fd = file_open(dir, name, FILE_OPEN);

	if (fd < 0 && errno == ELOOP)
		return error_set(err, ERR_IO,
				 "%s is a symbolic link; put a regular file in its place",
				 name);
	if (fd < 0)
		return error_errno(err, "open %s", name);
	return file_read_open(arena, fd, name, limit, ret, err);
}

bool file_read_fd(struct arena *arena, int fd, const char *what, size_t limit,
		  struct text *ret, struct error *err)
{
	struct buffer all = { .arena = arena };
	char *chunk = arena_new(arena, char, CHUNK);
	size_t length;

	do {
		if (!read_full(fd, POLLIN, chunk, CHUNK, CHUNK, &length))
			return error_errno(err, "read %s", what);
		if (length > limit - all.length)
			return error_set(err, ERR_DATA, "%s is longer than %zu bytes",
					 what, limit);
		buffer_add(&all, chunk, length);
	} while (length == CHUNK);
	*ret = buffer_text(&all);
	return true;
}

bool file_write_fd(int fd, struct text text, struct error *err)
{
	size_t done = 0;
	unsigned tries = 0;

	while (done < text.length) {
		ssize_t n = write(fd, text.bytes + done, text.length - done);

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (!n)
			errno = EIO; /* no progress and no reason: not for ever */
		if (!n || !again(fd, POLLOUT, &tries))
			return error_errno(err, "write");
	}
	return true;
}

bool file_become(int fd, struct text text, struct error *err)
{
	CLOSE int memory = memfd_create("text", MFD_CLOEXEC);

	if (memory < 0)
		return error_errno(err, "file in memory");
	if (!file_write_fd(memory, text, err))
		return false;
	if (lseek(memory, 0, SEEK_SET) < 0)
		return error_errno(err, "file in memory");
	if (memory != fd)
		return dup2(memory, fd) >= 0 || error_errno(err, "file in memory");
	memory = -1;
	return fcntl(fd, F_SETFD, 0) == 0 || error_errno(err, "file in memory");
}

bool file_hold_stdio(struct error *err)
{
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
		int held = i;

		if (fcntl(i, F_GETFD) < 0 && errno == EBADF)
			held = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (held < 0)
			held = open("/", O_PATH | O_CLOEXEC);
		if (held != i)
			return error_set(err, ERR_IO,
					 "nothing can be opened in the place of a closed "
					 "descriptor %d; open it for powerbox",
					 i);
	}
	return true;
}
