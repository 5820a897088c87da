/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_UNSAFE_H
#define OCI_UNSAFE_H

#include "lib/json.h"

/*
 * Annotations that a runtime obeys. To runc and crun they are a second language of
 * configuration, in which a container can be given what its sections do not say: another
 * filter, a library in the runtime, any file of the node. What each key does is one row
 * of the table in unsafe.c; keys that engines set in normal operation are rows too, with
 * the values that do no harm.
 *
 * The rows of both runtimes hold on every node: what is started on one today may be
 * started on the other tomorrow.
 */
enum annotation_kind {
	ANNOTATION_UNKNOWN,  /* not in the table: for the runtime to say (its features) */
	ANNOTATION_HARMLESS, /* known, and adds nothing */
	ANNOTATION_UNSAFE,
};

struct annotation {
	enum annotation_kind kind;
	const char *runtime; /* of an unsafe one: who obeys it */
	const char *effect;  /* of an unsafe one: "replaces the system call filter" */
};

/* What a member of config.json's annotations does. */
struct annotation annotation_classify(const struct json *member);

/* Whether a key is named by a word, which ends in '.' if it names all that begin so. */
bool annotation_named(struct text key, struct text word);

/* The n-th key of the table that is refused, from 0; NULL behind the last. */
const char *annotation_unsafe_at(size_t n);

#endif
