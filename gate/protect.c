/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/protect.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

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
	int bundle;
	bool remounts; /* an entry may make mounts writable again */
	struct target targets[2 * (ARRAY_SIZE(protected_paths) + 1)];
	size_t count;
};

const char *protected_path(size_t n)
{
	return n < ARRAY_SIZE(protected_paths) ? protected_paths[n] : NULL;
}

static bool look(const char *path, struct spot *ret)
{
	struct statx st;

	if (statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
		return false;
	*ret = (struct spot){
		.device = makedev(st.stx_dev_major, st.stx_dev_minor),
		.block = S_ISBLK(st.stx_mode)
				 ? makedev(st.stx_rdev_major, st.stx_rdev_minor)
				 : 0,
		.inode = st.stx_ino,
		.mount = st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : 0,
	};
	return true;
}

/* Nothing of what is not there. */
static struct way way_to(struct arena *arena, const char *path)
{
	struct way way = { 0 };
	char real[PATH_MAX];
	struct spot spot;
	size_t n;

	if (!realpath(path, real))
		return way;
	for (n = strlen(real); n; n = (size_t)(strrchr(real, '/') - real)) {
		real[n] = '\0';
		if (strcmp(real, "/") != 0 && look(real, &spot))
			*arena_push(arena, &way) = spot;
	}
	if (look("/", &spot))
		*arena_push(arena, &way) = spot;
	return way;
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

static void add_target(struct protection *protection, const char *name, const char *path,
		       bool parent)
{
	struct way way = way_to(protection->arena, path);

	if (way.count)
		protection->targets[protection->count++] =
			(struct target){ name, way, parent };
}

/* What it leads to, and, should it be a link, the folder in which that stands. */
static void add_path(struct protection *protection, const char *path)
{
	const char *slash = strrchr(path, '/');

	add_target(protection, path, path, false);
	if (slash && slash != path)
		add_target(protection, path,
			   arena_copy(protection->arena, path, (size_t)(slash - path)),
			   true);
}

static bool check(const struct protection *protection, const struct exposure *exposure,
		  struct error *err)
{
	struct arena *arena = protection->arena;
	const char *path = exposure->path[0] == '/'
				   ? exposure->path
				   : arena_printf(arena, "/proc/self/fd/%d/%s",
						  protection->bundle, exposure->path);
	struct way what = way_to(arena, path);

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
static bool check_layers(const struct protection *protection, const struct json *options,
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
static bool check_mount(const struct protection *protection, const struct json *mount,
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
static bool check_root(const struct protection *protection, const struct json *root,
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

static struct protection protect(struct arena *arena, int bundle, const char *runtime)
{
	struct protection protection = { .arena = arena, .bundle = bundle };

	for (size_t i = 0; i < ARRAY_SIZE(protected_paths); i++)
		add_path(&protection, protected_paths[i]);
	add_path(&protection, runtime);
	return protection;
}

bool protect_check(struct arena *arena, const struct config *config, int bundle,
		   const char *runtime, struct error *err)
{
	struct protection protection = protect(arena, bundle, runtime);

	return check_mounts(&protection, json_get(config->root, "mounts"), err) &&
	       check_root(&protection, json_get(config->root, "root"), err);
}

bool protect_check_mounts(struct arena *arena, const struct json *mounts, int bundle,
			  const char *runtime, struct error *err)
{
	struct protection protection = protect(arena, bundle, runtime);

	return check_mounts(&protection, mounts, err);
}
