/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/annotations.h"

#include <string.h>

#include "gate/features.h"
#include "oci/unsafe.h"

#define KEY_SHOWN 100 /* bytes, so that the place behind it fits into the message */

static bool denied(struct arena *arena, const struct gate *gate,
		   const struct unsafe_annotation *annotation, struct error *err)
{
	struct ground place = acl_place(gate->acl);
	struct buffer rule = { .arena = arena };

	buffer_json(&rule, annotation->key);
	return error_set(err, ERR_DENIED,
			 "annotation %s is not allowed on this node: it %s (%s); take it "
			 "out, or to allow it add {\"annotations\": [%.*s]} to the "
			 "rules at %s:%zu",
			 text_quote(arena, annotation->key), annotation->effect,
			 annotation->runtime, KEY_SHOWN, rule.bytes, place.path,
			 place.line);
}

static bool allowed(struct arena *arena, const struct gate *gate, struct text key,
		    const struct subject *subject)
{
	return acl_allows_annotation(arena, gate->acl, &gate->node.labels, subject, key);
}

/* Keys that no runtime obeys, for which none is asked: powerbox's own and Kubernetes'. */
static bool is_plain(struct text key)
{
	return annotation_named(key, text_of("io.kubernetes.")) ||
	       text_is(key, KEY_PROFILES) || text_begins(key, KEY_PROFILES "/");
}

/* What the table knows; *ret_unknown: there are keys to ask the runtime about. */
static void find_known(struct arena *arena, const struct gate *gate,
		       const struct json *annotations, const struct subject *subject,
		       struct unsafe_annotations *into, bool *ret_unknown)
{
	*ret_unknown = false;
	for (const struct json *m = annotations->first; m; m = m->next) {
		struct annotation annotation = annotation_classify(m);

		if (annotation.kind == ANNOTATION_UNSAFE &&
		    !allowed(arena, gate, m->key, subject))
			*arena_push(arena, into) =
				(struct unsafe_annotation){ m->key, annotation.runtime,
							    annotation.effect };
		if (annotation.kind == ANNOTATION_UNKNOWN && !is_plain(m->key))
			*ret_unknown = true;
	}
}

static bool is_listed(struct text key, const struct words *listed)
{
	for (size_t i = 0; i < listed->count; i++)
		if (annotation_named(key, listed->items[i]))
			return true;
	return false;
}

static void find_listed(struct arena *arena, const struct gate *gate,
			const struct json *annotations, const struct subject *subject,
			const struct words *listed, struct unsafe_annotations *into)
{
	for (const struct json *m = annotations->first; m; m = m->next)
		if (annotation_classify(m).kind == ANNOTATION_UNKNOWN &&
		    is_listed(m->key, listed) && !allowed(arena, gate, m->key, subject))
			*arena_push(arena, into) = (struct unsafe_annotation){
				m->key, gate->node.runtime,
				"is on the runtime's own list of unsafe ones"
			};
}

bool annotations_refused(struct arena *arena, const struct gate *gate,
			 const struct json *annotations, const struct subject *subject,
			 struct unsafe_annotations *ret, struct error *err)
{
	struct unsafe_annotations found = { 0 };
	struct words listed = { 0 };
	bool unknown = false;

	if (annotations)
		find_known(arena, gate, annotations, subject, &found, &unknown);
	/* A runtime is not started for what is refused anyway. */
	if (unknown && !found.count) {
		if (!features_unsafe(arena, &gate->node, &listed, err))
			return false;
		find_listed(arena, gate, annotations, subject, &listed, &found);
	}
	*ret = found;
	return true;
}

bool annotations_check(struct arena *arena, const struct gate *gate,
		       const struct json *annotations, const struct subject *subject,
		       struct error *err)
{
	struct unsafe_annotations refused;

	return annotations_refused(arena, gate, annotations, subject, &refused, err) &&
	       (!refused.count || denied(arena, gate, &refused.items[0], err));
}
