/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/findings.h"
#include "gate/gate.h"

/*
 * The parts of `powerbox check`. What a container's start would read is read by the same
 * code, but each file by itself, so that all that is wrong is found at once.
 */

/* Owners and modes of powerbox's folders and of those above; files that don't count. */
void check_folders(struct findings *findings);

/*
 * Each file of the ACL, then all of them joined. *ret is good for looking; false if not
 * even the folders of profiles can be opened, which is a finding.
 */
NODISCARD bool check_acl(struct findings *findings, const struct node *node,
			 struct gate *ret);

/*
 * What the ACL's rules mean on this node: those that open it to more than they seem to,
 * and approvals that hold no more.
 */
void check_rules(struct findings *findings, const struct gate *gate);

/* Each profile's file, shadowed ones too, and its union with the runtime's own. */
void check_profiles(struct findings *findings, const struct gate *gate);

/* The kind of a runtime and its version, by what it says of itself. */
struct runtime_version {
	enum runtime_kind kind;
	struct text number; /* "1.1.5" */
};

/*
 * ERR_NOINPUT, ERR_TRUST: as trust_open_program(). ERR_RUNTIME: it is none that is known,
 * does not answer in time, or is powerbox. `remedy` is what to do about that: "name
 * another one".
 */
NODISCARD bool runtime_look(struct arena *arena, const char *path, const char *remedy,
			    struct runtime_version *ret, struct error *err);

/* The real runtime; and that its version is one that its profile was measured with. */
bool check_runtime(struct findings *findings, const struct node *node,
		   struct runtime_version *ret);
void check_measured(struct findings *findings, const struct gate *gate,
		    const struct runtime_version *version);

/* The programs of powerbox, and what it remembers. */
void check_programs(struct findings *findings);

/* How the engines that are installed are told of powerbox. */
void check_engines(struct findings *findings, const struct node *node);

#endif
