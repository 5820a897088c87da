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

#endif
