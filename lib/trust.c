/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/trust.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As many links as the kernel itself follows in one path. */
#define LINKS_MAX 40

/* A descriptor that can be asked who owns it, and walked from, but not read. */
#define LOOK (O_PATH | O_NOFOLLOW | O_CLOEXEC)

/*
 * On the way along a path. Links are put in front of what is left, so that ".." in them
 * is walked like all else, from where it really stands.
 */
struct walk {
	struct arena *arena;
	int at;		  /* what is reached */
	struct stat stat; /* of that */
	const char *path; /* of that, without links, for messages; "" is / */
	const char *rest; /* still to go */
	int flags;	  /* with which the last component is opened */
	unsigned int links;
	size_t behind; /* how much of rest stands behind what links led to */
};

bool trust_check(const char *path, const struct stat *stat, struct error *err)
{
	unsigned int mode = stat->st_mode & 07777;
	const char *who = mode & S_IWGRP ? "group" : "others";

	path = *path ? path : "/";
	/* A device, by a link to /dev/null: nobody is to be told to change that one. */
	if ((stat->st_uid != 0 || (mode & (S_IWGRP | S_IWOTH))) &&
	    !S_ISREG(stat->st_mode) && !S_ISDIR(stat->st_mode) && !S_ISLNK(stat->st_mode))
		return error_set(err, ERR_TRUST,
				 "%s is not a regular file; put one in its place", path);
	if (stat->st_uid != 0)
		return error_set(
			err, ERR_TRUST,
			"%s: owned by uid %u, not root; mend with: chown %sroot %s", path,
			stat->st_uid, S_ISLNK(stat->st_mode) ? "-h " : "", path);
	if (S_ISLNK(stat->st_mode) || !(mode & (S_IWGRP | S_IWOTH)))
		return true;
	if ((mode & S_IWGRP) && (mode & S_IWOTH))
		who = "group and others";
	/* A shared folder such as /tmp is right as it is; what lies in it is not. */
	if (mode & S_ISVTX)
		return error_set(
			err, ERR_TRUST,
			"%s: writable by %s (mode %04o); mend with: keep the file in a "
			"folder that root alone can write",
			path, who, mode);
	return error_set(err, ERR_TRUST,
			 "%s: writable by %s (mode %04o); mend with: chmod %04o %s", path,
			 who, mode, mode & ~(S_IWGRP | S_IWOTH), path);
}

/* Whether root is nobody here, as in the user namespace of a rootless engine. */
static bool root_is_unmapped(void)
{
	char map[64];
	uint32_t inside, outside;
	CLOSE int fd = file_open(AT_FDCWD, "/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, map, sizeof(map) - 1);

	if (n < 0)
		return false;
	map[n] = '\0'; /* empty before it is written */
	return sscanf(map, "%" SCNu32 " %" SCNu32, &inside, &outside) != 2 ||
	       outside != 0;
}

static bool check_root(const struct walk *walk, struct error *err)
{
	if (walk->stat.st_uid != 0 && root_is_unmapped())
		return error_set(err, ERR_TRUST,
				 "in a user namespace, as of rootless podman, nothing is "
				 "seen to be root's, and powerbox can't work; its user "
				 "has to name another runtime, and no hooks of powerbox, "
				 "in ~/.config/containers/containers.conf");
	return trust_check(walk->path, &walk->stat, err);
}

static bool start_at_root(struct walk *walk, struct error *err)
{
	close_cleanup(&walk->at);
	walk->path = "";
	walk->at = file_open(AT_FDCWD, "/", LOOK | O_DIRECTORY);
	if (walk->at < 0 || fstat(walk->at, &walk->stat) < 0)
		return error_errno(err, "open /");
	return check_root(walk, err);
}

/* The path of a component of the folder that is reached. */
static const char *path_of(struct walk *walk, const char *name)
{
	const char *slash = strrchr(walk->path, '/');

	if (strcmp(name, ".."))
		return arena_printf(walk->arena, "%s/%s", walk->path, name);
	return slash ? arena_copy(walk->arena, walk->path, (size_t)(slash - walk->path))
		     : "";
}

static bool follow(struct walk *walk, int link, const char *path, struct error *err)
{
	char *target = arena_new(walk->arena, char, PATH_MAX);
	ssize_t n = readlinkat(link, "", target, PATH_MAX);

	if (n == PATH_MAX || ++walk->links > LINKS_MAX) {
		errno = n == PATH_MAX ? ENAMETOOLONG : ELOOP;
		n = -1;
	}
	if (n < 0)
		return error_errno(err, "follow %s", path);
	if (walk->links == 1 || strlen(walk->rest) < walk->behind)
		walk->behind = strlen(walk->rest);
	walk->rest = arena_printf(walk->arena, "%.*s/%s", (int)n, target, walk->rest);
	return *target != '/' || start_at_root(walk, err);
}

/*
 * What can't be opened is absent, for which a caller may have something else, only if
 * nobody has put anything there: a link that leads nowhere is a mistake, and so is a file
 * in the place of a folder.
 */
static bool refuse_open(const struct walk *walk, const char *path, struct error *err)
{
	bool linked = walk->links && strlen(walk->rest) >= walk->behind;
	bool missing = errno == ENOENT, misplaced = errno == ENOTDIR;

	(void)error_errno(err, "open %s", path);
	if (misplaced || (missing && linked))
		err->code = ERR_CONFIG;
	return missing && linked
		       ? error_in(err, "a link leads nowhere; mend it or take it away")
		       : false;
}

/* The next component: open it without following, look at it, and go on from there. */
static bool step(struct walk *walk, const char *name, struct error *err)
{
	const char *path = path_of(walk, name);
	int flags = *walk->rest ? LOOK : walk->flags;
	CLOSE int next = file_open(walk->at, name, flags);
	struct stat stat;

	if (next < 0 && errno == ELOOP)
		next = file_open(walk->at, name, LOOK);
	if (next < 0)
		return refuse_open(walk, path, err);
	if (fstat(next, &stat) < 0)
		return error_errno(err, "stat %s", path);
	if (!trust_check(path, &stat, err))
		return false;
	if (S_ISLNK(stat.st_mode))
		return follow(walk, next, path, err);
	close_cleanup(&walk->at);
	walk->at = next;
	walk->stat = stat;
	walk->path = path;
	next = -1;
	return true;
}

static bool go(struct walk *walk, struct error *err)
{
	walk->rest += strspn(walk->rest, "/");
	while (*walk->rest) {
		size_t n = strcspn(walk->rest, "/");
		const char *name = arena_copy(walk->arena, walk->rest, n);

		walk->rest += n + strspn(walk->rest + n, "/");
		if (strcmp(name, ".") && !step(walk, name, err))
			return false;
		walk->rest += strspn(walk->rest, "/");
	}
	return true;
}

/* On success walk->at is the caller's. */
static bool walk_path(struct walk *walk, const char *path, struct error *err)
{
	if (*path != '/')
		return error_set(err, ERR_CONFIG, "%s is not an absolute path", path);
	walk->rest = path;
	if (start_at_root(walk, err) && go(walk, err))
		return true;
	close_cleanup(&walk->at);
	return false;
}

/* What a walk ended at, if it is a folder. */
static bool take_dir(struct walk *walk, const char *path, int *ret, struct error *err)
{
	if (!S_ISDIR(walk->stat.st_mode)) {
		close_cleanup(&walk->at);
		errno = ENOTDIR;
		return refuse_open(walk, path, err);
	}
	*ret = walk->at;
	return true;
}

bool trust_open_dir(struct arena *arena, const char *path, int *ret, struct error *err)
{
	struct walk walk = { .arena = arena, .at = -1, .flags = LOOK };

	return walk_path(&walk, path, err) && take_dir(&walk, path, ret, err);
}

bool trust_open_sub(struct arena *arena, int dir, const char *path, const char *name,
		    int *ret, struct error *err)
{
	struct walk walk = { .arena = arena,
			     .at = fcntl(dir, F_DUPFD_CLOEXEC, 0),
			     .path = path,
			     .rest = name,
			     .flags = LOOK };

	assert(*name && !strchr(name, '/'));
	if (walk.at < 0)
		return error_errno(err, "open %s", path);
	if (!go(&walk, err)) {
		close_cleanup(&walk.at);
		return false;
	}
	return take_dir(&walk, arena_printf(arena, "%s/%s", path, name), ret, err);
}

bool trust_read(struct arena *arena, int dir, const char *path, const char *name,
		size_t limit, struct file *ret, struct error *err)
{
	const char *whole = arena_printf(arena, "%s/%s", path, name);
	CLOSE int fd = file_open(dir, name, FILE_OPEN);
	struct file file;

	assert(!strchr(name, '/'));
	if (fd < 0 && errno == ELOOP) {
		struct walk walk = { .arena = arena,
				     .at = fcntl(dir, F_DUPFD_CLOEXEC, 0),
				     .path = path,
				     .rest = name,
				     .flags = FILE_OPEN };
		bool passed = go(&walk, err);

		fd = walk.at;
		if (!passed)
			return false;
	}
	if (fd < 0)
		return error_errno(err, "open %s", whole);
	if (!file_read_open(arena, fd, whole, limit, &file, err)) {
		/* Too long: as a file of the administrator's, not of an engine's. */
		err->code = err->code == ERR_DATA ? ERR_CONFIG : err->code;
		return false;
	}
	if (!trust_check(whole, &file.stat, err))
		return false;
	*ret = file;
	return true;
}

bool trust_open_program(struct arena *arena, const char *path, int *ret,
			struct error *err)
{
	struct walk walk = { .arena = arena, .at = -1, .flags = FILE_OPEN };

	if (!walk_path(&walk, path, err))
		return false;
	if (S_ISREG(walk.stat.st_mode) && (walk.stat.st_mode & 0111)) {
		*ret = walk.at;
		return true;
	}
	close_cleanup(&walk.at);
	return error_set(err, ERR_RUNTIME, "%s is not a program: %s", path,
			 S_ISREG(walk.stat.st_mode) ? "nobody may execute it"
						    : "not a regular file");
}
