/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/source_kinds.h"
#include "cli/terminal.h"
#include "lib/file.h"
#include "lib/tar.h"
#include "profiles/import.h"

#define BEGINNING 512

bool source_add(struct sourcing *sourcing, const struct candidate *candidate,
		struct error *err)
{
	struct candidate *added;

	if (sourcing->candidates.count == SOURCE_CANDIDATES)
		return error_set(err, ERR_DATA, "more than %d containers",
				 SOURCE_CANDIDATES);
	added = arena_push(sourcing->arena, &sourcing->candidates);
	*added = *candidate;
	if (!added->asked)
		added->asked = "annotation";
	return true;
}

struct settings source_defaults(const struct sourcing *sourcing)
{
	const struct engine *engine = sourcing->gate->node.engine;

	return (struct settings){
		.from = "an engine's default",
		.filter = FILTER_DEFAULT,
		.caps = engine_caps(text_of(engine ? engine_name(engine) : "docker")),
		.new_privileges = true,
	};
}

static bool read_config(struct sourcing *sourcing, struct text text, struct error *err)
{
	struct candidate candidate = {
		.where = sourcing->path,
		.config = text,
		.settings = { .from = "its config.json", .filter = FILTER_CONFIG },
	};
	struct config config;

	return config_parse(sourcing->arena, text, &config, err) &&
	       keys_request(sourcing->arena, config.annotations,
			    sourcing->gate->node.engine, &candidate.request, err) &&
	       source_add(sourcing, &candidate, err);
}

bool config_looks(const struct json *root)
{
	return json_get(root, "ociVersion") || json_get(root, "process");
}

static bool read_json(struct sourcing *sourcing, struct text text, struct error *err)
{
	struct yaml_document document = { .text = text, .line = 1 };

	if (!json_parse(sourcing->arena, text, &document.root, err))
		return false;
	if (json_get(document.root, "kind"))
		return source_manifest(sourcing, &document, err);
	if (config_looks(document.root))
		return read_config(sourcing, text, err);
	return error_set(err, ERR_DATA,
			 "this is neither a config.json nor a manifest of Kubernetes");
}

static bool read_yaml(struct sourcing *sourcing, struct text text, struct error *err)
{
	struct yaml yaml;

	if (!yaml_read(sourcing->arena, text, &yaml, err))
		return false;
	for (size_t i = 0; i < yaml.count; i++)
		if (!source_manifest(sourcing, &yaml.items[i], err))
			return false;
	return true;
}

static bool read_text(struct sourcing *sourcing, struct text text, struct error *err)
{
	size_t blank = 0;

	while (blank < text.length && strchr(" \t\r\n", text.bytes[blank]) &&
	       text.bytes[blank])
		blank++;
	if (blank < text.length && text.bytes[blank] == '{')
		return read_json(sourcing, text, err);
	return read_yaml(sourcing, text, err);
}

static bool has_file(int dir, const char *name)
{
	struct stat st;

	return !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || errno != ENOENT;
}

static bool read_folder(struct sourcing *sourcing, int dir, struct error *err)
{
	struct file file;

	if (!has_file(dir, "config.json")) {
		if (has_file(dir, "index.json"))
			return source_layout(sourcing, dir, err);
		return error_set(err, ERR_NOINPUT,
				 "the folder has no config.json, as a bundle has, and no "
				 "index.json, as the layout of an OCI image has");
	}
	if (!file_read(sourcing->arena, dir, "config.json", CONFIG_SIZE_MAX, &file, err))
		return false;
	sourcing->path = arena_printf(sourcing->arena, "%s/config.json", sourcing->path);
	return read_config(sourcing, file.text, err);
}

/* A pipe can't be looked into twice, so what comes through one is a text. */
static bool read_open(struct sourcing *sourcing, int fd, struct error *err)
{
	char beginning[BEGINNING];
	struct text text = { beginning, 0 };
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return error_errno(err, "it can't be looked at");
	if (S_ISDIR(st.st_mode))
		return read_folder(sourcing, fd, err);
	n = S_ISREG(st.st_mode) ? pread(fd, beginning, sizeof(beginning), 0) : 0;
	text.length = n > 0 ? (size_t)n : 0;
	if (tar_begins(text))
		return source_archive(sourcing, fd, err);
	if (!file_read_fd(sourcing->arena, fd, "it", CONFIG_SIZE_MAX, &text, err))
		return false;
	if (tar_begins(text))
		return error_set(err, ERR_DATA,
				 "an archive is read from a file, not from a pipe");
	return read_text(sourcing, text, err);
}

/*
 * A file, a folder, or the pipe of a shell's <(...), which has its writer. A FIFO with a
 * name may never get one, and a device has no end.
 */
static bool open_named(const char *path, const char *shown, int *ret, struct error *err)
{
	CLOSE int fd =
		file_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct statfs system;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || fstatfs(fd, &system) < 0)
		return error_errno(err, "%s", shown);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) &&
	    (system.f_type != PIPEFS_MAGIC || fcntl(fd, F_SETFL, 0) < 0))
		return error_set(err, ERR_IO,
				 "%s is neither a file nor a folder; what is to be "
				 "waited for is read from standard input, as \"-\"",
				 shown);
	*ret = fd;
	fd = -1;
	return true;
}

bool source_read(struct arena *arena, const struct gate *gate, const char *path,
		 struct candidates *ret, struct error *err)
{
	struct sourcing sourcing = { .arena = arena, .gate = gate };
	CLOSE int fd = -1;
	bool input = !strcmp(path, "-");

	sourcing.path = input ? "standard input" : text_plain(arena, text_of(path));
	if (input && (fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) < 0)
		return error_errno(err, "%s", sourcing.path);
	/* What is not written as a path may be the name of an image. */
	if (!input && !open_named(path, sourcing.path, &fd, err))
		return err->code == ERR_NOINPUT && *path != '/' && *path != '.'
			       ? error_mend(err, "a source is a file or a folder: of an "
						 "image, what podman save writes")
			       : false;
	if (!read_open(&sourcing, fd, err))
		return error_in(err, "%s", sourcing.path);
	if (!sourcing.candidates.count)
		return error_set(err, ERR_DATA, "%s: nothing in it starts a container",
				 sourcing.path);
	*ret = sourcing.candidates;
	return true;
}

bool config_settings(struct arena *arena, struct text text, struct policy *ret,
		     struct error *err)
{
	struct fields fields = { .arena = arena, .text = text };
	struct config config;

	/* config_policy() says what a filter grants at the most; this is to be exact. */
	return config_parse(arena, text, &config, err) &&
	       config_policy(arena, &config, ret, err) &&
	       import_section(&fields, json_get(config.linux_section, "seccomp"),
			      &ret->syscalls, err);
}

bool candidate_settings(struct arena *arena, const struct gate *gate,
			const struct candidate *candidate, struct policy *ret,
			struct error *err)
{
	const struct settings *settings = &candidate->settings;
	struct policy policy = {
		.caps = settings->caps,
		.new_privileges = settings->new_privileges,
		.syscalls.all = settings->filter == FILTER_NONE,
	};
	struct profile profile;

	if (settings->filter == FILTER_CONFIG) {
		if (config_settings(arena, candidate->config, ret, err))
			return true;
		return error_in(err, "%s", candidate->where);
	}
	if (settings->filter == FILTER_DEFAULT) {
		if (!store_find(arena, &gate->store, text_of("default"), &profile, err))
			return false;
		policy.syscalls = profile.policy.syscalls;
	}
	*ret = policy;
	return true;
}
