/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/annotations.h"

#include <string.h>

#include "gate/features.h"
#include "oci/unsafe.h"

static bool denied(struct arena *arena, const struct gate *gate, struct text key,
		   const char *runtime, const char *effect, struct error *err)
{
	struct ground place = acl_place(gate->acl);
	struct buffer rule = { .arena = arena };

	buffer_json(&rule, key);
	return error_set(err, ERR_DENIED,
			 "annotation %s is not allowed on this node: it %s (%s); take it "
			 "out, or to allow it add {\"annotations\": [%.*s]} to the "
			 "rules at %s:%zu",
			 text_quote(arena, key), effect, runtime, 100, rule.bytes,
			 place.path, place.line);
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
	       text_is(key, KEY_PROFILES) ||
	       (key.length > strlen(KEY_PROFILES) &&
		!memcmp(key.bytes, KEY_PROFILES "/", strlen(KEY_PROFILES "/")));
}

/* What the table knows; *ret_unknown: there are keys to ask the runtime about. */
static bool check_known(struct arena *arena, const struct gate *gate,
			const struct json *annotations, const struct subject *subject,
			bool *ret_unknown, struct error *err)
{
	*ret_unknown = false;
	for (const struct json *m = annotations->first; m; m = m->next) {
		struct annotation annotation = annotation_classify(m);

		if (annotation.kind == ANNOTATION_UNSAFE &&
		    !allowed(arena, gate, m->key, subject))
			return denied(arena, gate, m->key, annotation.runtime,
				      annotation.effect, err);
		if (annotation.kind == ANNOTATION_UNKNOWN && !is_plain(m->key))
			*ret_unknown = true;
	}
	return true;
}

static bool check_listed(struct arena *arena, const struct gate *gate,
			 const struct json *member, const struct words *listed,
			 const struct subject *subject, struct error *err)
{
	for (size_t i = 0; i < listed->count; i++)
		if (annotation_named(member->key, listed->items[i]) &&
		    !allowed(arena, gate, member->key, subject))
			return denied(arena, gate, member->key, gate->node.runtime,
				      "is on the runtime's own list of unsafe ones", err);
	return true;
}

bool annotations_check(struct arena *arena, const struct gate *gate,
		       const struct json *annotations, const struct subject *subject,
		       struct error *err)
{
	struct words listed = { 0 };
	bool unknown;

	if (!annotations)
		return true;
	if (!check_known(arena, gate, annotations, subject, &unknown, err))
		return false;
	if (!unknown)
		return true;
	if (!features_unsafe(arena, &gate->node, &listed, err))
		return false;
	for (const struct json *m = annotations->first; m; m = m->next)
		if (annotation_classify(m).kind == ANNOTATION_UNKNOWN &&
		    !check_listed(arena, gate, m, &listed, subject, err))
			return false;
	return true;
}
