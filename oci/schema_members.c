/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/schema_members.h"

/*
 * The members of the OCI runtime specification 1.0 to 1.3, in its order (config.md, then
 * config-linux.md), in the widths of its Go types. oomScoreAdj, timeout and ioPriority's
 * priority are int there and 32 bits wide in crun, so 32 it is; likewise the uint of
 * errnoRet, defaultErrnoRet and index.
 *
 * null is absent to all readers where the member may be absent. A process or linux that
 * is null says less than it seems to, and no engine writes it.
 */
/* clang-format off: one member a line */
static const struct schema_member root[] = {
	{ "path", STRING, NULL },
	{ "readonly", BOOL, NULL },
	{ 0 },
};

static const struct schema_member id_mapping[] = {
	{ "containerID", U32, NULL },
	{ "hostID", U32, NULL },
	{ "size", U32, NULL },
	{ 0 },
};

const struct schema_member schema_mount[] = {
	{ "destination", STRING, NULL },
	{ "source", STRING, NULL },
	{ "options", LIST | STRING, NULL },
	{ "type", STRING, NULL },
	{ "uidMappings", LIST | OBJECT, id_mapping },
	{ "gidMappings", LIST | OBJECT, id_mapping },
	{ 0 },
};

static const struct schema_member console_size[] = {
	{ "height", U64, NULL },
	{ "width", U64, NULL },
	{ 0 },
};

static const struct schema_member rlimit[] = {
	{ "type", STRING, NULL },
	{ "soft", U64, NULL },
	{ "hard", U64, NULL },
	{ 0 },
};

static const struct schema_member capabilities[] = {
	{ "effective", LIST | STRING, NULL },	{ "bounding", LIST | STRING, NULL },
	{ "inheritable", LIST | STRING, NULL }, { "permitted", LIST | STRING, NULL },
	{ "ambient", LIST | STRING, NULL },	{ 0 },
};

static const struct schema_member scheduler[] = {
	{ "policy", STRING, NULL }, { "nice", I32, NULL },
	{ "priority", I32, NULL },  { "flags", LIST | STRING, NULL },
	{ "runtime", U64, NULL },   { "deadline", U64, NULL },
	{ "period", U64, NULL },    { 0 },
};

static const struct schema_member io_priority[] = {
	{ "class", STRING, NULL },
	{ "priority", I32, NULL },
	{ 0 },
};

static const struct schema_member exec_cpu_affinity[] = {
	{ "initial", STRING, NULL },
	{ "final", STRING, NULL },
	{ 0 },
};

static const struct schema_member user[] = {
	{ "uid", U32, NULL },	      { "gid", U32, NULL },
	{ "umask", U32, NULL },	      { "additionalGids", LIST | U32, NULL },
	{ "username", STRING, NULL }, { 0 },
};

const struct schema_member schema_process[] = {
	{ "terminal", BOOL, NULL },
	{ "consoleSize", OBJECT, console_size },
	{ "cwd", STRING, NULL },
	{ "env", LIST | STRING, NULL },
	{ "args", LIST | STRING, NULL },
	{ "commandLine", STRING, NULL },
	{ "rlimits", LIST | OBJECT, rlimit },
	{ "apparmorProfile", STRING, NULL },
	{ "capabilities", OBJECT, capabilities },
	{ "noNewPrivileges", BOOL, NULL },
	{ "oomScoreAdj", I32, NULL },
	{ "scheduler", OBJECT, scheduler },
	{ "selinuxLabel", STRING, NULL },
	{ "ioPriority", OBJECT, io_priority },
	{ "execCPUAffinity", OBJECT, exec_cpu_affinity },
	{ "user", OBJECT, user },
	{ 0 },
};

static const struct schema_member hook[] = {
	{ "path", STRING, NULL },
	{ "args", LIST | STRING, NULL },
	{ "env", LIST | STRING, NULL },
	{ "timeout", I32, NULL },
	{ 0 },
};

static const struct schema_member hooks[] = {
	{ "prestart", LIST | OBJECT, hook },
	{ "createRuntime", LIST | OBJECT, hook },
	{ "createContainer", LIST | OBJECT, hook },
	{ "startContainer", LIST | OBJECT, hook },
	{ "poststart", LIST | OBJECT, hook },
	{ "poststop", LIST | OBJECT, hook },
	{ 0 },
};

static const struct schema_member namespace[] = {
	{ "type", STRING, NULL },
	{ "path", STRING, NULL },
	{ 0 },
};

static const struct schema_member time_offset[] = {
	{ "secs", I64, NULL },
	{ "nanosecs", U32, NULL },
	{ 0 },
};

static const struct schema_member device[] = {
	{ "type", STRING, NULL },  { "path", STRING, NULL },
	{ "major", I64, NULL },	   { "minor", I64, NULL },
	{ "fileMode", U32, NULL }, { "uid", U32, NULL },
	{ "gid", U32, NULL },	   { 0 },
};

static const struct schema_member net_device[] = {
	{ "name", STRING, NULL },
	{ 0 },
};

static const struct schema_member device_rule[] = {
	{ "allow", BOOL, NULL }, { "type", STRING, NULL },   { "major", I64, NULL },
	{ "minor", I64, NULL },	 { "access", STRING, NULL }, { 0 },
};

static const struct schema_member memory[] = {
	{ "limit", I64, NULL },
	{ "reservation", I64, NULL },
	{ "swap", I64, NULL },
	{ "kernel", I64, NULL },
	{ "kernelTCP", I64, NULL },
	{ "swappiness", U64, NULL },
	{ "disableOOMKiller", BOOL, NULL },
	{ "useHierarchy", BOOL, NULL },
	{ "checkBeforeUpdate", BOOL, NULL },
	{ 0 },
};

static const struct schema_member cpu[] = {
	{ "shares", U64, NULL },
	{ "quota", I64, NULL },
	{ "burst", U64, NULL },
	{ "period", U64, NULL },
	{ "realtimeRuntime", I64, NULL },
	{ "realtimePeriod", U64, NULL },
	{ "cpus", STRING, NULL },
	{ "mems", STRING, NULL },
	{ "idle", I64, NULL },
	{ 0 },
};

static const struct schema_member weight_device[] = {
	{ "major", I64, NULL },
	{ "minor", I64, NULL },
	{ "weight", U16, NULL },
	{ "leafWeight", U16, NULL },
	{ 0 },
};

static const struct schema_member throttle_device[] = {
	{ "major", I64, NULL },
	{ "minor", I64, NULL },
	{ "rate", U64, NULL },
	{ 0 },
};

static const struct schema_member block_io[] = {
	{ "weight", U16, NULL },
	{ "leafWeight", U16, NULL },
	{ "weightDevice", LIST | OBJECT, weight_device },
	{ "throttleReadBpsDevice", LIST | OBJECT, throttle_device },
	{ "throttleWriteBpsDevice", LIST | OBJECT, throttle_device },
	{ "throttleReadIOPSDevice", LIST | OBJECT, throttle_device },
	{ "throttleWriteIOPSDevice", LIST | OBJECT, throttle_device },
	{ 0 },
};

static const struct schema_member hugepage_limit[] = {
	{ "pageSize", STRING, NULL },
	{ "limit", U64, NULL },
	{ 0 },
};

static const struct schema_member interface_priority[] = {
	{ "name", STRING, NULL },
	{ "priority", U32, NULL },
	{ 0 },
};

static const struct schema_member network[] = {
	{ "classID", U32, NULL },
	{ "priorities", LIST | OBJECT, interface_priority },
	{ 0 },
};

static const struct schema_member pids[] = {
	{ "limit", I64, NULL },
	{ 0 },
};

static const struct schema_member rdma[] = {
	{ "hcaHandles", U32, NULL },
	{ "hcaObjects", U32, NULL },
	{ 0 },
};

static const struct schema_member resources[] = {
	{ "devices", LIST | OBJECT, device_rule },
	{ "memory", OBJECT, memory },
	{ "cpu", OBJECT, cpu },
	{ "blockIO", OBJECT, block_io },
	{ "hugepageLimits", LIST | OBJECT, hugepage_limit },
	{ "network", OBJECT, network },
	{ "pids", OBJECT, pids },
	{ "rdma", MAP | OBJECT, rdma },
	{ "unified", MAP | STRING, NULL },
	{ 0 },
};

static const struct schema_member intel_rdt[] = {
	{ "closID", STRING, NULL },	    { "schemata", LIST | STRING, NULL },
	{ "l3CacheSchema", STRING, NULL },  { "memBwSchema", STRING, NULL },
	{ "enableCMT", BOOL, NULL },	    { "enableMBM", BOOL, NULL },
	{ "enableMonitoring", BOOL, NULL }, { 0 },
};

static const struct schema_member memory_policy[] = {
	{ "mode", STRING, NULL },
	{ "nodes", STRING, NULL },
	{ "flags", LIST | STRING, NULL },
	{ 0 },
};

static const struct schema_member argument[] = {
	{ "index", U32, NULL },
	{ "value", U64, NULL },
	{ "valueTwo", U64, NULL },
	{ "op", STRING, NULL },
	{ 0 },
};

static const struct schema_member syscalls[] = {
	{ "names", LIST | STRING, NULL },
	{ "action", STRING, NULL },
	{ "errnoRet", U32, NULL },
	{ "args", LIST | OBJECT, argument },
	{ 0 },
};

static const struct schema_member seccomp[] = {
	{ "defaultAction", STRING, NULL },	  { "defaultErrnoRet", U32, NULL },
	{ "architectures", LIST | STRING, NULL }, { "flags", LIST | STRING, NULL },
	{ "listenerPath", STRING, NULL },	  { "listenerMetadata", STRING, NULL },
	{ "syscalls", LIST | OBJECT, syscalls },  { 0 },
};

static const struct schema_member personality[] = {
	{ "domain", STRING, NULL },
	{ "flags", LIST | STRING, NULL },
	{ 0 },
};

static const struct schema_member linux_members[] = {
	{ "namespaces", LIST | OBJECT, namespace },
	{ "uidMappings", LIST | OBJECT, id_mapping },
	{ "gidMappings", LIST | OBJECT, id_mapping },
	{ "timeOffsets", MAP | OBJECT, time_offset },
	{ "devices", LIST | OBJECT, device },
	{ "netDevices", MAP | OBJECT, net_device },
	{ "cgroupsPath", STRING, NULL },
	{ "resources", OBJECT, resources },
	{ "intelRdt", OBJECT, intel_rdt },
	{ "memoryPolicy", OBJECT, memory_policy },
	{ "sysctl", MAP | STRING, NULL },
	{ "seccomp", OBJECT, seccomp },
	{ "rootfsPropagation", STRING, NULL },
	{ "maskedPaths", LIST | STRING, NULL },
	{ "readonlyPaths", LIST | STRING, NULL },
	{ "mountLabel", STRING, NULL },
	{ "personality", OBJECT, personality },
	{ 0 },
};

const struct schema_member schema_config[] = {
	{ "ociVersion", STRING, NULL },
	{ "root", OBJECT, root },
	{ "mounts", LIST | OBJECT, schema_mount },
	{ "process", NOT_NULL | OBJECT, schema_process },
	{ "hostname", STRING, NULL },
	{ "domainname", STRING, NULL },
	{ "hooks", OBJECT, hooks },
	{ "annotations", LABELS | MAP | STRING, NULL },
	{ "linux", NOT_NULL | OBJECT, linux_members },
	{ "freebsd", OTHER, NULL },
	{ "solaris", OTHER, NULL },
	{ "vm", OTHER, NULL },
	{ "windows", OTHER, NULL },
	{ "zos", OTHER, NULL },
	{ 0 },
};
/* clang-format on */
