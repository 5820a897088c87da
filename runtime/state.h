/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_STATE_H
#define RUNTIME_STATE_H

#include "oci/config.h"
#include "runtime/argv.h"

/*
 * The bundle of a container as the runtime itself knows it; NULL: it knows no such
 * container. Read from the file that the runtime keeps in its state root, and where there
 * is none such, or one that is not understood, asked for with `RUNTIME state ID`, which
 * takes a fifth of an exec's time.
 *
 * ERR_RUNTIME: the runtime does not answer. ERR_DATA: it answers with something else.
 */
NODISCARD bool state_bundle(struct arena *arena, const struct node *node,
			    const struct invocation *invocation, const char **ret,
			    struct error *err);

/*
 * Whether the runtime created the container from this config.json, as far as it keeps
 * what it has read: crun all of it; runc the capabilities, noNewPrivileges and
 * annotations, and whether there is a filter. False also if it keeps nothing, or not so.
 */
bool state_agrees(struct arena *arena, const struct invocation *invocation,
		  const struct config *config);

/* Whether the runtime's state root has the file that it keeps of each container. */
bool state_kept(struct arena *arena, const struct invocation *invocation);

#endif
