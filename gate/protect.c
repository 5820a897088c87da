/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/protect.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char *const protected_paths[] = {
	POWERBOX_SYSCONFDIR,
	POWERBOX_DATADIR,
	POWERBOX_RUNDIR,
	POWERBOX_LIBEXECDIR,
	POWERBOX_BINDIR "/powerbox",
	POWERBOX_BINDIR "/powerbox-runtime",
};

/* A file or folder, with the folders above it up to the root: itself comes first. */
struct spot {
	dev_t device, block; /* block: of a block device, what it is */
	uint64_t inode, mount;
};

struct way {
	struct spot *items;
	size_t count, capacity;
};

/* What was found at a plain path; that of the root is empty. */
struct seen {
	struct text path;
	int error; /* 0, or why it can't be looked at */
	bool link;
	struct spot spot;
};

/* One thing of the node that a container would have. */
struct exposure {
	const char *path; /* as it is reached from here */
	const char *shown;
	bool read_only; /* the mount itself */
	bool all_of_it; /* read-only or not, mounts beneath it are too */
	bool recursive; /* mounts beneath it are there as well */
};

/* What must not be reached. */
struct target {
	const char *name;
	struct way way;
	bool parent; /* the folder in which its name stands: only it and what is above */
};

struct protection {
	struct arena *arena;
	const char *bundle; /* its folder, resolved */
	struct {
		struct seen *items;
		size_t count, capacity;
	} seen;
	bool remounts; /* an entry may make mounts writable again */
	struct target targets[2 * (ARRAY_SIZE(protected_paths) + 2)];
	size_t count;
};

const char *protected_path(const struct node *node, size_t n)
{
	if (n < ARRAY_SIZE(protected_paths))
		return protected_paths[n];
	if (n == ARRAY_SIZE(protected_paths))
		return node->runtime;
	/* Collectors of logs have all of /var/log, and need not be trusted otherwise. */
	if (n == ARRAY_SIZE(protected_paths) + 1 && node->audit == AUDIT_REQUIRED)
		return POWERBOX_LOGDIR;
	return NULL;
}

/* The ways share their upper ends: each file is looked at once. */
static const struct seen *look(struct protection *protection, const char *path, size_t n)
{
	struct seen *seen;
	struct statx st;

	for (size_t i = 0; i < protection->seen.count; i++) {
		seen = &protection->seen.items[i];
		if (seen->path.length == n && !memcmp(seen->path.bytes, path, n))
			return seen;
	}
	seen = arena_push(protection->arena, &protection->seen);
	seen->path = (struct text){ arena_copy(protection->arena, path, n), n };
	if (statx(AT_FDCWD, n ? seen->path.bytes : "/", AT_SYMLINK_NOFOLLOW,
		  STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0) {
		seen->error = errno;
		return seen;
	}
	seen->link = S_ISLNK(st.stx_mode);
	seen->spot = (struct spot){
		.device = makedev(st.stx_dev_major, st.stx_dev_minor),
		.block = S_ISBLK(st.stx_mode)
				 ? makedev(st.stx_rdev_major, st.stx_rdev_minor)
				 : 0,
		.inode = st.stx_ino,
		.mount = st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : 0,
	};
	return seen;
}

/* "/a/b", without "//", "." and ".." in it, nor a slash at its end. */
static bool is_plain(const char *path)
{
	for (const char *at = path; *at; at += 1 + strcspn(at + 1, "/"))
		if (at[0] != '/' || !at[1] || at[1] == '/' ||
		    (at[1] == '.' && (at[2] == '/' || !at[2] ||
				      (at[2] == '.' && (at[3] == '/' || !at[3])))))
			return false;
	return *path;
}

/* What is not there, or can't be reached by anybody, is in nobody's way. */
static bool is_absent(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP ||
	       error == ENAMETOOLONG;
}

/* Up from a plain path. The way is empty if something on it is a link. */
static bool climb(struct protection *protection, const char *path, struct way *ret,
		  struct error *err)
{
	size_t n = strlen(path);
	struct way way = { 0 };

	*ret = way;
	for (;; n = (size_t)((const char *)memrchr(path, '/', n) - path)) {
		const struct seen *seen = look(protection, path, n);

		if (seen->link)
			return true;
		if (!seen->error) {
			*arena_push(protection->arena, &way) = seen->spot;
		} else if (!is_absent(seen->error)) {
			errno = seen->error;
			return error_errno(err, "look at %s", seen->path.bytes);
		}
		if (!n)
			break;
	}
	*ret = way;
	return true;
}

/* Empty for what is not there. */
static bool way_to(struct protection *protection, const char *path, struct way *ret,
		   struct error *err)
{
	char real[PATH_MAX];

	*ret = (struct way){ 0 };
	if (is_plain(path) && !climb(protection, path, ret, err))
		return false;
	if (!ret->count) {
		if (!realpath(path, real))
			return is_absent(errno) || error_errno(err, "look at %s", path);
		path = strcmp(real, "/") ? real : "";
		if (!climb(protection, path, ret, err))
			return false;
	}
	if (look(protection, path, strlen(path))->error)
		*ret = (struct way){ 0 };
	return true;
}

static bool same(const struct spot *a, const struct spot *b)
{
	return a->device == b->device && a->inode == b->inode;
}

static bool is_on(const struct way *way, const struct spot *spot)
{
	for (size_t i = 0; i < way->count; i++)
		if (same(&way->items[i], spot))
			return true;
	return false;
}

/* Whether whoever has `what` can write to the target. */
static bool reaches(const struct protection *protection, const struct exposure *exposure,
		    const struct way *what, const struct target *target)
{
	const struct spot *top = &what->items[0], *end = &target->way.items[0];
	bool above = is_on(&target->way, top);
	bool beneath = !target->parent && is_on(what, end);
	bool disk = top->block && top->block == end->device;

	if (!above && !beneath && !disk)
		return false;
	if (!exposure->read_only || protection->remounts)
		return true;
	/* "ro" is for the mount itself; what is mounted beneath it stays writable. */
	return above && exposure->recursive && !exposure->all_of_it &&
	       top->mount != end->mount;
}

static bool add_target(struct protection *protection, const char *name, const char *path,
		       bool parent, struct error *err)
{
	struct way way;

	if (!way_to(protection, path, &way, err))
		return false;
	if (way.count)
		protection->targets[protection->count++] =
			(struct target){ name, way, parent };
	return true;
}

/* What it leads to, and, should it be a link, the folder in which that stands. */
static bool add_path(struct protection *protection, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');

	if (!add_target(protection, path, path, false, err))
		return false;
	return !slash || slash == path ||
	       add_target(protection, path,
			  arena_copy(protection->arena, path, (size_t)(slash - path)),
			  true, err);
}

static bool check(struct protection *protection, const struct exposure *exposure,
		  struct error *err)
{
	const char *path = exposure->path[0] == '/'
				   ? exposure->path
				   : arena_printf(protection->arena, "%s/%s",
						  protection->bundle, exposure->path);
	struct way what;

	if (!way_to(protection, path, &what, err))
		return error_in(err, "%s", exposure->shown);
	for (size_t i = 0; what.count && i < protection->count; i++)
		if (reaches(protection, exposure, &what, &protection->targets[i]))
			return error_set(
				err, ERR_DENIED,
				"%s lets the container write to %s of this node, which "
				"powerbox relies on; mount it read-only%s, or something "
				"smaller",
				exposure->shown, protection->targets[i].name,
				exposure->recursive ? " with all beneath it (rro)" : "");
	return true;
}

static const char *option_value(struct arena *arena, struct text option, const char *name)
{
	size_t n = strlen(name);

	if (option.length <= n || memcmp(option.bytes, name, n) != 0)
		return NULL;
	return arena_copy(arena, option.bytes + n, option.length - n);
}

/* An overlay's layers that are written to. */
static bool check_layers(struct protection *protection, const struct json *options,
			 const char *shown, struct error *err)
{
	static const char *const names[] = { "upperdir=", "workdir=" };

	for (const struct json *m = options->first; m; m = m->next)
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			const struct exposure layer = {
				.path = option_value(protection->arena, m->text,
						     names[i]),
				.shown = shown,
			};

			if (layer.path && !check(protection, &layer, err))
				return false;
		}
	return true;
}

/* The last word counts, as for both runtimes; a "rw" takes back a "rro" too. */
static void read_options(const struct json *options, struct exposure *exposure)
{
	for (const struct json *m = options->first; m; m = m->next) {
		if (text_is(m->text, "ro") || text_is(m->text, "rro"))
			exposure->read_only = true;
		else if (text_is(m->text, "rw") || text_is(m->text, "rrw"))
			exposure->read_only = exposure->all_of_it = false;
		if (text_is(m->text, "rro"))
			exposure->all_of_it = true;
		exposure->recursive = exposure->recursive || text_is(m->text, "rbind");
	}
}

/* Sources of mounts that are no files ("proc") are found nowhere, which is all right. */
static bool check_mount(struct protection *protection, const struct json *mount,
			struct error *err)
{
	static const struct json none = { .kind = JSON_ARRAY };
	const struct json *options = json_get(mount, "options");
	const struct json *source = json_get(mount, "source");
	const struct json *destination = json_get(mount, "destination");
	struct text at = json_is(destination, JSON_STRING) ? destination->text
							   : (struct text){ NULL, 0 };
	struct exposure exposure = {
		.shown = arena_printf(protection->arena, "the mount at %s",
				      text_quote(protection->arena, at)),
	};

	options = json_is(options, JSON_ARRAY) ? options : &none;
	read_options(options, &exposure);
	if (!check_layers(protection, options, exposure.shown, err))
		return false;
	if (!json_is(source, JSON_STRING) || !source->text.length)
		return true;
	exposure.path =
		arena_copy(protection->arena, source->text.bytes, source->text.length);
	return check(protection, &exposure, err);
}

static bool has_remount(const struct json *mounts)
{
	for (const struct json *m = mounts->first; m; m = m->next) {
		const struct json *options = json_get(m, "options");

		for (const struct json *o = json_is(options, JSON_ARRAY) ? options->first
									 : NULL;
		     o; o = o->next)
			if (text_is(o->text, "remount"))
				return true;
	}
	return false;
}

static bool check_mounts(struct protection *protection, const struct json *mounts,
			 struct error *err)
{
	if (!json_is(mounts, JSON_ARRAY))
		return true;
	protection->remounts = has_remount(mounts);
	for (const struct json *m = mounts->first; m; m = m->next)
		if (!check_mount(protection, m, err))
			return false;
	return true;
}

/* Both runtimes bind the rootfs onto itself, with all that is mounted beneath it. */
static bool check_root(struct protection *protection, const struct json *root,
		       struct error *err)
{
	const struct json *path = json_get(root, "path");
	const struct json *read_only = json_get(root, "readonly");
	struct exposure exposure = {
		.shown = "the rootfs",
		.recursive = true,
		.read_only = json_is(read_only, JSON_BOOL) && read_only->truth,
	};

	if (!json_is(path, JSON_STRING) || !path->text.length)
		return true;
	exposure.path =
		arena_copy(protection->arena, path->text.bytes, path->text.length);
	return check(protection, &exposure, err);
}

static bool protect(struct arena *arena, int bundle, const struct node *node,
		    struct protection *ret, struct error *err)
{
	const char *link = arena_printf(arena, "/proc/self/fd/%d", bundle);
	struct protection protection = { .arena = arena, .bundle = link };
	char folder[PATH_MAX];
	ssize_t n = readlink(link, folder, sizeof(folder));

	/* A folder that was deleted has " (deleted)" behind its path, where none is. */
	if (n > 0 && (size_t)n < sizeof(folder) && *folder == '/')
		protection.bundle = arena_copy(arena, folder, (size_t)n);
	for (size_t i = 0; protected_path(node, i); i++)
		if (!add_path(&protection, protected_path(node, i), err))
			return false;
	*ret = protection;
	return true;
}

bool protect_check(struct arena *arena, const struct config *config, int bundle,
		   const struct node *node, struct error *err)
{
	struct protection protection;

	return protect(arena, bundle, node, &protection, err) &&
	       check_mounts(&protection, json_get(config->root, "mounts"), err) &&
	       check_root(&protection, json_get(config->root, "root"), err);
}

bool protect_check_mounts(struct arena *arena, const struct json *mounts, int bundle,
			  const struct node *node, struct error *err)
{
	struct protection protection;

	return protect(arena, bundle, node, &protection, err) &&
	       check_mounts(&protection, mounts, err);
}
