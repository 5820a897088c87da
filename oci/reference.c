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

/* Cut the text at the last `mark` that no slash follows; what is behind it is returned.
 */
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
