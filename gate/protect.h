/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_PROTECT_H
#define GATE_PROTECT_H

#include "gate/node.h"
#include "oci/config.h"

/*
 * The files that powerbox relies on, and whether a config.json would put them into a
 * container that can write to them: as what a bind mount, an overlay's upper folder or
 * the rootfs shows, be it the file, a folder above it or, for folders, one beneath.
 *
 * The runtime opens a source when the mounts before it are there, in another process and
 * with another working directory; what may lead elsewhere by then is refused (lead.h).
 * "Read-only" counts only where nothing else in config.json undoes it: a remount, a later
 * mount that carries the rootfs, a shared rootfsPropagation, by which what is mounted
 * onto it in the container is mounted on the node.
 *
 * Paths are resolved and files compared by device and inode at the time of the call, so
 * this is no proof against who changes links meanwhile: powerbox-hook(8) looks at the
 * mount table of the container itself.
 */

/*
 * The n-th path, from 0; NULL behind the last. The node's runtime is among them, and the
 * decision log where the node does nothing without it.
 */
const char *protected_path(const struct node *node, size_t n);

/*
 * `bundle` is the folder to which relative paths belong, as bundle_folder() has it.
 * ERR_DENIED; ERR_IO: something can't be looked at.
 */
NODISCARD bool protect_check(struct arena *arena, const struct config *config,
			     const char *bundle, const struct node *node,
			     struct error *err);

/* The same for a list of mounts alone; NULL is none. */
NODISCARD bool protect_check_mounts(struct arena *arena, const struct json *mounts,
				    const char *bundle, const struct node *node,
				    struct error *err);

#endif
