/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_ENTER_H
#define RUNTIME_ENTER_H

#include "oci/bundle.h"
#include "runtime/container.h"

/*
 * exec: a process that is started in a container gets the capability sets and
 * noNewPrivileges of the container, no more and no less, whoever asks and in whatever
 * way; runc and crun give it the container's filter themselves.
 *
 * A process file is rewritten. Without one, runc takes config.json's process, which is
 * the container's, and crun the sets of its own copy of that; --cap adds to the one and
 * stands in the place of the other, and crun never sets noNewPrivileges without
 * --no-new-privs (1.8.1 to 1.28).
 *
 * A process file may be a pipe that the caller has open, /dev/fd/N: a file in memory with
 * what it is to be stands there then.
 *
 * A file that was rewritten is *ret_file, so that it can be put back (its dir is -1 if
 * there is none). With `dry`, nothing is changed.
 */
NODISCARD bool enter(struct arena *arena, const struct finder *finder,
		     struct invocation *invocation, bool dry, struct bundle *ret_file,
		     struct error *err);

#endif
