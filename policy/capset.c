/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/capset.h"

/* In the kernel's order; meanings after capabilities(7), in words of a day's work. */
static const struct {
	const char *name;
	const char *meaning;
} capabilities[] = {
	{ "CAP_CHOWN", "give files to other users" },
	{ "CAP_DAC_OVERRIDE", "read and write any file, whatever its mode" },
	{ "CAP_DAC_READ_SEARCH", "read any file and open files by handle" },
	{ "CAP_FOWNER", "change modes and times of files of other users" },
	{ "CAP_FSETID", "keep setuid and setgid bits when files change" },
	{ "CAP_KILL", "send signals to processes of other users" },
	{ "CAP_SETGID", "take on any group" },
	{ "CAP_SETUID", "take on any user" },
	{ "CAP_SETPCAP", "shrink its bounding set, change securebits" },
	{ "CAP_LINUX_IMMUTABLE", "set the immutable and append-only flags of files" },
	{ "CAP_NET_BIND_SERVICE", "bind ports below 1024" },
	{ "CAP_NET_BROADCAST", "broadcast and listen to multicasts (unused by Linux)" },
	{ "CAP_NET_ADMIN", "configure networks, firewalls and routes" },
	{ "CAP_NET_RAW", "send and read raw packets" },
	{ "CAP_IPC_LOCK", "lock memory" },
	{ "CAP_IPC_OWNER", "use System V IPC objects of other users" },
	{ "CAP_SYS_MODULE", "load and unload kernel modules" },
	{ "CAP_SYS_RAWIO", "access I/O ports and raw memory devices" },
	{ "CAP_SYS_CHROOT", "chroot, and enter mount namespaces" },
	{ "CAP_SYS_PTRACE", "trace and read any process that it can see" },
	{ "CAP_SYS_PACCT", "switch process accounting" },
	{ "CAP_SYS_ADMIN", "mount, and a great deal more: nearly root" },
	{ "CAP_SYS_BOOT", "reboot and load another kernel" },
	{ "CAP_SYS_NICE", "raise priorities and set schedulers" },
	{ "CAP_SYS_RESOURCE", "exceed resource limits and quotas" },
	{ "CAP_SYS_TIME", "set the clock of the node" },
	{ "CAP_SYS_TTY_CONFIG", "configure terminals and hang them up" },
	{ "CAP_MKNOD", "make device nodes" },
	{ "CAP_LEASE", "take leases on any file" },
	{ "CAP_AUDIT_WRITE", "write to the kernel's audit log" },
	{ "CAP_AUDIT_CONTROL", "configure the kernel's auditing" },
	{ "CAP_SETFCAP", "give capabilities to files" },
	{ "CAP_MAC_OVERRIDE", "override mandatory access control" },
	{ "CAP_MAC_ADMIN", "configure mandatory access control" },
	{ "CAP_SYSLOG", "read and clear the kernel's log" },
	{ "CAP_WAKE_ALARM", "set alarms that wake the machine" },
	{ "CAP_BLOCK_SUSPEND", "keep the machine from sleeping" },
	{ "CAP_AUDIT_READ", "read the kernel's audit log" },
	{ "CAP_PERFMON", "observe the performance of any process" },
	{ "CAP_BPF", "load BPF programs and maps" },
	{ "CAP_CHECKPOINT_RESTORE", "checkpoint and restore processes" },
};

_Static_assert(ARRAY_SIZE(capabilities) == CAPSET_NAMED,
	       "the table and the header differ");

int capset_find(struct text name)
{
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (text_is(name, capabilities[i].name))
			return (int)i;
	return -1;
}

const char *capset_name(unsigned number)
{
	return number < CAPSET_NAMED ? capabilities[number].name : NULL;
}

const char *capset_meaning(unsigned number)
{
	return number < CAPSET_NAMED ? capabilities[number].meaning : NULL;
}

struct capset capset_union(struct capset a, struct capset b)
{
	return (struct capset){ a.bits | b.bits };
}

struct capset capset_intersection(struct capset a, struct capset b)
{
	return (struct capset){ a.bits & b.bits };
}

bool capset_subset(struct capset a, struct capset b)
{
	return !(a.bits & ~b.bits);
}

bool capset_has(struct capset set, unsigned number)
{
	return number < 64 && set.bits >> number & 1;
}
