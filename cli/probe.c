/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/probe.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/cli.h"
#include "cli/probe_world.h"
#include "lib/trust.h"

#define FOLDER POWERBOX_SYSCONFDIR "/profiles.d"

static bool print(struct text text)
{
	return fwrite(text.bytes, 1, text.length, stdout) == text.length;
}

/* In one step, whether or not there was one before. */
static bool write_profile(struct arena *arena, const char *name, struct text text,
			  struct error *err)
{
	const char *base = arena_printf(arena, "%s.json", name);
	CLOSE int dir = -1;
	struct file old;
	bool was;

	if (!trust_open_dir(arena, FOLDER, &dir, err))
		return false;
	was = trust_read(arena, dir, FOLDER, base, PROFILE_SIZE_MAX, &old, err);
	if (!was && err->code != ERR_NOINPUT)
		return false;
	return file_keep(arena, dir, base, was ? &old : NULL, text, err);
}

static bool write_output(struct arena *arena, const char *path, struct text text,
			 struct error *err)
{
	CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return error_errno(err, "%s", text_quote(arena, text_of(path)));
	return file_write_fd(fd, text, err);
}

bool probe(struct arena *arena, const struct probe_options *options, struct error *err)
{
	struct runtime_version version;
	struct profile known, profile = { 0 };
	struct buffer out = { .arena = arena };
	struct bench bench = { 0 };
	struct calls needed;
	const char *remedy;
	struct gate gate;
	struct node node;

	if (geteuid())
		return error_set(err, ERR_USAGE,
				 "check --probe starts containers: run it as root");
	if (!node_read(arena, &node, err) || !gate_without_acl(arena, &node, &gate, err))
		return false;
	bench.runtime = options->runtime ? options->runtime : node.runtime;
	remedy = options->runtime ? "give --runtime the path of runc or crun"
				  : "name runc or crun with --runtime";
	if (!runtime_look(arena, bench.runtime, remedy, &version, err) ||
	    !store_find(arena, &gate.store, text_of(runtime_profile(arena, version.kind)),
			&known, err))
		return false;
	bench.kind = version.kind;
	bench.known = &known.policy.syscalls;
	if (!world_search(arena, &bench, &needed, err))
		return false;
	profile.name = known.name;
	profile.summary = arena_printf(
		arena, "What %s %.*s itself does to start a program, found by trial",
		runtime_kind_name(version.kind), (int)version.number.length,
		version.number.bytes);
	profile.policy.syscalls = bench_syscalls(arena, &bench, &needed);
	*arena_push(arena, &profile.measured) = version.number;
	profile_write(&out, &profile);
	if (options->write)
		return write_profile(arena, profile.name, buffer_text(&out), err);
	if (options->output)
		return write_output(arena, options->output, buffer_text(&out), err);
	return print(buffer_text(&out)) ||
	       error_set(err, ERR_IO, "writing to stdout failed");
}
