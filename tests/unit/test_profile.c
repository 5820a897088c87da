/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile.h"

#include <errno.h>
#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static unsigned call(const char *name)
{
	return (unsigned)syscall_find(text_of(name));
}

static void test_read(void)
{
	static const char text[] =
		"{ \"version\": 1, \"summary\": \"s\", \"description\": \"d\",\n"
		"  \"capabilities\": [\"CAP_CHOWN\", \"CAP_KILL\"], \"ambient\": "
		"[\"CAP_KILL\"],\n"
		"  \"newPrivileges\": true,\n"
		"  \"syscalls\": [ { \"names\": [\"read\", \"write\"] },\n"
		"    { \"names\": [\"socket\"], \"args\": [\n"
		"      { \"index\": 0, \"value\": 18446744073709551615, \"op\": "
		"\"SCMP_CMP_EQ\" } ] } ],\n"
		"  \"refuse\": [ { \"names\": [\"clone3\"], \"errno\": \"ENOSYS\" },\n"
		"    { \"names\": [\"openat2\"], \"errno\": 4094 } ] }\n";
	struct profile profile;
	struct error err = { 0 };
	bool read = profile_parse(&arena, "p", "p.json", text_of(text), &profile, &err);

	ok(read, "a profile with everything is read: %s", err.msg);
	if (!read)
		return;
	ok(profile.policy.caps.bits == 0x21 && profile.policy.ambient.bits == 0x20,
	   "sets");
	ok(profile.policy.new_privileges, "new privileges");
	ok(syscalls_has(&profile.policy.syscalls, call("read")), "a call");
	ok(profile.policy.syscalls.rules.count == 1 &&
		   profile.policy.syscalls.rules.items[0].conditions[0].value ==
			   UINT64_MAX,
	   "an operand of 64 bits, to the last");
	ok(!strcmp(profile.policy.syscalls.rules.items[0].source, "p"),
	   "with its source");
	ok(profile.policy.syscalls.refusals.count == 2 &&
		   profile.policy.syscalls.refusals.items[0].number == ENOSYS &&
		   profile.policy.syscalls.refusals.items[1].number == 4094,
	   "errnos");
	ok(profile_parse(&arena, "p", "p.json",
			 text_of("{\"summary\":\"s\",\"capabilities\":\"all\","
				 "\"syscalls\":\"all\"}"),
			 &profile, &err) &&
		   profile.policy.caps.bits == CAPSET_ALL.bits &&
		   profile.policy.syscalls.all,
	   "the top");
}

static void test_refused(void)
{
	static const struct {
		const char *members;
		const char *message;
	} cases[] = {
		{ "\"version\":2", "line 2: version" },
		{ "\"capability\":[]", "line 2: unknown member 'capability'" },
		{ "\"capabilities\":[\"cap_chown\"]",
		  "line 2: 'cap_chown' is no capability" },
		{ "\"capabilities\":[21]", "is no capability" },
		{ "\"capabilities\":\"ALL\"", "must be a list of names or \"all\"" },
		{ "\"ambient\":[\"CAP_KILL\"]", "must be among the capabilities" },
		{ "\"newPrivileges\":1", "must be true or false" },
		{ "\"syscalls\":[{\"names\":[\"reed\"]}]",
		  "line 2: 'reed' is no system call" },
		{ "\"syscalls\":[{\"names\":\"read\"}]", "names must be there" },
		{ "\"syscalls\":[{\"name\":\"read\"}]", "unknown member 'name'" },
		{ "\"syscalls\":[{}]", "names must be there" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\n\"action\":\"SCMP_ACT_ALLOW\"}]",
		  "line 3: a profile only grants" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_KILL\"}]",
		  "a profile only grants" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"errnoRet\":1}]",
		  "a profile only grants" },
		{ "\"defaultAction\":\"SCMP_ACT_LOG\"",
		  "unknown member 'defaultAction'" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"args\":[{\"index\":6,\"value\":"
		  "0,"
		  "\"op\":\"SCMP_CMP_EQ\"}]}]",
		  "index must be a plain integer from 0 to 5" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"args\":[{\"index\":0,\"value\":-"
		  "1,"
		  "\"op\":\"SCMP_CMP_EQ\"}]}]",
		  "value must be a plain integer" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"args\":[{\"index\":0,\"value\":"
		  "1e3,"
		  "\"op\":\"SCMP_CMP_EQ\"}]}]",
		  "value must be a plain integer" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"args\":[{\"index\":0,"
		  "\"value\":18446744073709551616,\"op\":\"SCMP_CMP_EQ\"}]}]",
		  "value must be a plain integer" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"args\":[{\"index\":0,\"op\":"
		  "\"SCMP_CMP_EQ\"}]}]",
		  "value must be a plain integer" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"args\":[{\"index\":0,\"value\":"
		  "0,"
		  "\"op\":\"EQ\"}]}]",
		  "op must be one of" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"args\":[{\"index\":0,\"value\":"
		  "0,"
		  "\"op\":\"SCMP_CMP_EQ\",\"valuetwo\":1}]}]",
		  "unknown member 'valuetwo'" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"args\":[{\"index\":0,\"value\":"
		  "0,"
		  "\"op\":\"SCMP_CMP_NE\"},\n{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_"
		  "NE\"}]}]",
		  "line 3: argument 0 is tested twice" },
		{ "\"syscalls\":[{\"names\":[\"read\"],\"args\":{}}]",
		  "args must be an array" },
		{ "\"refuse\":[{\"names\":[\"clone3\"],\"errno\":0}]",
		  "line 2: errno must be" },
		{ "\"refuse\":[{\"names\":[\"clone3\"],\"errno\":4095}]",
		  "errno must be" },
		{ "\"refuse\":[{\"names\":[\"clone3\"],\"errno\":\"EWHAT\"}]",
		  "errno must be" },
		{ "\"refuse\":[{\"names\":[\"clone3\"]}]", "errno must be there" },
		{ "\"refuse\":[{\"names\":[\"clone33\"],\"errno\":1}]",
		  "is no system call" },
		{ "\"summary\":\"a\\nb\"", "summary" },
		{ "\"summary\":\"\\u001b[2J\"", "summary" },
		{ "\"summary\":\"\\u007f\"", "summary" },
		{ "\"summary\":\"\\u009b2J\"", "summary" },
		{ "\"summary\":\"a\\u2028b\"", "summary" },
		{ "\"summary\":\"a\\u202eb\"", "summary" },
		{ "\"summary\":\"a\\u2066b\"", "summary" },
		{ "\"summary\":\"a\\u200bb\"", "summary" },
		{ "\"summary\":\"a\\u061cb\"", "summary" },
		{ "\"summary\":\"a\\ufeffb\"", "summary" },
	};
	struct profile profile;
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool own = strstr(cases[i].members, "summary") != NULL;
		const char *text =
			arena_printf(&arena, "{%s\n%s}", own ? "" : "\"summary\":\"s\",",
				     cases[i].members);

		ok(!profile_parse(&arena, "p", "p.json", text_of(text), &profile, &err) &&
			   err.code == ERR_CONFIG && strstr(err.msg, cases[i].message) &&
			   !strncmp(err.msg, "p.json: ", 8),
		   "%s: %s", cases[i].message, err.msg);
	}
	ok(!profile_parse(&arena, "p", "p.json", text_of("{}"), &profile, &err),
	   "no summary: %s", err.msg);
}

int main(void)
{
	test_read();
	test_refused();
	arena_free(&arena);
	return tap_done();
}
