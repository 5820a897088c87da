/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CONTAINER_H
#define RUNTIME_CONTAINER_H

#include "gate/gate.h"
#include "oci/config.h"
#include "runtime/argv.h"

/*
 * The config.json that a container which is there already was created from.
 *
 * It counts as powerbox's if powerbox's own link leads to the bundle that the runtime
 * itself names and to the very file that powerbox left there; else only if deciding on
 * its config.json now changes nothing in it. What it says is then what was granted,
 * since that file is held against what the runtime keeps of the container (state.h).
 */

/* What was found, looked at once: the mode that holds is that of what is then changed. */
struct sight {
	bool looked, found;
	bool linked;	      /* by powerbox's own link */
	struct config config; /* if found; also what the decision log tells of */
	struct error error;   /* if not */
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
	struct sight *sight; /* begins as { 0 } */
};

/* The gate with the profiles, to decide by. Fails as `broken` did, or as gate_open(). */
NODISCARD bool finder_gate(struct arena *arena, const struct finder *finder,
			   struct gate *ret, struct error *err);

/*
 * ERR_DENIED: powerbox did not create it. ERR_NOINPUT: the runtime knows no such
 * container. ERR_RUNTIME: it does not answer.
 */
NODISCARD bool container_find(struct arena *arena, const struct finder *finder,
			      struct config *ret, struct error *err);

/*
 * How the ACL is meant for the container, by the subject that its config.json names. That
 * file need not be one that powerbox knows, as long as it is the container's: one that
 * the ACL is only tried on never is.
 */
enum mode container_mode(struct arena *arena, const struct finder *finder);

#endif
