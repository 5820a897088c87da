/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_SNAPSHOT_H
#define GATE_SNAPSHOT_H

#include "lib/file.h"

/*
 * The files of the ACL as they all were at one instant: acl.json, then what lies in acl.d
 * as NAME.json, by name. Names that begin with a dot are not read, so that an editor's
 * leftovers don't count and neither do the folders of a Kubernetes ConfigMap; the links
 * that lead into those are followed as lib/trust.h does it.
 *
 * How it is one instant, although files are read one after the other:
 *
 * - The links of a ConfigMap (NAME -> ..data/NAME) are followed through one descriptor of
 *   what ..data leads to, so that all of them are of one generation even if ..data is
 *   exchanged meanwhile, and be it back to what it was.
 * - When all have been read, the names are looked up again, each file being known by
 *   device, inode, size and times. If every name still leads to the file that was read,
 *   and there are no others, then all of them were in place at the moment between the two
 *   rounds, and that is the state that was read. (Unless somebody took a file away and
 *   put the same one back in between: who replaces a file makes a new one.) Else it is
 *   read again; what never comes to rest is an error.
 */
struct snapshot_file {
	const char *path;
	struct file file;
};

struct snapshot {
	struct snapshot_file *items;
	size_t count, capacity;
	const char *digest; /* over each file's path and bytes: "sha256:..." */
};

#define SNAPSHOT_FILE_MAX ((size_t)1 << 20)

/*
 * `etc` is POWERBOX_SYSCONFDIR, open; -1: there is none. No file at all is no error here.
 * ERR_TRUST, ERR_CONFIG (too long, a link that leads nowhere), ERR_IO.
 */
NODISCARD bool snapshot_read(struct arena *arena, int etc, struct snapshot *ret,
			     struct error *err);

/* Whether a file of acl.d counts, by its name, which stands in messages of one line. */
bool snapshot_counts(const char *name);

#endif
