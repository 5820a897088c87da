/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SELECTORS_H
#define CLI_SELECTORS_H

#include "cli/cli.h"

/* Whom a rule is for: the selectors of powerbox-acl(5), all empty for everybody. */
struct selectors {
	struct texts namespaces, containers, images;
	struct labels nodes;
};

/* For --help, a line each. */
#define SELECTORS_HELP                                                                  \
	"  --namespace N       of this namespace of Kubernetes\n"                       \
	"  --container C       of this name\n"                                          \
	"  --image GLOB        of such images; nginx: docker.io/library/nginx:latest\n" \
	"  --nodes K=V,K=V     on nodes with all of these labels\n"

/* "pool=edge,zone=a", added to *ret. ERR_USAGE, also for a label given twice. */
bool labels_read(struct arena *arena, const struct command *command, const char *value,
		 struct labels *ret, struct error *err);

/*
 * One of --namespace, --container, --image and --nodes at *i, each of which may be given
 * more than once; images by their short names as well (oci/reference.h). False with
 * err->code 0 if it is none of them. ERR_USAGE.
 */
bool selectors_option(struct arena *arena, const struct command *command, int argc,
		      char **argv, int *i, struct selectors *ret, struct error *err);

/* Those of a rule that the ACL's reader has taken. */
struct selectors selectors_of_rule(struct arena *arena, const struct json *rule);

/* Those of who is known; what is selected already stays. */
void selectors_of_subject(struct arena *arena, struct selectors *selectors,
			  const struct subject *subject);

/* The pattern that matches this text alone (fnmatch(3)). */
struct text selector_literal(struct arena *arena, struct text text);

bool selectors_empty(const struct selectors *selectors);

/* Whether all that `some` names is among `all`. */
bool selectors_contain(const struct selectors *all, const struct selectors *some);

/* Whether they select a node with these labels. */
bool selectors_hold_on(const struct selectors *selectors, const struct labels *node);

/*
 * The first selector, by its name ("images"), that matches nothing on a node of this
 * engine (NULL: none is named) since the engine does not tell it; *ret_why says so in
 * words. NULL: each of them may match.
 */
const char *selectors_untold(struct arena *arena, const struct engine *engine,
			     const struct selectors *selectors, const char **ret_why);

/* Members of a rule, each behind ",\n\t\t\t": equal selectors are equal bytes. */
struct text selectors_text(struct arena *arena, const struct selectors *selectors);

/* "namespace web, nodes pool=edge", or "every container". */
const char *selectors_words(struct arena *arena, const struct selectors *selectors);

#endif
