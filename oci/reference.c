/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference.h"

#include <string.h>

#define HUB "docker.io/"

/* How long the registry in front is, with its slash; 0: none is named. */
static size_t registry_length(struct text name)
{
	const char *slash = name.length ? memchr(name.bytes, '/', name.length) : NULL;
	size_t length = slash ? (size_t)(slash - name.bytes) : 0;

	if (!slash)
		return 0;
	if (memchr(name.bytes, '.', length) || memchr(name.bytes, ':', length) ||
	    text_is((struct text){ name.bytes, length }, "localhost"))
		return length + 1;
	return 0;
}

/* Cut the text at the last `mark` that no slash follows, and return what is behind it. */
static struct text cut(struct text *text, char mark)
{
	for (size_t i = text->length; i > 0 && text->bytes[i - 1] != '/'; i--) {
		if (text->bytes[i - 1] != mark)
			continue;
		struct text behind = { text->bytes + i, text->length - i };

		text->length = i - 1;
		return behind;
	}
	return (struct text){ NULL, 0 };
}

struct text reference_whole(struct arena *arena, struct text name)
{
	struct buffer out = { .arena = arena };
	struct text digest = cut(&name, '@'), tag = cut(&name, ':');
	size_t registry = registry_length(name);
	struct text host = { name.bytes, registry };
	struct text path = { name.bytes + registry, name.length - registry };

	if (text_is(host, "index.docker.io/"))
		host = text_of(HUB);
	if (!registry)
		host = text_of(HUB);
	buffer_add(&out, host.bytes, host.length);
	if (text_is(host, HUB) && path.length && !memchr(path.bytes, '/', path.length))
		buffer_puts(&out, "library/");
	buffer_add(&out, path.bytes, path.length);
	if (digest.length) {
		buffer_puts(&out, "@");
		buffer_add(&out, digest.bytes, digest.length);
	} else {
		buffer_puts(&out, ":");
		tag = tag.length ? tag : text_of("latest");
		buffer_add(&out, tag.bytes, tag.length);
	}
	return buffer_text(&out);
}

/* Whether engines would tell it just so. */
static bool is_whole(struct text name)
{
	struct text digest = cut(&name, '@'), tag = cut(&name, ':');
	size_t registry = registry_length(name);
	struct text host = { name.bytes, registry };
	struct text path = { name.bytes + registry, name.length - registry };

	if (!registry || !(digest.length + tag.length) ||
	    text_is(host, "index.docker.io/"))
		return false;
	return !text_is(host, HUB) || memchr(path.bytes, '/', path.length);
}

static struct text behind(struct arena *arena, const char *front, struct text text)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, front);
	buffer_add(&out, text.bytes, text.length);
	return buffer_text(&out);
}

static bool has(struct text text, char c)
{
	return text.length && memchr(text.bytes, c, text.length);
}

struct text reference_pattern(struct arena *arena, struct text pattern)
{
	struct text plain = { pattern.bytes, 0 }, path;
	size_t registry;

	/* An image that has no name is told by its digest alone. */
	if (text_begins(pattern, "sha256:"))
		return pattern;
	while (plain.length < pattern.length &&
	       !strchr("*?[\\", pattern.bytes[plain.length]))
		plain.length++;
	if (plain.length == pattern.length)
		return is_whole(pattern) ? pattern : reference_whole(arena, pattern);
	registry = registry_length(plain);
	path = (struct text){ plain.bytes + registry, plain.length - registry };
	if (registry) {
		/* "docker.io/nginx:*": no slash can follow the colon. */
		if (!text_is((struct text){ plain.bytes, registry }, HUB) ||
		    has(path, '/') || !has(path, ':'))
			return pattern;
		return behind(arena, HUB "library/",
			      (struct text){ pattern.bytes + registry,
					     pattern.length - registry });
	}
	if (has(plain, '/'))
		return behind(arena, HUB, pattern);
	/* What a slash follows may be a registry, and so may what has a dot. */
	if (!plain.length || has(pattern, '/') || (has(plain, '.') && !has(plain, ':')))
		return pattern;
	return behind(arena, HUB "library/", pattern);
}
