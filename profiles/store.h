/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROFILES_STORE_H
#define PROFILES_STORE_H

#include "profiles/profile.h"

/*
 * The folders in which profiles lie, NAME.json each; the first that has a file of the
 * name wins, so that an administrator can put a profile of his own in the place of a
 * shipped one. The files and the folders must be root's (lib/trust.h).
 */
#define STORE_FOLDERS 3
#define PROFILE_SIZE_MAX ((size_t)1 << 20)

struct store {
	struct {
		const char *path;
		int dir;       /* O_PATH, open for the run; -1: no such folder */
		bool anybodys; /* for looking at, not for granting: not only root's */
	} folders[STORE_FOLDERS];
};

/*
 * ERR_CONFIG: no folder has it; the message names the one that may have been meant.
 * ERR_TRUST, or whatever profile_parse() says.
 */
NODISCARD bool store_find(struct arena *arena, const struct store *store,
			  struct text name, struct profile *ret, struct error *err);

/* Whether a folder has a file of that name, whatever is in it. */
bool store_has(struct arena *arena, const struct store *store, struct text name);

/* Whether a file of a folder counts: *ret is the profile's name then. */
bool store_counts(const char *file, struct text *ret);

/* The names of all profiles, sorted, each once. */
NODISCARD bool store_names(struct arena *arena, const struct store *store,
			   struct texts *ret, struct error *err);

#endif
