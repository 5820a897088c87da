/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line that libmount can't read would be left out without this. */
static int refuse_line(struct libmnt_table *table, const char *name, int line)
{
	(void)table;
	(void)name;
	(void)line;
	return -EBADMSG;
}

static bool has_option(const char *options, const char *name)
{
	return options && mnt_optstr_get_option(options, name, NULL, NULL) == 0;
}

static bool is_read_only(struct libmnt_fs *entry)
{
	return has_option(mnt_fs_get_vfs_options(entry), "ro") ||
	       has_option(mnt_fs_get_fs_options(entry), "ro");
}

static const char *keep(struct arena *arena, const char *string)
{
	return arena_copy(arena, string, strlen(string));
}

static bool add_entries(struct arena *arena, struct libmnt_table *table,
			struct libmnt_iter *iter, struct mounts *mounts)
{
	struct libmnt_fs *entry;
	int status;

	while (!(status = mnt_table_next_fs(table, iter, &entry))) {
		const char *root = mnt_fs_get_root(entry);
		const char *target = mnt_fs_get_target(entry);

		if (!root || !target)
			return false;
		*arena_push(arena, mounts) = (struct mount){
			.id = (uint64_t)mnt_fs_get_id(entry),
			.device = mnt_fs_get_devno(entry),
			.root = keep(arena, root),
			.target = keep(arena, target),
			.read_only = is_read_only(entry),
		};
	}
	return status > 0 && mounts->count;
}

bool mounts_read(struct arena *arena, const char *path, struct mounts *ret,
		 struct error *err)
{
	struct libmnt_table *table = mnt_new_table();
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct mounts mounts = { 0 };
	int status = -ENOMEM;
	bool read = false;

	if (table && iter && !mnt_table_set_parser_errcb(table, refuse_line)) {
		status = mnt_table_parse_file(table, path);
		read = !status && add_entries(arena, table, iter, &mounts);
	}
	mnt_free_iter(iter);
	mnt_unref_table(table);
	if (read) {
		*ret = mounts;
		return true;
	}
	errno = status < 0 ? -status : EBADMSG;
	return error_errno(err, "mount table %s", path);
}

const char *mounts_beneath(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	if (!strcmp(folder, "/"))
		return strcmp(path, "/") ? path : "";
	if (strncmp(path, folder, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path + n;
}

bool mount_reaches(const struct mount *mount, const struct place *place)
{
	return mount->device == place->device &&
	       (mounts_beneath(place->path, mount->root) ||
		mounts_beneath(mount->root, place->path));
}

bool mounts_path(struct arena *arena, int fd, const char **ret, struct error *err)
{
	const char *link = arena_printf(arena, "/proc/self/fd/%d", fd);
	char path[PATH_MAX];
	ssize_t n = readlink(link, path, sizeof(path));

	if (n < 0)
		return error_errno(err, "%s", link);
	if (!n || (size_t)n == sizeof(path) || path[0] != '/')
		return error_set(err, ERR_IO, "%s: leads to no path", link);
	*ret = arena_copy(arena, path, (size_t)n);
	return true;
}

static const struct mount *find_mount(const struct mounts *mounts, uint64_t id)
{
	for (size_t i = 0; i < mounts->count; i++)
		if (mounts->items[i].id == id)
			return &mounts->items[i];
	return NULL;
}

bool mounts_place(struct arena *arena, const struct mounts *own, const char *path,
		  bool follow, struct place *ret, struct error *err)
{
	CLOSE int fd = open(path, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
	const struct mount *mount = NULL;
	const char *known = NULL;
	const char *rest = NULL;
	struct statx st;

	if (fd < 0)
		return error_errno(err, "%s", path);
	/* The id, since a path may lie under several mounts of which one hides others. */
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return error_errno(err, "%s", path);
	if (!mounts_path(arena, fd, &known, err))
		return false;
	if (st.stx_mask & STATX_MNT_ID)
		mount = find_mount(own, st.stx_mnt_id);
	if (mount)
		rest = mounts_beneath(known, mount->target);
	if (!rest)
		return error_set(
			err, ERR_IO,
			"%s: can't find the mount that it is on, which needs /proc "
			"and Linux 5.8",
			path);
	*ret = (struct place){
		.device = mount->device,
		.path = !strcmp(mount->root, "/")
				? (*rest ? rest : "/")
				: arena_printf(arena, "%s%s", mount->root, rest),
	};
	return true;
}
