/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_FEATURES_H
#define GATE_FEATURES_H

#include "gate/node.h"

/*
 * The annotations that the node's runtime itself calls unsafe: what `features` lists
 * under potentiallyUnsafeConfigAnnotations (runtime-spec, features.md; runc from 1.2 and
 * crun from 1.8.6 on). A runtime is asked once; the answer is kept in POWERBOX_RUNDIR
 * until the file changes. One whose help has no such command, or that says nothing there,
 * lists none.
 */
struct words {
	struct text *items;
	size_t count, capacity;
};

/*
 * ERR_RUNTIME: it fails, or does not answer in time, or in broken JSON. ERR_TRUST: it is
 * not root's alone. Who may not write to POWERBOX_RUNDIR asks each time.
 */
NODISCARD bool features_unsafe(struct arena *arena, const struct node *node,
			       struct words *ret, struct error *err);

#endif
