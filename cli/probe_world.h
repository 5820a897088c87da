/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PROBE_WORLD_H
#define CLI_PROBE_WORLD_H

#include "cli/probe.h"

/*
 * Search in a world of its own: a child that is the first process of new pid and mount
 * namespaces. However it ends, by a signal to this process or with this process itself,
 * the kernel takes with it what it has started, mounted and written.
 */
NODISCARD bool world_search(struct arena *arena, struct bench *bench, struct calls *ret,
			    struct error *err);

#endif
