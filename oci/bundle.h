/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_BUNDLE_H
#define OCI_BUNDLE_H

#include "lib/file.h"

/*
 * A bundle's configuration file, found once and held by its folder's descriptor: what
 * was read is what is replaced, whatever happens to the path meanwhile.
 */
struct bundle {
	int dir;		 /* the caller closes it */
	const char *path;	 /* of the file, for messages */
	const char *name;	 /* of the file in `dir` */
	struct file file;	 /* as it was read */
	struct timespec changed; /* the file's ctime, as read or written since */
};

/*
 * `folder` is the bundle, NULL for the working directory. `config` is crun's --config:
 * NULL or exactly "config.json" is the file of that name in the bundle, any other path is
 * relative to the working directory (crun 1.8.1 to 1.28).
 */
NODISCARD bool bundle_open(struct arena *arena, const char *folder, const char *config,
			   struct bundle *ret, struct error *err);

/* Any one file, the same way: its folder is held, its name is `name` in there. */
NODISCARD bool bundle_open_file(struct arena *arena, const char *path, struct bundle *ret,
				struct error *err);

/* The path of an open folder as the kernel knows it, without symbolic links. */
NODISCARD bool bundle_folder(struct arena *arena, int dir, const char **ret,
			     struct error *err);

/* Replace the file, if the text differs from what was read. */
NODISCARD bool bundle_write(struct arena *arena, struct bundle *bundle, struct text text,
			    struct error *err);

/* Put back what bundle_open() read, after bundle_write(). */
NODISCARD bool bundle_restore(struct arena *arena, const struct bundle *bundle,
			      struct error *err);

#endif
