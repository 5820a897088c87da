/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/error.h"
#include "lib/text.h"

/*
 * Whole files, in and out. Nothing here ever blocks on a FIFO, follows a link in the
 * last component, reads a device, or reads more than it was told to.
 */
struct file {
	struct text text;
	struct stat stat;
};

/* openat(), which goes on where a signal interrupts it. */
int file_open(int dir, const char *name, int flags);

/*
 * A regular file of at most `limit` bytes (else ERR_DATA), relative to `dir`. One that
 * changes while it is read is refused.
 */
NODISCARD bool file_read(struct arena *arena, int dir, const char *name, size_t limit,
			 struct file *ret, struct error *err);

/* The same of a descriptor that was opened with FILE_OPEN; `name` is for messages. */
#define FILE_OPEN (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
NODISCARD bool file_read_open(struct arena *arena, int fd, const char *name, size_t limit,
			      struct file *ret, struct error *err);

/*
 * Whether it is the same file and nobody has written to it. Its status may have changed:
 * a rename, or a link to it, does not change a file.
 */
bool file_unchanged(const struct stat *a, const struct stat *b);

/* Everything that an open descriptor (a pipe, say) gives, at most `limit` bytes. */
NODISCARD bool file_read_fd(struct arena *arena, int fd, const char *what, size_t limit,
			    struct text *ret, struct error *err);

/*
 * Put `text` in the place of the file that was read as `old`: in one step, with the
 * same owner, mode, POSIX ACL and security label, read back and compared; *ret is what
 * the new one was then. Whoever looks sees the old file or the new one, whole. On
 * failure the old one is there, byte for byte. A crash leaves at most a file with a
 * random name beside it, which is in nobody's way. Not synced: a bundle does not outlive
 * the boot.
 *
 * A file that is neither the one that was read nor already holds `text` (which several
 * runs at once do to each other) is left as it is, and the call fails.
 */
NODISCARD bool file_replace(struct arena *arena, int dir, const char *name,
			    const struct file *old, struct text text, struct stat *ret,
			    struct error *err);

/*
 * The same of a file that outlives the boot: when this returns, the new one is on the
 * disk. `old` is NULL if there was none; the new one is then everybody's to read. Where
 * only the last of it fails, the new one is there, and the message says so.
 */
NODISCARD bool file_keep(struct arena *arena, int dir, const char *name,
			 const struct file *old, struct text text, struct error *err);

/*
 * Something in the place of each of the first three descriptors that is closed, before
 * anything else is opened: a file of ours could get there, and be read for input or have
 * messages written into it. It closes itself when another program is executed. A node can
 * stop and clean without a /dev, too.
 */
NODISCARD bool file_hold_stdio(struct error *err);

/*
 * Put a file in memory in the place of the descriptor: whoever reads it, or opens it
 * anew, reads the text from its beginning. It stays open when another program is
 * executed.
 */
NODISCARD bool file_become(int fd, struct text text, struct error *err);

/* Write everything, whatever signals come. */
NODISCARD bool file_write_fd(int fd, struct text text, struct error *err);

#endif
