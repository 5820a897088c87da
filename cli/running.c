/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/running.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/trust.h"

struct search {
	struct arena *arena;
	const char *id;
	struct running found;
	bool exact;
	size_t count;
};

/* The state root that a folder's name stands for (runtime/links.h). */
static const char *root_of(struct arena *arena, const char *folder)
{
	struct buffer out = { .arena = arena };
	unsigned byte;

	buffer_puts(&out, strcmp(folder, "-") ? "/" : "");
	for (; *folder; folder++) {
		if (*folder == '-') {
			buffer_puts(&out, "/");
		} else if (*folder == '%' && sscanf(folder + 1, "%2X", &byte) == 1 &&
			   byte && folder[1] && folder[2]) {
			buffer_add(&out, &(char){ (char)byte }, 1);
			folder += 2;
		} else {
			buffer_add(&out, folder, 1);
		}
	}
	return out.bytes;
}

static void take(struct search *search, int dir, const char *root, const char *id)
{
	bool exact = !strcmp(id, search->id);
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (strncmp(id, search->id, strlen(search->id)) != 0 ||
	    (search->exact && !exact) || fstatat(dir, id, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_uid != 0)
		return;
	n = readlinkat(dir, id, target, sizeof(target));
	if (n <= 0 || n == sizeof(target) || target[0] != '/')
		return;
	if (exact && !search->exact)
		search->count = 0;
	search->exact = exact;
	search->count++;
	search->found = (struct running){
		.id = arena_copy(search->arena, id, strlen(id)),
		.root = root,
		.target = arena_copy(search->arena, target, (size_t)n),
		.changed = st.st_mtim,
	};
}

/* Calls `each` for all names but hidden ones. */
static bool walk(struct search *search, int dir, const char *path, const char *root,
		 void (*each)(struct search *search, int dir, const char *root,
			      const char *name),
		 struct error *err)
{
	int readable = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = readable < 0 ? NULL : fdopendir(readable);
	struct dirent *entry;

	if (!stream)
		return error_errno(err, "%s", path);
	while ((entry = readdir(stream)))
		if (*entry->d_name != '.')
			each(search, dir, root, entry->d_name);
	closedir(stream);
	return true;
}

/* "-<id>" is no container: it holds the runtime of one. */
static void take_id(struct search *search, int dir, const char *root, const char *name)
{
	if (*name != '-')
		take(search, dir, root, name);
}

/* `root` is the one that is looked for, or NULL. */
static void take_root(struct search *search, int dir, const char *root, const char *name)
{
	const char *path = arena_printf(search->arena, POWERBOX_RUNDIR "/%s", name);
	const char *its = root_of(search->arena, name);
	struct error ignored;
	CLOSE int folder = -1;

	(void)dir;
	/* What root alone can't have made says nothing, and keeps from no other. */
	if ((root && strcmp(root, its) != 0) ||
	    !trust_open_dir(search->arena, path, &folder, &ignored) ||
	    !walk(search, folder, path, its, take_id, &ignored))
		return;
}

bool running_find(struct arena *arena, const char *id, const char *root,
		  struct running *ret, struct error *err)
{
	struct search search = { .arena = arena, .id = id };
	const char *shown = text_quote(arena, text_of(id));
	char real[PATH_MAX];
	CLOSE int dir = -1;

	if (root && realpath(root, real))
		root = real;
	if (trust_open_dir(arena, POWERBOX_RUNDIR, &dir, err)) {
		if (!walk(&search, dir, POWERBOX_RUNDIR, root, take_root, err))
			return false;
	} else if (err->code != ERR_NOINPUT) {
		return false;
	}
	if (!*id || !search.count)
		return error_set(
			err, ERR_NOINPUT,
			"powerbox knows of no container %s%s%s; an ID is wanted, "
			"podman inspect -f '{{.Id}}' NAME for one",
			shown, root ? " under " : "",
			root ? text_quote(arena, text_of(root)) : "");
	if (search.count > 1)
		return error_set(err, ERR_USAGE,
				 "%zu containers are called %s%s; say more of the ID, or "
				 "--root",
				 search.count, shown, search.exact ? "" : "...");
	*ret = search.found;
	return true;
}
