/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_SCHEMA_MEMBERS_H
#define OCI_SCHEMA_MEMBERS_H

#include <stddef.h>

/* The tables behind oci/schema.h, and for its eyes only. */
enum schema_kind {
	OTHER, /* known by name; no runtime on Linux looks inside */
	BOOL,
	STRING,
	OBJECT,
	U16,
	U32,
	U64,
	I32,
	I64,
	KIND = 0x0f,	 /* one of the above, and any of: */
	LIST = 0x10,	 /* an array of it */
	MAP = 0x20,	 /* an object of it, with any keys */
	LABELS = 0x40,	 /* a MAP that becomes "key=value" to some */
	NOT_NULL = 0x80, /* not null either */
};

struct schema_member {
	const char *name;
	unsigned int kind;
	const struct schema_member *inside; /* of an OBJECT; ends with a NULL name */
};

extern const struct schema_member schema_config[];
extern const struct schema_member schema_process[];
extern const struct schema_member schema_mount[];

#endif
