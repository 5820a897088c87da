/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/bundle.h"

#include <fcntl.h>
#include <string.h>

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

bool bundle_open(struct arena *arena, const char *folder, const char *config,
		 struct bundle *ret, struct error *err)
{
	struct bundle bundle = { .name = CONFIG_NAME };
	const char *shown;

	if (config && strcmp(config, CONFIG_NAME) != 0) {
		split(arena, config, &folder, &bundle.name);
		bundle.path = config;
	} else {
		bundle.path = folder ? arena_printf(arena, "%s/" CONFIG_NAME, folder)
				     : CONFIG_NAME;
	}
	folder = folder ? folder : ".";
	shown = text_quote(arena, text_of(folder));
	bundle.dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (bundle.dir < 0)
		return error_errno(err, "bundle %s", shown);
	if (!file_read(arena, bundle.dir, bundle.name, CONFIG_SIZE_MAX, &bundle.file,
		       err)) {
		close_cleanup(&bundle.dir);
		return error_in(err, "bundle %s", shown);
	}
	*ret = bundle;
	return true;
}

bool bundle_write(struct arena *arena, const struct bundle *bundle, struct text text,
		  struct error *err)
{
	if (text_eq(text, bundle->file.text))
		return true;
	return file_replace(arena, bundle->dir, bundle->name, &bundle->file, text, err);
}

bool bundle_restore(struct arena *arena, const struct bundle *bundle, struct error *err)
{
	struct file now;

	if (!file_read(arena, bundle->dir, bundle->name, CONFIG_SIZE_MAX, &now, err))
		return false;
	if (text_eq(now.text, bundle->file.text))
		return true;
	return file_replace(arena, bundle->dir, bundle->name, &now, bundle->file.text,
			    err);
}
