/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_PROVE_H
#define GATE_PROVE_H

#include "policy/archs.h"
#include "policy/policy.h"

/*
 * The proof that libseccomp makes of a section what was granted (policy/proof.h), for
 * unions whose form alone does not say so. powerbox-prove, a program of its own, compiles
 * and tries it: libseccomp takes forever on some input, and has no place in what a start
 * waits for.
 *
 * What was proven is remembered in POWERBOX_RUNDIR until the next boot, when kernels and
 * libraries change, and as long as libseccomp and powerbox-prove are the same files. A
 * proof is kept word by word, not by a digest, and so believed for exactly what it was
 * of; at most PROOFS of them, so that nobody can fill the memory with requests.
 */
#define PROOFS 256

/*
 * `section` is what the policy's system calls became. ERR_INEXACT: it means something
 * else, could not be tried in time, or there is no powerbox-prove. Who may not write to
 * POWERBOX_RUNDIR proves each time.
 */
NODISCARD bool prove(struct arena *arena, const struct policy *policy, struct archs archs,
		     struct text section, struct error *err);

#endif
