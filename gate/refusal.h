/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_REFUSAL_H
#define GATE_REFUSAL_H

#include "gate/gate.h"
#include "policy/difference.h"

/*
 * What the user of a container that does not start reads: one line, of bounded length
 * whatever was asked for, that ends with the shortest command by which an administrator
 * would allow it. refuse_denied() and refuse_outgrown() return false, like error_set().
 */

/* ERR_DENIED: profiles that nothing allows here, or that do not exist. */
bool refuse_denied(struct arena *arena, const struct gate *gate,
		   const struct outcome *outcome, struct error *err);

/* ERR_DENIED: a profile grants what was not approved. */
bool refuse_outgrown(struct arena *arena, const struct outcome *outcome,
		     const struct verdict *verdict, const struct difference *added,
		     struct error *err);

/*
 * " --namespace web": what of a subject is known and shortest to say, as powerbox approve
 * takes it; empty where nothing is known, NULL where a shell could take it otherwise.
 */
const char *refusal_selector(struct arena *arena, const struct subject *subject);

#endif
