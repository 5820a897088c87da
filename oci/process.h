/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_PROCESS_H
#define OCI_PROCESS_H

#include "oci/config.h"

/*
 * The process of an exec (runtime-spec, config.md, "Process"): a file of its own, which
 * engines write from what they know of the container and not from its bundle. What it
 * may do is what the container's first process may do, to the byte.
 */

/*
 * The capability sets and noNewPrivileges of a container, as its config.json has them;
 * a section that is not there gives nothing, whatever it means to a runtime.
 */
struct sections process_sections(struct arena *arena, const struct config *config);

/*
 * A process file with these sections (their seccomp is not its own: a runtime applies the
 * container's filter), every other byte as it was. ERR_DATA: malformed or ambiguous.
 */
NODISCARD bool process_with(struct arena *arena, struct text text,
			    const struct sections *sections, struct text *ret,
			    struct error *err);

#endif
