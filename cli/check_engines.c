/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How engines are told of powerbox. Their files have grammars of their own; what is read
 * here is "key = value", a line or a list of lines, which is how all of them are written.
 * That an engine is not here, or that powerbox is not its rule, is no finding to mend.
 */

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/cli.h"
#include "cli/terminal.h"
#include "lib/file.h"

#define CONF_SIZE_MAX ((size_t)1 << 20)
#define WRAPPER POWERBOX_BINDIR "/powerbox-runtime"
#define PRECREATE POWERBOX_DATADIR "/hooks.d"
#define VERIFY POWERBOX_DATADIR "/oci-hooks.d"
#define PAGES POWERBOX_DOCDIR "/integration"
#define RUNTIME_RULE                                \
	"runtime = \"powerbox\" under [engine] in " \
	"/etc/containers/containers.conf.d/60-local.conf"
#define POD_ANNOTATIONS "pod_annotations = [\"dev.powerbox*\", \"dev.powerbox*/*\"]"

/* What is looked for in an engine's files. */
struct want {
	const char *key, *part; /* "key = ...part..." */
	bool last;		/* the last line with the key is the one that counts */
	bool patterns;		/* the value lists patterns, one of which matches part */
	const char *found;
	const char *missing; /* and what to do about it; NULL: nothing */
};

/* Some files, in the order in which they are read; a folder stands for its .conf. */
struct engine_files {
	const char *engine;
	const char *programs[3];
	const char *files[4];
	struct want wants[4];
};

enum { PODMAN, CONTAINERD, CRIO };

static const struct engine_files engine_files[] = {
	[PODMAN] = {
		.engine = "podman",
		.programs = { "/usr/bin/podman", "/usr/local/bin/podman" },
		.files = { "/usr/share/containers/containers.conf",
			   "/etc/containers/containers.conf",
			   "/etc/containers/containers.conf.d/" },
		.wants = {
			{ "powerbox", "\"" WRAPPER "\"", true, false,
			  "knows the runtime powerbox",
			  "does not know the runtime powerbox; install powerbox's "
			  "/etc/containers/containers.conf.d/50-powerbox.conf" },
		},
	},
	[CONTAINERD] = {
		.engine = "containerd",
		.programs = { "/usr/bin/containerd", "/usr/local/bin/containerd" },
		.files = { "/etc/containerd/config.toml", "/etc/containerd/conf.d/" },
		.wants = {
			{ "BinaryName", WRAPPER, false, false, "has a runtime handler with powerbox",
			  "has no runtime handler with powerbox; add one to "
			  "/etc/containerd/config.toml with BinaryName = \"" WRAPPER
			  "\" (" PAGES "/containerd.md has the whole block)" },
			{ "pod_annotations", KEY_PROFILES, false, true,
			  "hands a pod's request on",
			  "hands no request of a pod on, so that each gets the ACL's "
			  "default; add " POD_ANNOTATIONS " to the handler" },
			{ "pod_annotations", KEY_PROFILES "/container", false, true,
			  "hands a container's own request on",
			  "hands no container's own request on, so that each gets the "
			  "pod's; have " POD_ANNOTATIONS " in the handler" },
		},
	},
	[CRIO] = {
		.engine = "CRI-O",
		.programs = { "/usr/bin/crio", "/usr/local/bin/crio" },
		.files = { "/etc/crio/crio.conf", "/etc/crio/crio.conf.d/" },
		.wants = {
			{ "runtime_path", WRAPPER, false, false,
			  "has a runtime handler with powerbox",
			  "has no runtime handler with powerbox; add "
			  "/etc/crio/crio.conf.d/50-powerbox.conf (" PAGES "/crio.md has it)" },
		},
	},
};

/* Where a value stands. */
struct value {
	const char *path; /* NULL: nowhere */
	size_t line;
	struct text text;
};

static size_t skip(struct text text, size_t at, const char *bytes)
{
	while (at < text.length && text.bytes[at] && strchr(bytes, text.bytes[at]))
		at++;
	return at;
}

static size_t end_of_line(struct text text, size_t at)
{
	const char *end = memchr(text.bytes + at, '\n', text.length - at);

	return end ? (size_t)(end - text.bytes) : text.length;
}

static bool holds(struct text text, const char *part)
{
	return text.length && memmem(text.bytes, text.length, part, strlen(part));
}

/* containerd's patterns, by path.Match(): a star does not match a slash. */
static bool pattern_matches(struct arena *arena, struct text list, const char *string)
{
	const char *open = memchr(list.bytes, '"', list.length);

	while (open) {
		size_t left = list.length - (size_t)(open + 1 - list.bytes);
		const char *close = memchr(open + 1, '"', left);

		if (!close)
			return false;
		if (!fnmatch(arena_copy(arena, open + 1, (size_t)(close - open - 1)),
			     string, FNM_PATHNAME))
			return true;
		left = list.length - (size_t)(close + 1 - list.bytes);
		open = memchr(close + 1, '"', left);
	}
	return false;
}

static bool is_wanted(struct arena *arena, const struct want *want, struct text value)
{
	if (want->patterns)
		return value.length && pattern_matches(arena, value, want->part);
	return holds(value, want->part);
}

/* "key = value" at the beginning of a line; a list goes on to its bracket. */
static bool value_at(struct text text, size_t at, const char *key, struct text *ret)
{
	size_t length = strlen(key), end;
	const char *bracket, *comment;

	if (text.length - at <= length || memcmp(text.bytes + at, key, length) != 0)
		return false;
	at = skip(text, at + length, " \t\"");
	if (at == text.length || text.bytes[at] != '=')
		return false;
	at = skip(text, at + 1, " \t");
	end = end_of_line(text, at);
	if (at < end && text.bytes[at] == '[') {
		bracket = memchr(text.bytes + at, ']', text.length - at);
		end = bracket ? (size_t)(bracket - text.bytes) : end;
	} else {
		comment = memchr(text.bytes + at, '#', end - at);
		end = comment ? (size_t)(comment - text.bytes) : end;
	}
	*ret = (struct text){ text.bytes + at, end - at };
	return true;
}

/* The value in one file that a want is about, in the place of what was found before. */
static void look(struct arena *arena, const char *path, struct text text,
		 const struct want *want, struct value *value)
{
	for (size_t at = 0, line = 1; at < text.length;
	     at = end_of_line(text, at) + 1, line++) {
		struct text found;

		if (!value_at(text, skip(text, at, " \t\""), want->key, &found))
			continue;
		if (want->last || (!value->path && is_wanted(arena, want, found)))
			*value = (struct value){ path, line, found };
	}
}

static void look_into(struct arena *arena, const char *path, const struct want *want,
		      struct value *value)
{
	struct error ignored;
	struct text text;

	if (cli_read(arena, path, CONF_SIZE_MAX, &text, &ignored))
		look(arena, path, text, want, value);
}

static int is_conf(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && (!strcmp(dot, ".conf") || !strcmp(dot, ".toml"));
}

static struct value find(struct arena *arena, const struct engine_files *engine,
			 const struct want *want)
{
	struct value value = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(engine->files) && engine->files[i]; i++) {
		const char *path = engine->files[i];
		struct dirent **entries;
		int count;

		if (path[strlen(path) - 1] != '/') {
			look_into(arena, path, want, &value);
			continue;
		}
		count = scandir(path, &entries, is_conf, alphasort);
		for (int j = 0; j < count; j++) {
			look_into(arena,
				  arena_printf(arena, "%s%s", path, entries[j]->d_name),
				  want, &value);
			free(entries[j]);
		}
		if (count >= 0)
			free(entries);
	}
	return value;
}

static bool installed(const struct engine_files *engine)
{
	for (size_t i = 0; i < ARRAY_SIZE(engine->programs) && engine->programs[i]; i++)
		if (!access(engine->programs[i], X_OK))
			return true;
	return false;
}

/* Whether the files say so, which is then a finding. */
static bool is_so(struct findings *findings, const struct engine_files *engine,
		  const struct want *want)
{
	struct value value = find(findings->arena, engine, want);

	if (!value.path || !is_wanted(findings->arena, want, value.text))
		return false;
	found_ok(findings, "%s %s (%s:%zu)", engine->engine, want->found, value.path,
		 value.line);
	return true;
}

static void check_engine(struct findings *findings, const struct engine_files *engine)
{
	if (!installed(engine))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(engine->wants) && engine->wants[i].key; i++) {
		const struct want *want = &engine->wants[i];

		if (is_so(findings, engine, want))
			continue;
		found_note(findings, "%s %s", engine->engine, want->missing);
		/* The others are about how it does what the first is about. */
		if (!i)
			return;
	}
}

/* podman goes through powerbox by either of two ways, of which one holds less. */
static void check_podman(struct findings *findings)
{
	static const struct want rule = { "runtime",
					  "\"powerbox\"",
					  true,
					  false,
					  "starts every container with powerbox",
					  NULL };
	static const struct want precreate = { "hooks_dir",
					       "\"" PRECREATE "\"",
					       true,
					       false,
					       "calls powerbox's precreate hook",
					       NULL };
	static const struct want verify = { "hooks_dir",
					    "\"" VERIFY "\"",
					    true,
					    false,
					    "calls powerbox's verify hook",
					    NULL };
	const struct engine_files *podman = &engine_files[PODMAN];
	bool knows, ruled, hooked;

	if (!installed(podman))
		return;
	knows = is_so(findings, podman, &podman->wants[0]);
	ruled = knows && is_so(findings, podman, &rule);
	hooked = is_so(findings, podman, &precreate);
	if (!knows && !hooked) {
		found_note(findings, "podman %s", podman->wants[0].missing);
		return;
	}
	if (hooked && !ruled)
		found_note(findings,
			   "podman's hook does not hold exec: podman exec --privileged "
			   "gives every capability, and podman build passes it by; to "
			   "hold them: " RUNTIME_RULE);
	else if (!ruled)
		found_note(findings,
			   "podman takes powerbox only where --runtime powerbox is said; "
			   "to make it the rule: " RUNTIME_RULE);
	if (!is_so(findings, podman, &verify))
		found_note(findings,
			   "podman does not call the verify hook, which looks at each "
			   "container once more; to have it, add \"" VERIFY
			   "\" to hooks_dir there");
}

#define DOCKER_FILE "/etc/docker/daemon.json"

static bool docker_knows(const struct json *root, struct text *ret_name)
{
	const struct json *runtimes = json_get(root, "runtimes");

	for (const struct json *m = runtimes ? runtimes->first : NULL; m; m = m->next) {
		const struct json *path = json_get(m, "path");

		*ret_name = m->key;
		if (json_is(path, JSON_STRING) && text_is(path->text, WRAPPER))
			return true;
	}
	return false;
}

/* What podman starts by itself, if that is neither powerbox nor what node.json names. */
static void check_podmans_own(struct findings *findings, const struct node *node)
{
	static const struct want own = { .key = "runtime", .part = "", .last = true };
	const char *name = strrchr(node->runtime, '/') + 1;
	struct value value;
	const char *end;

	if (!installed(&engine_files[PODMAN]))
		return;
	value = find(findings->arena, &engine_files[PODMAN], &own);
	end = value.path ? memrchr(value.text.bytes, '"', value.text.length) : NULL;
	if (!end || holds(value.text, "\"powerbox\"") ||
	    holds(value.text, arena_printf(findings->arena, "\"%s\"", name)) ||
	    holds(value.text, arena_printf(findings->arena, "\"%s\"", node->runtime)))
		return;
	value.text.length = (size_t)(end + 1 - value.text.bytes);
	found_note(
		findings,
		"podman starts with the runtime %s (%s:%zu), powerbox with %s; name the "
		"same one as \"runtime\" in " NODE_FILE,
		text_shown(findings->arena, value.text), value.path, value.line,
		node->runtime);
}

static void check_docker(struct findings *findings)
{
	struct arena *arena = findings->arena;
	struct json *root = NULL;
	const struct json *rule;
	struct text text, name;
	struct error err;

	if (access("/usr/bin/dockerd", X_OK) && access("/usr/sbin/dockerd", X_OK))
		return;
	if (cli_read(arena, DOCKER_FILE, CONF_SIZE_MAX, &text, &err) &&
	    !json_parse(arena, text, &root, &err)) {
		found_note(findings, "%s can't be read: %s", DOCKER_FILE, err.msg);
		return;
	}
	if (!docker_knows(root, &name)) {
		found_note(findings,
			   "Docker does not know the runtime powerbox; add \"runtimes\": "
			   "{\"powerbox\": {\"path\": \"" WRAPPER "\"}} to " DOCKER_FILE);
		return;
	}
	found_ok(findings, "Docker knows powerbox as the runtime %s (" DOCKER_FILE ")",
		 text_quote(arena, name));
	rule = json_get(root, "default-runtime");
	if (json_is(rule, JSON_STRING) && text_eq(rule->text, name))
		found_ok(findings, "Docker starts every container with it");
	else
		found_note(findings,
			   "Docker takes it only where --runtime is said; to make it the "
			   "rule: \"default-runtime\": %s in " DOCKER_FILE,
			   text_quote(arena, name));
}

/* What is no .json is no hook. */
static int is_hook(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".json");
}

/* Hooks of powerbox's, and a stage at which CRI-O and buildah stop. */
static void check_hooks(struct findings *findings)
{
	static const char *const shared[] = { "/usr/share/containers/oci/hooks.d",
					      "/etc/containers/oci/hooks.d" };
	static const char *const own[] = { PRECREATE "/10-powerbox-precreate.json",
					   VERIFY "/90-powerbox-verify.json" };
	struct error ignored;

	findings->area = "hooks";
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (!access(own[i], R_OK))
			found_ok(findings, "hook %s", own[i]);
		else
			found_note(findings, "there is no %s; install powerbox again",
				   own[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++) {
		struct dirent **entries;
		int count = scandir(shared[i], &entries, is_hook, alphasort);

		for (int j = 0; j < count; j++) {
			const char *path = arena_printf(findings->arena, "%s/%s",
							shared[i], entries[j]->d_name);
			struct text text;

			free(entries[j]);
			if (cli_read(findings->arena, path, CONF_SIZE_MAX, &text,
				     &ignored) &&
			    holds(text, "\"precreate\""))
				found_bad(
					findings,
					"%s has the stage precreate, at which CRI-O and "
					"buildah stop; take it away, and name " PRECREATE
					" to podman instead",
					path);
		}
		if (count >= 0)
			free(entries);
	}
}

void check_engines(struct findings *findings, const struct node *node)
{
	findings->area = "engines";
	check_podman(findings);
	check_engine(findings, &engine_files[CONTAINERD]);
	check_engine(findings, &engine_files[CRIO]);
	check_podmans_own(findings, node);
	check_docker(findings);
	check_hooks(findings);
}
