/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CONTAINER_H
#define RUNTIME_CONTAINER_H

#include "gate/gate.h"
#include "oci/bundle.h"
#include "runtime/argv.h"

/*
 * A container that is there already, and the config.json that it was created from.
 *
 * It counts as powerbox's if powerbox's own link leads to the bundle that the runtime
 * itself names and to the very file that powerbox left there; else only if deciding on
 * its config.json now changes nothing in it. What it says is then what was granted,
 * since that file is held against what the runtime keeps of the container (state.h).
 */
struct container {
	struct bundle bundle; /* the caller closes its dir */
	struct config config;
};

/*
 * The gate has its ACL alone: most containers are found by their link, and then nothing
 * has to be decided. NULL: the ACL can't be read, for which `broken` is the reason.
 */
struct finder {
	const struct node *node;
	const struct invocation *invocation;
	const struct gate *gate;
	const struct error *broken;
	struct config *found; /* where to leave what was read, for the decision log */
};

/* The gate with the profiles, to decide by. Fails as `broken` did, or as gate_open(). */
NODISCARD bool finder_gate(struct arena *arena, const struct finder *finder,
			   struct gate *ret, struct error *err);

/*
 * ERR_DENIED: powerbox did not create it. ERR_NOINPUT: the runtime knows no such
 * container. ERR_RUNTIME: it does not answer.
 */
NODISCARD bool container_find(struct arena *arena, const struct finder *finder,
			      struct container *ret, struct error *err);

/*
 * How the ACL is meant for the container, by the subject that its config.json names. That
 * file need not be one that powerbox knows, as long as it is the container's: one that
 * the ACL is only tried on never is.
 */
enum mode container_mode(struct arena *arena, const struct finder *finder);

#endif
