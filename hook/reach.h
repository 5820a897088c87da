/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_REACH_H
#define HOOK_REACH_H

#include "gate/node.h"
#include "oci/config.h"

/*
 * Whether a container that the runtime has set up could write to powerbox: the second
 * half of verify.h. `bundle` is the bundle's folder, `pid` the container's first process
 * as this process sees it.
 *
 * ERR_DENIED: it could; the message names the mount. Nothing is entered, and nothing
 * beneath the rootfs is looked up. What is not there can't be written and is passed over.
 */
NODISCARD bool reach_check(struct arena *arena, const struct config *config, int bundle,
			   unsigned pid, const struct node *node, struct error *err);

#endif
