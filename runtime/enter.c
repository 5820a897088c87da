/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/enter.h"

#include <string.h>

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
	struct container container;
	struct sections sections;

	if (path && !*path)
		return error_set(err, ERR_USAGE,
				 "exec: --process is empty: write a path or leave it "
				 "out");
	if (!container_find(arena, finder, &container, err))
		return false;
	close_cleanup(&container.bundle.dir);
	sections = process_sections(arena, &container.config);
	if (path && !rewrite(arena, &path, &sections, dry, &file, err))
		return false;
	if (!dry)
		set_options(arena, invocation, path,
			    text_is(sections.no_new_privileges, "true"));
	*ret_file = file;
	return true;
}
