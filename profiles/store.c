/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/trust.h"
#include "policy/request.h"

#define SUFFIX ".json"

/* ERR_NOINPUT if this folder has no such profile. */
static bool find_in(struct arena *arena, const struct store *store, size_t i,
		    struct text name, struct profile *ret, struct error *err)
{
	char *string = arena_copy(arena, name.bytes, name.length);
	const char *base = arena_printf(arena, "%s" SUFFIX, string);
	const char *folder = store->folders[i].path;
	const char *path = arena_printf(arena, "%s/%s", folder, base);
	int dir = store->folders[i].dir;
	struct file file;
	bool read;

	if (store->folders[i].anybodys)
		read = file_read(arena, dir, base, PROFILE_SIZE_MAX, &file, err);
	else
		read = trust_read(arena, dir, folder, base, PROFILE_SIZE_MAX, &file, err);
	return read && profile_parse(arena, string, path, file.text, ret, err);
}

/*
 * How many letters have to be put in, left out, changed or swapped with the next to make
 * one name of the other (the optimal string alignment distance).
 */
static unsigned distance(struct text a, struct text b)
{
	unsigned rows[3][PROFILE_NAME_MAX + 1];

	for (unsigned j = 0; j <= b.length; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.length; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3];
		const unsigned *second = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= b.length; j++) {
			bool same = a.bytes[i - 1] == b.bytes[j - 1];
			unsigned least = above[j - 1] + !same;

			least = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
			least = above[j] + 1 < least ? above[j] + 1 : least;
			if (i > 1 && j > 1 && a.bytes[i - 1] == b.bytes[j - 2] &&
			    a.bytes[i - 2] == b.bytes[j - 1] && second[j - 2] + 1 < least)
				least = second[j - 2] + 1;
			row[j] = least;
		}
	}
	return rows[a.length % 3][b.length];
}

/* "; did you mean NAME?" of the name that is nearest, if one is near; else nothing. */
static const char *meant(struct arena *arena, const struct store *store, struct text name)
{
	unsigned nearest = name.length < 4 ? 1 : 2;
	struct text best = { NULL, 0 };
	struct texts names;
	struct error ignored;

	if (!store_names(arena, store, &names, &ignored))
		return "";
	for (size_t i = 0; i < names.count; i++) {
		unsigned away = distance(name, names.items[i]);

		if (away < nearest || (away == nearest && !best.length)) {
			nearest = away;
			best = names.items[i];
		}
	}
	if (!best.length)
		return "";
	return arena_printf(arena, "; did you mean %.*s?", (int)best.length, best.bytes);
}

bool store_find(struct arena *arena, const struct store *store, struct text name,
		struct profile *ret, struct error *err)
{
	struct buffer folders = { .arena = arena };

	/* A name becomes a file's name: it must not lead anywhere else. */
	if (!profile_name_valid(name))
		return error_set(err, ERR_CONFIG, "%s is no profile name",
				 text_quote(arena, name));
	buffer_puts(&folders, "");
	for (size_t i = 0; i < STORE_FOLDERS; i++) {
		if (!store->folders[i].path)
			continue;
		buffer_puts(&folders, folders.length ? " or " : "");
		buffer_puts(&folders, store->folders[i].path);
		if (store->folders[i].dir < 0)
			continue;
		if (find_in(arena, store, i, name, ret, err))
			return true;
		if (err->code != ERR_NOINPUT)
			return false;
	}
	return error_set(err, ERR_CONFIG, "there is no profile %s in %s%s",
			 text_quote(arena, name), folders.bytes,
			 meant(arena, store, name));
}

bool store_has(struct arena *arena, const struct store *store, struct text name)
{
	const char *base =
		arena_printf(arena, "%.*s" SUFFIX, (int)name.length, name.bytes);
	struct stat found;

	for (size_t i = 0; profile_name_valid(name) && i < STORE_FOLDERS; i++)
		if (store->folders[i].dir >= 0 &&
		    !fstatat(store->folders[i].dir, base, &found, AT_SYMLINK_NOFOLLOW))
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

bool store_counts(const char *file, struct text *ret)
{
	size_t length = strlen(file);

	if (length <= strlen(SUFFIX) ||
	    strcmp(file + length - strlen(SUFFIX), SUFFIX) != 0)
		return false;
	*ret = (struct text){ file, length - strlen(SUFFIX) };
	return profile_name_valid(*ret);
}

static void collect(struct arena *arena, DIR *stream, struct texts *names)
{
	struct dirent *entry;

	while ((entry = readdir(stream))) {
		struct text name;

		if (!store_counts(entry->d_name, &name))
			continue;
		name.bytes = arena_copy(arena, name.bytes, name.length);
		*arena_push(arena, names) = name;
	}
}

bool store_names(struct arena *arena, const struct store *store, struct texts *ret,
		 struct error *err)
{
	struct texts names = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < STORE_FOLDERS; i++) {
		int readable;
		DIR *stream;

		if (store->folders[i].dir < 0)
			continue;
		readable = openat(store->folders[i].dir, ".",
				  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		stream = readable < 0 ? NULL : fdopendir(readable);
		if (!stream)
			return error_errno(err, "%s", store->folders[i].path);
		collect(arena, stream, &names);
		closedir(stream);
	}
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_text);
	for (size_t i = 0; i < names.count; i++)
		if (!i || !text_eq(names.items[i], names.items[kept - 1]))
			names.items[kept++] = names.items[i];
	names.count = kept;
	*ret = names;
	return true;
}
