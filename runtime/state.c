/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/state.h"

#include <string.h>
#include <unistd.h>

#include "lib/ask.h"
#include "oci/bundle.h"
#include "oci/config.h"
#include "runtime/links.h"

static bool is_path(struct text text)
{
	return text.length && text.bytes[0] == '/';
}

/* crun's status file (src/libcrun/status.c, 0.1 to main): "bundle". */
static struct text crun_bundle(const struct json *root)
{
	return json_string(json_get(root, "bundle"));
}

/*
 * runc's state.json (libcontainer's State, 1.0 to main): of config's labels the first
 * that begins with "bundle=", which is the one that runc's exec goes by (SearchLabels).
 */
static struct text runc_bundle(const struct json *root)
{
	static const char prefix[] = "bundle=";
	const size_t n = strlen(prefix);
	const struct json *labels = json_get(json_get(root, "config"), "labels");

	for (const struct json *m = json_items(labels); m; m = m->next)
		if (m->kind == JSON_STRING && m->text.length > n &&
		    text_begins(m->text, prefix))
			return (struct text){ m->text.bytes + n, m->text.length - n };
	return (struct text){ NULL, 0 };
}

/* Lists of strings; what is absent or null names nothing. */
static bool same_names(const struct json *a, const struct json *b)
{
	const struct json *x = json_items(a), *y = json_items(b);

	for (; x && y && text_eq(x->text, y->text); x = x->next)
		y = y->next;
	return !x && !y;
}

static bool is_label(struct arena *arena, const struct json *labels,
		     const struct json *annotation)
{
	struct buffer whole = { .arena = arena };

	buffer_add(&whole, annotation->key.bytes, annotation->key.length);
	buffer_puts(&whole, "=");
	buffer_add(&whole, annotation->text.bytes, annotation->text.length);
	for (const struct json *m = labels->first; m; m = m->next)
		if (text_eq(m->text, buffer_text(&whole)))
			return true;
	return false;
}

/* Each annotation is a label, and beside them there is the bundle's. */
static bool same_annotations(struct arena *arena, const struct json *labels,
			     const struct json *annotations)
{
	const struct json *m = annotations ? annotations->first : NULL;

	if (!json_is(labels, JSON_ARRAY) ||
	    labels->count != (annotations ? annotations->count : 0) + 1)
		return false;
	while (m && is_label(arena, labels, m))
		m = m->next;
	return !m;
}

/* libcontainer's Config, 1.0 to main, whose sets have no names of their own in JSON. */
static bool runc_agrees(struct arena *arena, const struct json *root,
			const struct config *config)
{
	static const char *const sets[][2] = {
		{ "Bounding", "bounding" },	  { "Effective", "effective" },
		{ "Permitted", "permitted" },	  { "Ambient", "ambient" },
		{ "Inheritable", "inheritable" },
	};
	const struct json *kept = json_get(root, "config");
	const struct json *theirs = json_get(kept, "capabilities");
	const struct json *ours = json_get(config->process, "capabilities");

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		if (!same_names(json_get(theirs, sets[i][0]), json_get(ours, sets[i][1])))
			return false;
	return json_true(json_get(kept, "no_new_privileges")) ==
		       json_true(json_get(config->process, "noNewPrivileges")) &&
	       json_is(json_get(kept, "seccomp"), JSON_OBJECT) ==
		       json_is(json_get(config->linux_section, "seccomp"), JSON_OBJECT) &&
	       same_annotations(arena, json_get(kept, "labels"), config->annotations);
}

static const char *kept_path(struct arena *arena, const struct invocation *invocation)
{
	return arena_printf(arena, "%s/%s/%s", link_root(arena, invocation),
			    invocation->id,
			    invocation->kind == RUNTIME_CRUN ? "status" : "state.json");
}

bool state_kept(struct arena *arena, const struct invocation *invocation)
{
	return !access(kept_path(arena, invocation), F_OK);
}

bool state_agrees(struct arena *arena, const struct invocation *invocation,
		  const struct config *config)
{
	const char *path = kept_path(arena, invocation);
	struct error ignored;
	struct file file;
	struct json *root;

	/* Beside its status (container.c, libcrun_copy_config_file). */
	if (invocation->kind == RUNTIME_CRUN)
		path = arena_printf(arena, "%s/%s/config.json",
				    link_root(arena, invocation), invocation->id);
	if (!file_read(arena, AT_FDCWD, path, CONFIG_SIZE_MAX, &file, &ignored))
		return false;
	if (invocation->kind == RUNTIME_CRUN)
		return text_eq(file.text, config->text);
	return json_parse(arena, file.text, &root, &ignored) &&
	       runc_agrees(arena, root, config);
}

/* From the file that the runtime keeps; false if it is not there, or not as it was. */
static bool bundle_by_file(struct arena *arena, const struct invocation *invocation,
			   const char **ret)
{
	bool crun = invocation->kind == RUNTIME_CRUN;
	const char *path = kept_path(arena, invocation);
	struct error ignored;
	struct file file;
	struct text bundle;
	struct json *root;

	if (!file_read(arena, AT_FDCWD, path, CONFIG_SIZE_MAX, &file, &ignored) ||
	    !json_parse(arena, file.text, &root, &ignored))
		return false;
	bundle = crun ? crun_bundle(root) : runc_bundle(root);
	if (!is_path(bundle))
		return false;
	*ret = arena_copy(arena, bundle.bytes, bundle.length);
	return true;
}

/* `RUNTIME [--root=DIR] state -- ID`, as the runtime itself will look for it. */
static bool ask_state(struct arena *arena, const struct node *node,
		      const struct invocation *invocation, struct answered *ret,
		      struct error *err)
{
	const char *const globals[] = { "root", "rootless" };
	struct arguments line = { 0 };
	struct question question = { .path = node->runtime,
				     .environment = environ,
				     .limit = CONFIG_SIZE_MAX };
	char name[] = "runtime", command[] = "state", end[] = "--";

	*arena_push(arena, &line) = name;
	for (size_t i = 0; i < ARRAY_SIZE(globals); i++) {
		const char *value = invocation_global(invocation, globals[i]);

		if (value)
			*arena_push(arena, &line) =
				arena_printf(arena, "--%s=%s", globals[i], value);
	}
	*arena_push(arena, &line) = command;
	*arena_push(arena, &line) = end;
	*arena_push(arena, &line) =
		arena_copy(arena, invocation->id, strlen(invocation->id));
	*arena_push(arena, &line) = NULL;
	question.argv = line.items;
	return ask(arena, &question, ret, err);
}

static bool bundle_by_answer(struct arena *arena, const struct node *node,
			     const struct invocation *invocation, const char **ret,
			     struct error *err)
{
	struct answered answer;
	struct text said;
	struct json *root;

	if (!ask_state(arena, node, invocation, &answer, err))
		return false;
	*ret = NULL;
	if (!answer.well || !answer.text.length)
		return true;
	if (!json_parse(arena, answer.text, &root, err))
		return error_in(err, "the runtime's state");
	said = json_string(json_get(root, "bundle"));
	if (!is_path(said))
		return error_set(err, ERR_DATA,
				 "the runtime's state has no absolute \"bundle\"");
	*ret = arena_copy(arena, said.bytes, said.length);
	return true;
}

bool state_bundle(struct arena *arena, const struct node *node,
		  const struct invocation *invocation, const char **ret,
		  struct error *err)
{
	return bundle_by_file(arena, invocation, ret) ||
	       bundle_by_answer(arena, node, invocation, ret, err);
}
