/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/exposure.h"

#include <string.h>

/* The first option; NULL: there is none. */
static const struct json *first_option(const struct json *mount)
{
	return json_items(json_get(mount, "options"));
}

bool exposure_option(const struct json *mount, const char *option)
{
	for (const struct json *o = first_option(mount); o; o = o->next)
		if (text_is(o->text, option))
			return true;
	return false;
}

static bool is_bind(const struct json *mount)
{
	return text_is(json_string(json_get(mount, "type")), "bind") ||
	       exposure_option(mount, "bind") || exposure_option(mount, "rbind");
}

/* To crun (1.8.1) the last four have "rbind" in them, also beside a "bind". */
static bool is_recursive(const struct json *mount)
{
	static const char *const names[] = { "rbind", "rprivate", "rslave", "rshared",
					     "runbindable" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (exposure_option(mount, names[i]))
			return true;
	return false;
}

static const char *shown(struct arena *arena, const struct json *mount)
{
	struct text at = json_string(json_get(mount, "destination"));

	return arena_printf(arena, "the mount at %s", text_quote(arena, at));
}

/* The last word counts, as for both runtimes; a "rw" takes back a "rro" too. */
static void read_options(const struct json *mount, struct exposure *exposure)
{
	for (const struct json *o = first_option(mount); o; o = o->next) {
		if (text_is(o->text, "ro") || text_is(o->text, "rro"))
			exposure->read_only = true;
		else if (text_is(o->text, "rw") || text_is(o->text, "rrw"))
			exposure->read_only = exposure->all_of_it = false;
		if (text_is(o->text, "rro"))
			exposure->all_of_it = true;
	}
}

struct exposure exposure_of(struct arena *arena, const struct json *mount)
{
	struct text source = json_string(json_get(mount, "source"));
	struct exposure exposure = {
		.shown = shown(arena, mount),
		.recursive = is_recursive(mount),
		.opened = is_bind(mount),
	};

	read_options(mount, &exposure);
	if (source.length)
		exposure.path = arena_copy(arena, source.bytes, source.length);
	return exposure;
}

/* One option of an overlay, as the kernel reads it: without its backslashes. */
static bool add_layer(struct arena *arena, const struct json *mount, struct text option,
		      struct exposures *ret, struct error *err)
{
	static const char *const names[] = { "upperdir=", "workdir=" };
	struct buffer path = { .arena = arena };
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !at; i++)
		if (option.length > strlen(names[i]) &&
		    !memcmp(option.bytes, names[i], strlen(names[i])))
			at = strlen(names[i]);
	if (!at)
		return true;
	if (option.bytes[option.length - 1] == '\\')
		return error_set(err, ERR_DENIED,
				 "%s: a folder of the overlay has a comma in its name; "
				 "rename it",
				 shown(arena, mount));
	for (; at < option.length; at++) {
		at += option.bytes[at] == '\\';
		buffer_add(&path, option.bytes + at, 1);
	}
	*arena_push(arena, ret) = (struct exposure){ .path = path.bytes,
						     .shown = shown(arena, mount),
						     .opened = true };
	return true;
}

/* Both runtimes join what options they do not know with commas, and so may an engine. */
bool exposure_layers(struct arena *arena, const struct json *mount, struct exposures *ret,
		     struct error *err)
{
	for (const struct json *o = first_option(mount); o; o = o->next) {
		struct text rest = o->text;

		while (rest.length) {
			const char *comma = memchr(rest.bytes, ',', rest.length);
			size_t n = comma ? (size_t)(comma - rest.bytes) : rest.length;

			if (!add_layer(arena, mount, (struct text){ rest.bytes, n }, ret,
				       err))
				return false;
			n += comma != NULL;
			rest = (struct text){ rest.bytes + n, rest.length - n };
		}
	}
	return true;
}
