/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/lead.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/text.h"

const char *lead_clean(struct arena *arena, const char *path)
{
	char *clean = arena_new(arena, char, strlen(path) + 2), *end = clean;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && !memcmp(path, "..", 2)) {
			while (end > clean && *--end != '/')
				;
		} else if (n && !(n == 1 && *path == '.')) {
			*end++ = '/';
			memcpy(end, path, n);
			end += n;
		}
		path += n + (path[n] == '/');
	}
	if (end == clean)
		*end++ = '/';
	*end = '\0';
	return clean;
}

bool lead_absent(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

static const char *quote(struct arena *arena, const char *path)
{
	return text_quote(arena, text_of(path));
}

static bool through_process(struct arena *arena, const char *path, struct error *err)
{
	return error_set(err, ERR_DENIED,
			 "%s leads through a process in /proc, and the runtime is "
			 "another one; write where it is meant to lead",
			 quote(arena, path));
}

static bool check_magic(struct arena *arena, const char *path, struct error *err)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	CLOSE int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd >= 0)
		return true;
	return errno == ELOOP ? through_process(arena, path, err)
			      : error_errno(err, "look at %s", quote(arena, path));
}

/* `head` is there and the name behind it is not. */
static bool check_missing(struct arena *arena, const char *path, const char *head,
			  struct error *err)
{
	struct statfs fs;

	if (statfs(head, &fs) < 0)
		return error_errno(err, "look at %s", quote(arena, head));
	return fs.f_type == PROC_SUPER_MAGIC ? through_process(arena, path, err) : true;
}

static bool is_link(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode);
}

/*
 * How far a path leads that does not lead anywhere as a whole; *ret_length is how much of
 * the path that is. From its beginning: who writes it can write names that are not there
 * without end, but what is there has one.
 */
static bool resolve_part(struct arena *arena, const char *path, char ret[PATH_MAX],
			 size_t *ret_length, struct error *err)
{
	char *head = arena_copy(arena, path, strlen(path));
	char real[PATH_MAX] = "/";
	size_t n = 0, there;

	do {
		memcpy(ret, real, sizeof(real));
		there = n;
		head[n] = path[n];
		n += strspn(path + n, "/");
		n += strcspn(path + n, "/");
		head[n] = '\0';
	} while (n > there && realpath(head, real));
	*ret_length = there;
	if (n == there)
		return true;
	if (!lead_absent(errno))
		return error_errno(err, "look at %s", quote(arena, path));
	return !is_link(head) ||
	       error_set(err, ERR_DENIED,
			 "%s is a link that leads nowhere; make what it leads to, or "
			 "take it away",
			 quote(arena, head));
}

bool lead_resolve(struct arena *arena, const char *path, const char **ret,
		  struct error *err)
{
	const char *head = path;
	char real[PATH_MAX];
	size_t length;

	if (!realpath(path, real)) {
		if (!lead_absent(errno))
			return error_errno(err, "look at %s", quote(arena, path));
		if (!resolve_part(arena, path, real, &length, err) ||
		    (path[length] && !check_missing(arena, path, real, err)))
			return false;
		head = arena_copy(arena, path, length);
	}
	*ret = arena_copy(arena, real, strlen(real));
	return check_magic(arena, *head ? head : "/", err);
}
