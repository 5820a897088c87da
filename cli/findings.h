/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * What `powerbox check` finds, in order. A finding is one line; of one that is bad or a
 * note the line says how to mend it. doc/schema/check.json is its form in JSON.
 */
enum finding_kind {
	FINDING_OK,
	FINDING_NOTE, /* worth knowing; nothing is refused because of it */
	FINDING_BAD,
};

struct finding {
	enum finding_kind kind;
	const char *area; /* what of the node: "node", "acl", "profiles" ... */
	const char *text;
};

struct findings {
	struct arena *arena;
	const char *area; /* of what is found next */
	struct finding *items;
	size_t count, capacity;
	size_t bad;
};

void found_ok(struct findings *findings, const char *fmt, ...) PRINTF(2, 3);
void found_note(struct findings *findings, const char *fmt, ...) PRINTF(2, 3);
void found_bad(struct findings *findings, const char *fmt, ...) PRINTF(2, 3);
void found_error(struct findings *findings, const struct error *err);

void findings_print(const struct findings *findings);
void findings_print_json(const struct findings *findings);

#endif
