/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/links.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gate/rundir.h"
#include "lib/trust.h"

/* A path whose end need not exist yet: the first container of a root makes it. */
static const char *resolve(struct arena *arena, const char *path)
{
	char *head = arena_copy(arena, path, strlen(path));
	char real[PATH_MAX];

	while (!realpath(*head ? head : "/", real)) {
		char *slash = strrchr(head, '/');

		if (!slash)
			return path;
		*slash = '\0';
	}
	return arena_printf(arena, "%s%s", strcmp(real, "/") ? real : "",
			    path + strlen(head));
}

/* crun reads the variable whoever it runs as (src/libcrun/status.c), runc not as root. */
static const char *default_root(struct arena *arena, enum runtime_kind kind)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");

	if (kind != RUNTIME_CRUN)
		return "/run/runc";
	return folder && *folder ? arena_printf(arena, "%s/crun", folder) : "/run/crun";
}

const char *link_root(struct arena *arena, const struct invocation *invocation)
{
	const char *root = invocation_global(invocation, "root");
	char cwd[PATH_MAX];

	if (!root)
		root = default_root(arena, invocation->kind);
	if (*root != '/' && getcwd(cwd, sizeof(cwd)))
		root = arena_printf(arena, "%s/%s", cwd, root);
	return resolve(arena, root);
}

/* The name of a root's folder; its first byte is never a dot. */
static const char *folder_name(struct arena *arena, const char *root)
{
	struct buffer out = { .arena = arena };

	root += strspn(root, "/");
	buffer_puts(&out, *root ? "" : "-");
	for (; *root; root++) {
		unsigned char c = (unsigned char)*root;

		if (c == '/')
			buffer_puts(&out, "-");
		else if (isalnum(c) || c == '_' || (c == '.' && out.length))
			buffer_add(&out, root, 1);
		else
			buffer_printf(&out, "%%%02X", c);
	}
	return out.bytes;
}

/* The name of the second link of a container, which is no other container's id. */
static const char *runtime_name(struct arena *arena, const struct invocation *invocation)
{
	return arena_printf(arena, "-%s", invocation->id);
}

/* `changed`: the time that the link gets; NULL: it does not matter. */
static bool make(struct arena *arena, int dir, const char *name, const char *target,
		 const struct timespec *changed, struct error *err)
{
	const char *spare = rundir_spare(arena, "link");

	if (symlinkat(target, dir, spare) < 0)
		return error_errno(err, "link %s", spare);
	if ((changed && utimensat(dir, spare, (struct timespec[]){ *changed, *changed },
				  AT_SYMLINK_NOFOLLOW) < 0) ||
	    renameat(dir, spare, dir, name) < 0) {
		(void)error_errno(err, "link %s", text_quote(arena, text_of(name)));
		unlinkat(dir, spare, 0);
		return false;
	}
	return true;
}

bool link_write(struct arena *arena, const struct invocation *invocation,
		const struct link *link, const char *runtime, struct error *err)
{
	const char *root = link_root(arena, invocation);
	const char *kind = runtime_kind_name(invocation->kind);
	CLOSE int dir = -1;

	return rundir_open_folder(arena, folder_name(arena, root), &dir, err) &&
	       make(arena, dir, invocation->id, link->target, &link->changed, err) &&
	       make(arena, dir, runtime_name(arena, invocation),
		    arena_printf(arena, "%s:%s", kind, runtime), NULL, err);
}

static int open_folder(struct arena *arena, const struct invocation *invocation)
{
	const char *name = folder_name(arena, link_root(arena, invocation));
	struct error ignored;
	int dir;

	return trust_open_dir(arena, arena_printf(arena, POWERBOX_RUNDIR "/%s", name),
			      &dir, &ignored)
		       ? dir
		       : -1;
}

static bool read_name(struct arena *arena, const struct invocation *invocation,
		      const char *name, struct link *ret)
{
	CLOSE int dir = open_folder(arena, invocation);
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_uid != 0)
		return false;
	n = readlinkat(dir, name, target, sizeof(target));
	if (n <= 0 || n == sizeof(target))
		return false;
	*ret = (struct link){ arena_copy(arena, target, (size_t)n), st.st_mtim };
	return true;
}

bool link_read(struct arena *arena, const struct invocation *invocation, struct link *ret)
{
	return read_name(arena, invocation, invocation->id, ret) && ret->target[0] == '/';
}

bool link_runtime(struct arena *arena, const struct invocation *invocation,
		  const char **ret)
{
	const char *kind = runtime_kind_name(invocation->kind);
	struct link link;

	if (!read_name(arena, invocation, runtime_name(arena, invocation), &link) ||
	    strncmp(link.target, kind, strlen(kind)) != 0 ||
	    strncmp(link.target + strlen(kind), ":/", 2) != 0)
		return false;
	*ret = link.target + strlen(kind) + 1;
	return true;
}

void link_remove(struct arena *arena, const struct invocation *invocation)
{
	CLOSE int dir = open_folder(arena, invocation);

	if (dir < 0)
		return;
	unlinkat(dir, invocation->id, 0);
	unlinkat(dir, runtime_name(arena, invocation), 0);
}
