/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/node.h"

#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static bool parse(const char *text, struct node *ret, struct error *err)
{
	*err = (struct error){ 0 };
	return node_parse(&arena, "node.json", text_of(text), ret, err);
}

static void test_defaults(void)
{
	struct node node = node_default(), empty;
	struct error err;

	ok(node.runtime[0] == '/', "the runtime is %s", node.runtime);
	ok(node.etc == -1 && !node.engine && !node.labels.count, "and nothing else");
	ok(node.archs.bits == archs_native().bits, "but the native architecture");
	ok(parse("{}", &empty, &err) && !strcmp(empty.runtime, node.runtime) &&
		   empty.kind == node.kind && empty.archs.bits == node.archs.bits &&
		   !empty.engine,
	   "a file that says nothing changes nothing");
}

static void test_kinds(void)
{
	static const struct {
		const char *text;
		enum runtime_kind kind;
	} cases[] = {
		{ "{\"runtime\":\"/usr/bin/runc\"}", RUNTIME_RUNC },
		{ "{\"runtime\":\"/usr/bin/crun\"}", RUNTIME_CRUN },
		{ "{\"runtime\":\"/usr/bin/crun-wasm\"}", RUNTIME_CRUN },
		{ "{\"runtime\":\"/opt/crun/bin/runc\"}", RUNTIME_RUNC },
		{ "{\"runtime\":\"/opt/nvidia-container-runtime\"}", RUNTIME_RUNC },
		{ "{\"runtime\":\"/opt/x\",\"runtimeKind\":\"crun\"}", RUNTIME_CRUN },
		{ "{\"runtimeKind\":\"runc\",\"runtime\":\"/opt/crun\"}", RUNTIME_RUNC },
		{ "{\"runtimeKind\":\"crun\"}", RUNTIME_CRUN },
	};
	struct node node;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(parse(cases[i].text, &node, &err) && node.kind == cases[i].kind,
		   "%s is %s", cases[i].text, runtime_kind_name(cases[i].kind));
}

static void test_whole(void)
{
	static const char text[] =
		"{ \"version\": 1, \"runtime\": \"/a b/\\u0072unc\", \"engine\": "
		"\"cri-o\",\n"
		"  \"labels\": { \"pool\": \"debug\", \"\": \"\" },\n"
		"  \"architectures\": [\"SCMP_ARCH_X86\", \"SCMP_ARCH_X86\"] }\n";
	struct archs archs = archs_native();
	struct node node;
	struct error err;

	(void)archs_add(&archs, text_of("SCMP_ARCH_X86"));
	ok(parse(text, &node, &err), "everything: %s", err.msg);
	if (err.msg[0])
		return;
	ok(!strcmp(node.runtime, "/a b/runc"), "runtime %s", node.runtime);
	ok(!strcmp(engine_name(node.engine), "cri-o"), "engine");
	ok(node.labels.count == 2 && text_is(node.labels.items[0].name, "pool") &&
		   text_is(node.labels.items[0].value, "debug"),
	   "labels");
	ok(node.archs.bits == archs.bits, "architectures are added to the native one");
	ok(node.audit == AUDIT_NONE, "no decision log");
	ok(parse("{\"audit\":\"log\"}", &node, &err) && node.audit == AUDIT_LOG, "a log");
	ok(parse("{\"audit\":\"required\"}", &node, &err) && node.audit == AUDIT_REQUIRED,
	   "a log that is required");
	for (size_t i = 0; engine_at(i); i++) {
		const char *name = engine_name(engine_at(i));

		ok(parse(arena_printf(&arena, "{\"engine\":\"%s\"}", name), &node,
			 &err) &&
			   node.engine == engine_at(i),
		   "engine %s", name);
	}
}

static void test_refused(void)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "" },
		{ "{", "" },
		{ "null", "must be an object" },
		{ "[]", "must be an object" },
		{ "{\n\"version\":2}", "line 2: version" },
		{ "{\"version\":\"1\"}", "version must be" },
		{ "{\"versoin\":1}", "unknown member 'versoin'" },
		{ "{\"Runtime\":\"/usr/bin/runc\"}", "unknown member 'Runtime'" },
		{ "{\"runtime\":\"runc\"}", "absolute" },
		{ "{\"runtime\":\"./runc\"}", "absolute" },
		{ "{\"runtime\":\"\"}", "absolute" },
		{ "{\"runtime\":null}", "runtime must be" },
		{ "{\"runtime\":[\"/usr/bin/runc\"]}", "runtime must be" },
		{ "{\"runtime\":\"/a\",\"runtime\":\"/b\"}", "" },
		{ "{\"runtime\":\"/usr/bin/runc\\u0000\"}", "" },
		{ "{\"runtimeKind\":\"youki\"}", "not 'youki'" },
		{ "{\"runtimeKind\":\"Runc\"}", "not 'Runc'" },
		{ "{\"engine\":\"lxc\"}", "not 'lxc'" },
		{ "{\"engine\":\"\"}",
		  "engine is \"containerd\", \"cri-o\", \"podman\" or \"docker\"" },
		{ "{\"engine\":null}", "engine must be" },
		{ "{\"labels\":[]}", "labels must be" },
		{ "{\"labels\":{\"a\":\n1}}", "line 2: a label's value" },
		{ "{\"architectures\":\"SCMP_ARCH_X86\"}", "architectures must be" },
		{ "{\"architectures\":[\"x86\"]}", "'x86' is no architecture" },
		{ "{\"architectures\":[7]}", "each item must be" },
		{ "{\"audit\":\"none\"}", "audit is \"log\" or \"required\"" },
		{ "{\"audit\":\"\"}", "audit is" },
		{ "{\"audit\":true}", "audit must be" },
	};
	struct node node = { .etc = 77 };
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(!parse(cases[i].text, &node, &err) && err.code == ERR_CONFIG &&
			   strstr(err.msg, cases[i].message) &&
			   !strncmp(err.msg, "node.json: ", 11) &&
			   strstr(err.msg, "line "),
		   "%s: %s", cases[i].text, err.msg);
	ok(node.etc == 77, "and nothing is written to what is wanted");
}

int main(void)
{
	test_defaults();
	test_kinds();
	test_whole();
	test_refused();
	arena_free(&arena);
	return tap_done();
}
