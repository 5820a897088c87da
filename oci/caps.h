/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_CAPS_H
#define OCI_CAPS_H

#include "lib/fields.h"
#include "policy/capset.h"

/*
 * process.capabilities (runtime-spec, config.md, "Linux Process"). The five sets are
 * derived from two and always written, each of them: bounding, effective and permitted
 * are what is granted, inheritable and ambient the ambient ones of it. A missing object
 * is no capability to runc up to 1.2 and to crun, and every capability to runc from 1.3.
 */
void caps_write(struct buffer *out, struct capset caps, struct capset ambient);

/* The union of all five sets of a section; NULL and null have none. */
NODISCARD bool caps_read(const struct fields *fields, const struct json *section,
			 struct capset *ret, struct error *err);

/* A list of names. */
NODISCARD bool caps_read_list(const struct fields *fields, const struct json *list,
			      struct capset *ret, struct error *err);

#endif
