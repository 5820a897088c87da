/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/unsafe.h"

#include <fnmatch.h>
#include <string.h>

#define PROPERTY "org.systemd.property."

/*
 * runc 1.0 to main of August 2026: SearchLabels(.., "bundle") (utils.go), libcontainer's
 * specconv (org.systemd.property), criu_linux.go (org.criu.config). crun 1.8.1 to 1.29.1:
 * every find_annotation() of src/libcrun. The first row that fits is the one that counts.
 *
 * Known to be set by engines: the systemd properties below by CRI-O, podman (--systemd)
 * and containerd 2.1 (cgroup_writable; crun and runc delegate anyway), rootcontext by
 * podman on SELinux, container-type by containerd, which crun takes as a reason to do
 * less, but lists as unsafe all the same.
 */
/* clang-format off: a row a line */
static const struct row {
	const char *key;   /* ends in '.': whatever begins so */
	const char *value; /* a pattern: only with such a value; NULL: with any */
	const char *runtime;
	const char *effect; /* NULL: none that matters */
} rows[] = {
	{ "bundle", NULL, "runc", "makes exec read another config.json" },
	{ "run.oci.seccomp_bpf_data", NULL, "crun", "replaces the system call filter" },
	{ "run.oci.seccomp.plugins", NULL, "crun", "loads libraries into the runtime" },
	{ "run.oci.seccomp.receiver", NULL, "crun",
	  "hands the filter's decisions to a socket of the node" },
	{ "run.oci.seccomp_fail_unknown_syscall", NULL, NULL, NULL },
	{ "run.oci.hooks.stdout", NULL, "crun", "writes to any file of the node" },
	{ "run.oci.hooks.stderr", NULL, "crun", "writes to any file of the node" },
	{ "run.oci.keep_original_groups", NULL, "crun", "keeps the engine's own groups" },
	{ "run.oci.handler", NULL, "crun", "lets something else run the container" },
	{ "run.oci.pidfd_receiver", NULL, "crun",
	  "hands the process to a socket of the node" },
	{ "run.oci.mount_context_type", "rootcontext", NULL, NULL },
	{ "run.oci.mount_context_type", NULL, "crun",
	  "changes the security label of mounts" },
	{ "run.oci.systemd.force_cgroup_v1", NULL, "crun", "mounts the node's cgroups" },
	{ "run.oci.systemd.subgroup", NULL, "crun",
	  "moves the container out of its cgroup" },
	{ "run.oci.delegate-cgroup", NULL, "crun", "hands the container its own cgroup" },
	{ "run.oci.scheduler", NULL, "crun", "sets the scheduling policy" },
	{ "run.oci.timens_offset", NULL, "crun", "sets the container's clocks" },
	{ "run.oci.", NULL, "crun", "is an instruction that powerbox does not know" },
	{ "krun.", NULL, "crun", "sets up a virtual machine" },
	{ "module.wasm.", NULL, "crun", "lets something else run the container" },
	{ "org.criu.", NULL, "runc and crun", "configures checkpoint and restore" },
	{ PROPERTY "After", "\\['crio.service'\\]", NULL, NULL },
	{ PROPERTY "CollectMode", "'inactive-or-failed'", NULL, NULL },
	{ PROPERTY "DefaultDependencies", "true", NULL, NULL },
	{ PROPERTY "Delegate", "true", NULL, NULL },
	{ PROPERTY "KillSignal", "[0-9]", NULL, NULL },
	{ PROPERTY "KillSignal", "[0-9][0-9]", NULL, NULL },
	{ PROPERTY "TimeoutStopUSec", "uint64 [0-9]*", NULL, NULL },
	{ PROPERTY, NULL, "runc and crun",
	  "sets the container's systemd unit: limits, devices and more" },
	{ "io.kubernetes.cri.container-type", NULL, NULL, NULL },
};
/* clang-format on */

bool annotation_named(struct text key, struct text word)
{
	if (word.length && word.bytes[word.length - 1] == '.')
		return key.length >= word.length &&
		       !memcmp(key.bytes, word.bytes, word.length);
	return text_eq(key, word);
}

/* JSON with a NUL is refused, and a value that is cut off here fits no pattern. */
static bool value_fits(const char *pattern, struct text value)
{
	char string[64];

	if (!pattern)
		return true;
	if (value.length >= sizeof(string))
		return false;
	memcpy(string, value.bytes, value.length);
	string[value.length] = '\0';
	return !fnmatch(pattern, string, 0);
}

struct annotation annotation_classify(const struct json *member)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		if (!annotation_named(member->key, text_of(row->key)) ||
		    !value_fits(row->value, member->text))
			continue;
		return (struct annotation){
			.kind = row->effect ? ANNOTATION_UNSAFE : ANNOTATION_HARMLESS,
			.runtime = row->runtime,
			.effect = row->effect,
		};
	}
	return (struct annotation){ .kind = ANNOTATION_UNKNOWN };
}

const char *annotation_unsafe_at(size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].effect && !n--)
			return rows[i].key;
	return NULL;
}
