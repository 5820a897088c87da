/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/append.h"

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/trust.h"

/* Reading is for the last byte, NONBLOCK for a FIFO or a device in the file's place. */
#define APPEND_OPEN \
	(O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define FOLDER_OPEN (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct log_file {
	const char *path;
	int fd;
	struct stat stat;
};

static bool open_folder(const char *folder, int *ret, struct error *err)
{
	CLOSE int dir = file_open(AT_FDCWD, folder, FOLDER_OPEN);
	struct stat stat;

	if (dir < 0 && errno == ENOENT) {
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return error_errno(err, "make %s", folder);
		dir = file_open(AT_FDCWD, folder, FOLDER_OPEN);
	}
	if (dir < 0)
		return error_errno(err, "open %s", folder);
	if (fstat(dir, &stat) < 0)
		return error_errno(err, "stat %s", folder);
	if (!trust_check(folder, &stat, err))
		return false;
	*ret = dir;
	dir = -1;
	return true;
}

static bool check_file(const struct log_file *file, struct error *err)
{
	if (!S_ISREG(file->stat.st_mode))
		return error_set(err, ERR_TRUST,
				 "%s is not a regular file; mend with: rm %s", file->path,
				 file->path);
	/* None: it was removed since it was opened, and the line would be with it. */
	if (file->stat.st_nlink != 1)
		return error_set(err, ERR_TRUST,
				 "%s has %ju names, and must have one; mend with: "
				 "rm %s",
				 file->path, (uintmax_t)file->stat.st_nlink, file->path);
	return trust_check(file->path, &file->stat, err);
}

static bool open_file(int dir, const char *name, struct log_file *file, struct error *err)
{
	file->fd = openat(dir, name, APPEND_OPEN, 0600);
	if (file->fd < 0 && errno == ELOOP)
		return error_set(err, ERR_TRUST,
				 "%s is a symbolic link; mend with: rm %s", file->path,
				 file->path);
	if (file->fd < 0)
		return error_errno(err, "open %s", file->path);
	if (fstat(file->fd, &file->stat) < 0)
		return error_errno(err, "stat %s", file->path);
	return check_file(file, err);
}

/* Whether the file ends with a line feed, or is empty. */
static bool ends_whole(struct log_file *file)
{
	char last = '\n';

	if (fstat(file->fd, &file->stat) < 0 || !file->stat.st_size)
		return true;
	return pread(file->fd, &last, 1, file->stat.st_size - 1) != 1 || last == '\n';
}

/*
 * Another's line that is on its way into the file is seen in part as well, but not for
 * long: an empty line is all that comes of guessing wrong.
 */
static bool is_torn(struct log_file *file)
{
	if (ends_whole(file))
		return false;
	(void)poll(NULL, 0, 1);
	return !ends_whole(file);
}

/* Beyond the limit the kernel does not only fail but sends SIGXFSZ, which kills. */
static bool check_limit(const struct log_file *file, size_t length, struct error *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
		return error_errno(err, "file size limit");
	if ((rlim_t)file->stat.st_size + length <= limit.rlim_cur)
		return true;
	errno = EFBIG;
	return error_errno(err, "write %s", file->path);
}

static bool write_line(const struct log_file *file, struct text line, struct error *err)
{
	ssize_t n;

	do
		n = write(file->fd, line.bytes, line.length);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_errno(err, "write %s", file->path);
	if ((size_t)n == line.length)
		return true;
	/* What is there can't be taken back: others may have written behind it. */
	(void)!write(file->fd, "\n", 1);
	errno = ENOSPC;
	return error_errno(err, "write %s", file->path);
}

bool append_line(struct arena *arena, const char *folder, const char *name,
		 struct text line, struct error *err)
{
	struct log_file file = { .path = arena_printf(arena, "%s/%s", folder, name) };
	struct buffer mended = { .arena = arena };
	CLOSE int dir = -1, fd = -1;
	bool opened;

	if (!open_folder(folder, &dir, err))
		return false;
	opened = open_file(dir, name, &file, err);
	fd = file.fd;
	if (!opened)
		return false;
	if (is_torn(&file)) {
		buffer_puts(&mended, "\n");
		buffer_add(&mended, line.bytes, line.length);
		line = buffer_text(&mended);
	}
	return check_limit(&file, line.length, err) && write_line(&file, line, err);
}
