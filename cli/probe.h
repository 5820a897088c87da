/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "cli/probe_trial.h"
#include "gate/gate.h"

/* `powerbox check --probe`: the runtime's own profile, found by trial. */
struct probe_options {
	const char *runtime; /* NULL: the node's */
	const char *output;  /* NULL: standard output */
	bool write;	     /* to the node's folder of profiles */
};

NODISCARD bool probe(struct arena *arena, const struct probe_options *options,
		     struct error *err);

/*
 * The least set of calls with which trials succeed, and those that are kept because they
 * are made only now and then. Runs in the world of trials (probe_world.h). Sets
 * bench->whole: calls that have to be granted without the conditions that are known.
 */
NODISCARD bool search(struct arena *arena, struct bench *bench, struct calls *ret,
		      struct error *err);

#endif
