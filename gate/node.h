/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_NODE_H
#define GATE_NODE_H

#include "oci/keys.h"
#include "policy/acl.h"
#include "policy/archs.h"

/*
 * This node, after node.json. Every member may be left out, and so may the file: the
 * runtime is then the one compiled in, the engine unknown, the architecture the native
 * one alone.
 */
enum runtime_kind {
	RUNTIME_RUNC,
	RUNTIME_CRUN,
};

/* Whether decisions are written to the decision log (gate/record.h). */
enum audit {
	AUDIT_NONE,
	AUDIT_LOG,	/* a line that can't be written is lost */
	AUDIT_REQUIRED, /* without its line no container starts */
};

struct node {
	int etc;	     /* POWERBOX_SYSCONFDIR, open for the run; -1: none */
	const char *runtime; /* the real one, absolute */
	enum runtime_kind kind;
	bool guessed;		     /* the runtime: what node.json says can't be read */
	const struct engine *engine; /* NULL: none is named */
	struct labels labels;
	struct archs archs;
	enum audit audit;
};

#define NODE_FILE POWERBOX_SYSCONFDIR "/node.json"
#define NODE_SIZE_MAX ((size_t)1 << 20)

/* What holds without a node.json. */
struct node node_default(void);

/* "runc" or "crun". */
const char *runtime_kind_name(enum runtime_kind kind);

/* ERR_CONFIG with path and line. */
NODISCARD bool node_parse(struct arena *arena, const char *path, struct text text,
			  struct node *ret, struct error *err);

/*
 * Read NODE_FILE. ERR_TRUST, ERR_CONFIG, ERR_IO; a missing file is node_default(). *ret
 * is written on failure too: the default, with the runtime that the file names if that
 * much of it can be read and root alone can have written it, so that a node with a broken
 * node.json can still stop and clean.
 */
NODISCARD bool node_read(struct arena *arena, struct node *ret, struct error *err);

#endif
