/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_EXPOSURE_H
#define GATE_EXPOSURE_H

#include "lib/arena.h"
#include "lib/error.h"
#include "lib/json.h"

/* One thing of the node that a container would have, as config.json says it. */
struct exposure {
	const char *path; /* NULL: none */
	const char *shown;
	bool read_only; /* the mount itself */
	bool all_of_it; /* read_only holds for the mounts beneath it, too (rro) */
	bool recursive; /* mounts beneath it are there as well */
	bool opened;	/* by its path, after other entries may have been mounted */
};

struct exposures {
	struct exposure *items;
	size_t count, capacity;
};

/* The source of an entry of "mounts". */
struct exposure exposure_of(struct arena *arena, const struct json *mount);

/* Added to *ret: the layers of an overlay that are written to. ERR_DENIED. */
NODISCARD bool exposure_layers(struct arena *arena, const struct json *mount,
			       struct exposures *ret, struct error *err);

/* Whether an entry of "mounts" has this option. */
bool exposure_option(const struct json *mount, const char *option);

#endif
