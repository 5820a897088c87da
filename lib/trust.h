/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TRUST_H
#define LIB_TRUST_H

#include "lib/file.h"

/*
 * Files that count as policy: nobody but root can have written them. A path is walked
 * from / one component at a time on descriptors, and each folder, each link on the way
 * and the file itself must belong to uid 0 and be writable by nobody else (no group or
 * other write bit, sticky or not). What was checked is what is read: no path is
 * looked up twice. Links are followed as long as they satisfy the same rule, so that a
 * Kubernetes ConfigMap mount (..data) can hold the files.
 *
 * ERR_NOINPUT: it is not there, and nobody has put anything in its place. ERR_TRUST: the
 * message names the component at fault and the command that mends it. ERR_CONFIG: a link
 * that leads nowhere, a file in the place of a folder, too long, or a path that does not
 * begin with /. ERR_RUNTIME: a program that is none. Else ERR_IO.
 */

/*
 * Nobody but root can have written what has this owner and mode; `path` is for the
 * message. A link can't be written, only replaced.
 */
NODISCARD bool trust_check(const char *path, const struct stat *stat, struct error *err);

/* An open folder (O_PATH) at an absolute path; the caller closes it. */
NODISCARD bool trust_open_dir(struct arena *arena, const char *path, int *ret,
			      struct error *err);

/* The same of the folder `name` in `dir`, which trust_open_dir() gave for `path`. */
NODISCARD bool trust_open_sub(struct arena *arena, int dir, const char *path,
			      const char *name, int *ret, struct error *err);

/*
 * A file `name` in `dir`, a folder that trust_open_dir() gave for `path`; `name` is one
 * component. The path is used for messages and for resolving links.
 */
NODISCARD bool trust_read(struct arena *arena, int dir, const char *path,
			  const char *name, size_t limit, struct file *ret,
			  struct error *err);

/*
 * A program at an absolute path: as trust_read(), and executable. *ret is a descriptor
 * for reading it and for fstat(2), which the caller closes.
 */
NODISCARD bool trust_open_program(struct arena *arena, const char *path, int *ret,
				  struct error *err);

#endif
