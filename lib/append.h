/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_APPEND_H
#define LIB_APPEND_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * A line at the end of a file to which only root can write: one write(2) with O_APPEND,
 * for which the kernel keeps the file to itself, so that lines of many processes never
 * mix and none of them waits for a lock. A line that got there in part (a full disk, a
 * kill) is ended first, so that it spoils no other.
 *
 * The file is opened for each line: it may be renamed away at any time. It is made with
 * mode 0600, the folder with 0700. Nothing blocks, no link is followed: the file is a
 * regular one with one name, it and the folder are root's and writable by nobody else
 * (ERR_TRUST). The folders above are not looked at: /var/log belongs to a group on some
 * systems, and nothing is allowed because of what a log says.
 *
 * `line` ends with a line feed. ERR_IO: not all of it could be written.
 */
NODISCARD bool append_line(struct arena *arena, const char *folder, const char *name,
			   struct text line, struct error *err);

#endif
