/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/digest.h"
#include "tests/tap.h"

static struct arena arena;
static char folder[] = "/tmp/powerbox-source-XXXXXX";

static bool reads_path(const char *path, const char *engine, struct candidates *ret,
		       struct error *err)
{
	struct gate gate = { .node.engine = engine_find(text_of(engine)) };

	*ret = (struct candidates){ 0 };
	return source_read(&arena, &gate, path, ret, err);
}

/* The bytes as a file. */
static bool reads(struct text text, const char *engine, struct candidates *ret,
		  struct error *err)
{
	int fd = memfd_create("source", MFD_CLOEXEC);
	bool good;

	if (pwrite(fd, text.bytes, text.length, 0) != (ssize_t)text.length)
		abort();
	good = reads_path(arena_printf(&arena, "/proc/self/fd/%d", fd), engine, ret, err);
	close(fd);
	return good;
}

static bool refused(const char *text, const char *says)
{
	struct candidates candidates;
	struct error err;

	if (reads(text_of(text), "containerd", &candidates, &err))
		return false;
	if (err.code == ERR_DATA && strstr(err.msg, says) &&
	    !strncmp(err.msg, "/proc/self/fd/", 14))
		return true;
	printf("# %d: %s\n", err.code, err.msg);
	return false;
}

static bool asks(const struct candidate *candidate, const char *names)
{
	struct buffer out = { .arena = &arena };

	buffer_puts(&out, "");
	for (size_t i = 0; i < candidate->request.count; i++) {
		buffer_puts(&out, i ? "," : "");
		buffer_add(&out, candidate->request.profiles[i].bytes,
			   candidate->request.profiles[i].length);
	}
	return !strcmp(out.bytes, names);
}

static const char pod[] =
	"apiVersion: v1\n"
	"kind: Pod\n"
	"metadata:\n"
	"  name: web\n"
	"  namespace: shop\n"
	"  annotations:\n"
	"    dev.powerbox.profiles: minimal\n"
	"    dev.powerbox.profiles/app: 'minimal net-bind'\n"
	"spec:\n"
	"  securityContext: {seccompProfile: {type: RuntimeDefault}}\n"
	"  initContainers:\n"
	"  - {name: init, image: busybox}\n"
	"  containers:\n"
	"  - name: app\n"
	"    image: quay.io/shop/app:1\n"
	"    securityContext:\n"
	"      allowPrivilegeEscalation: false\n"
	"      capabilities: {add: [NET_ADMIN, cap_sys_time], drop: [ALL]}\n"
	"  ephemeralContainers:\n"
	"  - {name: debug, securityContext: {privileged: true}}\n";

#define CAP(name) (UINT64_C(1) << capset_find(text_of("CAP_" name)))

static void test_pod(void)
{
	struct candidates list;
	struct error err;
	const struct candidate *init, *app, *debug;

	if (!ok(reads(text_of(pod), "containerd", &list, &err) && list.count == 3,
		"three containers"))
		return;
	init = &list.items[0];
	app = &list.items[1];
	debug = &list.items[2];
	ok(asks(init, "minimal") && asks(app, "minimal,net-bind") &&
		   asks(debug, "minimal"),
	   "the container's annotation stands in the pod's place");
	ok(strstr(app->where, ": Pod 'web', container 'app'") &&
		   strstr(init->where, "init container 'init'") &&
		   strstr(debug->where, "ephemeral container 'debug'"),
	   "where");
	ok(text_is(app->request.subject.namespace, "shop") &&
		   text_is(app->request.subject.container, "app") &&
		   text_is(app->request.subject.image, "quay.io/shop/app:1") &&
		   text_is(init->request.subject.image,
			   "docker.io/library/busybox:latest"),
	   "who, as containerd tells it");
	ok(app->settings.caps.bits == (CAP("NET_ADMIN") | CAP("SYS_TIME")) &&
		   !app->settings.new_privileges &&
		   app->settings.filter == FILTER_DEFAULT,
	   "what it would have");
	ok(init->settings.caps.bits & CAP("CHOWN") && init->settings.new_privileges,
	   "and by default");
	ok(debug->settings.caps.bits == CAPSET_ALL.bits &&
		   debug->settings.filter == FILTER_NONE &&
		   debug->settings.new_privileges,
	   "and privileged");
	ok(reads(text_of(pod), "", &list, &err) &&
		   !list.items[1].request.subject.container.length &&
		   asks(&list.items[1], "minimal,net-bind"),
	   "no engine tells, so nobody is known");
}

/* What is behind "capabilities: ", and what containerd makes of it. */
static void test_capabilities(void)
{
	static const struct {
		const char *yaml;
		const char *caps;
	} cases[] = {
		{ "{drop: [ALL]}", "none" },
		{ "{drop: [all], add: [ALL]}", "none" },
		{ "{add: [ALL]}", "all" },
		{ "{add: [KILL], drop: [ALL]}", "CAP_KILL" },
		{ "{add: [KILL], drop: [ALL, KILL]}", "none" },
		{ "{add: [CAP_KILL, Kill]}", "docker" },
		{ "", "docker" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = arena_printf(
			&arena,
			"kind: Pod\nspec: {containers: [{name: a, securityContext: "
			"{capabilities: %s}}]}\n",
			*cases[i].yaml ? cases[i].yaml : "null");
		struct candidates list;
		struct capset caps;
		struct error err;

		if (!strcmp(cases[i].caps, "CAP_KILL"))
			caps.bits = CAP("KILL");
		else if (!strcmp(cases[i].caps, "all"))
			caps = CAPSET_ALL;
		else if (!strcmp(cases[i].caps, "none"))
			caps.bits = 0;
		else
			caps.bits =
				0xa80425fb; /* as /proc says of a container of Docker's */
		ok(reads(text_of(text), "containerd", &list, &err) &&
			   list.items[0].settings.caps.bits == caps.bits,
		   "capabilities %s are %s", cases[i].yaml, cases[i].caps);
	}
}

#define TEMPLATE                                                           \
	"template: {metadata: {annotations: {dev.powerbox.profiles: a}}, " \
	"spec: {containers: [{name: c}]}}"

static void test_kinds(void)
{
	static const struct {
		const char *yaml;
		size_t count;
	} cases[] = {
		{ "kind: Deployment\nmetadata: {name: d}\nspec: {" TEMPLATE "}\n", 1 },
		{ "kind: DaemonSet\nspec: {" TEMPLATE "}\n", 1 },
		{ "kind: StatefulSet\nspec: {" TEMPLATE "}\n", 1 },
		{ "kind: ReplicaSet\nspec: {" TEMPLATE "}\n", 1 },
		{ "kind: Job\nspec: {" TEMPLATE "}\n", 1 },
		{ "kind: PodTemplate\n" TEMPLATE "\n", 1 },
		{ "kind: CronJob\nspec: {jobTemplate: {spec: {" TEMPLATE "}}}\n", 1 },
		{ "kind: Service\nspec: {}\n---\nkind: Job\nspec: {" TEMPLATE "}\n", 1 },
		{ "kind: Job\nspec: {" TEMPLATE "}\n---\nkind: Job\nspec: {" TEMPLATE
		  "}\n",
		  2 },
		{ "kind: List\nitems:\n- kind: Job\n  spec: {" TEMPLATE
		  "}\n- kind: Secret\n- kind: List\n  items: [{kind: Job, spec: "
		  "{" TEMPLATE "}}]\n",
		  2 },
		{ "kind: JobList\nitems:\n- spec: {" TEMPLATE "}\n", 1 },
		{ "{\"kind\": \"Pod\", \"metadata\": {\"annotations\": "
		  "{\"dev.powerbox.profiles\": \"a\"}}, \"spec\": {\"containers\": "
		  "[{\"name\": \"c\"}]}}",
		  1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct candidates list;
		struct error err;
		bool good = reads(text_of(cases[i].yaml), "containerd", &list, &err);

		ok(good && list.count == cases[i].count && asks(&list.items[0], "a"),
		   "manifest %zu", i);
		if (!good)
			printf("# %s\n", err.msg);
	}
}

static void test_bad_manifests(void)
{
	static const char *const cases[][2] = {
		{ "kind: Service\n", "nothing in it" },
		{ "", "nothing in it" },
		{ "kind: Pod\nspec: {containers: []}\n", "nothing in it" },
		{ "just words\n", "line 1: an object" },
		{ "kind: Pod\nkind: Pod\n", "line 2: " },
		{ "kind: Pod\nspec: {containers: [{image: a}]}\n",
		  "line 2: a container has" },
		{ "kind: Pod\nspec:\n  containers:\n  - a\n",
		  "line 4: a container must" },
		{ "kind: Pod\nspec: []\n", "line 2: spec must be an object" },
		{ "kind: 1\n", "line 1: kind must be a string" },
		{ "kind: Pod\nmetadata: {annotations: {dev.powerbox.profiles: yes}}\n",
		  "must be a string, not true or false" },
		{ "kind: Pod\nmetadata: {annotations: {dev.powerbox.profile: a}}\n"
		  "spec: {containers: [{name: c}]}\n",
		  "line 2: annotation 'dev.powerbox.profile' is not known" },
		{ "kind: Pod\nmetadata:\n  annotations:\n    dev.powerbox.profiles: A!\n"
		  "spec: {containers: [{name: c}]}\n",
		  "line 4: annotation" },
		{ "kind: Pod\nspec: {containers: [{name: c, securityContext: "
		  "{privileged: 1}}]}\n",
		  "privileged must be" },
		{ "kind: Pod\nspec: {containers: [{name: c, securityContext: "
		  "{capabilities: {add: [NET_ALL]}}}]}\n",
		  "'NET_ALL' is no capability" },
		{ "kind: Pod\nspec: {containers: [{name: c, securityContext: "
		  "{capabilities: {add: [[ALL]]}}}]}\n",
		  "is no capability" },
		{ "kind: Pod\nspec: {containers: [{name: c, securityContext: "
		  "{seccompProfile: {type: None}}}]}\n",
		  "not 'None'" },
		{ "kind: List\nitems: [{kind: List, items: [{kind: List, items: [{kind: "
		  "List, items: [{kind: List, items: []}]}]}]}]\n",
		  "lists in each other" },
		{ "{\"a\": 1}", "neither a config.json nor" },
		{ "{\"process\": {}, \"process\": {}}", "stands twice" },
		{ "{\"ociVersion\": \"1\"}", "process" },
		{ "{", "" },
	};
	struct buffer many = { .arena = &arena };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(refused(cases[i][0], cases[i][1]), "refused: %s", cases[i][1]);
	buffer_puts(&many, "kind: Pod\nspec:\n  containers:\n");
	for (size_t i = 0; i <= SOURCE_CANDIDATES; i++)
		buffer_puts(&many, "  - name: c\n");
	ok(refused(many.bytes, "containers"), "there is a limit to containers");
}

/* A name that would paint the terminal comes out as its bytes. */
static void test_escapes(void)
{
	struct candidates list;
	struct error err;

	ok(reads(text_of("kind: Pod\nmetadata: {name: \"\\e[31m\"}\n"
			 "spec: {containers: [{name: \"a\\nb\"}]}\n"),
		 "", &list, &err) &&
		   !strpbrk(list.items[0].where, "\033\n"),
	   "%s", "where is one line without escapes");
}

static const char *put(const char *name, struct text text)
{
	const char *path = arena_printf(&arena, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	if (!file || fwrite(text.bytes, 1, text.length, file) != text.length ||
	    fclose(file))
		abort();
	return path;
}

/* A blob of the layout and what describes it; `lie` is added to its size. */
static const char *blob(const char *type, const char *text, size_t lie)
{
	const char *digest = digest_text(&arena, text_of(text));

	put(arena_printf(&arena, "blobs/sha256/%s", digest + 7), text_of(text));
	return arena_printf(&arena,
			    "{\"mediaType\":\"application/vnd.oci.image.%s.v1+json\","
			    "\"digest\":\"%s\",\"size\":%zu",
			    type, digest, strlen(text) + lie);
}

/* index.json of an image with this configuration and these annotations. */
static void layout(const char *config, const char *annotations, size_t lie)
{
	const char *manifest = arena_printf(
		&arena, "{\"config\":%s},\"annotations\":{%s},\"layers\":[]}",
		blob("config", config, lie), annotations);

	put("index.json",
	    text_of(arena_printf(
		    &arena,
		    "{\"manifests\":[%s,\"annotations\":{"
		    "\"org.opencontainers.image.ref.name\":\"quay.io/a/b:1\"},"
		    "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}}]}",
		    blob("manifest", manifest, 0))));
}

static bool layout_refused(const char *says, enum errc code)
{
	struct candidates list;
	struct error err;

	if (reads_path(folder, "containerd", &list, &err))
		return false;
	if (err.code == code && strstr(err.msg, says))
		return true;
	printf("# %d: %s\n", err.code, err.msg);
	return false;
}

#define LABEL(value) "{\"config\":{\"Labels\":{\"dev.powerbox.profiles\":\"" value "\"}}}"
#define WISH(value) "\"dev.powerbox.profiles\":\"" value "\""

static void test_layout(void)
{
	struct candidates list;
	struct error err;

	layout(LABEL("minimal"), WISH("other"), 0);
	ok(reads_path(folder, "containerd", &list, &err) && list.count == 1 &&
		   asks(&list.items[0], "minimal") && list.items[0].author &&
		   !strcmp(list.items[0].asked, "label of the image"),
	   "an image's label is its author's wish");
	ok(text_is(list.items[0].request.subject.image, "quay.io/a/b:1") &&
		   strstr(list.items[0].where, "'quay.io/a/b:1', 'linux/arm64'"),
	   "and its name is known");
	layout("{\"config\":{}}", WISH("net-bind"), 0);
	ok(reads_path(folder, "containerd", &list, &err) &&
		   asks(&list.items[0], "net-bind") &&
		   !strcmp(list.items[0].asked, "annotation of the image"),
	   "without a label its annotation is");
	layout("{}", "", 0);
	ok(reads_path(folder, "containerd", &list, &err) && asks(&list.items[0], "") &&
		   !list.items[0].request.source.length,
	   "or it wishes for nothing");
	layout(LABEL("A,B"), "", 0);
	ok(layout_refused("'A' is no profile name", ERR_DATA), "a malformed wish");
}

static void test_bad_layouts(void)
{
	const char *blobs = arena_printf(&arena, "%s/blobs/sha256", folder);
	const char *digest = digest_text(&arena, text_of("{}"));
	static const char *const digests[] = {
		"sha256:../../../../etc/passwd",
		"sha256:0000000000000000000000000000000000000000000000000000000000/../x",
		"sha256:0000000000000000000000000000000000000000000000000000000000000000"
		"0",
		"sha256:ABCDEF0000000000000000000000000000000000000000000000000000000000",
		"md5:00000000000000000000000000000000",
		"",
	};

	layout(LABEL("minimal"), "", 1);
	ok(layout_refused("not as its descriptor", ERR_DATA), "another size");
	layout("{}", "", 0);
	put(arena_printf(&arena, "blobs/sha256/%s", digest + 7), text_of("[]"));
	ok(layout_refused("not what its digest says", ERR_DATA), "another content");
	for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
		put("index.json",
		    text_of(arena_printf(
			    &arena,
			    "{\"manifests\":[{\"mediaType\":\"application/vnd.oci."
			    "image.manifest.v1+json\",\"digest\":\"%s\",\"size\":2}]}",
			    digests[i])));
		ok(layout_refused("is no digest", ERR_DATA), "digest '%s'", digests[i]);
	}
	/* A blob, or its folder, that is a link out of the layout. */
	layout("{}", "", 0);
	unlink(arena_printf(&arena, "%s/%s", blobs, digest + 7));
	ok(!symlink("/etc/passwd", arena_printf(&arena, "%s/%s", blobs, digest + 7)) &&
		   layout_refused("", ERR_IO),
	   "a blob that is a link");
	unlink(arena_printf(&arena, "%s/%s", blobs, digest + 7));
	layout("{}", "", 0);
	ok(!rename(blobs, arena_printf(&arena, "%s/elsewhere", folder)) &&
		   !symlink("../elsewhere", blobs) && layout_refused("", ERR_NOINPUT),
	   "a folder that is one");
	unlink(blobs);
	ok(!rename(arena_printf(&arena, "%s/elsewhere", folder), blobs), "put back");
	put("index.json", text_of("{\"manifests\":{}}"));
	ok(layout_refused("list of manifests", ERR_DATA), "an index that is none");
	put("index.json", text_of("{\"manifests\":[1,[],null,{}]}"));
	ok(layout_refused("nothing in it", ERR_DATA), "descriptors that are none");
}

/* Indexes of indexes, each naming the next many times. */
static void test_index_bombs(void)
{
	const char *index = "{\"manifests\":[]}";
	bool wide = true;

	for (unsigned depth = 0; depth < 6; depth++) {
		struct buffer out = { .arena = &arena };
		const char *descriptor = blob("index", index, 0);

		buffer_puts(&out, "{\"manifests\":[");
		for (unsigned i = 0; i < (depth < 3 ? 20 : 1); i++)
			buffer_printf(&out, "%s%s}", i ? "," : "", descriptor);
		buffer_puts(&out, "]}");
		put("index.json", buffer_text(&out));
		if (depth == 2)
			wide = layout_refused("descriptors", ERR_DATA);
		index = out.bytes;
	}
	ok(wide, "8000 descriptors end at the limit");
	ok(layout_refused("in each other", ERR_DATA), "and so do indexes in each other");
}

int main(void)
{
	if (!mkdtemp(folder) ||
	    system(arena_printf(&arena, "mkdir -p %s/blobs/sha256", folder)))
		abort();
	test_pod();
	test_capabilities();
	test_kinds();
	test_bad_manifests();
	test_escapes();
	test_layout();
	test_bad_layouts();
	test_index_bombs();
	if (system(arena_printf(&arena, "rm -rf %s", folder)))
		abort();
	arena_free(&arena);
	return tap_done();
}
