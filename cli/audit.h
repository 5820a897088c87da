/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "cli/grants.h"
#include "cli/source.h"
#include "gate/approval.h"

/* What there is to say of one container, before it is said. */
struct audited_profile {
	struct text name;
	struct ground ground;	     /* path is NULL: not allowed */
	const char *missing;	     /* why this node does not have it; else NULL */
	struct profile profile;	     /* unless missing */
	struct approvals approvals;  /* of it, for this container; they add up */
	bool outgrown;		     /* they alone allow it, and it grants more now */
	struct change since;	     /* what it grants more and less than approved ... */
	struct difference unchanged; /* ... and what is both granted and approved */
};

struct audited {
	const struct candidate *candidate;
	struct decision decision;
	struct audited_profile *profiles;
	size_t count;
	const char *refusal;	  /* why it would not start; NULL: it would */
	struct difference adding; /* what approving all that is asked for adds */
	struct difference beyond; /* what the engine would give besides */
	const char *incomparable; /* why adding or beyond can't be told; else NULL */
};

/* `gate` has the labels of the node that is asked about. */
NODISCARD bool audit_make(struct arena *arena, const struct gate *gate,
			  const struct candidate *candidate, struct audited *ret,
			  struct error *err);

/* The whole of doc/schema/audit.json. */
void audit_json(struct buffer *out, const char *source, const struct labels *labels,
		const struct audited *audits, size_t count);

#endif
