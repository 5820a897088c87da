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

bool lead_resolve(struct arena *arena, const char *path, const char **ret,
		  struct error *err)
{
	char *head = arena_copy(arena, path, strlen(path));
	char real[PATH_MAX];
	struct stat st;

	while (!realpath(*head ? head : "/", real)) {
		char *slash = strrchr(head, '/');

		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			return error_errno(err, "look at %s", quote(arena, path));
		if (!lstat(head, &st) && S_ISLNK(st.st_mode))
			return error_set(err, ERR_DENIED,
					 "%s is a link that leads nowhere; make what it "
					 "leads to, or take it away",
					 quote(arena, head));
		if (!slash)
			break;
		*slash = '\0';
	}
	*ret = arena_copy(arena, real, strlen(real));
	if (strlen(head) != strlen(path) && !check_missing(arena, path, real, err))
		return false;
	return check_magic(arena, *head ? head : "/", err);
}
