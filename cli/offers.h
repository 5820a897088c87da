/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OFFERS_H
#define CLI_OFFERS_H

#include "gate/gate.h"

/*
 * This node's profiles, as what a subject could be given here: the smallest first. The
 * runtimes' own are not among them, since nobody has to ask for what every container
 * gets.
 */
struct offer {
	struct profile profile;
	struct ground ground; /* path is NULL: the ACL does not allow it to the subject */
	size_t caps, calls;   /* its size */
};

struct offers {
	struct offer *items;
	size_t count, capacity;
};

NODISCARD bool offers_read(struct arena *arena, const struct gate *gate,
			   const struct subject *subject, struct offers *ret,
			   struct error *err);

/* "1 capability, 21 calls". */
const char *offer_size(struct arena *arena, const struct offer *offer);

/* "yes, /etc/powerbox/acl.json:6", or the command that would allow it. */
const char *offer_allowed(struct arena *arena, const struct offer *offer,
			  const struct subject *subject);

/* What somebody is told to run: "powerbox approve NAME --namespace web". */
const char *offer_command(struct arena *arena, const struct text *names, size_t count,
			  const struct subject *subject);

#endif
