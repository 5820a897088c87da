/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What it costs to import two seccomp files of Docker's form and to unite the profiles,
 * without what a process costs: unite FILE FILE prints the CPU time of that.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/cli.h"
#include "lib/file.h"
#include "oci/config.h"
#include "profiles/import.h"

#define ROUNDS 400
#define SIZE_MAX_OF_FILE ((size_t)1 << 20)

static bool unite(struct arena *arena, const struct text texts[2],
		  struct sections *sections, struct error *err)
{
	struct import_options options = {
		.selection = { .caps = engine_caps(text_of("docker")),
			       .arch = archs_name(archs_native(), 0),
			       .kernel = { 6, 1 } },
		.summary = "",
	};
	struct import_notes notes;
	struct profile profiles[2];
	struct policy both;

	for (int i = 0; i < 2; i++)
		if (!import_read(arena, "file", texts[i], &options, &profiles[i], &notes,
				 err))
			return false;
	both = policy_union(arena, &profiles[0].policy, &profiles[1].policy);
	return sections_make(arena, &both, archs_native(), both.caps, sections, err);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
	double times[ROUNDS], started;
	struct arena files = { NULL };
	struct sections sections;
	struct file file;
	struct text texts[2];
	struct error err;

	for (int i = 0; argc == 3 && i < 2; i++) {
		if (!file_read(&files, AT_FDCWD, argv[i + 1], SIZE_MAX_OF_FILE, &file,
			       &err)) {
			fprintf(stderr, "%s\n", err.msg);
			return 1;
		}
		texts[i] = file.text;
	}
	for (int i = 0; argc == 3 && i < ROUNDS; i++) {
		struct arena arena = { NULL };

		started = now();
		if (!unite(&arena, texts, &sections, &err)) {
			fprintf(stderr, "%s\n", err.msg);
			return 1;
		}
		arena_free(&arena);
		times[i] = now() - started;
	}
	if (argc != 3)
		return 64;
	qsort(times, ROUNDS, sizeof(*times), by_size);
	printf("first to last of %d in one process: %.2f ms CPU the best, %.2f the "
	       "median\n",
	       ROUNDS, times[0], times[ROUNDS / 2]);
	arena_free(&files);
	return 0;
}
