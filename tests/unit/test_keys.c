/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/keys.h"

#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static struct request request_of(const char *annotations, const char *engine)
{
	const struct engine *named = engine ? engine_find(text_of(engine)) : NULL;
	struct request request = { 0 };
	struct json *root;
	struct error err;

	if (!json_parse(&arena, text_of(annotations), &root, &err) ||
	    !keys_request(&arena, root, named, &request, &err))
		ok(false, "%s", err.msg);
	return request;
}

static bool asks(const struct request *request, const char *name)
{
	return request->count == 1 && text_is(request->profiles[0], name);
}

#define CRI                                                 \
	"\"io.kubernetes.cri.container-name\":\"web\","     \
	"\"io.kubernetes.cri.sandbox-namespace\":\"shop\"," \
	"\"io.kubernetes.cri.image-name\":\"img\","

static void test_request(void)
{
	struct request request =
		request_of("{" CRI "\"dev.powerbox.profiles\":\"pod\"}", NULL);

	ok(asks(&request, "pod"), "the pod's request");
	ok(!request.subject.container.length && !request.subject.image.length &&
		   !request.subject.namespace.length,
	   "no engine is named, so nobody is known");
	request = request_of("{" CRI "\"dev.powerbox.profiles\":\"pod\"}", "containerd");
	ok(text_is(request.subject.container, "web") &&
		   text_is(request.subject.image, "img") &&
		   text_is(request.subject.namespace, "shop"),
	   "containerd's keys are believed where it is the engine");
	request = request_of("{" CRI "\"dev.powerbox.profiles\":\"pod\"}", "podman");
	ok(!request.subject.container.length && !request.subject.namespace.length,
	   "and not where it is not");
	request = request_of("{" CRI "\"dev.powerbox.profiles\":\"pod\","
			     "\"dev.powerbox.profiles/web\":\"own\"}",
			     NULL);
	ok(asks(&request, "own"),
	   "the container's own request stands in the pod's place");
	ok(text_is(request.source, "dev.powerbox.profiles/web"), "and is named");
	request = request_of("{" CRI "\"dev.powerbox.profiles/web\":\"\","
			     "\"dev.powerbox.profiles\":\"pod\"}",
			     NULL);
	ok(!request.count, "also where it asks for nothing");
	request = request_of("{" CRI "\"dev.powerbox.profiles/other\":\"own\"}", NULL);
	ok(!request.count, "another container's does not");
	request =
		request_of("{\"dev.powerboxer\":\"a\",\"xdev.powerbox.y\":\"b\"}", NULL);
	ok(!request.count, "keys of others ask for nothing");
	ok(!keys_request(&arena, NULL, NULL, &request, &(struct error){ 0 }) ||
		   !request.count,
	   "no annotations ask for nothing");
}

static void test_sandbox(void)
{
	static const char text[] = "{\"io.kubernetes.cri-o.ContainerType\":\"sandbox\","
				   "\"dev.powerbox.profiles\":\"web\"}";
	static const char *const others[] = { "containerd", "podman", "docker" };
	struct request request = request_of(text, "cri-o");

	ok(request.sandbox && !request.count, "a sandbox asks for nothing");
	request = request_of(text, NULL);
	ok(request.sandbox && !request.count, "nor where no engine is named");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		request = request_of(text, others[i]);
		ok(!request.sandbox && asks(&request, "web"),
		   "where the engine is %s it is none", others[i]);
	}
	request = request_of("{\"io.kubernetes.cri-o.ContainerType\":\"sandbox\","
			     "\"dev.powerbox.profiles\":\"Not A Name\"}",
			     "cri-o");
	ok(request.sandbox && !request.count, "whatever its pod asks for");
	request =
		request_of("{\"io.kubernetes.cri.container-type\":\"container\"}", NULL);
	ok(!request.sandbox, "a container is none");
}

static void test_mistyped(void)
{
	static const char *const keys[] = {
		"dev.powerbox.profile",	  "Dev.Powerbox.Profiles",
		"dev.powerbox.profiles/", "dev.powerbox/profiles",
		"dev.powerbox",		  "dev.powerbox.profiles.web",
		"dev.powerbox.profilesx", "dev.powerbox.Profiles",
		"dev.powerbox-profiles",
	};
	struct request request;
	struct json *root;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *text = arena_printf(&arena,
						"{\"dev.powerbox.profiles\":\"a\","
						"\"%s\":\"b\"}",
						keys[i]);

		err = (struct error){ 0 };
		ok(json_parse(&arena, text_of(text), &root, &err) &&
			   !keys_request(&arena, root, NULL, &request, &err) &&
			   err.code == ERR_DATA && strstr(err.msg, keys[i]) &&
			   strstr(err.msg, "did you mean dev.powerbox.profiles "),
		   "%s is refused: %s", keys[i], err.msg);
	}
}

static void test_malformed(void)
{
	struct request request;
	struct json *root;
	struct error err = { 0 };

	ok(json_parse(&arena, text_of("{\"dev.powerbox.profiles\":\"a,,b\"}"), &root,
		      &err) &&
		   !keys_request(&arena, root, NULL, &request, &err) &&
		   err.code == ERR_DATA && strstr(err.msg, "byte 25"),
	   "a malformed request, by its place: %s", err.msg);
}

int main(void)
{
	test_request();
	test_sandbox();
	test_mistyped();
	test_malformed();
	ok(engine_find(text_of("cri-o")) && !engine_find(text_of("crio")),
	   "engines by name");
	ok(!strcmp(engine_name(engine_at(0)), "containerd") && !engine_at(4),
	   "and in order");
	arena_free(&arena);
	return tap_done();
}
