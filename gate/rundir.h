/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_RUNDIR_H
#define GATE_RUNDIR_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * POWERBOX_RUNDIR: what powerbox remembers until the next boot. Only root can look into
 * it. Whatever is in it may be lost at any time; nothing there grants anything by itself.
 */

/* The open folder (O_PATH), made if it is missing; the caller closes it. ERR_TRUST. */
NODISCARD bool rundir_open(struct arena *arena, int *ret, struct error *err);

/* A folder in it, the same way. `name` is one component. */
NODISCARD bool rundir_open_folder(struct arena *arena, const char *name, int *ret,
				  struct error *err);

/* Put a file there, or in the place of the one that is there, in one step. */
NODISCARD bool rundir_write(struct arena *arena, int dir, const char *name,
			    struct text text, struct error *err);

/*
 * A line that changes when the file at `path` does: the path, device, inode, size, times.
 */
NODISCARD bool rundir_identify(struct arena *arena, const char *path, struct text *ret,
			       struct error *err);

/* A name that nothing else uses, for what is renamed when it is ready. */
const char *rundir_spare(struct arena *arena, const char *name);

#endif
