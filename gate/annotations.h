/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_ANNOTATIONS_H
#define GATE_ANNOTATIONS_H

#include "gate/gate.h"

/*
 * Whether no annotation tells the runtime to take authority from elsewhere (oci/unsafe.h,
 * gate/features.h), except for those that a rule of the ACL lets this subject have.
 * `annotations` may be NULL. ERR_DENIED: the key, what it does and how to allow it.
 */
NODISCARD bool annotations_check(struct arena *arena, const struct gate *gate,
				 const struct json *annotations,
				 const struct subject *subject, struct error *err);

/* All that annotations_check() would refuse, not only the first. */
struct unsafe_annotation {
	struct text key;
	const char *runtime; /* who obeys it */
	const char *effect;
};

struct unsafe_annotations {
	struct unsafe_annotation *items;
	size_t count, capacity;
};

NODISCARD bool annotations_refused(struct arena *arena, const struct gate *gate,
				   const struct json *annotations,
				   const struct subject *subject,
				   struct unsafe_annotations *ret, struct error *err);

#endif
