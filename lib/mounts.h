/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_MOUNTS_H
#define LIB_MOUNTS_H

#include <sys/types.h>

#include "lib/error.h"
#include "lib/text.h"

/*
 * Which files a process reaches through its mounts, told by the kernel's own table of
 * them (proc_pid_mountinfo(5)) without entering any namespace.
 *
 * Two mounts reach the same file if they are of the same file system and the file lies in
 * what both of them show of it. So a file is known by its place: the device number that
 * the table gives to its file system and its path inside of that, which is the same in
 * every namespace. (st_dev would not do: btrfs gives each subvolume one of its own.)
 *
 * What this can't see: the layers that an overlay was made of, and a file that has a
 * second name (a hard link) elsewhere in its file system.
 */
struct mount {
	uint64_t id;
	dev_t device;
	const char *root;   /* what of the file system is mounted; absolute in it */
	const char *target; /* where; absolute in the root of the table's process */
	bool read_only;	    /* the mount, or the whole file system */
};

struct mounts {
	struct mount *items; /* in the order in which they were mounted */
	size_t count, capacity;
};

struct place {
	dev_t device;
	const char *path;
};

/*
 * Read the table at `path`: "/proc/self/mountinfo", "/proc/17/mountinfo". ERR_NOINPUT:
 * there is no such process. ERR_IO: it can't be read, or has a line that is not
 * understood.
 */
NODISCARD bool mounts_read(struct arena *arena, const char *path, struct mounts *ret,
			   struct error *err);

/*
 * The place of a file or folder, by the table of this process. With `follow`, of what a
 * symbolic link in the last component leads to. ERR_NOINPUT: it is not there.
 */
NODISCARD bool mounts_place(struct arena *arena, const struct mounts *own,
			    const char *path, bool follow, struct place *ret,
			    struct error *err);

/* The path of an open file as the kernel knows it, without symbolic links. */
NODISCARD bool mounts_path(struct arena *arena, int fd, const char **ret,
			   struct error *err);

/* Whether a mount shows a place, something beneath it, or a folder that it lies in. */
bool mount_reaches(const struct mount *mount, const struct place *place);

/*
 * The rest of a path beneath a folder: "" of the folder itself, "/b" of "/a/b" beneath
 * "/a"; NULL if it lies elsewhere. Both are absolute, without a slash at the end.
 */
const char *mounts_beneath(const char *path, const char *folder);

#endif
