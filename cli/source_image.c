/* SPDX-License-Identifier: Apache-2.0 */

/* OCI images (image-spec), in a folder or an archive, and what `docker save` writes. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/source_kinds.h"
#include "cli/terminal.h"
#include "lib/digest.h"
#include "lib/file.h"
#include "lib/tar.h"
#include "oci/reference.h"

#define SHA256 "sha256:"
#define SHA256_DIGITS 64
#define INDEXES_MAX 4	     /* in each other */
#define DESCRIPTORS_MAX 4096 /* of an image, so that indexes can't multiply */

struct image {
	struct sourcing *sourcing;
	int dir; /* of a layout; else `tar` */
	const struct tar *tar;
	size_t descriptors;
};

/* What was found on the way to a configuration, the outermost first. */
struct found {
	struct text name;     /* of the image, if anything tells */
	struct text platform; /* "linux/arm64" */
	struct text wish;
	bool has_wish;
	const char *asked;
	const char *note; /* of a wish that nobody will find */
};

/* A file of the layout, by nothing but folders of its own. */
static bool layout_read(struct image *image, const char *path, struct text *ret,
			struct error *err)
{
	struct arena *arena = image->sourcing->arena;
	CLOSE int dir = openat(image->dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *slash, *whole = path;
	struct file file;

	for (; dir >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		const char *name = arena_copy(arena, path, (size_t)(slash - path));
		int next =
			openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		close_cleanup(&dir);
		dir = next;
	}
	if (dir < 0)
		return error_errno(err, "%s", whole);
	if (!file_read(arena, dir, path, TAR_FILE_MAX, &file, err))
		return false;
	*ret = file.text;
	return true;
}

static bool image_read(struct image *image, const char *path, struct text *ret,
		       struct error *err)
{
	const struct tar_file *file;

	if (!image->tar)
		return layout_read(image, path, ret, err);
	file = tar_find(image->tar, path);
	if (!file)
		return error_set(
			err, ERR_NOINPUT,
			"the archive has no file %s, or it is no JSON of at most "
			"%zu MiB",
			text_quote(image->sourcing->arena, text_of(path)),
			TAR_FILE_MAX >> 20);
	*ret = file->text;
	return true;
}

static bool image_parse(struct image *image, const char *path, struct text text,
			const struct json **ret, struct error *err)
{
	const char *shown = text_quote(image->sourcing->arena, text_of(path));
	struct json *root;

	if (!json_parse(image->sourcing->arena, text, &root, err))
		return error_in(err, "%s", shown);
	*ret = root;
	return true;
}

/* A string of an object, or nothing. */
static struct text string(const struct json *object, const char *name)
{
	return json_string(json_get(object, name));
}

static bool is_digest(struct text digest)
{
	if (digest.length != strlen(SHA256) + SHA256_DIGITS ||
	    !text_begins(digest, SHA256))
		return false;
	for (size_t i = strlen(SHA256); i < digest.length; i++)
		if (!strchr("0123456789abcdef", digest.bytes[i]) || !digest.bytes[i])
			return false;
	return true;
}

/* What a descriptor names, which must be what its digest says. */
static bool image_blob(struct image *image, const struct json *descriptor,
		       const struct json **ret, struct error *err)
{
	struct arena *arena = image->sourcing->arena;
	struct text digest = string(descriptor, "digest"), text;
	const char *path;
	uint64_t size;

	if (++image->descriptors > DESCRIPTORS_MAX)
		return error_set(err, ERR_DATA, "more than %d descriptors",
				 DESCRIPTORS_MAX);
	/* The digest becomes a path: nothing but digits may. */
	if (!is_digest(digest))
		return error_set(err, ERR_DATA,
				 "%s is no digest (\"sha256:\" and 64 digits)",
				 text_quote(arena, digest));
	path = arena_printf(arena, "blobs/sha256/%.*s", SHA256_DIGITS,
			    digest.bytes + strlen(SHA256));
	if (!image_read(image, path, &text, err))
		return false;
	if (!json_u64(json_get(descriptor, "size"), &size) || size != text.length)
		return error_set(err, ERR_DATA, "%s has %zu bytes, not as its descriptor",
				 path, text.length);
	if (!text_is(digest, digest_text(arena, text)))
		return error_set(err, ERR_DATA, "%s is not what its digest says", path);
	return image_parse(image, path, text, ret, err);
}

/* A key of powerbox's name that says nothing of an image, or NULL. */
static const struct json *find_mistaken(const struct json *strings)
{
	if (!json_is(strings, JSON_OBJECT))
		return NULL;
	/* An image knows of no containers. */
	for (const struct json *m = strings->first; m; m = m->next)
		if (text_begins(m->key, KEY_PROFILES "/"))
			return m;
	return keys_mistaken(strings);
}

/* Labels and annotations have one form; the innermost wish counts. */
static bool take_wish(struct arena *arena, struct found *found,
		      const struct json *strings, const char *asked, struct error *err)
{
	const struct json *value = json_get(strings, KEY_PROFILES);
	const struct json *mistaken = find_mistaken(strings);

	if (mistaken)
		found->note = arena_printf(
			arena, "%s %s is not known; did you mean " KEY_PROFILES "?",
			asked, text_quote(arena, mistaken->key));
	if (!value)
		return true;
	if (value->kind != JSON_STRING)
		return error_set(err, ERR_DATA, "%s %s must be a string, not %s", asked,
				 KEY_PROFILES, json_kind_name(value->kind));
	found->wish = value->text;
	found->has_wish = true;
	found->asked = asked;
	return true;
}

/* containerd and `docker save` write the name, podman puts it where a tag would be. */
static void take_name(struct found *found, const struct json *annotations)
{
	struct text name = string(annotations, "io.containerd.image.name");
	struct text tag = string(annotations, "org.opencontainers.image.ref.name");

	if (name.length)
		found->name = name;
	else if (tag.length && memchr(tag.bytes, '/', tag.length))
		found->name = tag;
}

static bool add_image(struct image *image, const struct found *found,
		      const struct json *config, struct error *err)
{
	struct sourcing *sourcing = image->sourcing;
	struct arena *arena = sourcing->arena;
	struct candidate candidate = { .author = true,
				       .settings = source_defaults(sourcing) };
	struct subject subject = { 0 };
	struct found all = *found;
	struct buffer where = { .arena = arena };

	if (!take_wish(arena, &all, json_get(json_get(config, "config"), "Labels"),
		       "label of the image", err))
		return false;
	candidate.note = all.note;
	if (all.has_wish) {
		candidate.asked = all.asked;
		candidate.request.source = text_of(KEY_PROFILES);
		if (!request_names(arena, all.wish, &candidate.request, err))
			return error_in(err, "%s %s", all.asked, KEY_PROFILES);
	}
	buffer_puts(&where, sourcing->path);
	if (all.name.length) {
		subject.image = reference_whole(arena, all.name);
		buffer_printf(&where, ": image %s", text_quote(arena, subject.image));
	}
	if (all.platform.length)
		buffer_printf(&where, ", %s", text_quote(arena, all.platform));
	candidate.where = where.bytes;
	candidate.request.subject = engine_tells(sourcing->gate->node.engine, subject);
	return source_add(sourcing, &candidate, err);
}

static bool ends_with(struct text text, const char *end)
{
	size_t length = strlen(end);

	return text.length >= length &&
	       !memcmp(text.bytes + text.length - length, end, length);
}

static bool is_config(struct text type)
{
	return text_is(type, "application/vnd.oci.image.config.v1+json") ||
	       text_is(type, "application/vnd.docker.container.image.v1+json");
}

static bool add_manifest(struct image *image, struct found found,
			 const struct json *manifest, struct error *err)
{
	const struct json *descriptor = json_get(manifest, "config"), *config;

	/* An artifact: a signature, a chart. */
	if (!is_config(string(descriptor, "mediaType")))
		return true;
	return take_wish(image->sourcing->arena, &found,
			 json_get(manifest, "annotations"), "annotation of the image",
			 err) &&
	       image_blob(image, descriptor, &config, err) &&
	       add_image(image, &found, config, err);
}

static struct text platform_of(struct arena *arena, const struct json *platform)
{
	static const char *const members[] = { "os", "architecture", "variant" };
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		struct text text = string(platform, members[i]);

		if (!text.length)
			continue;
		buffer_puts(&out, out.length ? "/" : "");
		buffer_add(&out, text.bytes, text.length);
	}
	return buffer_text(&out);
}

static bool add_index(struct image *image, struct found found, const struct json *index,
		      unsigned depth, struct error *err);

static bool add_descriptor(struct image *image, struct found found,
			   const struct json *descriptor, unsigned depth,
			   struct error *err)
{
	const struct json *platform = json_get(descriptor, "platform"), *root;
	struct text type = string(descriptor, "mediaType");
	bool index = ends_with(type, ".index.v1+json") ||
		     ends_with(type, ".manifest.list.v2+json");

	/* buildkit's attestations are for no platform. */
	if (text_is(string(platform, "os"), "unknown") ||
	    (!index && !ends_with(type, ".manifest.v1+json") &&
	     !ends_with(type, ".manifest.v2+json")))
		return true;
	if (depth == INDEXES_MAX)
		return error_set(err, ERR_DATA, "more than %d indexes in each other",
				 INDEXES_MAX);
	if (!take_wish(image->sourcing->arena, &found,
		       json_get(descriptor, "annotations"), "annotation of the image",
		       err))
		return false;
	take_name(&found, json_get(descriptor, "annotations"));
	if (platform)
		found.platform = platform_of(image->sourcing->arena, platform);
	if (!image_blob(image, descriptor, &root, err))
		return false;
	return index ? add_index(image, found, root, depth + 1, err)
		     : add_manifest(image, found, root, err);
}

static bool add_index(struct image *image, struct found found, const struct json *index,
		      unsigned depth, struct error *err)
{
	const struct json *list = json_get(index, "manifests");

	if (!json_is(list, JSON_ARRAY))
		return error_set(err, ERR_DATA, "an index without a list of manifests");
	if (!take_wish(image->sourcing->arena, &found, json_get(index, "annotations"),
		       "annotation of the image", err))
		return false;
	for (const struct json *m = list->first; m; m = m->next)
		if (!add_descriptor(image, found, m, depth, err))
			return false;
	return true;
}

static bool add_layout(struct image *image, struct error *err)
{
	struct found found = { 0 };
	const struct json *index;
	struct text text;

	return image_read(image, "index.json", &text, err) &&
	       image_parse(image, "index.json", text, &index, err) &&
	       add_index(image, found, index, 0, err);
}

/* `docker save` before 25: names of files, of which the configuration's is its digest. */
static bool add_saved(struct image *image, const struct json *saved, struct error *err)
{
	struct arena *arena = image->sourcing->arena;
	const struct json *tags = json_get(saved, "RepoTags"), *config;
	struct text path = string(saved, "Config"), text;
	const char *digest, *name = arena_copy(arena, path.bytes, path.length);
	const char *base = strrchr(name, '/');
	struct found found = { 0 };

	if (!image_read(image, name, &text, err))
		return false;
	digest = digest_text(arena, text) + strlen(SHA256);
	base = base ? base + 1 : name;
	if (strncmp(base, digest, SHA256_DIGITS) != 0)
		return error_set(err, ERR_DATA, "%s is not what its name says",
				 text_quote(arena, path));
	if (json_is(tags, JSON_ARRAY) && json_is(tags->first, JSON_STRING))
		found.name = tags->first->text;
	return image_parse(image, name, text, &config, err) &&
	       add_image(image, &found, config, err);
}

static bool add_saves(struct image *image, struct error *err)
{
	const struct json *list;
	struct text text;

	if (!image_read(image, "manifest.json", &text, err) ||
	    !image_parse(image, "manifest.json", text, &list, err))
		return false;
	if (!json_is(list, JSON_ARRAY))
		return error_set(err, ERR_DATA, "'manifest.json' must be an array");
	for (const struct json *m = list->first; m; m = m->next)
		if (!add_saved(image, m, err))
			return false;
	return true;
}

bool source_layout(struct sourcing *sourcing, int dir, struct error *err)
{
	struct image image = { .sourcing = sourcing, .dir = dir };

	return add_layout(&image, err);
}

bool source_archive(struct sourcing *sourcing, int fd, struct error *err)
{
	struct progress progress = progress_start("reading the archive");
	struct tar_watch watch = { progress_bytes, &progress };
	struct image image = { .sourcing = sourcing };
	struct tar tar;
	bool good = tar_read(sourcing->arena, fd, &watch, &tar, err);

	progress_end(&progress);
	if (!good)
		return false;
	image.tar = &tar;
	if (tar_find(&tar, "index.json"))
		return add_layout(&image, err);
	if (tar_find(&tar, "manifest.json"))
		return add_saves(&image, err);
	return error_set(err, ERR_DATA,
			 "an archive without index.json or manifest.json "
			 "is no image");
}
