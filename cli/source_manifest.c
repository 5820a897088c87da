/* SPDX-License-Identifier: Apache-2.0 */

/* Kubernetes: pods, and what makes pods. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/source_kinds.h"
#include "oci/reference.h"

#define LISTS_MAX 4 /* lists in lists */

/* Where the pod is in what makes it. */
static const struct {
	const char *kind;
	const char *path[5];
} kinds[] = {
	{ "Pod", { NULL } },
	{ "PodTemplate", { "template" } },
	{ "ReplicationController", { "spec", "template" } },
	{ "ReplicaSet", { "spec", "template" } },
	{ "Deployment", { "spec", "template" } },
	{ "StatefulSet", { "spec", "template" } },
	{ "DaemonSet", { "spec", "template" } },
	{ "Job", { "spec", "template" } },
	{ "CronJob", { "spec", "jobTemplate", "spec", "template" } },
};

static const struct {
	const char *member;
	const char *words;
} lists[] = {
	{ "initContainers", "init container" },
	{ "containers", "container" },
	{ "ephemeralContainers", "ephemeral container" },
};

struct pod {
	struct sourcing *sourcing;
	const struct yaml_document *document;
	const char *where;
	struct text namespace;
	const struct json *annotations;
	const struct json *security; /* the pod's securityContext */
};

static size_t line_of(const struct pod *pod, const struct json *at)
{
	return pod->document->line - 1 + json_line(pod->document->text, at->start);
}

static bool PRINTF(4, 5) wrong(const struct pod *pod, const struct json *at,
			       struct error *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	err->code = ERR_DATA;
	return error_in(err, "line %zu", line_of(pod, at));
}

/* A member that may be missing or null (*ret is NULL), and is of this kind otherwise. */
static bool member(const struct pod *pod, const struct json *object, const char *name,
		   enum json_kind kind, const struct json **ret, struct error *err)
{
	const struct json *value = json_get(object, name);

	if (json_is(value, JSON_NULL))
		value = NULL;
	if (value && value->kind != kind)
		return wrong(pod, value, err, "%s must be %s, not %s", name,
			     json_kind_name(kind), json_kind_name(value->kind));
	*ret = value;
	return true;
}

static bool string(const struct pod *pod, const struct json *object, const char *name,
		   struct text *ret, struct error *err)
{
	const struct json *value = NULL;

	if (!member(pod, object, name, JSON_STRING, &value, err))
		return false;
	*ret = value ? value->text : (struct text){ NULL, 0 };
	return true;
}

static bool annotations(struct pod *pod, const struct json *metadata, struct error *err)
{
	struct arena *arena = pod->sourcing->arena;
	const struct json *mistaken;

	if (!member(pod, metadata, "annotations", JSON_OBJECT, &pod->annotations, err))
		return false;
	for (const struct json *m = pod->annotations ? pod->annotations->first : NULL; m;
	     m = m->next)
		if (m->kind != JSON_STRING)
			return wrong(pod, m, err,
				     "annotation %s must be a string, not %s; quotes "
				     "make one",
				     text_quote(arena, m->key), json_kind_name(m->kind));
	mistaken = keys_mistaken(pod->annotations);
	if (mistaken)
		return wrong(pod, mistaken, err,
			     "annotation %s is not known; did you mean %s?",
			     text_quote(arena, mistaken->key), KEYS_MEANT);
	return true;
}

/* "NET_ADMIN", as containerd and CRI-O take it: in any case, with CAP_ or without. */
static int capability(struct arena *arena, struct text name)
{
	char *upper = arena_copy(arena, name.bytes, name.length);

	for (size_t i = 0; i < name.length; i++)
		if (upper[i] >= 'a' && upper[i] <= 'z')
			upper[i] = (char)(upper[i] - 'a' + 'A');
	if (strncmp(upper, "CAP_", 4) != 0)
		upper = arena_printf(arena, "CAP_%s", upper);
	return strcmp(upper, "CAP_ALL") != 0 ? capset_find(text_of(upper)) : CAPSET_NAMED;
}

struct cap_list {
	bool all; /* "ALL" is among them */
	struct capset named;
};

static bool capabilities(const struct pod *pod, const struct json *object,
			 const char *name, struct cap_list *ret, struct error *err)
{
	const struct json *list;

	*ret = (struct cap_list){ 0 };
	if (!member(pod, object, name, JSON_ARRAY, &list, err))
		return false;
	for (const struct json *m = list ? list->first : NULL; m; m = m->next) {
		int number = m->kind == JSON_STRING
				     ? capability(pod->sourcing->arena, m->text)
				     : -1;

		if (number < 0)
			return wrong(pod, m, err, "%s is no capability",
				     text_quote(pod->sourcing->arena, m->text));
		if (number == CAPSET_NAMED)
			ret->all = true;
		else
			ret->named.bits |= UINT64_C(1) << number;
	}
	return true;
}

/* Of the container, else of the pod, else none (the kubelet without seccompDefault). */
static bool filter(const struct pod *pod, const struct json *security,
		   struct settings *settings, struct error *err)
{
	const struct json *profile;
	struct text type;

	if (!member(pod, security, "seccompProfile", JSON_OBJECT, &profile, err) ||
	    (!profile &&
	     !member(pod, pod->security, "seccompProfile", JSON_OBJECT, &profile, err)) ||
	    !string(pod, profile, "type", &type, err))
		return false;
	if (!profile || text_is(type, "Unconfined"))
		settings->filter = FILTER_NONE;
	else if (text_is(type, "RuntimeDefault"))
		settings->filter = FILTER_DEFAULT;
	else if (text_is(type, "Localhost"))
		settings->filter = FILTER_UNKNOWN;
	else
		return wrong(pod, profile, err,
			     "seccompProfile.type is RuntimeDefault, Localhost or "
			     "Unconfined, not %s",
			     text_quote(pod->sourcing->arena, type));
	return true;
}

static bool settings_of(const struct pod *pod, const struct json *container,
			struct settings *ret, struct error *err)
{
	const struct json *security, *caps, *privileged, *escalation;
	struct settings settings = source_defaults(pod->sourcing);
	struct cap_list add, drop;

	settings.from = "its securityContext";
	if (!member(pod, container, "securityContext", JSON_OBJECT, &security, err) ||
	    !member(pod, security, "capabilities", JSON_OBJECT, &caps, err) ||
	    !member(pod, security, "privileged", JSON_BOOL, &privileged, err) ||
	    !member(pod, security, "allowPrivilegeEscalation", JSON_BOOL, &escalation,
		    err) ||
	    !capabilities(pod, caps, "add", &add, err) ||
	    !capabilities(pod, caps, "drop", &drop, err) ||
	    !filter(pod, security, &settings, err))
		return false;
	/* In the order of containerd's WithCapabilities
	 * (internal/cri/opts/spec_linux.go). */
	if (add.all)
		settings.caps = CAPSET_ALL;
	if (drop.all)
		settings.caps = (struct capset){ 0 };
	settings.caps.bits |= add.named.bits;
	settings.caps.bits &= ~drop.named.bits;
	settings.new_privileges = !escalation || escalation->truth;
	if (privileged && privileged->truth) {
		settings.caps = CAPSET_ALL;
		settings.filter = FILTER_NONE;
		settings.new_privileges = true;
	}
	*ret = settings;
	return true;
}

static bool request(const struct pod *pod, struct text container, struct request *request,
		    struct error *err)
{
	struct arena *arena = pod->sourcing->arena;
	const struct json *value = keys_find(arena, pod->annotations, container);

	if (!value)
		return true;
	request->source = value->key;
	return request_names(arena, value->text, request, err) ||
	       error_in(err, "line %zu: annotation %s", line_of(pod, value),
			text_quote(arena, value->key));
}

static bool add_container(const struct pod *pod, const struct json *container,
			  const char *words, struct error *err)
{
	struct arena *arena = pod->sourcing->arena;
	struct candidate candidate = { 0 };
	struct subject subject = { .namespace = pod->namespace };

	if (container->kind != JSON_OBJECT)
		return wrong(pod, container, err, "a container must be an object");
	if (!string(pod, container, "name", &subject.container, err) ||
	    !string(pod, container, "image", &subject.image, err) ||
	    !request(pod, subject.container, &candidate.request, err) ||
	    !settings_of(pod, container, &candidate.settings, err))
		return false;
	if (!subject.container.length)
		return wrong(pod, container, err, "a container has no name");
	if (subject.image.length)
		subject.image = reference_whole(arena, subject.image);
	candidate.where = arena_printf(arena, "%s, %s %s", pod->where, words,
				       text_quote(arena, subject.container));
	candidate.request.subject =
		engine_tells(pod->sourcing->gate->node.engine, subject);
	return source_add(pod->sourcing, &candidate, err);
}

/* A pod or a template of one. */
static bool add_pod(struct pod *pod, const struct json *object, struct error *err)
{
	const struct json *metadata, *spec, *list;

	if (!member(pod, object, "metadata", JSON_OBJECT, &metadata, err) ||
	    !annotations(pod, metadata, err) ||
	    !member(pod, object, "spec", JSON_OBJECT, &spec, err) ||
	    !member(pod, spec, "securityContext", JSON_OBJECT, &pod->security, err))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (!member(pod, spec, lists[i].member, JSON_ARRAY, &list, err))
			return false;
		for (const struct json *m = list ? list->first : NULL; m; m = m->next)
			if (!add_container(pod, m, lists[i].words, err))
				return false;
	}
	return true;
}

static bool add_object(struct pod *pod, const struct json *object, struct text kind,
		       unsigned depth, struct error *err);

/* A "List" of anything; a "PodList" whose items need not say that they are pods. */
static bool add_list(struct pod *pod, const struct json *object, struct text kind,
		     unsigned depth, struct error *err)
{
	const struct json *items;

	if (depth == LISTS_MAX)
		return wrong(pod, object, err, "more than %d lists in each other",
			     LISTS_MAX);
	if (!member(pod, object, "items", JSON_ARRAY, &items, err))
		return false;
	kind.length -= strlen("List");
	for (const struct json *m = items ? items->first : NULL; m; m = m->next)
		if (!add_object(pod, m, kind, depth + 1, err))
			return false;
	return true;
}

static bool add_object(struct pod *pod, const struct json *object, struct text kind,
		       unsigned depth, struct error *err)
{
	struct arena *arena = pod->sourcing->arena;
	const struct json *metadata, *at = object;
	struct text own, name;

	if (object->kind != JSON_OBJECT)
		return wrong(pod, object, err, "an object of Kubernetes is expected");
	if (!string(pod, object, "kind", &own, err))
		return false;
	kind = own.length ? own : kind;
	if (kind.length >= 4 && !memcmp(kind.bytes + kind.length - 4, "List", 4))
		return add_list(pod, object, kind, depth, err);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!text_is(kind, kinds[i].kind))
			continue;
		if (!member(pod, object, "metadata", JSON_OBJECT, &metadata, err) ||
		    !string(pod, metadata, "name", &name, err) ||
		    !string(pod, metadata, "namespace", &pod->namespace, err))
			return false;
		pod->where = arena_printf(arena, "%s: %s %s", pod->sourcing->path,
					  kinds[i].kind, text_quote(arena, name));
		for (size_t j = 0; kinds[i].path[j]; j++)
			if (!member(pod, at, kinds[i].path[j], JSON_OBJECT, &at, err))
				return false;
		return !at || add_pod(pod, at, err);
	}
	return true;
}

bool source_manifest(struct sourcing *sourcing, const struct yaml_document *document,
		     struct error *err)
{
	struct pod pod = { .sourcing = sourcing, .document = document };

	return add_object(&pod, document->root, (struct text){ NULL, 0 }, 0, err);
}
