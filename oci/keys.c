/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/keys.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/*
 * containerd: internal/cri/annotations/annotations.go (1.6 to 2.1); set last, so a pod
 * can't set them. CRI-O: its own keys and the kubelet's labels (1.32). podman and Docker
 * set none that tell a subject; anybody can write any there with --annotation.
 */
struct engine {
	const char *name;
	const char *namespace;
	const char *container;
	const char *image;
	const char *type;
};

static const struct engine engines[] = {
	{
		.name = "containerd",
		.namespace = "io.kubernetes.cri.sandbox-namespace",
		.container = "io.kubernetes.cri.container-name",
		.image = "io.kubernetes.cri.image-name",
		.type = "io.kubernetes.cri.container-type",
	},
	{
		.name = "cri-o",
		.namespace = "io.kubernetes.pod.namespace",
		.container = "io.kubernetes.container.name",
		.image = "io.kubernetes.cri-o.ImageName",
		.type = "io.kubernetes.cri-o.ContainerType",
	},
	{ .name = "podman" },
	{ .name = "docker" },
};

const struct engine *engine_find(struct text name)
{
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		if (text_is(name, engines[i].name))
			return &engines[i];
	return NULL;
}

const char *engine_name(const struct engine *engine)
{
	return engine->name;
}

const struct engine *engine_at(size_t n)
{
	return n < ARRAY_SIZE(engines) ? &engines[n] : NULL;
}

/* Empty if there is no such annotation (schema_check() has seen that all are strings). */
static struct text annotation(const struct json *annotations, const char *key)
{
	const struct json *value = key ? json_get(annotations, key) : NULL;

	return value ? value->text : (struct text){ NULL, 0 };
}

/*
 * Where the engine is known, no other's key makes a sandbox: what the ACL names under
 * "sandbox" may be more than a pause needs, and who writes annotations would have it.
 */
static bool is_sandbox(const struct json *annotations, const struct engine *engine)
{
	if (engine)
		return text_is(annotation(annotations, engine->type), "sandbox");
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		if (text_is(annotation(annotations, engines[i].type), "sandbox"))
			return true;
	return false;
}

static struct text claimed_name(const struct json *annotations,
				const struct engine *engine)
{
	struct text name = engine ? annotation(annotations, engine->container)
				  : (struct text){ NULL, 0 };

	for (size_t i = 0; !name.length && i < ARRAY_SIZE(engines); i++)
		name = annotation(annotations, engines[i].container);
	return name;
}

/* The container's own annotation, else the pod's; NULL if neither is there. */
const struct json *keys_find(struct arena *arena, const struct json *annotations,
			     struct text container)
{
	const struct json *value = NULL;

	if (container.length) {
		struct buffer key = { .arena = arena };

		buffer_puts(&key, KEY_PROFILES "/");
		buffer_add(&key, container.bytes, container.length);
		value = json_get(annotations, key.bytes);
	}
	return value ? value : json_get(annotations, KEY_PROFILES);
}

struct subject engine_tells(const struct engine *engine, struct subject subject)
{
	struct subject told = { 0 };

	if (engine && engine->namespace)
		told.namespace = subject.namespace;
	if (engine && engine->container)
		told.container = subject.container;
	if (engine && engine->image)
		told.image = subject.image;
	return told;
}

struct subject keys_subject(const struct json *annotations, const struct engine *engine)
{
	if (!engine)
		return (struct subject){ 0 };
	return (struct subject){
		.namespace = annotation(annotations, engine->namespace),
		.container = annotation(annotations, engine->container),
		.image = annotation(annotations, engine->image),
	};
}

/* Whatever of the name of powerbox's keys could have been meant for it. */
static bool is_ours(struct text key)
{
	static const char prefix[] = "dev.powerbox";
	size_t length = sizeof(prefix) - 1;

	return key.length >= length && !strncasecmp(key.bytes, prefix, length) &&
	       (key.length == length || !isalnum((unsigned char)key.bytes[length]));
}

static bool is_request(struct text key)
{
	static const char one[] = KEY_PROFILES "/";

	return text_is(key, KEY_PROFILES) ||
	       (key.length >= sizeof(one) && !memcmp(key.bytes, one, sizeof(one) - 1));
}

const struct json *keys_mistaken(const struct json *annotations)
{
	for (const struct json *m = annotations ? annotations->first : NULL; m;
	     m = m->next)
		if (is_ours(m->key) && !is_request(m->key))
			return m;
	return NULL;
}

bool keys_request(struct arena *arena, const struct json *annotations,
		  const struct engine *engine, struct request *ret, struct error *err)
{
	struct request request = {
		.subject = keys_subject(annotations, engine),
		.sandbox = is_sandbox(annotations, engine),
	};
	const struct json *value;

	value = keys_mistaken(annotations);
	if (value)
		return error_set(
			err, ERR_DATA,
			"annotation %s (byte %zu) is not known; did you mean %s?",
			text_quote(arena, value->key), value->key_start, KEYS_MEANT);
	value = keys_find(arena, annotations, claimed_name(annotations, engine));
	if (value && !request.sandbox) {
		request.source = value->key;
		if (!request_names(arena, value->text, &request, err))
			return error_in(err, "annotation %s (byte %zu)",
					text_quote(arena, value->key), value->start);
	}
	*ret = request;
	return true;
}
