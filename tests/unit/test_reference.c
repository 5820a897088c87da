/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference.h"

#include "tests/tap.h"

int main(void)
{
	static const char *const cases[][2] = {
		{ "nginx", "docker.io/library/nginx:latest" },
		{ "nginx:1.25", "docker.io/library/nginx:1.25" },
		{ "team/web", "docker.io/team/web:latest" },
		{ "docker.io/nginx", "docker.io/library/nginx:latest" },
		{ "index.docker.io/nginx", "docker.io/library/nginx:latest" },
		{ "quay.io/team/web:2", "quay.io/team/web:2" },
		{ "quay.io/web", "quay.io/web:latest" },
		{ "localhost/web", "localhost/web:latest" },
		{ "host:5000/web", "host:5000/web:latest" },
		{ "host:5000/a/b:t", "host:5000/a/b:t" },
		{ "nginx@sha256:00", "docker.io/library/nginx@sha256:00" },
		{ "nginx:1@sha256:00", "docker.io/library/nginx@sha256:00" },
		{ "", "docker.io/:latest" },
		{ "/", "docker.io//:latest" },
		{ ":", "docker.io/:latest" },
	};
	static const char *const patterns[][2] = {
		{ "nginx", "docker.io/library/nginx:latest" },
		{ "quay.io/team/web", "quay.io/team/web:latest" },
		{ "quay.io/team/web:1", "quay.io/team/web:1" },
		{ "quay.io/team/web:1@sha256:00", "quay.io/team/web:1@sha256:00" },
		{ "docker.io/library/nginx@sha256:00",
		  "docker.io/library/nginx@sha256:00" },
		{ "index.docker.io/nginx:1", "docker.io/library/nginx:1" },
		{ "docker.io/nginx:1", "docker.io/library/nginx:1" },
		{ "sha256:00", "sha256:00" },
		{ "nginx:*", "docker.io/library/nginx:*" },
		{ "nginx:1.*", "docker.io/library/nginx:1.*" },
		{ "nginx*", "docker.io/library/nginx*" },
		{ "team/web:*", "docker.io/team/web:*" },
		{ "team/*", "docker.io/team/*" },
		{ "docker.io/nginx:*", "docker.io/library/nginx:*" },
		{ "docker.io/ngin*", "docker.io/ngin*" },
		{ "docker.io/library/nginx:*", "docker.io/library/nginx:*" },
		{ "*", "*" },
		{ "*/nginx:*", "*/nginx:*" },
		{ "*nginx*", "*nginx*" },
		{ "registry.example*", "registry.example*" },
		{ "registry.example/*", "registry.example/*" },
		{ "registry*/team/web:1", "registry*/team/web:1" },
		{ "localhost:5*/web", "localhost:5*/web" },
		{ "localhost/*", "localhost/*" },
		{ "", "docker.io/:latest" },
	};
	struct arena arena = { NULL };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text whole = reference_whole(&arena, text_of(cases[i][0]));

		ok(text_is(whole, cases[i][1]), "%s is %s", cases[i][0], cases[i][1]);
		if (!text_is(whole, cases[i][1]))
			printf("# %.*s\n", (int)whole.length, whole.bytes);
	}
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct text pattern = reference_pattern(&arena, text_of(patterns[i][0]));

		ok(text_is(pattern, patterns[i][1]), "pattern %s is %s", patterns[i][0],
		   patterns[i][1]);
		if (!text_is(pattern, patterns[i][1]))
			printf("# %.*s\n", (int)pattern.length, pattern.bytes);
		ok(text_eq(reference_pattern(&arena, pattern), pattern), "and stays so");
	}
	arena_free(&arena);
	return tap_done();
}
