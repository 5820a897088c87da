/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/bundle.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "oci/config.h"

#define CONFIG_NAME "config.json"

/* Split a path of a file into its folder and its name. */
static void split(struct arena *arena, const char *path, const char **ret_folder,
		  const char **ret_name)
{
	const char *slash = strrchr(path, '/');

	*ret_name = slash ? slash + 1 : path;
	*ret_folder = slash ? arena_copy(arena, path, (size_t)(slash - path) + 1) : ".";
}

/* `bundle` has path and name. */
static bool open_in(struct arena *arena, const char *folder, struct bundle bundle,
		    struct bundle *ret, struct error *err)
{
	const char *shown = text_quote(arena, text_of(folder));

	bundle.dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (bundle.dir < 0)
		return error_errno(err, "bundle %s", shown);
	if (!file_read(arena, bundle.dir, bundle.name, CONFIG_SIZE_MAX, &bundle.file,
		       err)) {
		close_cleanup(&bundle.dir);
		return error_in(err, "bundle %s", shown);
	}
	bundle.changed = bundle.file.stat.st_ctim;
	*ret = bundle;
	return true;
}

bool bundle_open_file(struct arena *arena, const char *path, struct bundle *ret,
		      struct error *err)
{
	struct bundle bundle = { .path = path };
	const char *folder;

	split(arena, path, &folder, &bundle.name);
	return open_in(arena, folder, bundle, ret, err);
}

bool bundle_open(struct arena *arena, const char *folder, const char *config,
		 struct bundle *ret, struct error *err)
{
	struct bundle bundle = { .name = CONFIG_NAME };

	if (config && strcmp(config, CONFIG_NAME) != 0)
		return bundle_open_file(arena, config, ret, err);
	bundle.path =
		folder ? arena_printf(arena, "%s/" CONFIG_NAME, folder) : CONFIG_NAME;
	return open_in(arena, folder ? folder : ".", bundle, ret, err);
}

bool bundle_folder(struct arena *arena, int dir, const char **ret, struct error *err)
{
	const char *proc = arena_printf(arena, "/proc/self/fd/%d", dir);
	char path[PATH_MAX];
	ssize_t n = readlink(proc, path, sizeof(path));

	if (n < 0)
		return error_errno(err, "%s", proc);
	if (n == 0 || n == sizeof(path) || path[0] != '/')
		return error_set(err, ERR_IO, "%s leads to no path", proc);
	*ret = arena_copy(arena, path, (size_t)n);
	return true;
}

bool bundle_write(struct arena *arena, struct bundle *bundle, struct text text,
		  struct error *err)
{
	struct stat written;

	if (text_eq(text, bundle->file.text))
		return true;
	if (!file_replace(arena, bundle->dir, bundle->name, &bundle->file, text, &written,
			  err))
		return false;
	bundle->changed = written.st_ctim;
	return true;
}

bool bundle_restore(struct arena *arena, const struct bundle *bundle, struct error *err)
{
	struct stat ignored;
	struct file now;

	if (!file_read(arena, bundle->dir, bundle->name, CONFIG_SIZE_MAX, &now, err))
		return false;
	if (text_eq(now.text, bundle->file.text))
		return true;
	return file_replace(arena, bundle->dir, bundle->name, &now, bundle->file.text,
			    &ignored, err);
}
