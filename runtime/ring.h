/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_RING_H
#define RUNTIME_RING_H

#include <sys/stat.h>

#include "lib/error.h"

/*
 * Rings: a "real runtime" that is powerbox-runtime, or starts it, would start itself for
 * ever. ERR_RUNTIME, before anything is written, for
 *
 *  - this file under another name, a copy of it, and any other build or altered copy,
 *    which all bear the same note;
 *  - a script that names powerbox-runtime within its first 4096 bytes.
 *
 * What starts powerbox in another way is found out when powerbox is started by it, with
 * config.json rewritten by then (which is harmless: a second run rewrites it to the
 * same):
 *
 *  - by execve: the process is marked;
 *  - as a child: the runtime is the third of this kind among the ancestors. A hook of a
 *    container may well call powerbox once; only where it is a script, or starts powerbox
 *    without a shell between.
 *
 * What starts powerbox and ends before it is not found.
 */
NODISCARD bool ring_check(const char *path, int fd, const struct stat *stat,
			  struct error *err);

#endif
