/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/change.h"

#include <string.h>
#include <unistd.h>

#include "gate/protect.h"
#include "oci/bundle.h"
#include "oci/schema.h"

#define RESOURCES_SIZE_MAX ((size_t)1 << 20)

static bool read_resources(struct arena *arena, const char *path, struct text *ret,
			   struct error *err)
{
	struct file file;

	if (!strcmp(path, "-"))
		return file_read_fd(arena, STDIN_FILENO, "standard input",
				    RESOURCES_SIZE_MAX, ret, err);
	if (!file_read(arena, AT_FDCWD, path, RESOURCES_SIZE_MAX, &file, err))
		return false;
	*ret = file.text;
	return true;
}

/* Recursion ends with the texts: json_parse() lets nothing nest deeper than JSON_DEPTH.
 */
static bool same_value(const struct json *a, const struct json *b);

static bool same_members(const struct json *a, const struct json *b)
{
	for (const struct json *m = a->first; m; m = m->next) {
		const struct json *other = b->first;

		while (other && !text_eq(other->key, m->key))
			other = other->next;
		if (!other || !same_value(m, other))
			return false;
	}
	return true;
}

static bool same_items(const struct json *a, const struct json *b)
{
	const struct json *other = b->first;

	for (const struct json *m = a->first; m; m = m->next, other = other->next)
		if (!same_value(m, other))
			return false;
	return true;
}

static bool same_value(const struct json *a, const struct json *b)
{
	if (a->kind != b->kind || a->count != b->count)
		return false;
	switch (a->kind) {
	case JSON_OBJECT:
		return same_members(a, b);
	case JSON_ARRAY:
		return same_items(a, b);
	case JSON_BOOL:
		return a->truth == b->truth;
	case JSON_NUMBER:
	case JSON_STRING:
		return text_eq(a->text, b->text);
	case JSON_NULL:
		break;
	}
	return true;
}

/* Devices of the container's own, named again, add nothing. */
static bool check_devices(struct arena *arena, const struct finder *finder,
			  const struct json *devices, struct error *err)
{
	const struct json *resources, *own;
	struct config config;

	if (!container_find(arena, finder, &config, err))
		return error_in(err, "the resources name devices");
	resources = json_get(config.linux_section, "resources");
	own = json_get(resources, "devices");
	return (own && same_value(devices, own)) ||
	       error_set(err, ERR_DENIED,
			 "the resources name devices that are not those of the "
			 "container's config.json, and crun would give them to it; "
			 "leave them out");
}

static bool check_resources(struct arena *arena, const struct finder *finder,
			    struct text text, struct error *err)
{
	struct json *root;

	if (!json_parse(arena, text, &root, err))
		return error_in(err, "resources");
	if (root->kind != JSON_OBJECT)
		return true;
	for (const struct json *m = root->first; m; m = m->next) {
		if (!json_key_folds(m->key, text_of("devices")))
			continue;
		if (!text_is(m->key, "devices"))
			return error_set(err, ERR_DATA,
					 "resources: %s reads as \"devices\" to some",
					 text_quote(arena, m->key));
		if (m->kind != JSON_NULL && !(m->kind == JSON_ARRAY && !m->count) &&
		    !check_devices(arena, finder, m, err))
			return false;
	}
	return true;
}

bool change_resources(struct arena *arena, const struct finder *finder,
		      struct invocation *invocation, bool dry, struct error *ret_why,
		      struct error *err)
{
	const char *path = invocation_option(invocation, "resources");
	struct text text;

	*ret_why = (struct error){ 0 };
	if (invocation->kind == RUNTIME_RUNC || !path)
		return true;
	if (!read_resources(arena, path, &text, err) ||
	    !file_become(STDIN_FILENO, text, err))
		return false;
	invocation_set(arena, invocation, "resources", "-");
	if (check_resources(arena, finder, text, ret_why))
		return true;
	if (!dry)
		*err = *ret_why;
	return dry;
}

/*
 * Relative sources begin at the working directory: crun goes into no bundle here
 * (container.c, libcrun_container_add_or_remove_mounts_from_file).
 */
static bool check_mounts(struct arena *arena, const struct node *node,
			 const struct bundle *file, struct error *err)
{
	CLOSE int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *folder;
	struct json *root;

	if (here < 0)
		return error_errno(err, "working directory");
	if (!json_parse(arena, file->file.text, &root, err) ||
	    !schema_check_mounts(arena, root, file->file.text, err))
		return error_in(err, "mounts");
	return bundle_folder(arena, here, &folder, err) &&
	       protect_check_mounts(arena, root, folder, node, err);
}

/* As with a bundle, crun gets the path of what was opened. */
static bool take_mounts(struct arena *arena, const struct node *node, char **path,
			struct error *err)
{
	struct bundle file = { .dir = -1 };
	const char *folder;
	bool passes;

	if (!bundle_open_file(arena, *path, &file, err))
		return error_in(err, "mounts");
	passes = bundle_folder(arena, file.dir, &folder, err) &&
		 check_mounts(arena, node, &file, err);
	close_cleanup(&file.dir);
	if (passes)
		*path = arena_printf(arena, "%s/%s", folder, file.name);
	return passes;
}

bool change_mounts(struct arena *arena, const struct finder *finder, struct error *err)
{
	struct config config;
	struct outcome outcome;
	struct gate gate;

	if (!container_find(arena, finder, &config, err))
		return false;
	if (!finder_gate(arena, finder, &gate, err) ||
	    !gate_decide(arena, &gate, config.text, &outcome, err))
		return false;
	if (!outcome.decision.mounts)
		return error_set(
			err, ERR_DENIED,
			"mounts are not allowed on this node: they would add to "
			"the container what nobody has decided on; to allow, "
			"add \"mounts\": true to a rule of the ACL that applies");
	return take_mounts(arena, finder->node, &finder->invocation->arguments.items[2],
			   err);
}
