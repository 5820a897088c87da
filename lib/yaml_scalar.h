/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_YAML_SCALAR_H
#define LIB_YAML_SCALAR_H

#include "lib/text.h"

/* What a YAML scalar without quotes stands for (go-yaml 2, resolve.go), as JSON. */
enum scalar_kind {
	SCALAR_STRING,
	SCALAR_NULL,
	SCALAR_BOOL,
	SCALAR_INT,
	SCALAR_FLOAT,
	SCALAR_NONE, /* a number that JSON does not have */
};

struct scalar {
	enum scalar_kind kind;
	struct text text; /* of a string as it is, else as JSON writes it */
};

struct scalar scalar_of(struct arena *arena, struct text text);

#endif
