/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The seccomp files that people use: imported, united two by two, compiled by the
 * installed libseccomp as a runtime does, and compared with what the files say. As many
 * pairs as CORPUS_PAIRS says, spread over all of them; all of them if it says 0.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bpf.h"
#include "lib/file.h"
#include "policy/archs.h"
#include "policy/plain.h"
#include "policy/proof.h"
#include "profiles/import.h"
#include "tests/sim/oracle.h"
#include "tests/tap.h"

#define PAIRS "600"

struct sources {
	struct profile *items;
	size_t count, capacity;
};

struct tally {
	size_t pairs, refused, wrong, points;
	size_t most; /* instructions more than the larger of its two has, in 1/1000 */
};

static void import_file(struct arena *arena, const char *path, struct sources *ret,
			size_t *refused)
{
	struct import_options options = {
		.selection = { .arch = archs_name(archs_native(), 0),
			       .kernel = { 6, 18 },
			       .caps.bits = 0xa80425fb /* Docker's fourteen */ },
		.summary = "s",
	};
	struct import_notes notes;
	struct profile profile;
	struct error err;
	struct file file;

	if (!file_read(arena, AT_FDCWD, path, (size_t)1 << 20, &file, &err))
		printf("# %s\n", err.msg);
	else if (import_read(arena, path, file.text, &options, &profile, &notes, &err))
		*arena_push(arena, ret) = profile;
	else
		*refused += printf("# %s\n", err.msg) > 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void import_folder(struct arena *arena, const char *folder, struct sources *ret,
			  size_t *refused)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, by_name);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name, *dot = strrchr(name, '.');
		const char *path = arena_printf(arena, "%s/%s", folder, name);

		if (*name != '.' && entries[i]->d_type == DT_DIR)
			import_folder(arena, path, ret, refused);
		else if (dot && !strcmp(dot, ".json"))
			import_file(arena, path, ret, refused);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static bool compiled(struct arena *arena, const struct syscalls *granted,
		     struct program *ret, struct error *err)
{
	struct emission emission;

	return emission_make(arena, granted, archs_native(), &emission, err) &&
	       oracle_compile(arena, &emission, NULL, 0, false, ret, err);
}

static void judge(struct arena *arena, const struct syscalls *granted,
		  const struct program *program, struct tally *tally, const char *what)
{
	struct proof proof = { .program = program,
			       .arch = bpf_arch(NULL),
			       .word_bits = 64,
			       .granted = granted };
	struct counterexample wrong;
	struct error err;

	for (unsigned call = 0; call < syscall_count(); call++) {
		int number = bpf_number(proof.arch, syscall_name(call));

		if (number < 0 || proof_call(arena, &proof, call, number, &wrong, &err))
			continue;
		tally->wrong++;
		printf("# %s: %s\n", what, err.msg);
		break;
	}
	tally->points += proof.tried;
}

static void unite(const struct profile *a, const struct profile *b, struct tally *tally)
{
	struct arena arena = { NULL };
	const char *what = arena_printf(&arena, "%s and %s", a->path, b->path);
	struct program program, alone[2];
	struct syscalls both =
		syscalls_union(&arena, &a->policy.syscalls, &b->policy.syscalls);
	size_t largest, more;
	struct error err;

	tally->pairs++;
	if (!compiled(&arena, &both, &program, &err) ||
	    !compiled(&arena, &a->policy.syscalls, &alone[0], &err) ||
	    !compiled(&arena, &b->policy.syscalls, &alone[1], &err)) {
		tally->refused++;
		printf("# %s: %s\n", what, err.msg);
	} else {
		judge(&arena, &both, &program, tally, what);
		largest = alone[alone[0].count < alone[1].count].count;
		more = program.count * 1000 / largest;
		tally->most = more > tally->most ? more : tally->most;
	}
	arena_free(&arena);
}

int main(void)
{
	const char *source = getenv("SRCDIR") ? getenv("SRCDIR") : ".";
	const char *limit = getenv("CORPUS_PAIRS") ? getenv("CORPUS_PAIRS") : PAIRS;
	struct arena arena = { NULL };
	const char *corpus = arena_printf(&arena, "%s/../shared/corpus/seccomp", source);
	struct sources sources = { 0 };
	struct tally tally = { 0 };
	size_t refused = 0, all, step, at = 0;

	import_folder(&arena, corpus, &sources, &refused);
	if (!sources.count) {
		puts("1..0 # SKIP machine: there is no corpus of seccomp files here");
		return 0;
	}
	all = sources.count * (sources.count + 1) / 2;
	step = strtoul(limit, NULL, 10) ? all / strtoul(limit, NULL, 10) + 1 : 1;
	for (size_t i = 0; i < sources.count; i++)
		for (size_t j = i; j < sources.count; j++)
			if (at++ % step == 0)
				unite(&sources.items[i], &sources.items[j], &tally);
	ok(!tally.wrong,
	   "corpus: %zu files imported, %zu not; of %zu pairs %zu tried, %zu accepted, "
	   "%zu "
	   "refused, %zu wrong, at %zu points",
	   sources.count, refused, all, tally.pairs, tally.pairs - tally.refused,
	   tally.refused, tally.wrong, tally.points);
	ok(!tally.refused, "every union is accepted");
	printf("# at most %zu/1000 of the instructions of the larger one alone\n",
	       tally.most);
	arena_free(&arena);
	return tap_done();
}
