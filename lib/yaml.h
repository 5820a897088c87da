/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_YAML_H
#define LIB_YAML_H

#include "lib/json.h"

/*
 * YAML as the JSON that it stands for, by libyaml: the same tree, read with the same
 * strictness. Each document becomes a JSON text with the lines that it has in the YAML,
 * where the first of them is `line`: json_line() tells where, counted from there.
 *
 * Scalars without quotes mean what they mean to Kubernetes (sigs.k8s.io/yaml, which reads
 * YAML 1.1): yes, no, on and off are booleans, 0644 is octal, 1_000 a number. Refused is
 * what two readers could take differently or what makes a small text a large tree:
 * anchors, aliases, merge keys, tags, the same key twice, keys that are neither text,
 * booleans nor integers, infinity and NaN, and what lib/json.h refuses.
 */
#define YAML_SIZE_MAX ((size_t)4 << 20)
#define YAML_DOCUMENTS_MAX 1024

struct yaml_document {
	struct text text;
	struct json *root;
	size_t line;
};

struct yaml {
	struct yaml_document *items;
	size_t count, capacity;
};

/* Empty documents are left out, but count. ERR_DATA, with "line L: " in front. */
NODISCARD bool yaml_read(struct arena *arena, struct text text, struct yaml *ret,
			 struct error *err);

#endif
