/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>

#include "cli/check.h"
#include "cli/cli.h"
#include "cli/terminal.h"
#include "lib/ask.h"
#include "lib/trust.h"

#define ANSWER_SIZE_MAX ((size_t)1 << 16)
#define WRAPPER POWERBOX_BINDIR "/powerbox-runtime"

/* "runc version 1.1.5+ds1": the name, and the numbers of the version. */
static bool read_version(struct text line, struct runtime_version *ret)
{
	static const char *const starts[] = {
		[RUNTIME_RUNC] = "runc version ",
		[RUNTIME_CRUN] = "crun version ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		size_t length = strlen(starts[i]);
		struct text number = { line.bytes + length, 0 };

		if (line.length <= length || memcmp(line.bytes, starts[i], length) != 0)
			continue;
		while (number.length < line.length - length &&
		       strchr("0123456789.", number.bytes[number.length]))
			number.length++;
		if (!version_valid(number))
			return false;
		*ret = (struct runtime_version){ (enum runtime_kind)i, number };
		return true;
	}
	return false;
}

/* Not only called so: what implements the runtime-spec says which version of it. */
static bool has_spec(struct text text)
{
	const char *at = memmem(text.bytes, text.length, "\nspec: ", 7);

	return at && at + 7 < text.bytes + text.length && at[7] >= '0' && at[7] <= '9';
}

static bool same_file(const char *a, const char *b)
{
	struct stat first, second;

	return !stat(a, &first) && !stat(b, &second) && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static bool ask_version(struct arena *arena, const char *path, const char *shown,
			struct runtime_version *ret, struct error *err)
{
	char name[] = "runtime", option[] = "--version",
	     where[] = "PATH=/usr/sbin:/usr/bin";
	char *const argv[] = { name, option, NULL }, *const environment[] = { where,
									      NULL };
	struct question question = { .path = path,
				     .argv = argv,
				     .environment = environment,
				     .limit = ANSWER_SIZE_MAX };
	struct answered answer;
	struct text line;
	const char *end;

	if (!ask(arena, &question, &answer, err))
		return false;
	line = answer.text;
	end = line.length ? memchr(line.bytes, '\n', line.length) : NULL;
	line.length = end ? (size_t)(end - line.bytes) : line.length;
	if (answer.well && has_spec(answer.text) && read_version(line, ret))
		return true;
	return error_set(err, ERR_RUNTIME,
			 "%s is no runtime that is known here: to --version it says %s",
			 shown, line.length ? text_quote(arena, line) : "nothing");
}

bool runtime_look(struct arena *arena, const char *path, const char *remedy,
		  struct runtime_version *ret, struct error *err)
{
	const char *shown = text_shown(arena, text_of(path));
	CLOSE int fd = -1;

	if (!trust_open_program(arena, path, &fd, err)) {
		if (err->code == ERR_NOINPUT)
			return error_mend(err, "install it, or %s", remedy);
		return err->code == ERR_RUNTIME ? error_mend(err, "%s", remedy) : false;
	}
	if (same_file(path, WRAPPER))
		return error_set(err, ERR_RUNTIME, "%s is powerbox itself; %s", shown,
				 remedy);
	return ask_version(arena, path, shown, ret, err) || error_mend(err, "%s", remedy);
}

void check_measured(struct findings *findings, const struct gate *gate,
		    const struct runtime_version *runtime)
{
	struct text number = runtime->number;
	const char *kind = runtime_kind_name(runtime->kind);
	const char *name = runtime_profile(findings->arena, runtime->kind);
	struct buffer versions = { .arena = findings->arena };
	struct profile profile;
	struct error err;

	if (!store_find(findings->arena, &gate->store, text_of(name), &profile, &err)) {
		found_error(findings, &err);
		return;
	}
	buffer_puts(&versions, "");
	for (size_t i = 0; i < profile.measured.count; i++) {
		struct text version = profile.measured.items[i];

		if (text_eq(version, number)) {
			found_ok(findings, "%s was measured with this version",
				 profile.path);
			return;
		}
		buffer_puts(&versions, i ? ", " : "");
		buffer_add(&versions, version.bytes, version.length);
	}
	found_note(findings,
		   "%s was measured with %s %s, not with %.*s; if containers fail before "
		   "their program begins: powerbox check --probe --write",
		   profile.path, kind, versions.length ? versions.bytes : "no version",
		   (int)number.length, number.bytes);
}

bool check_runtime(struct findings *findings, const struct node *node,
		   struct runtime_version *ret)
{
	struct error err;

	findings->area = "runtime";
	if (!runtime_look(findings->arena, node->runtime,
			  "name runc or crun as \"runtime\" in " NODE_FILE, ret, &err)) {
		found_error(findings, &err);
		return false;
	}
	if (ret->kind != node->kind) {
		found_bad(findings,
			  "runtime %s says that it is %s, and " NODE_FILE
			  " takes it for %s; say \"runtimeKind\": \"%s\" there",
			  node->runtime, runtime_kind_name(ret->kind),
			  runtime_kind_name(node->kind), runtime_kind_name(ret->kind));
		return false;
	}
	found_ok(findings, "runtime %s, %s %.*s", node->runtime,
		 runtime_kind_name(node->kind), (int)ret->number.length,
		 ret->number.bytes);
	return true;
}

/* Who takes part in a container's start. */
static const struct {
	const char *path;
	const char *without;
} programs[] = {
	{ WRAPPER, "no engine can start a container through powerbox" },
	{ POWERBOX_LIBEXECDIR "/powerbox-hook", "podman's hooks refuse every container" },
	{ POWERBOX_LIBEXECDIR "/powerbox-prove",
	  "containers whose union has to be proven are refused" },
};

void check_programs(struct findings *findings)
{
	struct error err;
	CLOSE int dir = -1;

	findings->area = "programs";
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		CLOSE int fd = -1;

		if (trust_open_program(findings->arena, programs[i].path, &fd, &err)) {
			found_ok(findings, "program %s", programs[i].path);
			continue;
		}
		if (err.code == ERR_NOINPUT)
			error_mend(&err, "without it %s: install powerbox again",
				   programs[i].without);
		found_error(findings, &err);
	}
	findings->area = "state";
	if (trust_open_dir(findings->arena, POWERBOX_RUNDIR, &dir, &err))
		found_ok(findings, "folder %s: root's alone", POWERBOX_RUNDIR);
	else if (err.code == ERR_NOINPUT)
		found_note(findings,
			   "there is no %s yet; the first container's start makes it",
			   POWERBOX_RUNDIR);
	else
		found_error(findings, &err);
}
