/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/node.h"

#include <string.h>

#include "lib/fields.h"
#include "lib/trust.h"

struct reading {
	struct node *node;
	bool has_kind;
};

static bool kind_find(struct text text, enum runtime_kind *ret)
{
	if (!text_is(text, "runc") && !text_is(text, "crun"))
		return false;
	*ret = text_is(text, "crun") ? RUNTIME_CRUN : RUNTIME_RUNC;
	return true;
}

/* By the file's name: crun and its builds (crun-wasm), else runc's grammar. */
static enum runtime_kind kind_guess(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strstr(slash ? slash : path, "crun") ? RUNTIME_CRUN : RUNTIME_RUNC;
}

struct node node_default(void)
{
	return (struct node){
		.etc = -1,
		.runtime = DEFAULT_RUNTIME,
		.kind = kind_guess(DEFAULT_RUNTIME),
		.archs = archs_native(),
	};
}

const char *runtime_kind_name(enum runtime_kind kind)
{
	return kind == RUNTIME_CRUN ? "crun" : "runc";
}

static bool read_runtime(const struct fields *fields, const struct json *value,
			 struct error *err)
{
	struct reading *reading = fields->into;

	if (!value->text.length || value->text.bytes[0] != '/')
		return fields_error(
			fields, value, err,
			"runtime must be an absolute path; nothing is looked up");
	reading->node->runtime =
		arena_copy(fields->arena, value->text.bytes, value->text.length);
	return true;
}

static bool read_kind(const struct fields *fields, const struct json *value,
		      struct error *err)
{
	struct reading *reading = fields->into;

	reading->has_kind = true;
	if (kind_find(value->text, &reading->node->kind))
		return true;
	return fields_error(fields, value, err,
			    "runtimeKind is \"runc\" or \"crun\", not %s",
			    text_quote(fields->arena, value->text));
}

/* "containerd", "cri-o" ...: all that are known. */
static const char *engine_names(struct arena *arena)
{
	struct buffer out = { .arena = arena };

	for (size_t i = 0; engine_at(i); i++)
		buffer_printf(&out, "%s\"%s\"",
			      !i		 ? ""
			      : engine_at(i + 1) ? ", "
						 : " or ",
			      engine_name(engine_at(i)));
	return out.bytes;
}

static bool read_engine(const struct fields *fields, const struct json *value,
			struct error *err)
{
	struct reading *reading = fields->into;

	reading->node->engine = engine_find(value->text);
	if (reading->node->engine)
		return true;
	return fields_error(fields, value, err, "engine is %s, not %s",
			    engine_names(fields->arena),
			    text_quote(fields->arena, value->text));
}

static bool read_labels(const struct fields *fields, const struct json *value,
			struct error *err)
{
	struct reading *reading = fields->into;

	return labels_add(fields, value, &reading->node->labels, err);
}

static bool read_arch(const struct fields *fields, const struct json *item,
		      struct error *err)
{
	struct reading *reading = fields->into;

	if (archs_add(&reading->node->archs, item->text))
		return true;
	return fields_error(fields, item, err,
			    "%s is no architecture; the form is "
			    "SCMP_ARCH_X86_64",
			    text_quote(fields->arena, item->text));
}

static bool read_architectures(const struct fields *fields, const struct json *value,
			       struct error *err)
{
	return fields_each(fields, value, JSON_STRING, read_arch, err);
}

static bool read_audit(const struct fields *fields, const struct json *value,
		       struct error *err)
{
	struct reading *reading = fields->into;
	bool required = text_is(value->text, "required");

	if (!required && !text_is(value->text, "log"))
		return fields_error(fields, value, err,
				    "audit is \"log\" or \"required\", not %s; leave it "
				    "out for no decision log",
				    text_quote(fields->arena, value->text));
	reading->node->audit = required ? AUDIT_REQUIRED : AUDIT_LOG;
	return true;
}

static const struct field node_fields[] = {
	{ "version", JSON_NUMBER, fields_version },
	{ "runtime", JSON_STRING, read_runtime },
	{ "runtimeKind", JSON_STRING, read_kind },
	{ "engine", JSON_STRING, read_engine },
	{ "labels", JSON_OBJECT, read_labels },
	{ "architectures", JSON_ARRAY, read_architectures },
	{ "audit", JSON_STRING, read_audit },
};

bool node_parse(struct arena *arena, const char *path, struct text text, struct node *ret,
		struct error *err)
{
	struct node node = node_default();
	struct reading reading = { .node = &node };
	struct fields fields = {
		.arena = arena, .text = text, .into = &reading, .page = "powerbox-node(5)"
	};

	if (!fields_file(&fields, node_fields, ARRAY_SIZE(node_fields), err))
		return error_in(err, "%s", path);
	if (!reading.has_kind)
		node.kind = kind_guess(node.runtime);
	*ret = node;
	return true;
}

/*
 * The one member without which nothing can be stopped, whatever is wrong with the rest.
 * False: what it says of it can't be read.
 */
static bool salvage_runtime(struct arena *arena, struct text text, struct node *node)
{
	const struct json *runtime;
	struct json *root;
	struct error ignored;

	if (!json_parse(arena, text, &root, &ignored))
		return false;
	runtime = json_get(root, "runtime");
	/* That it names none is an answer, too. */
	if (root->kind == JSON_OBJECT && !runtime)
		return true;
	if (!json_is(runtime, JSON_STRING) || !runtime->text.length ||
	    runtime->text.bytes[0] != '/')
		return false;
	node->runtime = arena_copy(arena, runtime->text.bytes, runtime->text.length);
	node->kind = kind_guess(node->runtime);
	runtime = json_get(root, "runtimeKind");
	if (json_is(runtime, JSON_STRING))
		(void)kind_find(runtime->text, &node->kind);
	return true;
}

bool node_read(struct arena *arena, struct node *ret, struct error *err)
{
	struct file file;
	int etc = -1;
	bool read = trust_open_dir(arena, POWERBOX_SYSCONFDIR, &etc, err) &&
		    trust_read(arena, etc, POWERBOX_SYSCONFDIR, "node.json",
			       NODE_SIZE_MAX, &file, err);
	bool parsed;

	*ret = node_default();
	parsed = !read || node_parse(arena, NODE_FILE, file.text, ret, err);
	if (!parsed)
		ret->guessed = !salvage_runtime(arena, file.text, ret);
	else
		ret->guessed = !read && err->code != ERR_NOINPUT;
	ret->etc = etc;
	return parsed && (read || err->code == ERR_NOINPUT);
}
