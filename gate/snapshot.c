/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/snapshot.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/digest.h"
#include "lib/trust.h"

#define FILE_NAME "acl.json"
#define FOLDER_NAME "acl.d"
#define FOLDER POWERBOX_SYSCONFDIR "/" FOLDER_NAME
#define DATA "..data"

/* Whoever writes the files makes a few changes, not one after the other for ever. */
#define ROUNDS 32

struct file_names {
	const char **items;
	size_t count, capacity;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool snapshot_counts(const char *name)
{
	const char *dot = strrchr(name, '.');

	return *name != '.' && dot && !strcmp(dot, ".json") &&
	       text_is_utf8(text_of(name)) && text_is_line(text_of(name));
}

/* A folder's files, sorted; `dir` may be one that can't be read from (O_PATH). */
static bool list(struct arena *arena, int dir, struct file_names *ret, struct error *err)
{
	int readable = file_open(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = readable < 0 ? NULL : fdopendir(readable);
	struct file_names names = { 0 };
	struct dirent *entry;

	if (!stream)
		return error_errno(err, FOLDER);
	while ((entry = readdir(stream)))
		if (snapshot_counts(entry->d_name))
			*arena_push(arena, &names) =
				arena_copy(arena, entry->d_name, strlen(entry->d_name));
	closedir(stream);
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_name);
	*ret = names;
	return true;
}

static bool add(struct arena *arena, int dir, const char *folder, const char *name,
		const char *path, struct snapshot *snapshot, struct error *err)
{
	struct snapshot_file read = { .path = path };

	if (!trust_read(arena, dir, folder, name, SNAPSHOT_FILE_MAX, &read.file, err))
		return false;
	*arena_push(arena, snapshot) = read;
	return true;
}

/* Whether this is one of root's links into a ConfigMap: NAME -> ..data/NAME. */
static bool is_mapped(int dir, const char *name)
{
	char target[sizeof(DATA) + NAME_MAX + 1];
	ssize_t length = readlinkat(dir, name, target, sizeof(target));
	size_t before = strlen(DATA "/"), behind = strlen(name);
	struct stat st;

	return length >= 0 && (size_t)length == before + behind &&
	       !memcmp(target, DATA "/", before) &&
	       !memcmp(target + before, name, behind) &&
	       !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && !st.st_uid;
}

/* `data`: what ..data leads to, once it was needed. */
static bool add_named(struct arena *arena, int dir, int *data, const char *name,
		      struct snapshot *snapshot, struct error *err)
{
	const char *path = arena_printf(arena, FOLDER "/%s", name);

	if (!is_mapped(dir, name))
		return add(arena, dir, FOLDER, name, path, snapshot, err);
	if (*data < 0 && !trust_open_sub(arena, dir, FOLDER, DATA, data, err))
		return false;
	return add(arena, *data, FOLDER "/" DATA, name, path, snapshot, err);
}

static bool add_folder(struct arena *arena, int etc, struct snapshot *snapshot,
		       struct error *err)
{
	struct file_names names;
	CLOSE int dir = -1, data = -1;

	if (!trust_open_sub(arena, etc, POWERBOX_SYSCONFDIR, FOLDER_NAME, &dir, err))
		return err->code == ERR_NOINPUT;
	if (!list(arena, dir, &names, err))
		return false;
	for (size_t i = 0; i < names.count; i++)
		if (!add_named(arena, dir, &data, names.items[i], snapshot, err))
			return false;
	return true;
}

static bool collect(struct arena *arena, int etc, struct snapshot *ret, struct error *err)
{
	struct snapshot snapshot = { 0 };

	if (!add(arena, etc, POWERBOX_SYSCONFDIR, FILE_NAME,
		 POWERBOX_SYSCONFDIR "/" FILE_NAME, &snapshot, err) &&
	    err->code != ERR_NOINPUT)
		return false;
	if (!add_folder(arena, etc, &snapshot, err))
		return false;
	*ret = snapshot;
	return true;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Links are followed without a look at them: they must lead to what was looked at. */
static bool leads_to(int dir, const char *name, const struct snapshot_file *read)
{
	const char *slash = strrchr(read->path, '/');
	struct stat now;

	return !strcmp(slash + 1, name) && !fstatat(dir, name, &now, 0) &&
	       is_same(&now, &read->file.stat);
}

/* Whether the names lead to these files and no others. */
static bool holds(struct arena *arena, int etc, const struct snapshot *snapshot)
{
	size_t seen = snapshot->count &&
		      !strcmp(snapshot->items[0].path, POWERBOX_SYSCONFDIR "/" FILE_NAME);
	struct file_names names = { 0 };
	struct error ignored;
	struct stat none;
	CLOSE int dir = -1;

	if (seen ? !leads_to(etc, FILE_NAME, &snapshot->items[0])
		 : !fstatat(etc, FILE_NAME, &none, 0))
		return false;
	dir = file_open(etc, FOLDER_NAME, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && !list(arena, dir, &names, &ignored))
		return false;
	if (seen + names.count != snapshot->count)
		return false;
	for (size_t i = 0; i < names.count; i++)
		if (!leads_to(dir, names.items[i], &snapshot->items[seen + i]))
			return false;
	return true;
}

/* The length says where a file ends and the next one's path begins. */
static const char *digest_of(struct arena *arena, const struct snapshot *snapshot)
{
	struct digest digest = digest_start(arena);

	for (size_t i = 0; i < snapshot->count; i++) {
		const struct snapshot_file *read = &snapshot->items[i];

		digest_add(&digest, text_of(arena_printf(arena, "%s\n%zu\n", read->path,
							 read->file.text.length)));
		digest_add(&digest, read->file.text);
	}
	return digest_end(&digest);
}

bool snapshot_read(struct arena *arena, int etc, struct snapshot *ret, struct error *err)
{
	struct snapshot snapshot = { 0 };
	bool rests = etc < 0, read = true;

	/* What can't be read may be what is just being replaced. */
	for (int round = 0; !rests && round < ROUNDS; round++) {
		read = collect(arena, etc, &snapshot, err);
		rests = read && holds(arena, etc, &snapshot);
	}
	if (!read)
		return false;
	if (!rests)
		return error_set(err, ERR_IO,
				 "the ACL in " POWERBOX_SYSCONFDIR
				 " changed whenever it was read; try again");
	snapshot.digest = digest_of(arena, &snapshot);
	*ret = snapshot;
	return true;
}
