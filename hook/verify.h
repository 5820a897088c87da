/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_VERIFY_H
#define HOOK_VERIFY_H

#include "gate/gate.h"

/*
 * The stages createRuntime and prestart: the runtime has set a container up and waits.
 * What it holds can't be changed any more (runtime-spec, lifecycle), so it is checked and
 * may be refused.
 *
 * The container's config.json, as it is now, is decided on again, and must grant no more
 * than the union of the profiles that it is granted. And its mount table must not let it
 * write to what powerbox decides by, or to what it is made of: its configuration,
 * profiles, state and programs, and the real runtime. A read-only mount is no such
 * access, though a container that is granted CAP_SYS_ADMIN can make it writable: that is
 * what such a grant means.
 *
 * At this point the container's mounts lie beneath its rootfs, in its own mount namespace
 * but before pivot_root. runc 1.1.5 has made the read-only ones read-only by then, the
 * rootfs itself excepted; crun 1.8.1 does it all later, so its table shows them as
 * writable, and config.json has to say that they will not stay so.
 */
#define STATE_SIZE_MAX ((size_t)1 << 20)

struct verified {
	const char *container; /* its id, quoted; NULL: not known yet */
	struct outcome outcome;
	struct error why;  /* of what mode "warn" lets pass; code 0: there is nothing */
	struct error lost; /* why the decision log lacks a line; code 0: it does not */
};

/*
 * `state` is what the runtime writes to a hook's standard input. ERR_DENIED: refused.
 * *ret holds what was found out up to there.
 */
NODISCARD bool verify(struct arena *arena, struct text state, struct verified *ret,
		      struct error *err);

#endif
