/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SOURCE_KINDS_H
#define CLI_SOURCE_KINDS_H

#include "cli/source.h"
#include "lib/yaml.h"

/*
 * The kinds of sources, a file each, between source.c and them. Each adds its candidates;
 * messages get the path in source.c.
 */
struct sourcing {
	struct arena *arena;
	const struct gate *gate;
	const char *path; /* for people, printable */
	struct candidates candidates;
};

/* ERR_DATA: more than SOURCE_CANDIDATES. */
NODISCARD bool source_add(struct sourcing *sourcing, const struct candidate *candidate,
			  struct error *err);

/* What the engine of this node gives where nothing is said. */
struct settings source_defaults(const struct sourcing *sourcing);

/* One document of a Kubernetes manifest; objects that have no pods are passed over. */
NODISCARD bool source_manifest(struct sourcing *sourcing,
			       const struct yaml_document *document, struct error *err);

/* An image layout in this folder (OCI image-layout.md), or an archive of one. */
NODISCARD bool source_layout(struct sourcing *sourcing, int dir, struct error *err);
NODISCARD bool source_archive(struct sourcing *sourcing, int fd, struct error *err);

#endif
