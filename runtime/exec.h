/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_EXEC_H
#define RUNTIME_EXEC_H

#include "lib/arena.h"
#include "lib/error.h"

/*
 * Become the real runtime. The file must be root's alone (lib/trust.h), and not powerbox
 * itself, in whatever disguise (runtime/ring.h).
 */
NODISCARD bool runtime_check(struct arena *arena, const char *path, struct error *err);

/*
 * Execute it with the caller's environment, descriptors, limits and signal state. Does
 * not return on success. ERR_RUNTIME.
 */
NODISCARD bool runtime_exec(const char *path, char *const *argv, struct error *err);

#endif
