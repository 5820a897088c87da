/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "oci/schema.h"
#include "oci/schema_members.h"
#include "tests/tap.h"

static struct arena arena;

static bool check(const char *config, bool process, struct error *err)
{
	struct text text = text_of(config);
	struct json *root;

	if (!json_parse(&arena, text, &root, err))
		return false;
	return process ? schema_check_process(&arena, root, text, err)
		       : schema_check(&arena, root, text, err);
}

/* ---- each member of the tables, in each way ---- */

/* A document around a member: what is written before it, and after it. */
struct frame {
	const char *before, *after;
};

static size_t tried, wrong;

static void expect(struct frame frame, const char *inside, bool passes, const char *msg)
{
	const char *text =
		arena_printf(&arena, "%s%s%s", frame.before, inside, frame.after);
	struct error err = { 0 };
	bool passed = check(text, false, &err);

	tried++;
	if (passed == passes && (passed || strstr(err.msg, msg)))
		return;
	wrong++;
	printf("# %s: %s\n", text, passed ? "passes" : err.msg);
}

static const char *const samples[] = { "null", "true", "7", "\"x\"", "[]", "{}" };

static enum json_kind kind_of(unsigned int kind)
{
	switch (kind & KIND) {
	case BOOL:
		return JSON_BOOL;
	case STRING:
		return JSON_STRING;
	case OBJECT:
		return JSON_OBJECT;
	default:
		return JSON_NUMBER;
	}
}

/* Each kind of value where one kind belongs. */
static void try_kinds(struct frame frame, const char *key, const char *open,
		      const char *shut, enum json_kind kind, bool null)
{
	for (enum json_kind k = JSON_NULL; k <= JSON_OBJECT; k++) {
		bool passes = k == kind || (k == JSON_NULL && null);

		expect(frame,
		       arena_printf(&arena, "\"%s\":%s%s%s", key, open, samples[k], shut),
		       passes, "must be ");
	}
}

/* The key as it is, in other cases, and with the two letters that fold. */
static void try_spellings(struct frame frame, const char *key)
{
	static const struct {
		const char *from, *to;
	} folds[] = {
		{ "s", "\xc5\xbf" }, { "S", "\xc5\xbf" }, { "k", "\xe2\x84\xaa" },
		{ "s", "\\u017f" },  { "k", "\\u212A" },
	};
	char *other = arena_copy(&arena, key, strlen(key));

	for (size_t i = 0; other[i]; i++) {
		char c = other[i];

		other[i] = (char)(islower(c) ? toupper(c) : tolower(c));
		if (other[i] != c)
			expect(frame, arena_printf(&arena, "\"%s\":null", other), false,
			       "reads as ");
		other[i] = c;
	}
	for (size_t i = 0; i < ARRAY_SIZE(folds); i++) {
		const char *at = strstr(key, folds[i].from);

		if (at)
			expect(frame,
			       arena_printf(&arena, "\"%.*s%s%s\":1", (int)(at - key),
					    key, folds[i].to, at + 1),
			       false, "reads as ");
	}
	expect(frame, arena_printf(&arena, "\"%sx\":1,\"x%s\":null", key, key), true, "");
}

static void try_numbers(struct frame frame, const char *key, unsigned int kind)
{
	static const struct {
		unsigned int kind;
		const char *good[3], *bad[4];
	} rows[] = {
		{ U16, { "0", "65535" }, { "65536", "-1", "4294967296" } },
		{ U32,
		  { "0", "4294967295" },
		  { "4294967296", "-1", "18446744073709551616" } },
		{ U64,
		  { "0", "18446744073709551615" },
		  { "18446744073709551616", "-1" } },
		{ I32,
		  { "-2147483648", "2147483647", "0" },
		  { "-2147483649", "2147483648" } },
		{ I64,
		  { "-9223372036854775808", "9223372036854775807", "0" },
		  { "-9223372036854775809", "9223372036854775808" } },
	};
	static const char *const never[] = { "1.0",  "1e3",
					     "1E1",  "0.5",
					     "-1.5", "-0.0",
					     "1e-1", "99999999999999999999999" };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if ((kind & KIND) != rows[i].kind)
			continue;
		for (size_t k = 0; k < 3 && rows[i].good[k]; k++)
			expect(frame,
			       arena_printf(&arena, "\"%s\":%s", key, rows[i].good[k]),
			       true, "");
		for (size_t k = 0; k < 4 && rows[i].bad[k]; k++)
			expect(frame,
			       arena_printf(&arena, "\"%s\":%s", key, rows[i].bad[k]),
			       false, "must be a whole number from ");
	}
	for (size_t k = 0; k < ARRAY_SIZE(never); k++)
		expect(frame, arena_printf(&arena, "\"%s\":%s", key, never[k]), false,
		       "must be a whole number from ");
}

static void try_members(struct frame frame, const struct schema_member *members)
{
	for (const struct schema_member *m = members; m->name; m++) {
		bool list = m->kind & LIST, map = m->kind & MAP;
		const char *open = list ? "[" : map ? "{\"any-KEY\":" : "";
		const char *shut = list ? "]" : map ? "}" : "";

		try_spellings(frame, m->name);
		if (m->kind == OTHER)
			continue;
		if (list || map)
			try_kinds(frame, m->name, "", "", list ? JSON_ARRAY : JSON_OBJECT,
				  true);
		try_kinds(frame, m->name, open, shut, kind_of(m->kind),
			  !list && !map && !(m->kind & NOT_NULL));
		if (kind_of(m->kind) == JSON_NUMBER && !list)
			try_numbers(frame, m->name, m->kind);
		if ((m->kind & KIND) == OBJECT)
			try_members(
				(struct frame){ arena_printf(&arena, "%s\"%s\":%s{",
							     frame.before, m->name, open),
						arena_printf(&arena, "}%s%s", shut,
							     frame.after) },
				m->inside);
	}
}

/* ---- documents ---- */

/* What containerd, CRI-O, podman, docker and the runtimes' own `spec` write, each once.
 */
static const char whole[] =
	"{\"ociVersion\":\"1.0.2-dev\",\"process\":{\"terminal\":true,\"consoleSize\":"
	"{\"height\":25,\"width\":80},\"user\":{\"uid\":1000,\"gid\":0,\"umask\":18,"
	"\"additionalGids\":[0,10]},\"args\":[\"/bin/sh\",\"-c\",\"x\\ny\"],\"env\":"
	"[\"PATH=/bin\",\"A=\xc3\xa9\"],\"cwd\":\"/\",\"capabilities\":{\"bounding\":"
	"[\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],"
	"\"inheritable\":[],\"ambient\":[]},\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\","
	"\"hard\":18446744073709551615,\"soft\":1024}],\"noNewPrivileges\":true,"
	"\"apparmorProfile\":\"cri-containerd.apparmor.d\",\"oomScoreAdj\":-998,"
	"\"selinuxLabel\":\"\",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":-5,"
	"\"priority\":0,\"flags\":[],\"runtime\":0,\"deadline\":0,\"period\":0},"
	"\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":4},"
	"\"execCPUAffinity\":{\"initial\":\"0-1\",\"final\":\"2\"}},\"root\":{\"path\":"
	"\"rootfs\",\"readonly\":true},\"hostname\":\"h\",\"domainname\":\"d\","
	"\"mounts\":"
	"[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\",\"options\":"
	"[\"nosuid\"],\"uidMappings\":[{\"containerID\":0,\"hostID\":1,\"size\":1}],"
	"\"gidMappings\":[]}],\"hooks\":{\"prestart\":[{\"path\":\"/bin/true\",\"args\":"
	"[\"true\"],\"env\":[],\"timeout\":5}],\"createRuntime\":[],\"createContainer\":["
	"],"
	"\"startContainer\":[],\"poststart\":[],\"poststop\":[]},\"annotations\":"
	"{\"org.opencontainers.image.stopSignal\":\"15\",\"X\":\"a=b\",\"x\":\"\"},"
	"\"linux\":{\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}"
	"],"
	"\"gidMappings\":[],\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"},\"resources\":"
	"{\"devices\":[{\"allow\":false,\"type\":\"a\",\"major\":-1,\"minor\":5,"
	"\"access\":"
	"\"rwm\"}],\"memory\":{\"limit\":-1,\"reservation\":0,\"swap\":-1,\"kernel\":0,"
	"\"kernelTCP\":0,\"swappiness\":60,\"disableOOMKiller\":false,\"useHierarchy\":"
	"true,"
	"\"checkBeforeUpdate\":true},\"cpu\":{\"shares\":2,\"quota\":-1,\"burst\":0,"
	"\"period\":100000,\"realtimeRuntime\":0,\"realtimePeriod\":0,\"cpus\":\"0\","
	"\"mems\":\"0\",\"idle\":0},\"pids\":{\"limit\":2048},\"blockIO\":{\"weight\":10,"
	"\"leafWeight\":10,\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":500,"
	"\"leafWeight\":300}],\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,"
	"\"rate\":"
	"600}],\"throttleWriteBpsDevice\":[],\"throttleReadIOPSDevice\":[],"
	"\"throttleWriteIOPSDevice\":[]},\"hugepageLimits\":[{\"pageSize\":\"2MB\","
	"\"limit\":"
	"9223372036854771712}],\"network\":{\"classID\":1048577,\"priorities\":[{"
	"\"name\":"
	"\"eth0\",\"priority\":500}]},\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3,"
	"\"hcaObjects\":"
	"10000}},\"unified\":{\"memory.high\":\"1\"}},\"cgroupsPath\":\"/a/"
	"b\",\"namespaces\":"
	"[{\"type\":\"pid\"},{\"type\":\"network\",\"path\":\"/run/netns/"
	"x\"}],\"devices\":"
	"[{\"path\":\"/dev/"
	"fuse\",\"type\":\"c\",\"major\":10,\"minor\":229,\"fileMode\":438,"
	"\"uid\":0,\"gid\":0}],\"netDevices\":{\"eth0\":{\"name\":\"e\"}},\"seccomp\":"
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"architectures\":"
	"[\"SCMP_ARCH_X86_64\"],\"flags\":[],\"listenerPath\":\"\",\"listenerMetadata\":"
	"\"\","
	"\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"errnoRet\":"
	"1,"
	"\"args\":[{\"index\":0,\"value\":18446744073709551615,\"valueTwo\":0,\"op\":"
	"\"SCMP_CMP_EQ\"}]}]},\"rootfsPropagation\":\"rslave\",\"maskedPaths\":[\"/proc/"
	"kcore\"],"
	"\"readonlyPaths\":[\"/proc/"
	"sys\"],\"mountLabel\":\"\",\"intelRdt\":{\"closID\":\"c\","
	"\"schemata\":[\"L3:0=f\"],\"l3CacheSchema\":\"L3:0=f\",\"memBwSchema\":\"MB:0="
	"20\","
	"\"enableCMT\":false,\"enableMBM\":false,\"enableMonitoring\":true},"
	"\"memoryPolicy\":"
	"{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\",\"flags\":[]},\"personality\":{"
	"\"domain\":"
	"\"LINUX\",\"flags\":[]},\"timeOffsets\":{\"boottime\":{\"secs\":-5,\"nanosecs\":"
	"0}}},"
	"\"windows\":{\"layerFolders\":[]},\"vm\":{},\"solaris\":{},\"zos\":{},"
	"\"freebsd\":{}}";

static const struct {
	const char *config;
	const char *msg; /* NULL: passes */
} rows[] = {
	{ "{}", NULL },
	{ whole, NULL },
	{ "{\"process\":{\"capabilities\":null},\"linux\":{\"seccomp\":null}}", NULL },
	{ "{\"mounts\":null,\"hooks\":null,\"annotations\":null}", NULL },
	{ "null", "byte 0 (line 1): the file: must be an object, not null" },
	{ "[]", "byte 0 (line 1): the file: must be an object, not an array" },
	{ "{\"process\":null}",
	  "byte 11 (line 1): process: must be an object, not null" },
	{ "{\"linux\":null}", "byte 9 (line 1): linux: must be an object, not null" },
	/* keys */
	{ "{\n \"Linux\":{}}", "byte 3 (line 2): Linux: reads as \"linux\" to some" },
	{ "{\"linux\":{},\"LINUX\":null}",
	  "byte 12 (line 1): LINUX: reads as \"linux\"" },
	{ "{\"Windows\":{}}", "Windows: reads as \"windows\" to some" },
	{ "{\"process\":{\"capabilitie\xc5\xbf\":{}}}",
	  "byte 12 (line 1): process['capabilitie\\xc5\\xbf']: reads as "
	  "\"capabilities\"" },
	{ "{\"process\":{\"capabilitie\\u017f\":{}}}", "reads as \"capabilities\"" },
	{ "{\"hoo\\u212as\":{}}", "reads as \"hooks\"" },
	{ "{\"process\":{\"capabilities\":{\"Effective\":[]}}}",
	  "process.capabilities.Effective: reads as \"effective\"" },
	{ "{\"linux\":{\"seccomp\":{\"syscalls\":[{},{\"Names\":[]}]}}}",
	  "linux.seccomp.syscalls[1].Names: reads as \"names\"" },
	{ "{\"linux\":{\"resources\":{\"rdma\":{\"a b\":{\"HCAhandles\":1}}}}}",
	  "linux.resources.rdma['a b'].HCAhandles: reads as \"hcaHandles\"" },
	{ "{\"linux\":{\"resources\":{\"blockIO\":{\"weightDevice\":[{\"major\":1.5}]}}}"
	  "}",
	  "linux.resources.blockIO.weightDevice[0].major: must be a whole number from "
	  "-9223372036854775808 to 9223372036854775807, in digits, not '1.5'" },
	{ "{\"annotations\":{\"linux\":\"\",\"Linux\":\"\",\"LINUX\":\"\"}}", NULL },
	{ "{\"linux\":{\"sysctl\":{\"a\":\"\",\"A\":\"\"}}}", NULL },
	{ "{\"linux\":{\"netDevices\":{\"eth0\":{},\"ETH0\":{}}}}", NULL },
	{ "{\"x\":1,\"X\":{\"Linux\":null,\"uid\":\"0\"}}", NULL },
	{ "{\"windows\":{\"Linux\":null,\"process\":7}}", NULL },
	{ "{\"\":1}", NULL },
	/* annotations */
	{ "{\"annotations\":{\"p=evil\":\"x\"}}",
	  "byte 16 (line 1): annotations['p=evil']: a key must not contain '='" },
	{ "{\"annotations\":{\"=\":\"x\"}}", "a key must not contain '='" },
	{ "{\"linux\":{\"sysctl\":{\"a=b\":\"\"}}}", NULL },
	{ "{\"annotations\":{\"a\":null}}", "annotations.a: must be a string, not null" },
	{ "{\"annotations\":{\"a\":1}}",
	  "annotations.a: must be a string, not a number" },
	/* values */
	{ "{\"process\":{\"user\":{\"uid\":\"0\"}}}",
	  "byte 26 (line 1): process.user.uid: must be a number, not a string" },
	{ "{\"process\":{\"user\":{\"uid\":4294967296}}}",
	  "process.user.uid: must be a whole number from 0 to 4294967295, in digits, not "
	  "'4294967296'" },
	{ "{\"process\":{\"user\":{\"uid\":-1}}}", "must be a whole number from 0" },
	{ "{\"process\":{\"user\":{\"uid\":-0}}}", "must be a whole number from 0" },
	{ "{\"process\":{\"oomScoreAdj\":-0}}", NULL },
	{ "{\"process\":{\"user\":{\"additionalGids\":[0,null]}}}",
	  "process.user.additionalGids[1]: must be a number, not null" },
	{ "{\"process\":{\"user\":{\"additionalGids\":[0,1,4294967296]}}}",
	  "process.user.additionalGids[2]: must be a whole number" },
	{ "{\"process\":{\"noNewPrivileges\":1}}",
	  "must be true or false, not a number" },
	{ "{\"process\":{\"capabilities\":[]}}", "must be an object, not an array" },
	{ "{\"mounts\":[{\"options\":[\"ro\",[]]}]}",
	  "mounts[0].options[1]: must be a string, not an array" },
	{ "{\"mounts\":[null]}", "mounts[0]: must be an object, not null" },
	{ "{\"linux\":{\"namespaces\":{}}}", "linux.namespaces: must be an array, not" },
	{ "{\"hooks\":{\"prestart\":[{\"path\":1}]}}",
	  "hooks.prestart[0].path: must be a" },
};

/* Whether an object's keys are free, or nobody looks at them. */
static bool is_free(const struct json *object)
{
	static const char *const names[] = { "annotations", "sysctl",	  "rdma",
					     "unified",	    "netDevices", "timeOffsets",
					     "windows" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_is(object->key, names[i]))
			return true;
	return false;
}

/* Each key of the whole document is in the tables: with another letter it is refused. */
static size_t try_keys(const struct json *value)
{
	size_t n = 0;

	for (const struct json *m = value->first; m; m = m->next) {
		if (value->kind == JSON_OBJECT && !is_free(value)) {
			char *text = arena_copy(&arena, whole, sizeof(whole) - 1);
			struct error err;

			text[m->key_start + 1] ^= 0x20;
			if (check(text, false, &err) || !strstr(err.msg, "reads as "))
				ok(false, "%.*s is known", (int)m->key.length,
				   m->key.bytes);
			n++;
		}
		n += try_keys(m);
	}
	return n;
}

static void test_process(void)
{
	static const struct {
		const char *process, *msg;
	} documents[] = {
		{ "{\"args\":[\"sh\"],\"cwd\":\"/\",\"user\":{\"uid\":0}}", NULL },
		{ "{\"linux\":null,\"Linux\":1}", NULL },
		{ "null", "byte 0 (line 1): process: must be an object, not null" },
		{ "{\"Args\":[\"sh\"]}", "process.Args: reads as \"args\"" },
		{ "{\"user\":{\"gid\":1e1}}",
		  "process.user.gid: must be a whole number" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		struct error err = { 0 };
		bool passed = check(documents[i].process, true, &err);

		ok(documents[i].msg ? !passed && strstr(err.msg, documents[i].msg)
				    : passed,
		   "process.json: %s: %s", documents[i].process, err.msg);
	}
}

int main(void)
{
	struct json *root;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool passed;

		*err.msg = '\0';
		passed = check(rows[i].config, false, &err);
		ok(rows[i].msg ? !passed && err.code == ERR_DATA &&
					 strstr(err.msg, rows[i].msg)
			       : passed,
		   "%s: %s", text_quote(&arena, text_of(rows[i].config)), err.msg);
	}
	if (json_parse(&arena, text_of(whole), &root, &err))
		ok(try_keys(root) > 150, "every key of the specification is known");
	test_process();
	try_members((struct frame){ "{", "}" }, schema_config);
	ok(!wrong && tried > 4000, "%zu members, spellings and values as the tables say",
	   tried);
	arena_free(&arena);
	return tap_done();
}
