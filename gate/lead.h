/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_LEAD_H
#define GATE_LEAD_H

#include "lib/arena.h"
#include "lib/error.h"

/*
 * Where a path of config.json leads, and whether it will lead there when the runtime goes
 * the same way: in another process, with another working directory, and among mounts that
 * are not there yet.
 */

/* The path without "//", "." and "..", by its letters alone: as Go's filepath.Clean(). */
const char *lead_clean(struct arena *arena, const char *path);

/* Whether an errno says that a path leads to nothing, for the runtime as well. */
bool lead_absent(int error);

/*
 * *ret: what of the absolute path is there, resolved; all of it, or the folder in which
 * its next name is missing. ERR_DENIED: it leads through the links of a process in /proc
 * (whose runtime is another process), or through a link to what is not there (yet).
 */
NODISCARD bool lead_resolve(struct arena *arena, const char *path, const char **ret,
			    struct error *err);

#endif
