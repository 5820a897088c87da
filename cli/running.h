/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_RUNNING_H
#define CLI_RUNNING_H

#include <time.h>

#include "lib/error.h"
#include "lib/text.h"

/*
 * A container that powerbox started, by the link that powerbox-runtime left under
 * POWERBOX_RUNDIR (runtime/links.h says what it looks like).
 */
struct running {
	const char *id;
	const char *root;	 /* the state root of its runtime */
	const char *target;	 /* its bundle, or its config.json */
	struct timespec changed; /* when powerbox left that file there */
};

/*
 * By its ID, or the beginning of one if that is enough to tell it; `root` is NULL for
 * any. ERR_NOINPUT: there is none. ERR_USAGE: there are several.
 */
NODISCARD bool running_find(struct arena *arena, const char *id, const char *root,
			    struct running *ret, struct error *err);

#endif
