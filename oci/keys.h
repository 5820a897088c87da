/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_KEYS_H
#define OCI_KEYS_H

#include "lib/json.h"
#include "policy/request.h"

/*
 * The annotations that powerbox reads: its own, by which a container asks, and the
 * engines', by which they say whom they start. An engine is one row of the table in
 * keys.c.
 */
#define KEY_PROFILES "dev.powerbox.profiles"

struct engine;

/* NULL if no engine is called that. */
const struct engine *engine_find(struct text name);

const char *engine_name(const struct engine *engine);

/* The n-th engine, from 0; NULL behind the last. */
const struct engine *engine_at(size_t n);

/* Who a container is, as far as the keys of its engine (NULL: unknown) say so. */
struct subject keys_subject(const struct json *annotations, const struct engine *engine);

/*
 * Read a container's request from config.json's annotations (NULL: none). `engine` is
 * the one that the node's configuration names, or NULL: only its keys say who the
 * subject is.
 *
 * The container's name, to find "dev.powerbox.profiles/<name>", is read from any engine's
 * keys, since it can only choose among what the same annotations ask for. So is the type
 * "sandbox" while no engine is named; it stands for a request of nothing but what the ACL
 * names for sandboxes.
 *
 * ERR_DATA: a list of names that is malformed, or a key of powerbox's that is none.
 */
NODISCARD bool keys_request(struct arena *arena, const struct json *annotations,
			    const struct engine *engine, struct request *ret,
			    struct error *err);

/*
 * The annotation by which a container of this name (empty: none) asks, among strings;
 * NULL if it does not.
 */
const struct json *keys_find(struct arena *arena, const struct json *annotations,
			     struct text container);

/*
 * The first annotation that has powerbox's name and is none of its keys, or NULL: a
 * request with a typing error in its key is no request for nothing.
 */
const struct json *keys_mistaken(const struct json *annotations);
#define KEYS_MEANT KEY_PROFILES " or " KEY_PROFILES "/<container>"

/* What an ACL sees of a subject: as much as an engine (NULL: none) tells. */
struct subject engine_tells(const struct engine *engine, struct subject subject);

#endif
