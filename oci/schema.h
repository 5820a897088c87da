/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_SCHEMA_H
#define OCI_SCHEMA_H

#include "lib/json.h"

/*
 * Whether every runtime reads a config.json alike. json_parse() has seen to the text;
 * here it is about the members that runtimes know: Go takes a key in any case, with
 * U+017F for s and U+212A for k, where others take it to the letter; a value of the wrong
 * kind is an error to one and absent to the next; a number may be cut to the width of a
 * type; null is an empty string, nothing at all, or an error.
 *
 * Members that no runtime knows are let pass, whatever they hold. What a value means, and
 * whether it makes sense, is the runtime's business.
 *
 * ERR_DATA: "byte N (line L): process.user.uid: ...".
 */
NODISCARD bool schema_check(struct arena *arena, const struct json *config,
			    struct text text, struct error *err);

/* The same for the process object alone that `exec --process` takes. */
NODISCARD bool schema_check_process(struct arena *arena, const struct json *process,
				    struct text text, struct error *err);

/* The same for the list that crun's `mounts` takes. */
NODISCARD bool schema_check_mounts(struct arena *arena, const struct json *mounts,
				   struct text text, struct error *err);

#endif
