/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/acl.h"

#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static const char example[] =
	"{\n"
	"  \"version\": 1,\n"
	"  \"mode\": \"enforce\",\n"
	"  \"default\": [\"default\"],\n"
	"  \"rules\": [\n"
	"    { \"allow\": [\"default\", \"net-bind\"] },\n"
	"    { \"allow\": [\"ptrace\"], \"nodes\": { \"pool\": \"debug\" } },\n"
	"    { \"allow\": [\"net-admin\"], \"namespaces\": [\"kube-system\"],\n"
	"      \"images\": [\"registry.example/cni/*\"] },\n"
	"    { \"allow\": [\"setid\"], \"containers\": [\"web\"], \"restore\": true }\n"
	"  ]\n"
	"}\n";

static struct request asks(const char *names)
{
	struct request request = { 0 };
	struct error err;

	if (!request_names(&arena, text_of(names), &request, &err))
		ok(false, "%s", err.msg);
	return request;
}

static struct acl *read_acl(const char *text)
{
	struct acl *acl = acl_new(&arena);
	struct error err;

	if (!acl_add(&arena, acl, "acl.json", text_of(text), &err))
		ok(false, "%s", err.msg);
	return acl;
}

static size_t line_for(const struct acl *acl, const struct labels *node,
		       struct request request)
{
	struct decision decision = acl_decide(&arena, acl, node, &request);

	return decision.granted ? decision.verdicts[0].ground.line : 0;
}

static void test_selectors(void)
{
	struct acl *acl = read_acl(example);
	struct label pool = { text_of("pool"), text_of("debug") };
	struct labels debug = { &pool, 1, 1 }, none = { 0 };
	struct request cni = asks("net-admin"), web = asks("setid");

	ok(line_for(acl, &none, asks("net-bind")) == 6, "a rule for all, by its line");
	ok(!line_for(acl, &none, asks("ptrace")), "not on another node");
	ok(line_for(acl, &debug, asks("ptrace")) == 7, "on a node with the label");
	ok(!line_for(acl, &none, cni), "not for a subject that is not known");
	cni.subject.namespace = text_of("kube-system");
	ok(!line_for(acl, &none, cni), "nor for half of the selectors");
	cni.subject.image = text_of("registry.example/cni/calico:3@sha256:00");
	ok(line_for(acl, &none, cni) == 8, "for all of them");
	cni.subject.image = text_of("registry.example/other");
	ok(!line_for(acl, &none, cni), "not for another image");
	ok(!line_for(acl, &none, web), "a container's name must be known");
	web.subject.container = text_of("web");
	ok(line_for(acl, &none, web) == 10, "and equal");
	ok(acl_decide(&arena, acl, &none, &web).restore, "its rule lets it be restored");
	ok(!acl_decide(&arena, acl, &none, &cni).restore, "which no other does");
	ok(!line_for(acl, &none, asks("net-bind,ptrace")), "one too many refuses all");
	ok(!strcmp(acl_allowed(&arena, acl, &debug, &web.subject, 99),
		   "default, net-bind, ptrace, setid"),
	   "what is allowed, in order");
	ok(!strcmp(acl_allowed(&arena, acl, &debug, &web.subject, 20),
		   "default, net-bind and 2 more"),
	   "as much of it as fits");
	ok(acl_place(acl).line == 5, "where a rule would be added");
}

/* Who is not known is not let in by a selector that says nothing, or everything. */
static void test_unknown(void)
{
	static const char *const selectors[] = { "\"namespaces\":[\"\"]",
						 "\"containers\":[\"\"]",
						 "\"images\":[\"\"]",
						 "\"images\":[\"*\"]" };
	struct labels none = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
		struct acl *acl = read_acl(arena_printf(
			&arena, "{\"rules\":[{\"allow\":[\"a\"],%s}]}", selectors[i]));

		ok(!line_for(acl, &none, asks("a")), "%s", selectors[i]);
	}
}

static void test_unasked(void)
{
	struct acl *acl = read_acl(example), *empty = read_acl("{}");
	struct labels none = { 0 };
	struct request nothing = { 0 }, pause = { .sandbox = true };
	struct decision decision = acl_decide(&arena, acl, &none, &nothing);

	ok(decision.granted && decision.count == 1 &&
		   decision.verdicts[0].ground.line == 4,
	   "who asks for nothing gets the default, by its line");
	decision = acl_decide(&arena, empty, &none, &nothing);
	ok(decision.granted && !decision.count, "or nothing");
	decision = acl_decide(&arena, empty, &none, &pause);
	ok(decision.count == 1 && text_is(decision.verdicts[0].profile, "pause"),
	   "a sandbox gets pause");
	acl = read_acl("{\"sandbox\":[\"minimal\"]}");
	decision = acl_decide(&arena, acl, &none, &pause);
	ok(decision.count == 1 && text_is(decision.verdicts[0].profile, "minimal"),
	   "or what the ACL names");
}

static void test_joined(void)
{
	struct acl *acl = read_acl(example);
	struct labels none = { 0 };
	struct error err;

	ok(acl_add(&arena, acl, "acl.d/x.json",
		   text_of("{\"rules\":[{\"allow\":[\"bpf\"]}]}"), &err),
	   "a second file");
	ok(line_for(acl, &none, asks("bpf,net-bind")), "adds to the first");
	ok(!acl_add(&arena, acl, "acl.d/y.json", text_of("{\"mode\":\"warn\"}"), &err) &&
		   strstr(err.msg, "acl.d/y.json: line 1"),
	   "but can't change the mode");
}

/* A rule with an approval that is at fault in one place. */
#define APPROVED(names, who, what)                              \
	"{\"rules\":[{\"allow\":[" names "],\"approved\":{" who \
	",\"when\":\"2026-11-21T12:00:00Z\",\"what\":{" what "}}}]}"

static void test_mode(void)
{
	struct acl *acl = read_acl("{\"rules\":[{\"allow\":[\"a\"]},{\"mode\":\"warn\","
				   "\"namespaces\":[\"old\"]}]}");
	struct labels none = { 0 };
	struct request old = asks("b"), new = asks("b"), unknown = asks("b");

	old.subject.namespace = text_of("old");
	new.subject.namespace = text_of("new");
	ok(acl_decide(&arena, acl, &none, &old).mode == MODE_WARN,
	   "a rule that applies is in mode warn");
	ok(!acl_decide(&arena, acl, &none, &old).granted, "which allows nothing");
	ok(acl_decide(&arena, acl, &none, &new).mode == MODE_ENFORCE, "others are not");
	ok(acl_mode_for(&arena, acl, &none, &unknown.subject) == MODE_ENFORCE,
	   "nor who is not known");
	ok(acl_mode(acl) == MODE_ENFORCE && acl_mode_varies(acl), "so it varies");
	ok(!acl_mode_varies(read_acl("{\"rules\":[{\"allow\":[\"a\"]}]}")),
	   "without such a rule it does not");
	acl = read_acl("{\"mode\":\"warn\",\"rules\":[{\"mode\":\"warn\"}]}");
	ok(acl_mode_for(&arena, acl, &none, &new.subject) == MODE_WARN &&
		   !acl_mode_varies(acl),
	   "nor where all are only warned");
}

static void test_approvals(void)
{
	struct acl *acl = read_acl(
		APPROVED("\"a\"", "\"who\":\"me\",\"why\":\"so\"", "\"a\":{\"n\":1}"));
	struct labels none = { 0 };
	struct request request = asks("a");
	struct verdict verdict = acl_decide(&arena, acl, &none, &request).verdicts[0];
	struct approval *approval = verdict.approvals.items;
	struct error err;

	ok(verdict.approvals.count == 1 && verdict.ground.line == 1,
	   "an approval allows, if what it says still holds");
	ok(text_is(approval->who, "me") && text_is(approval->why, "so") &&
		   text_is(approval->when, "2026-11-21T12:00:00Z"),
	   "who, why and when");
	ok(text_is((struct text){ approval->file.bytes + approval->what->start,
				  approval->what->end - approval->what->start },
		   "{\"n\":1}"),
	   "and what, to the byte");
	ok(acl_approvals(&arena, acl).count == 1, "listed");
	ok(acl_add(&arena, acl, "x.json",
		   text_of("{\"rules\":[{\"allow\":[\"a\"],\"restore\":true}]}"), &err),
	   "a rule of the administrator's");
	verdict = acl_decide(&arena, acl, &none, &request).verdicts[0];
	ok(!verdict.approvals.count && !strcmp(verdict.ground.path, "x.json"),
	   "wins, since it holds without an if");
}

static void test_refused(void)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{ "", "acl.json: " },
		{ "[]", "acl.json: line 1: the file must be an object" },
		{ "{\"version\":2}", "line 1: version '2'" },
		{ "{\"version\":\"1\"}", "line 1: version must be a number" },
		{ "{\n\"rule\":[]}", "line 2: unknown member 'rule'" },
		{ "{\"default\":\"a\"}", "default must be an array" },
		{ "{\"default\":[1]}", "each item must be a string" },
		{ "{\"default\":[\"A\"]}", "'A' can't be the name of a profile" },
		{ "{\"mode\":\"off\"}", "mode is" },
		{ "{\"rules\":[{\"allow\":[\"a\"],\n\"deny\":[\"b\"]}]}",
		  "line 2: unknown member" },
		{ "{\"rules\":[{\"nodes\":{\"a\":1}}]}", "a label's value" },
		{ "{\"rules\":[{\"allow\":[\"a\"],\"images\":[]}]}", "matches nothing" },
		{ "{\"rules\":[{\"restore\":1}]}", "restore must be true or false" },
		{ "{\"rules\":[{\"mounts\":1}]}", "mounts must be true or false" },
		{ "{\"rules\":[{\"annotations\":\"a\"}]}",
		  "annotations must be an array" },
		{ "{\"rules\":[{\"annotations\":[1]}]}", "each item must be a string" },
		{ "{\"rules\":[[]]}", "each item must be an object" },
		{ "{\"rules\":[{\"mode\":\"enforce\"}]}", "rules only add" },
		{ "{\"rules\":[{\"mode\":\"\"}]}", "can only be \"warn\", not ''" },
		{ "{\"rules\":[{\"approved\":{}}]}", "who, when and what" },
		{ APPROVED("\"a\"", "\"who\":\"\"", "\"a\":{}"),
		  "'who' must not be empty" },
		{ APPROVED("\"a\"", "\"who\":\"b\",\"whom\":1", "\"a\":{}"),
		  "unknown member 'whom'" },
		{ APPROVED("\"a\"", "\"who\":\"b\"", ""),
		  "what was approved of 'a' is not said" },
		{ APPROVED("\"a\"", "\"who\":\"b\"", "\"a\":{},\"c\":{}"),
		  "the profiles in \"allow\"" },
		{ APPROVED("\"a\",\"a\"", "\"who\":\"b\"", "\"a\":{}"),
		  "the profiles in \"allow\"" },
		{ APPROVED("\"a\"", "\"who\":\"b\"", "\"a\":[]"), "must be an object" },
		{ APPROVED("\"a\"", "\"who\":\"b\"", "\"A\":{}"), "'A' can't be" },
		{ "{\"rules\":[{\"approved\":{\"when\":\"2026-11-21T12:00:00+01:00\"}}]}",
		  "is no time like" },
		{ "{\"rules\":[{\"approved\":{\"when\":\"2026-11-21T12:00:0xZ\"}}]}",
		  "is no time like" },
		{ "{\"default\":[],\"default\":[\"a\"]}", "default" },
		{ "{} {}", "acl.json: " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct acl *acl = acl_new(&arena);
		struct error err = { 0 };
		bool read =
			acl_add(&arena, acl, "acl.json", text_of(cases[i].text), &err);

		ok(!read && err.code == ERR_CONFIG && strstr(err.msg, cases[i].message),
		   "case %zu: %s", i, err.msg);
	}
}

/* A file that was cut off never allows what the whole one does not. */
static void test_prefixes(void)
{
	size_t read = 0;

	for (size_t n = 0; n < sizeof(example) - 2; n++) {
		struct acl *acl = acl_new(&arena);
		struct error err;

		read += acl_add(&arena, acl, "acl.json", (struct text){ example, n },
				&err);
	}
	ok(!read, "no prefix of a file is an ACL");
}

int main(void)
{
	test_selectors();
	test_unknown();
	test_unasked();
	test_joined();
	test_mode();
	test_approvals();
	test_refused();
	test_prefixes();
	arena_free(&arena);
	return tap_done();
}
