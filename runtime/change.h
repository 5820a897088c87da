/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CHANGE_H
#define RUNTIME_CHANGE_H

#include "runtime/container.h"

/* Commands that change a container while it runs. */

/*
 * update: passes, except for devices. crun gives a container the devices that a resources
 * file names (cgroup-resources.c); runc never does (SkipDevices). So for crun the file,
 * or standard input, is read, and may name devices only if they are those of the
 * container's own config.json, as containerd's CRI always sends them. What was read is
 * what crun gets, on its standard input.
 *
 * With `dry`, only what can't be read is an error; what would have been one is *ret_why
 * (its code is 0 if there is none).
 */
NODISCARD bool change_resources(struct arena *arena, const struct finder *finder,
				struct invocation *invocation, bool dry,
				struct error *ret_why, struct error *err);

/*
 * mounts (crun from 1.22 on): adds what is in no config.json. ERR_DENIED unless a rule
 * says "mounts": true, and for what lets the container write to powerbox's files.
 */
NODISCARD bool change_mounts(struct arena *arena, const struct finder *finder,
			     struct error *err);

#endif
