/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever it is, what is said of it is one line that moves no cursor. */
static void check_line(const char *line)
{
	for (; *line; line++)
		assert((unsigned char)*line >= ' ' && *line != 0x7f);
}

static void check_candidate(const struct candidate *candidate)
{
	const struct request *request = &candidate->request;

	check_line(candidate->where);
	check_line(candidate->asked);
	assert(request->count <= REQUEST_PROFILES);
	for (size_t i = 0; i < request->count; i++)
		assert(profile_name_valid(request->profiles[i]));
	assert(candidate->config.length || candidate->settings.filter != FILTER_CONFIG);
}

/* Bundles, manifests in JSON and YAML, archives: by their first bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct gate gate = { .node.engine = engine_find(text_of("containerd")) };
	int fd = memfd_create("source", MFD_CLOEXEC);
	const char *path = arena_printf(&arena, "/proc/self/fd/%d", fd);
	struct candidates candidates;
	struct error err;

	assert(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	if (source_read(&arena, &gate, path, &candidates, &err)) {
		assert(candidates.count && candidates.count <= SOURCE_CANDIDATES);
		for (size_t i = 0; i < candidates.count; i++)
			check_candidate(&candidates.items[i]);
	} else {
		assert(err.code == ERR_DATA || err.code == ERR_NOINPUT);
		assert(!strncmp(err.msg, path, strlen(path)));
		check_line(err.msg);
	}
	close(fd);
	arena_free(&arena);
	return 0;
}
