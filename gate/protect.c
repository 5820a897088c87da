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

#include "gate/exposure.h"
#include "gate/lead.h"

static const char *const protected_paths[] = {
	POWERBOX_SYSCONFDIR,
	POWERBOX_DATADIR,
	POWERBOX_RUNDIR,
	POWERBOX_LIBEXECDIR,
	POWERBOX_BINDIR "/powerbox",
	POWERBOX_BINDIR "/powerbox-runtime",
};

/* A file or folder that is there, found by a plain path that leads through no link. */
struct spot {
	const struct spot *above; /* the folder that it is in; NULL: it is / */
	struct text name;	  /* in there */
	uint64_t hash;		  /* of the path */
	struct spot *next;	  /* of those with such a hash */
	bool link;
	dev_t device, block; /* block: of a block device, what it is */
	uint64_t inode, mount;
};

#define SPOTS 256

/* What must not be reached. */
struct target {
	const char *name;
	const struct spot *spot;
	bool parent; /* the folder in which its name stands: only it and what is above */
};

struct protection {
	struct arena *arena;
	const char *bundle;	      /* its folder, resolved */
	struct spot *spots[SPOTS];    /* what was looked at and is there, by hash */
	const struct spot *rootfs[2]; /* by its path, and as lead_clean() has that */
	bool carried;	    /* an entry has the rootfs in it, and what is there */
	const char *undone; /* why what is mounted read-only may be written to */
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

static bool stat_spot(const char *path, size_t n, struct spot *ret)
{
	char string[PATH_MAX];
	struct statx st;

	if (n >= sizeof(string)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(string, path, n);
	string[n] = '\0';
	if (statx(AT_FDCWD, n ? string : "/", AT_SYMLINK_NOFOLLOW,
		  STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
		return false;
	*ret = (struct spot){
		.link = S_ISLNK(st.stx_mode),
		.device = makedev(st.stx_dev_major, st.stx_dev_minor),
		.block = S_ISBLK(st.stx_mode)
				 ? makedev(st.stx_rdev_major, st.stx_rdev_minor)
				 : 0,
		.inode = st.stx_ino,
		.mount = st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : 0,
	};
	return true;
}

/*
 * What is at the first `n` bytes of a plain path, the last `length` of which are its name
 * in `above`; NULL, with errno: nothing that can be looked at. Paths share their upper
 * ends: what is there is looked at once. What is not there is not remembered, so that the
 * places are as many as the node has files, and not as config.json has names.
 */
static const struct spot *look(struct protection *protection, const struct spot *above,
			       const char *path, size_t n, size_t length)
{
	struct text name = { path + n - length, length };
	uint64_t hash = above ? above->hash : UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	struct spot **place, *spot, found;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name.bytes[i]) * UINT64_C(0x100000001b3);
	place = &protection->spots[hash % SPOTS];
	for (spot = *place; spot; spot = spot->next)
		if (spot->above == above && text_eq(spot->name, name))
			return spot;
	if (!stat_spot(path, n, &found))
		return NULL;
	found.above = above;
	found.name = (struct text){ arena_copy(protection->arena, name.bytes, length),
				    length };
	found.hash = hash;
	found.next = *place;
	spot = arena_new(protection->arena, struct spot, 1);
	*spot = found;
	*place = spot;
	return spot;
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

/*
 * Down a plain path (that of / is empty), as far as it leads. *ret is the last that is
 * there, NULL if there is a link on the way; *ret_whole: it is what the path names.
 */
static bool descend(struct protection *protection, const char *path,
		    const struct spot **ret, bool *ret_whole, struct error *err)
{
	const struct spot *spot = NULL, *next;
	size_t n = 0, length = 0;

	do {
		next = look(protection, spot, path, n, length);
		if (!next && !lead_absent(errno))
			return error_errno(
				err, "look at %s",
				text_quote(protection->arena, (struct text){ path, n }));
		spot = next ? next : spot;
		length = path[n] ? 1 + strcspn(path + n + 1, "/") : 0;
		n += length;
	} while (next && !next->link && length);
	*ret = next && next->link ? NULL : spot;
	*ret_whole = *ret && next && !length;
	return true;
}

/* NULL for what is not there. */
static bool find(struct protection *protection, const char *path, const struct spot **ret,
		 struct error *err)
{
	const struct spot *spot = NULL;
	char real[PATH_MAX];
	bool whole = false;

	*ret = NULL;
	if (is_plain(path) && !descend(protection, path, &spot, &whole, err))
		return false;
	if (!spot) {
		if (!realpath(path, real))
			return lead_absent(errno) ||
			       error_errno(err, "look at %s",
					   text_quote(protection->arena, text_of(path)));
		if (!descend(protection, strcmp(real, "/") ? real : "", &spot, &whole,
			     err))
			return false;
	}
	*ret = whole ? spot : NULL;
	return true;
}

static const char *absolute(const struct protection *protection, const char *path)
{
	return *path == '/' ? path
			    : arena_printf(protection->arena, "%s/%s", protection->bundle,
					   path);
}

static bool same(const struct spot *a, const struct spot *b)
{
	return a->device == b->device && a->inode == b->inode;
}

/* Whether `spot` is `what`, or above it. */
static bool is_above(const struct spot *spot, const struct spot *what)
{
	while (what && !same(what, spot))
		what = what->above;
	return what != NULL;
}

/* Whether whoever has `what` can write to the target. */
static bool reaches(const struct protection *protection, const struct exposure *exposure,
		    const struct spot *what, const struct target *target)
{
	const struct spot *end = target->spot;
	bool above = is_above(what, end);
	bool beneath = !target->parent && is_above(end, what);
	bool disk = what->block && what->block == end->device;

	if (!above && !beneath && !disk)
		return false;
	if (!exposure->read_only || protection->undone)
		return true;
	/* "ro" is for the mount itself; what is mounted beneath it stays writable. */
	return above && exposure->recursive && !exposure->all_of_it &&
	       what->mount != end->mount;
}

static bool add_target(struct protection *protection, const char *name, const char *path,
		       bool parent, struct error *err)
{
	const struct spot *spot;

	if (!find(protection, path, &spot, err))
		return false;
	if (spot)
		protection->targets[protection->count++] =
			(struct target){ name, spot, parent };
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

/*
 * The runtime opens a path when the entries before it are mounted, in a namespace in
 * which the rootfs shows them: there it may lead anywhere, through a read-only mount or
 * through /proc.
 */
static bool check_lead(struct protection *protection, const struct exposure *exposure,
		       const char *path, struct error *err)
{
	const struct spot *spot = NULL;
	const char *resolved;
	bool whole = false;

	/* Most are there, without a link on the way, or no paths at all ("proc"). */
	if (!exposure->opened && !strchr(exposure->path, '/'))
		return true;
	if (is_plain(path) && !descend(protection, path, &spot, &whole, err))
		return error_in(err, "%s", exposure->shown);
	if (!whole && (!lead_resolve(protection->arena, path, &resolved, err) ||
		       !descend(protection, strcmp(resolved, "/") ? resolved : "", &spot,
				&whole, err)))
		return error_in(err, "%s", exposure->shown);
	if (!exposure->opened)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(protection->rootfs); i++)
		if (protection->rootfs[i] && is_above(protection->rootfs[i], spot))
			return error_set(
				err, ERR_DENIED,
				"%s is of something in the container's own rootfs, "
				"where other mounts may be by then; mount what is meant "
				"itself",
				exposure->shown);
	return true;
}

/* Mounts beneath the rootfs are beneath a mount of the folder that has it, too. */
static void note_carrier(struct protection *protection, const struct exposure *exposure,
			 const struct spot *what)
{
	for (size_t i = 0; i < ARRAY_SIZE(protection->rootfs); i++)
		if (exposure->recursive && !exposure->all_of_it && exposure->opened &&
		    is_above(what, protection->rootfs[i]))
			protection->carried = true;
}

static bool deny(const struct protection *protection, const struct exposure *exposure,
		 const char *name, struct error *err)
{
	if (exposure->read_only && protection->undone)
		return error_set(err, ERR_DENIED,
				 "%s lets the container write to %s of this node, which "
				 "powerbox relies on, although it is read-only: %s",
				 exposure->shown, name, protection->undone);
	return error_set(err, ERR_DENIED,
			 "%s lets the container write to %s of this node, which "
			 "powerbox relies on; mount it read-only%s, or something smaller",
			 exposure->shown, name,
			 exposure->recursive
				 ? " with all beneath it (rro) or with nothing "
				   "beneath it (bind, private)"
				 : "");
}

static bool check_path(struct protection *protection, const struct exposure *exposure,
		       const char *path, struct error *err)
{
	const struct spot *what;

	if (!find(protection, path, &what, err))
		return error_in(err, "%s", exposure->shown);
	for (size_t i = 0; what && i < protection->count; i++)
		if (reaches(protection, exposure, what, &protection->targets[i]))
			return deny(protection, exposure, protection->targets[i].name,
				    err);
	if (what)
		note_carrier(protection, exposure, what);
	return check_lead(protection, exposure, path, err);
}

/* runc takes "a/.." out of a path without a look at what "a" is; crun does not. */
static bool check(struct protection *protection, const struct exposure *exposure,
		  struct error *err)
{
	const char *path = absolute(protection, exposure->path);

	return check_path(protection, exposure, path, err) &&
	       (is_plain(path) || check_path(protection, exposure,
					     lead_clean(protection->arena, path), err));
}

static bool check_mount(struct protection *protection, const struct json *mount,
			struct error *err)
{
	struct exposure source = exposure_of(protection->arena, mount);
	struct exposures layers = { 0 };

	if (!exposure_layers(protection->arena, mount, &layers, err))
		return false;
	for (size_t i = 0; i < layers.count; i++)
		if (!check(protection, &layers.items[i], err))
			return false;
	/* What is no file ("proc") is found nowhere, which is all right. */
	return !source.path || check(protection, &source, err);
}

static bool check_mounts(struct protection *protection, const struct json *mounts,
			 struct error *err)
{
	const struct json *carrier = NULL;
	const char *undone;
	bool passes = true;

	if (!json_is(mounts, JSON_ARRAY))
		return true;
	for (const struct json *m = mounts->first; m; m = m->next)
		if (exposure_option(m, "remount"))
			protection->undone = "another mount has the option remount";
	for (const struct json *m = mounts->first; m; m = m->next) {
		protection->carried = false;
		if (!check_mount(protection, m, err))
			return false;
		carrier = protection->carried ? m : carrier;
	}
	undone = protection->undone;
	protection->undone = "a later mount has the container's rootfs in it, with this; "
			     "make that smaller, or rro";
	/* Before the last carrier "ro" does not count: crun makes it true in the end. */
	for (const struct json *m = carrier ? mounts->first : NULL;
	     passes && m != carrier; m = m->next)
		passes = check_mount(protection, m, err);
	protection->undone = undone;
	return passes;
}

/* What is mounted in such a container would be mounted on the node, too. */
static void note_propagation(struct protection *protection, const struct json *section)
{
	struct text value = json_string(json_get(section, "rootfsPropagation"));

	if (text_is(value, "shared") || text_is(value, "rshared"))
		protection->undone = "rootfsPropagation is shared, so that a mount on it "
				     "is made on the node";
}

/* All that is looked at here would be looked up there by the runtime. */
static bool check_namespaces(const struct json *section, struct error *err)
{
	const struct json *first = json_items(json_get(section, "namespaces"));

	for (const struct json *m = first; m; m = m->next)
		if (text_is(json_string(json_get(m, "type")), "mount") &&
		    json_string(json_get(m, "path")).length)
			return error_set(err, ERR_DENIED,
					 "linux.namespaces joins a mount namespace, in "
					 "which sources lead elsewhere than here; leave "
					 "out its path for a new one");
	return true;
}

static bool find_root(struct protection *protection, const struct json *root,
		      struct error *err)
{
	struct text path = json_string(json_get(root, "path"));
	const char *at;

	if (!path.length)
		return true;
	at = absolute(protection, arena_copy(protection->arena, path.bytes, path.length));
	return find(protection, at, &protection->rootfs[0], err) &&
	       find(protection, lead_clean(protection->arena, at), &protection->rootfs[1],
		    err);
}

/* Both runtimes bind the rootfs onto itself, with all that is mounted beneath it. */
static bool check_root(struct protection *protection, const struct json *root,
		       struct error *err)
{
	struct text path = json_string(json_get(root, "path"));
	struct exposure exposure = {
		.shown = "the rootfs",
		.recursive = true,
		.read_only = json_true(json_get(root, "readonly")),
	};

	if (!path.length)
		return true;
	exposure.path = arena_copy(protection->arena, path.bytes, path.length);
	return check(protection, &exposure, err);
}

static bool protect(struct arena *arena, const char *bundle, const struct node *node,
		    struct protection *ret, struct error *err)
{
	*ret = (struct protection){ .arena = arena, .bundle = bundle };
	for (size_t i = 0; protected_path(node, i); i++)
		if (!add_path(ret, protected_path(node, i), err))
			return false;
	return true;
}

bool protect_check(struct arena *arena, const struct config *config, const char *bundle,
		   const struct node *node, struct error *err)
{
	const struct json *root = json_get(config->root, "root");
	struct protection protection;

	if (!check_namespaces(config->linux_section, err) ||
	    !protect(arena, bundle, node, &protection, err) ||
	    !find_root(&protection, root, err))
		return false;
	note_propagation(&protection, config->linux_section);
	return check_mounts(&protection, json_get(config->root, "mounts"), err) &&
	       check_root(&protection, root, err);
}

bool protect_check_mounts(struct arena *arena, const struct json *mounts,
			  const char *bundle, const struct node *node, struct error *err)
{
	struct protection protection;

	return protect(arena, bundle, node, &protection, err) &&
	       check_mounts(&protection, mounts, err);
}
