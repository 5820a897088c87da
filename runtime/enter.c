/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/enter.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oci/config.h"
#include "oci/process.h"

/* As with a bundle, the runtime gets the path of what was opened. */
static bool pin(struct arena *arena, const struct bundle *file, const char **ret,
		struct error *err)
{
	const char *folder;

	if (!bundle_folder(arena, file->dir, &folder, err))
		return false;
	*ret = arena_printf(arena, "%s/%s", folder, file->name);
	return true;
}

/* *path: the file, and then where it really is. */
static bool rewrite(struct arena *arena, const char **path,
		    const struct sections *sections, bool dry, struct bundle *ret,
		    struct error *err)
{
	struct bundle file = { .dir = -1 };
	struct text text;

	if (!bundle_open_file(arena, *path, &file, err))
		return error_in(err, "process file");
	if (pin(arena, &file, path, err) &&
	    process_with(arena, file.file.text, sections, &text, err) &&
	    (dry || bundle_write(arena, &file, text, err))) {
		*ret = file;
		return true;
	}
	close_cleanup(&file.dir);
	return error_in(err, "process file %s", text_quote(arena, text_of(*path)));
}

/*
 * A pipe of the caller's by the name that shells give it for <(...); -1: another path.
 * The first three are the process's own, and what we have opened closes at execve().
 */
static int pipe_of(struct arena *arena, const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		size_t length = strlen(folders[i]);
		unsigned long fd;
		int flags;

		if (strncmp(path, folders[i], length) != 0)
			continue;
		fd = strtoul(path + length, NULL, 10);
		if (fd <= STDERR_FILENO || fd > INT_MAX ||
		    strcmp(path + length, arena_printf(arena, "%lu", fd)) != 0)
			return -1;
		flags = fcntl((int)fd, F_GETFD);
		return flags >= 0 && !(flags & FD_CLOEXEC) ? (int)fd : -1;
	}
	return -1;
}

/* What comes out of a pipe does so once: a file in memory takes its place. */
static bool rewrite_pipe(struct arena *arena, const char *path, int fd,
			 const struct sections *sections, bool dry, struct error *err)
{
	CLOSE int in = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct text text, changed;

	if (in < 0)
		return error_errno(err, "process file %s", path);
	if (!file_read_fd(arena, in, path, CONFIG_SIZE_MAX, &text, err) ||
	    (dry && !file_become(fd, text, err)) ||
	    !process_with(arena, text, sections, &changed, err))
		return error_in(err, "process file %s", path);
	return dry || file_become(fd, changed, err);
}

/* Options that would say it otherwise. The last --process is the one that counts. */
static void set_options(struct arena *arena, struct invocation *invocation,
			const char *path, bool no_new_privileges)
{
	invocation_drop(invocation, "cap");
	invocation_drop(invocation, "no-new-privs");
	if (path)
		invocation_set(arena, invocation, "process", path);
	else if (no_new_privileges)
		invocation_set(arena, invocation, "no-new-privs", NULL);
}

bool enter(struct arena *arena, const struct finder *finder,
	   struct invocation *invocation, bool dry, struct bundle *ret_file,
	   struct error *err)
{
	const char *path = invocation_option(invocation, "process");
	struct bundle file = { .dir = -1 };
	struct config config;
	struct sections sections;
	int pipe = path ? pipe_of(arena, path) : -1;

	if (path && !*path)
		return error_set(err, ERR_USAGE,
				 "exec: --process is empty: write a path or leave it "
				 "out");
	if (!container_find(arena, finder, &config, err))
		return false;
	sections = process_sections(arena, &config);
	if (pipe >= 0 && !rewrite_pipe(arena, path, pipe, &sections, dry, err))
		return false;
	if (path && pipe < 0 && !rewrite(arena, &path, &sections, dry, &file, err))
		return false;
	if (!dry)
		set_options(arena, invocation, path,
			    text_is(sections.no_new_privileges, "true"));
	*ret_file = file;
	return true;
}
