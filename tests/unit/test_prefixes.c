/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is cut off or missing never allows more: of every ACL and node.json that the tests
 * and the package have, each prefix, and of several files each selection.
 */

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "gate/approval.h"
#include "gate/node.h"
#include "lib/file.h"
#include "profiles/profile.h"
#include "tests/tap.h"

static const char *const rules_file =
	"{\"version\":1,\"default\":[\"minimal\"],\"sandbox\":[\"minimal\"],\"rules\":["
	"{\"allow\":[\"a\",\"b\"],\"nodes\":{\"pool\":\"edge\"}},"
	"{\"allow\":[\"c\"],\"namespaces\":[\"shop\"],\"images\":[\"r/*\"]},"
	"{\"allow\":[\"d\"],\"containers\":[\"web\"],\"restore\":true,\"mounts\":true}]}"
	"\n\n";
static const char *const warn_file =
	"{\"rules\":[{\"mode\":\"warn\",\"namespaces\":[\"shop\"],\"containers\":["
	"\"web\"]},"
	"{\"annotations\":[\"run.oci.*\"],\"nodes\":{\"pool\":\"edge\"}}]}";
static const char *const more_file = "{\"version\":1,\"rules\":[{\"allow\":[\"a\"]},{"
				     "\"allow\":[\"d\"],\"restore\":true}]}";

/* Two approvals of one profile and one of another. */
static const char *approved_file(struct arena *arena)
{
	struct policy chown = { .caps.bits = 1 }, kill = { .caps.bits = 1 << 5 };
	struct buffer out = { .arena = arena };
	static const char form[] =
		"{\"allow\":[\"%s\"],\"namespaces\":[\"%s\"],\"approved\":{\"who\":"
		"\"me\","
		"\"when\":\"2026-11-21T12:00:00Z\",\"what\":{\"%s\":%s}}}%s";

	syscalls_allow(&chown.syscalls, (unsigned)syscall_find(text_of("chown")));
	syscalls_allow(&kill.syscalls, (unsigned)syscall_find(text_of("kill")));
	buffer_puts(&out, "{\"version\":1,\"rules\":[");
	buffer_printf(&out, form, "e", "shop", "e", approval_text(arena, &chown).bytes,
		      ",");
	buffer_printf(&out, form, "e", "shop", "e", approval_text(arena, &kill).bytes,
		      ",");
	buffer_printf(&out, form, "a", "blog", "a", approval_text(arena, &kill).bytes,
		      "]}\n");
	return out.bytes;
}

static const char *const profiles[] = { "a",	    "b",	 "c",	    "d",
					"e",	    "minimal",	 "default", "net-bind",
					"net-unix", "privileged" };
static const char *const namespaces[] = { NULL, "shop", "blog", "kube-system" };
static const char *const containers[] = { NULL, "web" };
static const char *const images[] = { NULL, "r/web:1", "registry.example/web:1" };

/* Whatever a union of approvals is of: nothing if they can't be read. */
static struct policy approved(struct arena *arena, const struct verdict *verdict)
{
	struct policy policy = { 0 };
	struct error err;

	if (!approvals_policy(arena, &verdict->approvals, &policy, &err))
		return (struct policy){ 0 };
	return policy;
}

static bool verdict_within(struct arena *arena, const struct verdict *less,
			   const struct verdict *more)
{
	struct policy a, b;
	struct difference added;
	struct error err;

	if (!less->ground.path || (more->ground.path && !more->approvals.count))
		return true;
	if (!more->ground.path || !less->approvals.count)
		return false;
	a = approved(arena, less);
	b = approved(arena, more);
	return policy_difference(arena, &a, &b, &added, &err) && difference_empty(&added);
}

/* Of those who ask for nothing: names in the one list are in the other. */
static bool lists_within(const struct decision *less, const struct decision *more)
{
	for (size_t i = 0; i < less->count; i++) {
		bool found = text_is(less->verdicts[i].profile, "pause");

		for (size_t j = 0; j < more->count; j++)
			found = found || text_eq(less->verdicts[i].profile,
						 more->verdicts[j].profile);
		if (!found)
			return false;
	}
	return true;
}

static bool decision_within(struct arena *arena, const struct acl *less,
			    const struct acl *more, const struct labels *labels,
			    const struct request *request)
{
	struct decision a = acl_decide(arena, less, labels, request);
	struct decision b = acl_decide(arena, more, labels, request);
	struct text key = text_of("run.oci.x");

	if ((a.mode == MODE_WARN && b.mode != MODE_WARN) || (a.restore && !b.restore) ||
	    (a.mounts && !b.mounts) ||
	    (acl_allows_annotation(arena, less, labels, &request->subject, key) &&
	     !acl_allows_annotation(arena, more, labels, &request->subject, key)))
		return false;
	return request->count ? verdict_within(arena, &a.verdicts[0], &b.verdicts[0])
			      : lists_within(&a, &b);
}

/* For everybody that the files can tell apart, and each profile that they name. */
static bool within(struct arena *arena, const struct acl *less, const struct acl *more)
{
	struct label pool[] = { { text_of("pool"), text_of("edge") } };
	const struct labels labels[] = { { 0 }, { pool, 1, 1 } };
	size_t subjects = ARRAY_SIZE(namespaces) * ARRAY_SIZE(containers) *
			  ARRAY_SIZE(images) * ARRAY_SIZE(labels);

	for (size_t i = 0; i < subjects * (ARRAY_SIZE(profiles) + 2); i++) {
		size_t asks = i / subjects, at = i;
		struct request request = { 0 };

		request.subject.namespace =
			text_of(namespaces[at % ARRAY_SIZE(namespaces)]);
		at /= ARRAY_SIZE(namespaces);
		request.subject.container =
			text_of(containers[at % ARRAY_SIZE(containers)]);
		at /= ARRAY_SIZE(containers);
		request.subject.image = text_of(images[at % ARRAY_SIZE(images)]);
		at /= ARRAY_SIZE(images);
		if (asks < ARRAY_SIZE(profiles))
			request.profiles[request.count++] = text_of(profiles[asks]);
		request.sandbox = asks == ARRAY_SIZE(profiles);
		if (!decision_within(arena, less, more, &labels[at % ARRAY_SIZE(labels)],
				     &request))
			return false;
	}
	return true;
}

static void test_acl(const char *name, struct text text)
{
	struct arena whole = { NULL };
	struct acl *acl = acl_new(&whole);
	size_t read = 0, wrong = 0;
	struct error err;

	/* A case of the goldens is of an ACL that is none. */
	if (!acl_add(&whole, acl, "f", text, &err)) {
		ok(strstr(name, "broken"), "%s: %s", name, err.msg);
		arena_free(&whole);
		return;
	}
	for (size_t n = 0; n < text.length; n++) {
		struct arena arena = { NULL };
		struct acl *prefix = acl_new(&arena);
		/* Without a byte behind it, so that a sanitizer sees who reads on. */
		char *copy = malloc(n ? n : 1);

		memcpy(copy, text.bytes, n);
		if (acl_add(&arena, prefix, "f", (struct text){ copy, n }, &err)) {
			read++;
			wrong += !within(&arena, prefix, acl);
		}
		arena_free(&arena);
		free(copy);
	}
	ok(!wrong, "%s: each of %zu prefixes is refused, or (%zu) allows no more", name,
	   text.length, read);
	arena_free(&whole);
}

static bool node_within(const struct node *less, const struct node *more)
{
	bool same = less->labels.count == more->labels.count;

	for (size_t i = 0; same && i < less->labels.count; i++)
		same = text_eq(less->labels.items[i].name, more->labels.items[i].name) &&
		       text_eq(less->labels.items[i].value, more->labels.items[i].value);
	return same && less->engine == more->engine &&
	       less->archs.bits == more->archs.bits &&
	       !strcmp(less->runtime, more->runtime);
}

static void test_node(const char *name, struct text text)
{
	struct arena arena = { NULL };
	struct node whole, node;
	struct error err;
	size_t wrong = 0;

	if (!ok(node_parse(&arena, "f", text, &whole, &err), "%s is a node.json", name))
		return;
	for (size_t n = 0; n < text.length; n++)
		if (node_parse(&arena, "f", (struct text){ text.bytes, n }, &node, &err))
			wrong += !node_within(&node, &whole);
	ok(!wrong, "%s: each prefix is refused or says the same", name);
	arena_free(&arena);
}

static void test_files(const char *pattern,
		       void (*test)(const char *name, struct text text))
{
	const char *source = getenv("SRCDIR");
	struct arena arena = { NULL };
	struct error err;
	struct file file;
	glob_t found;

	if (!ok(source && !glob(arena_printf(&arena, "%s/%s", source, pattern), 0, NULL,
				&found),
		"there is a %s", pattern))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (file_read(&arena, AT_FDCWD, found.gl_pathv[i], 1 << 20, &file, &err))
			test(found.gl_pathv[i] + strlen(source) + 1, file.text);
		else
			ok(false, "%s", err.msg);
	globfree(&found);
	arena_free(&arena);
}

/* Each selection of the files, in their order. */
static void test_missing(const char *approvals)
{
	const char *const files[] = { rules_file, warn_file, more_file, approvals };
	const unsigned all = (1U << ARRAY_SIZE(files)) - 1;
	struct acl *acls[1U << ARRAY_SIZE(files)];
	struct arena arena = { NULL };
	struct error err;
	size_t wrong = 0;

	for (unsigned chosen = 0; chosen <= all; chosen++) {
		acls[chosen] = acl_new(&arena);
		for (size_t i = 0; i < ARRAY_SIZE(files); i++)
			if ((chosen >> i & 1) &&
			    !acl_add(&arena, acls[chosen], "f", text_of(files[i]), &err))
				ok(false, "%s", err.msg);
	}
	for (unsigned more = 0; more <= all; more++)
		for (size_t i = 0; i < ARRAY_SIZE(files); i++)
			wrong += !within(&arena, acls[more & ~(1U << i)], acls[more]);
	ok(!wrong, "a file that is missing allows nothing");
	ok(!within(&arena, acls[all], acls[0]), "which would show");
	arena_free(&arena);
}

int main(void)
{
	struct arena arena = { NULL };
	const char *approvals = approved_file(&arena);

	test_acl("rules", text_of(rules_file));
	test_acl("warn", text_of(warn_file));
	test_acl("50-approved.json", text_of(approvals));
	test_files("tests/golden/*/acl.json", test_acl);
	test_files("packaging/acl.json", test_acl);
	test_files("tests/golden/*/node.json", test_node);
	test_files("packaging/node.json", test_node);
	test_missing(approvals);
	arena_free(&arena);
	return tap_done();
}
