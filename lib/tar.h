/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_TAR_H
#define LIB_TAR_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * The JSON files in a tar archive, plain or through gzip, by libarchive: nothing is
 * unpacked, and nothing but those files is kept. What begins with neither '{' nor '['
 * is passed over, however large; that is what an image's layers are.
 *
 * The archive is anybody's. So there is a limit to everything: to a file that is kept, to
 * all of them, to their number, and to what one may make us decompress.
 */
#define TAR_FILE_MAX ((size_t)4 << 20)
#define TAR_KEPT_MAX ((size_t)64 << 20)
#define TAR_ENTRIES_MAX 65536
#define TAR_TOTAL_MAX ((uint64_t)32 << 30)
/*
 * Layers that gzip makes more than ten times smaller are rare; zeros become a thousand
 * times smaller. So reading takes no longer than the archive's own size asks for.
 */
#define TAR_RATIO_FREE ((uint64_t)256 << 20)
#define TAR_RATIO_MAX 64

struct tar_file {
	const char *name; /* without "./" in front */
	struct text text;
};

struct tar {
	struct tar_file *items;
	size_t count, capacity;
};

/* Whether a file that begins with these bytes is such an archive. */
bool tar_begins(struct text text);

/* Told on the way how many bytes of the archive have passed. */
struct tar_watch {
	void (*passed)(void *with, uint64_t bytes);
	void *with;
};

/*
 * ERR_DATA: no such archive, broken or cut off, over a limit, compressed twice, the same
 * name twice, or a name that leads out of the archive. `watch` may be NULL.
 */
NODISCARD bool tar_read(struct arena *arena, int fd, const struct tar_watch *watch,
			struct tar *ret, struct error *err);

/* The file of this name, or NULL. */
const struct tar_file *tar_find(const struct tar *tar, const char *name);

#endif
