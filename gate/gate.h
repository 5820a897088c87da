/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "gate/node.h"
#include "oci/config.h"
#include "profiles/store.h"

/*
 * The sentence: bytes -> document -> request -> decision -> policy -> edit -> bytes.
 *
 * What stays true: the result depends on the bytes of the document, the ACL, node.json
 * and the profiles, on the capabilities that this process holds, and on what the real
 * runtime says of itself (gate/features.h), alone. Whatever fails, nothing of the
 * container has been written, since nothing here writes.
 */

/* The files of the node, read once: one snapshot per run. */
struct gate {
	struct node node;
	struct acl *acl;
	const char *digest; /* of all files of the ACL; NULL: none was read */
	struct store store;
};

/*
 * A profile that counts, and why. The runtime's own profile is among them (its ground
 * says "runtime"), so that every report shows it as a source.
 */
struct grant {
	struct profile profile;
	struct ground ground;
};

struct outcome {
	const char *acl_digest; /* of the ACL that was decided by */
	struct config config;	/* the document as it was read */
	struct request request;
	struct decision decision;
	struct grant *grants;
	size_t count;
	struct policy policy;
	struct sections sections;
	struct text text; /* the document with the sections */
};

/* Read the ACL, and open the folders of profiles. ERR_NOINPUT: there is no ACL at all. */
NODISCARD bool gate_open(struct arena *arena, const struct node *node, struct gate *ret,
			 struct error *err);

/*
 * The same in two steps: the ACL alone, which is all that gate_mode_for() needs, and
 * then, once, the profiles.
 */
NODISCARD bool gate_open_acl(struct arena *arena, const struct node *node,
			     struct gate *ret, struct error *err);
NODISCARD bool gate_open_store(struct arena *arena, struct gate *gate, struct error *err);

/* For looking: the node's profiles with an ACL that allows nothing. */
NODISCARD bool gate_without_acl(struct arena *arena, const struct node *node,
				struct gate *ret, struct error *err);

/* For looking: find profiles first in this folder of anybody's; messages show `shown`. */
NODISCARD bool gate_look_in(struct gate *gate, const char *folder, const char *shown,
			    struct error *err);

/*
 * Decide on a document. Whatever keeps it from starting is an error: ERR_DENIED for what
 * the ACL does not allow, with what it allows and where to add a rule. *ret holds what
 * was found out up to there, for the log.
 */
NODISCARD bool gate_decide(struct arena *arena, const struct gate *gate, struct text text,
			   struct outcome *ret, struct error *err);

/* How the ACL is meant for a container, whatever it asks for. */
enum mode gate_mode_for(struct arena *arena, const struct gate *gate,
			const struct config *config);

/*
 * The union of profiles by name with the runtime's own (NULL: without), as sections:
 * what a container that is granted these gets.
 */
NODISCARD bool gate_union(struct arena *arena, const struct gate *gate,
			  const struct text *names, size_t count, const char *runtime,
			  struct outcome *ret, struct error *err);

/* ERR_DENIED unless a rule says "restore": true. */
NODISCARD bool outcome_restores(const struct outcome *outcome, struct error *err);

/*
 * The three sections of an outcome as one JSON object with a line feed: the union in the
 * one form that it has, whatever order its profiles came in.
 */
struct text outcome_union(struct arena *arena, const struct outcome *outcome);

/* One line of key=value for the log: profiles, by which line of the ACL, its digest. */
const char *outcome_line(struct arena *arena, const struct outcome *outcome);

#endif
