/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check.h"
#include "gate/snapshot.h"
#include "lib/bpf.h"
#include "lib/cap.h"
#include "lib/trust.h"

#define ETC POWERBOX_SYSCONFDIR
#define SHIPPED POWERBOX_DATADIR "/profiles.d"

struct entries {
	const char **items;
	size_t count, capacity;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All names of a folder but "." and "..", sorted. */
static bool list(struct arena *arena, int dir, const char *path, struct entries *ret,
		 struct error *err)
{
	int readable = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = readable < 0 ? NULL : fdopendir(readable);
	struct dirent *entry;

	if (!stream)
		return error_errno(err, "%s", path);
	while ((entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			*arena_push(arena, ret) =
				arena_printf(arena, "%s", entry->d_name);
	closedir(stream);
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_name);
	return true;
}

/* "/, /etc": what is above a folder. */
static const char *parents(struct arena *arena, const char *path)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "/");
	for (const char *slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		buffer_puts(&out, ", ");
		buffer_add(&out, path, (size_t)(slash - path));
	}
	return out.bytes;
}

/* What an administrator may have meant to count. */
static void note_ignored(struct findings *findings, const char *folder, const char *name)
{
	const char *path = arena_printf(findings->arena, "%s/%s", folder, name);

	found_note(findings,
		   "%s is not read: a name ends in .json, begins with no dot, fits on "
		   "a line, and a profile's is of a-z, 0-9 and dashes; rename it, or "
		   "take it away",
		   text_quote(findings->arena, text_of(path)));
}

static bool etc_counts(const char *name)
{
	static const char *const names[] = { "acl.json", "acl.d", "node.json",
					     "profiles.d" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool profile_counts(const char *name)
{
	struct text profile;

	return store_counts(name, &profile);
}

static const struct folder {
	const char *path;
	bool (*counts)(const char *name);
	const char *missing; /* NULL: it may be */
} folders[] = {
	{ ETC, etc_counts,
	  "without it there is no ACL, and no container starts: make it" },
	{ ETC "/acl.d", snapshot_counts, NULL },
	{ ETC "/profiles.d", profile_counts, NULL },
	{ SHIPPED, profile_counts,
	  "the shipped profiles are not here: install powerbox" },
};

static void check_folder(struct findings *findings, const struct folder *folder)
{
	struct entries entries = { 0 };
	CLOSE int dir = -1;
	struct error err;

	if (!trust_open_dir(findings->arena, folder->path, &dir, &err)) {
		if (err.code == ERR_NOINPUT && !folder->missing)
			return;
		if (err.code == ERR_NOINPUT)
			error_mend(&err, "%s", folder->missing);
		found_error(findings, &err);
		return;
	}
	found_ok(findings, "folder %s and what is above it (%s): root's alone",
		 folder->path, parents(findings->arena, folder->path));
	if (!list(findings->arena, dir, folder->path, &entries, &err)) {
		found_note(findings, "%s; run this as root to see what is in it",
			   err.msg);
		return;
	}
	for (size_t i = 0; i < entries.count; i++)
		/* What is called ..something is a ConfigMap's. */
		if (!folder->counts(entries.items[i]) &&
		    strncmp(entries.items[i], "..", 2) != 0)
			note_ignored(findings, folder->path, entries.items[i]);
}

void check_folders(struct findings *findings)
{
	findings->area = "folders";
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		check_folder(findings, &folders[i]);
}

/* One file by itself: what is wrong with it hides nothing of the others. */
static bool check_acl_file(struct findings *findings, int dir, const char *folder,
			   const char *name)
{
	const char *path = arena_printf(findings->arena, "%s/%s", folder, name);
	struct file file;
	struct error err;

	if (!trust_read(findings->arena, dir, folder, name, SNAPSHOT_FILE_MAX, &file,
			&err)) {
		if (err.code == ERR_NOINPUT)
			return true;
	} else if (acl_add(findings->arena, acl_new(findings->arena), path, file.text,
			   &err)) {
		found_ok(findings, "%s", path);
		return true;
	}
	found_error(findings, &err);
	return false;
}

static bool check_acl_files(struct findings *findings, int etc)
{
	struct entries entries = { 0 };
	CLOSE int dir = -1;
	struct error err;
	bool good;

	good = check_acl_file(findings, etc, ETC, "acl.json");
	if (!trust_open_sub(findings->arena, etc, ETC, "acl.d", &dir, &err) ||
	    !list(findings->arena, dir, ETC "/acl.d", &entries, &err))
		return good;
	for (size_t i = 0; i < entries.count; i++)
		if (snapshot_counts(entries.items[i]))
			good = check_acl_file(findings, dir, ETC "/acl.d",
					      entries.items[i]) &&
			       good;
	return good;
}

/* That what the ACL names is there: a typing error in it would only show at a start. */
static void check_mentioned(struct findings *findings, const struct gate *gate)
{
	struct error err;
	struct profile profile;

	for (size_t i = 0;; i++) {
		struct verdict named = acl_mentioned(gate->acl, i);

		if (!named.ground.path)
			return;
		if (store_find(findings->arena, &gate->store, named.profile, &profile,
			       &err))
			continue;
		error_in(&err, "%s:%zu", named.ground.path, named.ground.line);
		found_error(findings, &err);
	}
}

static void check_default(struct findings *findings, const struct gate *gate)
{
	struct request nobody = { 0 };
	struct decision decision =
		acl_decide(findings->arena, gate->acl, &gate->node.labels, &nobody);

	if (acl_mode(gate->acl) == MODE_WARN)
		found_note(findings,
			   "mode warn: powerbox protects nothing; say \"mode\": "
			   "\"enforce\" when the decisions in the log are "
			   "what you want");
	if (!decision.count)
		found_note(findings,
			   "the ACL names no \"default\": a container that asks for "
			   "nothing gets nothing, and most programs then die in libc's "
			   "words before they begin");
}

/* Of a container of which nothing is known: by the whole ACL, or by a rule for all. */
static enum mode mode_for_all(struct arena *arena, const struct gate *gate)
{
	struct subject nobody = { 0 };

	return acl_mode_for(arena, gate->acl, &gate->node.labels, &nobody);
}

bool check_acl(struct findings *findings, const struct node *node, struct gate *ret)
{
	struct error finding;
	bool good;

	findings->area = "acl";
	/* Of a folder that can't be opened check_folders() has said what is wrong. */
	good = node->etc >= 0 && check_acl_files(findings, node->etc);
	if (good && gate_open(findings->arena, node, ret, &finding)) {
		found_ok(findings, "the ACL in %s, mode %s", ETC,
			 mode_for_all(findings->arena, ret) == MODE_WARN ? "warn"
									 : "enforce");
		check_mentioned(findings, ret);
		check_default(findings, ret);
		check_rules(findings, ret);
		return true;
	}
	if (good)
		found_error(findings, &finding);
	if (gate_without_acl(findings->arena, node, ret, &finding))
		return true;
	found_error(findings, &finding);
	return false;
}

/* Calls that the installed libseccomp does not know are left out by every runtime. */
static void check_names(struct findings *findings, const struct profile *profile)
{
	const struct syscalls *syscalls = &profile->policy.syscalls;
	struct buffer unknown = { .arena = findings->arena };

	for (unsigned call = 0; call < syscall_count(); call++)
		if (!syscalls->all && syscalls_has(syscalls, call) &&
		    !bpf_knows(syscall_name(call)))
			buffer_printf(&unknown, " %s", syscall_name(call));
	if (unknown.length)
		found_note(
			findings,
			"%s: not known to the installed libseccomp %s, so not granted:%s",
			profile->name, bpf_version(findings->arena), unknown.bytes);
}

static void check_capabilities(struct findings *findings, const struct profile *profile)
{
	struct capset held = { cap_held() };
	struct capset caps = profile->policy.caps;
	struct buffer missing = { .arena = findings->arena };

	if (caps.bits == CAPSET_ALL.bits || geteuid())
		return;
	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(caps, i) && !capset_has(held, i))
			buffer_printf(&missing, " %s", capset_name(i));
	if (missing.length)
		found_note(findings,
			   "%s: this process does not hold%s; a container that asks for "
			   "the profile would be refused if the engine does not either",
			   profile->name, missing.bytes);
}

/* That it reads, and that it can be expressed beside the runtime's own. */
static void check_profile(struct findings *findings, const struct gate *gate,
			  struct text name)
{
	const char *runtime = runtime_kind_name(gate->node.kind);
	struct outcome outcome;
	struct profile profile;
	struct error err;

	if (!store_find(findings->arena, &gate->store, name, &profile, &err) ||
	    !gate_union(findings->arena, gate, &name, 1, runtime, &outcome, &err)) {
		found_error(findings, &err);
		return;
	}
	found_ok(findings, "%s", profile.path);
	check_names(findings, &profile);
	check_capabilities(findings, &profile);
}

/* The shipped profiles in whose place the administrator has put his own. */
static void check_shadowed(struct findings *findings, const struct gate *gate)
{
	struct store own = gate->store, shipped = gate->store;
	struct texts mine, theirs;
	struct error err;

	own.folders[STORE_FOLDERS - 1].dir = -1;
	for (size_t i = 0; i + 1 < STORE_FOLDERS; i++)
		shipped.folders[i].dir = -1;
	if (!store_names(findings->arena, &own, &mine, &err) ||
	    !store_names(findings->arena, &shipped, &theirs, &err))
		return;
	for (size_t i = 0, j = 0; i < mine.count && j < theirs.count;) {
		int order = text_compare(mine.items[i], theirs.items[j]);
		struct profile profile;

		if (order) {
			i += order < 0;
			j += order > 0;
		} else if (!store_find(findings->arena, &shipped, theirs.items[j++],
				       &profile, &err)) {
			found_error(findings, &err);
		} else {
			found_note(findings,
				   "%s is not used: the one in " ETC
				   "/profiles.d stands in its place; take that away to "
				   "use it",
				   profile.path);
		}
	}
}

void check_profiles(struct findings *findings, const struct gate *gate)
{
	struct texts names;
	struct error err;

	findings->area = "profiles";
	if (!store_names(findings->arena, &gate->store, &names, &err)) {
		found_error(findings, &err);
		return;
	}
	for (size_t i = 0; i < names.count; i++)
		check_profile(findings, gate, names.items[i]);
	check_shadowed(findings, gate);
}
