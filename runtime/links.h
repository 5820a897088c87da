/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_LINKS_H
#define RUNTIME_LINKS_H

#include <time.h>

#include "runtime/argv.h"

/*
 * How the bundle of a running container is found again: a symbolic link
 * POWERBOX_RUNDIR/<root>/<id>, made before the runtime creates the container. <root> is
 * the runtime's state root as one name: without its first slash, the others as '-', what
 * is neither letter, digit, '_' nor '.' as %XX, so that no two roots share one.
 *
 * It leads to the bundle, or, where crun was given a --config of another place, to that
 * file. Its own time is the file's status change time after powerbox wrote or approved
 * it: a file that was touched since is not the one that powerbox knows.
 *
 * Beside it, as -<id>, a link that leads nowhere holds the runtime that creates the
 * container, as KIND:PATH: for when node.json can't say it any more.
 */
struct link {
	const char *target;
	struct timespec changed;
};

/* The runtime's state root, without symbolic links as far as it exists. */
const char *link_root(struct arena *arena, const struct invocation *invocation);

/* Make the two, in the place of an older container's. */
NODISCARD bool link_write(struct arena *arena, const struct invocation *invocation,
			  const struct link *link, const char *runtime,
			  struct error *err);

/* False: there is none that root alone can have made. */
bool link_read(struct arena *arena, const struct invocation *invocation,
	       struct link *ret);

/*
 * The runtime that the container was created with, if it is of the kind by whose grammar
 * the line was read. False: it is not known.
 */
bool link_runtime(struct arena *arena, const struct invocation *invocation,
		  const char **ret);

/* Both, if they are there. */
void link_remove(struct arena *arena, const struct invocation *invocation);

#endif
