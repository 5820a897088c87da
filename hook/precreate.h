/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_PRECREATE_H
#define HOOK_PRECREATE_H

#include "gate/gate.h"

/*
 * podman's precreate stage: config.json comes in, the config.json that podman then uses
 * goes out.
 *
 * podman (4.3.1) shows its user no word of a precreate hook that fails ("executing
 * [powerbox-hook precreate]: exit status 1"). So a refusal is an answer as well: a config
 * that grants nothing and can't start, because its first createRuntime hook can't be
 * executed. That hook's path lies beneath a file, which no kernel resolves, and holds the
 * refusal, since the path of a hook that fails is what both runtimes show: runc 1.1.5
 * "error running hook #0: fork/exec PATH: not a directory", crun 1.8.1 "error executing
 * hook `PATH` (exit code: 1)". crun shows nothing of what a hook writes. Behind it stands
 * `powerbox-hook deny`, for a runtime that would pass over a hook that it can't execute.
 */
struct precreated {
	struct text text; /* for standard output */
	struct outcome outcome;
	bool refused;
	bool warned;	   /* it would have been refused but for mode "warn" */
	struct error why;  /* if refused or warned */
	struct error lost; /* why the decision log lacks a line; code 0: it does not */
};

/* False: what came in is no config.json at all, or can't be edited. Nothing goes out. */
NODISCARD bool precreate(struct arena *arena, struct text text, struct precreated *ret,
			 struct error *err);

#endif
