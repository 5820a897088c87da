/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/config.h"

#include <string.h>

#include "tests/tap.h"

static struct arena arena;
static const struct sections sections = {
	.capabilities = { "{1}", 3 },
	.no_new_privileges = { "{2}", 3 },
	.seccomp = { "{3}", 3 },
};

static bool parse(const char *text, struct config *ret, struct error *err)
{
	*err = (struct error){ 0 };
	return config_parse(&arena, text_of(text), ret, err);
}

static void test_parse(void)
{
	static const struct {
		const char *text;
		bool has_linux, has_annotations;
	} cases[] = {
		{ "{\"process\":{}}", false, false },
		{ "{\"process\":{},\"linux\":{},\"annotations\":{}}", true, true },
		{ "{\"process\":{},\"annotations\":null}", false, true },
		{ "{\"\\u0070rocess\":{}}", false, false },
		{ "{\"x\":{\"process\":{},\"linux\":{}},\"process\":{}}", false, false },
	};
	static const char *const wrong[] = {
		"",
		"null",
		"[]",
		"{}",
		"{\"process\":null}",
		"{\"process\":[]}",
		"{\"x\":{\"process\":{}}}",
		"{\"Process\":{}}",
		"{\"process\":{},\"process\":{}}",
		"{\"process\":{},\"linux\":null}",
		"{\"process\":{}} ,",
	};
	struct config config;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(parse(cases[i].text, &config, &err) && config.process &&
			   config.process->kind == JSON_OBJECT &&
			   !config.linux_section != cases[i].has_linux &&
			   !config.annotations != cases[i].has_annotations,
		   "%s %s", cases[i].text, err.msg);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ok(!parse(wrong[i], &config, &err) && err.code == ERR_DATA && *err.msg,
		   "%s: %s", wrong[i], err.msg);
}

static void test_with(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "{\"process\":{}}",
		  "{\"linux\":{\"seccomp\":{3}},\"process\":{\"capabilities\":{1},"
		  "\"noNewPrivileges\":{2}}}" },
		{ " {\t\"process\" : { } } \n",
		  " {\"linux\":{\"seccomp\":{3}},\t\"process\" : "
		  "{\"capabilities\":{1},\"noNewPrivileges\":{2} } } \n" },
		{ "{\"process\":{\"a\":1},\"linux\":{\"b\":2}}",
		  "{\"process\":{\"capabilities\":{1},\"noNewPrivileges\":{2},\"a\":1},"
		  "\"linux\":{\"seccomp\":{3},\"b\":2}}" },
		{ "{\"linux\":{\"seccomp\" :null },\"process\":{\"noNewPrivileges\": "
		  "false,\"capabilities\":{ }}}",
		  "{\"linux\":{\"seccomp\" :{3} },\"process\":{\"noNewPrivileges\": "
		  "{2},\"capabilities\":{1}}}" },
		{ "{\"process\":{\"\\u0063apabilities\":null,\"noNewPrivileges\":true},"
		  "\"seccomp\":0,\"linux\":{\"x\":{\"seccomp\":1}}}",
		  "{\"process\":{\"\\u0063apabilities\":{1},\"noNewPrivileges\":{2}},"
		  "\"seccomp\":0,\"linux\":{\"seccomp\":{3},\"x\":{\"seccomp\":1}}}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config config;
		struct error err;
		struct text got;

		if (!ok(parse(cases[i].text, &config, &err), "%s %s", cases[i].text,
			err.msg))
			continue;
		got = config_with(&arena, &config, &sections);
		ok(text_is(got, cases[i].want), "becomes %.*s", (int)got.length,
		   got.bytes);
	}
}

static const struct policy bottom;

/* A call, a call under a condition, two capabilities of which one is ambient. */
static struct policy some(void)
{
	struct rule unix_sockets = { .call = (uint16_t)syscall_find(text_of("socket")),
				     .count = 1,
				     .conditions = { { 0, COMPARE_EQ, 1, 0 } },
				     .source = "some" };
	struct policy policy = { .caps.bits = 0x21,
				 .ambient.bits = 0x20,
				 .new_privileges = true };
	struct error err;

	syscalls_allow(&policy.syscalls, (unsigned)syscall_find(text_of("read")));
	(void)!syscalls_add(&arena, &policy.syscalls, &unix_sockets, &err);
	return policy;
}

static bool made(struct policy policy, struct capset held, struct sections *ret,
		 struct error *err)
{
	*err = (struct error){ 0 };
	return sections_make(&arena, &policy, archs_native(), held, ret, err);
}

static void test_sections(void)
{
	struct policy all = { .caps = CAPSET_ALL,
			      .new_privileges = true,
			      .syscalls.all = true };
	struct sections got = { 0 };
	struct error err;

	if (!ok(made(bottom, CAPSET_ALL, &got, &err), "the bottom: %s", err.msg))
		return;
	ok(text_is(got.no_new_privileges, "true") &&
		   !memmem(got.capabilities.bytes, got.capabilities.length, "CAP_", 4) &&
		   memmem(got.seccomp.bytes, got.seccomp.length, "\"syscalls\":[]", 13),
	   "is written out: %s", got.seccomp.bytes);
	ok(made(some(), CAPSET_ALL, &got, &err) &&
		   text_is(got.no_new_privileges, "false"),
	   "new privileges, if granted");
	ok(made(some(), (struct capset){ 0x21 }, &got, &err),
	   "what the node holds can be granted");
	ok(!made(some(), (struct capset){ 1 }, &got, &err) && err.code == ERR_RUNTIME &&
		   strstr(err.msg, "CAP_KILL") && !strstr(err.msg, "CAP_CHOWN"),
	   "what it does not hold is named: %s", err.msg);
	ok(made(all, (struct capset){ 1 }, &got, &err) &&
		   memmem(got.capabilities.bytes, got.capabilities.length, "CAP_CHOWN",
			  9) &&
		   !memmem(got.capabilities.bytes, got.capabilities.length, "CAP_KILL",
			   8),
	   "of all capabilities the node gives what it holds");
}

static void test_multiplexed(void)
{
	static const char *const calls[] = { "socket", "semop", "socketcall", "ipc" };
	struct archs archs = archs_native();
	struct sections got;
	struct error err;

	if (!archs_add(&archs, text_of("SCMP_ARCH_X86")) ||
	    !archs_multiplex(archs, "socket"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct policy policy = { 0 };
		struct rule rule = { .call = (uint16_t)syscall_find(text_of(calls[i])),
				     .count = 1,
				     .conditions = { { 0, COMPARE_LT, 5, 0 } },
				     .source = "some" };

		err = (struct error){ 0 };
		ok(syscalls_add(&arena, &policy.syscalls, &rule, &err) &&
			   !sections_make(&arena, &policy, archs, CAPSET_ALL, &got,
					  &err) &&
			   err.code == ERR_INEXACT && strstr(err.msg, "'some'") &&
			   strstr(err.msg, calls[i]),
		   "argument rules on what an architecture multiplexes: %s", err.msg);
	}
}

/* What is written reads back as what was meant, from any place that it is put in. */
static void test_policy(void)
{
	static const char *const hosts[] = {
		"{\"process\":{}}",
		"{\"process\":{\"capabilities\":{\"bounding\":[\"CAP_BPF\"]},"
		"\"noNewPrivileges\":false},\"linux\":{\"seccomp\":{\"defaultAction\":"
		"\"SCMP_ACT_ALLOW\"}}}",
	};
	const struct policy policies[] = { bottom, some() };

	for (size_t h = 0; h < ARRAY_SIZE(hosts); h++)
		for (size_t p = 0; p < ARRAY_SIZE(policies); p++) {
			struct config config;
			struct sections got;
			struct policy back = { .caps = CAPSET_ALL };
			struct error err = { 0 };
			struct text text, again;

			if (!parse(hosts[h], &config, &err) ||
			    !made(policies[p], CAPSET_ALL, &got, &err)) {
				ok(false, "host %zu: %s", h, err.msg);
				continue;
			}
			text = config_with(&arena, &config, &got);
			ok(config_parse(&arena, text, &config, &err) &&
				   config_policy(&arena, &config, &back, &err) &&
				   policy_equal(&back, &policies[p]),
			   "policy %zu in host %zu: %s", p, h, err.msg);
			again = config_with(&arena, &config, &got);
			ok(text_eq(text, again), "and again, it stays");
		}
}

static void test_grants(void)
{
	static const struct {
		const char *text;
		uint64_t caps;
		bool new_privileges, all;
	} cases[] = {
		{ "{\"process\":{}}", UINT64_MAX, true, true },
		{ "{\"process\":{\"capabilities\":null}}", UINT64_MAX, true, true },
		{ "{\"process\":{\"capabilities\":{}}}", 0, true, true },
		{ "{\"process\":{\"capabilities\":{\"ambient\":[\"CAP_KILL\"]}}}", 0x20,
		  true, true },
		{ "{\"process\":{\"noNewPrivileges\":true}}", UINT64_MAX, false, true },
		{ "{\"process\":{\"noNewPrivileges\":null}}", UINT64_MAX, true, true },
		{ "{\"process\":{},\"linux\":{\"seccomp\":null}}", UINT64_MAX, true,
		  true },
		{ "{\"process\":{},\"linux\":{\"seccomp\":{\"defaultAction\":"
		  "\"SCMP_ACT_KILL\"}}}",
		  UINT64_MAX, true, false },
	};
	static const char *const wrong[] = {
		"{\"process\":{\"capabilities\":{\"effective\":[\"21\"]}}}",
		"{\"process\":{},\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_"
		"ERRNO\",\"syscalls\":[{\"names\":[\"what\"],\"action\":\"SCMP_ACT_"
		"ALLOW\"}]}}}",
	};
	struct config config;
	struct policy got;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(parse(cases[i].text, &config, &err) &&
			   config_policy(&arena, &config, &got, &err) &&
			   got.caps.bits == cases[i].caps &&
			   got.new_privileges == cases[i].new_privileges &&
			   got.syscalls.all == cases[i].all,
		   "what %s grants", cases[i].text);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		ok(parse(wrong[i], &config, &err) &&
			   !config_policy(&arena, &config, &got, &err) &&
			   err.code == ERR_DATA,
		   "no policy: %s", err.msg);
}

int main(void)
{
	test_parse();
	test_with();
	test_sections();
	test_multiplexed();
	test_policy();
	test_grants();
	arena_free(&arena);
	return tap_done();
}
