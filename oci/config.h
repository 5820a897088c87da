/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_CONFIG_H
#define OCI_CONFIG_H

#include "oci/edit.h"
#include "oci/seccomp.h"
#include "policy/policy.h"

/*
 * config.json of a bundle (runtime-spec, config.md), read so strictly that all runtimes
 * read the same (lib/json.h, oci/schema.h), and the sections of it that powerbox owns.
 */
#define CONFIG_SIZE_MAX ((size_t)16 << 20)

struct config {
	struct text text;
	const struct json *root;
	const struct json *process;
	const struct json *linux_section; /* NULL: there is none */
	const struct json *annotations;
};

/* ERR_DATA: malformed, ambiguous, or without a process. */
NODISCARD bool config_parse(struct arena *arena, struct text text, struct config *ret,
			    struct error *err);

/*
 * The values that a policy becomes: JSON texts of process.capabilities,
 * process.noNewPrivileges and linux.seccomp, in their one canonical form.
 */
struct sections {
	struct text capabilities;
	struct text no_new_privileges;
	struct text seccomp;
	bool needs_proof; /* before the filter is used (policy/proof.h) */
};

/*
 * `held` are the capabilities that this node can give: of a policy that grants all of
 * them, all of these are written. ERR_INEXACT: system calls that can't be expressed
 * exactly. ERR_RUNTIME: a capability by name that the node does not hold, with which the
 * runtime would fail in words of its own.
 */
NODISCARD bool sections_make(struct arena *arena, const struct policy *policy,
			     struct archs archs, struct capset held, struct sections *ret,
			     struct error *err);

/* The text of the config with these sections, everything else byte for byte. */
struct text config_with(struct arena *arena, const struct config *config,
			const struct sections *sections);

/*
 * What the config itself grants at the most, as a runtime would read it. ERR_DATA: it
 * says something that no policy can.
 */
NODISCARD bool config_policy(struct arena *arena, const struct config *config,
			     struct policy *ret, struct error *err);

#endif
