/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536
#define MAGIC_AT 257 /* of POSIX and GNU archives */

static void reader_cleanup(struct archive **reader)
{
	if (*reader)
		archive_read_free(*reader);
}

#define READER __attribute__((cleanup(reader_cleanup)))

struct reading {
	struct arena *arena;
	struct archive *reader;
	struct tar tar;
	size_t kept, entries;
	uint64_t total;
};

bool tar_begins(struct text text)
{
	return (text.length > 2 && !memcmp(text.bytes, "\x1f\x8b", 2)) ||
	       (text.length > MAGIC_AT + 5 && !memcmp(text.bytes + MAGIC_AT, "ustar", 5));
}

/* libarchive's own words name no entry, and may quote the archive. */
static bool broken(struct reading *reading, struct error *err)
{
	const char *why = archive_error_string(reading->reader);

	return error_set(err, ERR_DATA, "not a sound tar archive: %s",
			 text_quote(reading->arena, text_of(why ? why : "cut off")));
}

static bool name_leaves(const char *name)
{
	if (*name == '/')
		return true;
	while (*name) {
		size_t length = strcspn(name, "/");

		if (length == 2 && !memcmp(name, "..", 2))
			return true;
		name += length + (name[length] == '/');
	}
	return false;
}

static bool keep(struct reading *reading, const char *name, size_t size,
		 struct error *err)
{
	char *bytes;
	size_t done = 0;
	char first;

	if (!size || size > TAR_FILE_MAX)
		return true;
	if (archive_read_data(reading->reader, &first, 1) != 1)
		return broken(reading, err);
	if (first != '{' && first != '[')
		return true;
	if (reading->kept + size > TAR_KEPT_MAX)
		return error_set(err, ERR_DATA, "more than %zu MiB of JSON in an archive",
				 TAR_KEPT_MAX >> 20);
	reading->kept += size;
	bytes = arena_new(reading->arena, char, size + 1);
	bytes[done++] = first;
	while (done < size) {
		la_ssize_t n =
			archive_read_data(reading->reader, bytes + done, size - done);

		if (n <= 0)
			return broken(reading, err);
		done += (size_t)n;
	}
	*arena_push(reading->arena, &reading->tar) =
		(struct tar_file){ arena_copy(reading->arena, name, strlen(name)),
				   { bytes, size } };
	return true;
}

static bool read_entry(struct reading *reading, struct archive_entry *entry,
		       struct error *err)
{
	const char *name = archive_entry_pathname(entry);
	int64_t size = archive_entry_size(entry);

	if (!name || size < 0)
		return broken(reading, err);
	if (++reading->entries > TAR_ENTRIES_MAX)
		return error_set(err, ERR_DATA, "more than %d files in an archive",
				 TAR_ENTRIES_MAX);
	/* Before libarchive has to pass over it, which decompresses. */
	reading->total += (uint64_t)size;
	if (reading->total > TAR_TOTAL_MAX || (uint64_t)size > TAR_TOTAL_MAX)
		return error_set(err, ERR_DATA, "more than %d GiB in an archive",
				 (int)(TAR_TOTAL_MAX >> 30));
	while (!strncmp(name, "./", 2))
		name += 2;
	if (name_leaves(name))
		return error_set(err, ERR_DATA, "%s leads out of the archive",
				 text_quote(reading->arena, text_of(name)));
	if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
		return true;
	return keep(reading, name, (size_t)size, err);
}

static int by_name(const void *a, const void *b)
{
	const struct tar_file *one = a, *other = b;

	return strcmp(one->name, other->name);
}

/* Two readers could take different ones. */
static bool distinct(struct reading *reading, struct error *err)
{
	struct tar *tar = &reading->tar;

	if (tar->count)
		qsort(tar->items, tar->count, sizeof(*tar->items), by_name);
	for (size_t i = 1; i < tar->count; i++)
		if (!strcmp(tar->items[i - 1].name, tar->items[i].name))
			return error_set(
				err, ERR_DATA, "%s is in the archive twice",
				text_quote(reading->arena, text_of(tar->items[i].name)));
	return true;
}

static bool read_all(struct reading *reading, const struct tar_watch *watch,
		     struct error *err)
{
	struct archive_entry *entry;
	int result;

	while ((result = archive_read_next_header(reading->reader, &entry)) !=
	       ARCHIVE_EOF) {
		/* A warning is about names and owners that this locale can't write. */
		if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
			return broken(reading, err);
		/* gzip in gzip, with "none" as the last: nobody packs images so. */
		if (archive_filter_count(reading->reader) > 2)
			return error_set(err, ERR_DATA, "compressed more than once");
		if (!read_entry(reading, entry, err))
			return false;
		if (watch)
			watch->passed(watch->with,
				      (uint64_t)archive_filter_bytes(reading->reader, 0));
	}
	return distinct(reading, err);
}

bool tar_read(struct arena *arena, int fd, const struct tar_watch *watch, struct tar *ret,
	      struct error *err)
{
	READER struct archive *reader = archive_read_new();
	struct reading reading = { .arena = arena, .reader = reader };

	if (!reader)
		return error_set(err, ERR_MEMORY, "out of memory");
	if (archive_read_support_filter_gzip(reader) != ARCHIVE_OK ||
	    archive_read_support_format_tar(reader) != ARCHIVE_OK ||
	    archive_read_open_fd(reader, fd, BLOCK) != ARCHIVE_OK)
		return broken(&reading, err);
	if (!read_all(&reading, watch, err))
		return false;
	*ret = reading.tar;
	return true;
}

const struct tar_file *tar_find(const struct tar *tar, const char *name)
{
	struct tar_file key = { .name = name };

	return tar->count ? bsearch(&key, tar->items, tar->count, sizeof(key), by_name)
			  : NULL;
}
