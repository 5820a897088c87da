/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/reach.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "gate/protect.h"
#include "lib/mounts.h"

#define OWN_TABLE "/proc/self/mountinfo"

struct reach {
	struct arena *arena;
	const struct config *config;
	struct mounts own;    /* as this process sees them */
	struct mounts theirs; /* as the container's first process does */
	const char *rootfs;   /* in both, since pivot_root is still to come */
};

/* In one mount namespace with the node a container reaches all of the node's files. */
static bool check_namespace(struct arena *arena, unsigned pid, struct error *err)
{
	const char *path = arena_printf(arena, "/proc/%u/ns/mnt", pid);
	struct stat own, theirs;

	if (stat("/proc/self/ns/mnt", &own) < 0)
		return error_errno(err, "/proc/self/ns/mnt");
	if (stat(path, &theirs) < 0)
		return error_errno(err, "%s", path);
	if (own.st_dev == theirs.st_dev && own.st_ino == theirs.st_ino)
		return error_set(err, ERR_DENIED,
				 "the container has no mount namespace of its own, so it "
				 "could write to powerbox's files; give it one");
	return true;
}

/* The rootfs as the kernel names it, which is how mount tables do. */
static bool find_rootfs(struct arena *arena, const struct config *config, int bundle,
			const char **ret, struct error *err)
{
	struct text path = json_string(json_get(json_get(config->root, "root"), "path"));
	const char *name;
	CLOSE int fd = -1;

	if (!path.length)
		return error_set(err, ERR_DATA, "config.json has no root.path");
	name = arena_copy(arena, path.bytes, path.length);
	fd = openat(bundle, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, "rootfs %s", text_quote(arena, path));
	return mounts_path(arena, fd, ret, err);
}

/* Of "ro" and "rw" the last one counts, as for mount(8) and both runtimes. */
static bool says_read_only(const struct json *mount)
{
	const struct json *options = json_items(json_get(mount, "options"));
	bool read_only = false;

	for (const struct json *item = options; item; item = item->next) {
		if (text_is(item->text, "ro"))
			read_only = true;
		else if (text_is(item->text, "rw"))
			read_only = false;
	}
	return read_only;
}

/* The one entry of config.json's mounts with this destination; NULL: none, or several. */
static const struct json *find_entry(const struct config *config, const char *destination)
{
	const struct json *mounts = json_items(json_get(config->root, "mounts"));
	const struct json *found = NULL;

	for (const struct json *item = mounts; item; item = item->next) {
		if (!text_is(json_string(json_get(item, "destination")), destination))
			continue;
		if (found)
			return NULL;
		found = item;
	}
	return found;
}

static size_t count_at(const struct mounts *mounts, const char *target)
{
	size_t count = 0;

	for (size_t i = 0; i < mounts->count; i++)
		count += !strcmp(mounts->items[i].target, target);
	return count;
}

static bool is_source(const struct reach *reach, const struct json *entry,
		      const struct mount *mount)
{
	struct text source = json_string(json_get(entry, "source"));
	struct place place;
	struct error ignored;

	if (!source.length || source.bytes[0] != '/')
		return false;
	return mounts_place(reach->arena, &reach->own,
			    arena_copy(reach->arena, source.bytes, source.length), true,
			    &place, &ignored) &&
	       place.device == mount->device && !strcmp(place.path, mount->root);
}

/*
 * Whether a mount that is still writable will be read-only when the container runs (crun
 * 1.8.1: verify.h). Only what leaves no doubt counts: the rootfs, or the one mount at its
 * place, made from the one entry of config.json for that place.
 */
static bool becomes_read_only(const struct reach *reach, const struct mount *mount,
			      const char *inside)
{
	const struct json *root = json_get(reach->config->root, "root");
	const struct json *entry;

	if (count_at(&reach->theirs, mount->target) != 1)
		return false;
	if (!*inside)
		return json_true(json_get(root, "readonly"));
	entry = find_entry(reach->config, inside);
	return entry && says_read_only(entry) && is_source(reach, entry, mount);
}

static bool check_place(const struct reach *reach, const char *path,
			const struct place *place, struct error *err)
{
	for (size_t i = 0; i < reach->theirs.count; i++) {
		const struct mount *mount = &reach->theirs.items[i];
		const char *inside = mounts_beneath(mount->target, reach->rootfs);

		if (!inside || mount->read_only || !mount_reaches(mount, place) ||
		    becomes_read_only(reach, mount, inside))
			continue;
		return error_set(
			err, ERR_DENIED,
			"the container's mount at %s lets it write to %s of this node, "
			"which powerbox relies on; mount it read-only, or something "
			"smaller",
			text_quote(reach->arena, text_of(*inside ? inside : "/")), path);
	}
	return true;
}

/* The file or folder itself, and what it leads to if it is a symbolic link. */
static bool check_path(const struct reach *reach, const char *path, struct error *err)
{
	static const bool follow[] = { false, true };
	struct place place;

	for (size_t i = 0; i < ARRAY_SIZE(follow); i++) {
		if (!mounts_place(reach->arena, &reach->own, path, follow[i], &place,
				  err)) {
			if (err->code != ERR_NOINPUT)
				return false;
			continue;
		}
		if (!check_place(reach, path, &place, err))
			return false;
	}
	return true;
}

bool reach_check(struct arena *arena, const struct config *config, int bundle,
		 unsigned pid, const struct node *node, struct error *err)
{
	struct reach reach = { .arena = arena, .config = config };
	const char *table = arena_printf(arena, "/proc/%u/mountinfo", pid);

	if (!check_namespace(arena, pid, err) ||
	    !find_rootfs(arena, config, bundle, &reach.rootfs, err) ||
	    !mounts_read(arena, OWN_TABLE, &reach.own, err) ||
	    !mounts_read(arena, table, &reach.theirs, err))
		return false;
	/* Both runtimes make the rootfs a mount; without it this table says nothing. */
	if (!count_at(&reach.theirs, reach.rootfs))
		return error_set(err, ERR_DENIED,
				 "the container's rootfs %s is not in its mount table",
				 text_quote(arena, text_of(reach.rootfs)));
	for (size_t i = 0; protected_path(node, i); i++)
		if (!check_path(&reach, protected_path(node, i), err))
			return false;
	return true;
}
