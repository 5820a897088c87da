/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK 65536
#define MAGIC_AT 257 /* of POSIX and GNU archives */

/*
 * libarchive is loaded when there is an archive to read. With it come a dozen libraries,
 * which would make each start of the program take twice as long.
 */
#define LIBRARY "libarchive.so.13"
#define CALL(name) __typeof__(archive_##name) *(name)

struct library {
	void *handle;
	CALL(read_new);
	CALL(read_free);
	CALL(read_support_filter_gzip);
	CALL(read_support_format_tar);
	CALL(read_open_fd);
	CALL(read_next_header);
	CALL(read_data);
	CALL(read_data_block);
	CALL(error_string);
	CALL(filter_bytes);
	CALL(filter_count);
	CALL(entry_pathname);
	CALL(entry_size);
	CALL(entry_filetype);
	CALL(entry_hardlink);
};

#define SYMBOL(name)                                             \
	{                                                        \
		"archive_" #name, offsetof(struct library, name) \
	}

static const struct {
	const char *name;
	size_t at;
} symbols[] = {
	SYMBOL(read_new),
	SYMBOL(read_free),
	SYMBOL(read_support_filter_gzip),
	SYMBOL(read_support_format_tar),
	SYMBOL(read_open_fd),
	SYMBOL(read_next_header),
	SYMBOL(read_data),
	SYMBOL(read_data_block),
	SYMBOL(error_string),
	SYMBOL(filter_bytes),
	SYMBOL(filter_count),
	SYMBOL(entry_pathname),
	SYMBOL(entry_size),
	SYMBOL(entry_filetype),
	SYMBOL(entry_hardlink),
};

/* It stays loaded. */
static bool library_load(struct library *ret, struct error *err)
{
	struct library library = { .handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL) };

	if (!library.handle)
		return error_set(err, ERR_NOINPUT,
				 "an archive can't be read without " LIBRARY
				 ", which is not installed");
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *symbol = dlsym(library.handle, symbols[i].name);

		if (!symbol)
			return error_set(err, ERR_NOINPUT, LIBRARY " has no %s",
					 symbols[i].name);
		memcpy((char *)&library + symbols[i].at, &symbol, sizeof(symbol));
	}
	*ret = library;
	return true;
}

struct reading {
	struct arena *arena;
	const struct library *library;
	struct archive *reader;
	const struct tar_watch *watch;
	struct tar tar;
	size_t kept, entries;
	uint64_t total, packed; /* the archive's own size */
};

bool tar_begins(struct text text)
{
	return (text.length > 2 && !memcmp(text.bytes, "\x1f\x8b", 2)) ||
	       (text.length > MAGIC_AT + 5 && !memcmp(text.bytes + MAGIC_AT, "ustar", 5));
}

/* libarchive's own words name no entry, and may quote the archive. */
static bool broken(struct reading *reading, struct error *err)
{
	const char *why = reading->library->error_string(reading->reader);

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
	if (reading->library->read_data(reading->reader, &first, 1) != 1)
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
		la_ssize_t n = reading->library->read_data(reading->reader, bytes + done,
							   size - done);

		if (n <= 0)
			return broken(reading, err);
		done += (size_t)n;
	}
	*arena_push(reading->arena, &reading->tar) =
		(struct tar_file){ arena_copy(reading->arena, name, strlen(name)),
				   { bytes, size } };
	return true;
}

static bool is_compressed(const struct reading *reading)
{
	return reading->library->filter_count(reading->reader) > 1;
}

/* Before anything has to pass over it, which decompresses. */
static bool fits(struct reading *reading, uint64_t size, struct error *err)
{
	reading->total += size;
	if (reading->total > TAR_TOTAL_MAX || size > TAR_TOTAL_MAX)
		return error_set(err, ERR_DATA, "more than %d GiB in an archive",
				 (int)(TAR_TOTAL_MAX >> 30));
	if (is_compressed(reading) && reading->total > TAR_RATIO_FREE &&
	    (reading->total - TAR_RATIO_FREE) / TAR_RATIO_MAX > reading->packed)
		return error_set(err, ERR_DATA,
				 "it would unpack to more than %d times its size, which "
				 "no image does; if this one does, uncompress it first",
				 TAR_RATIO_MAX);
	return true;
}

static void tell(const struct reading *reading)
{
	if (reading->watch)
		reading->watch->passed(
			reading->watch->with,
			(uint64_t)reading->library->filter_bytes(reading->reader, 0));
}

/* libarchive would do so itself, and say nothing until it is through. */
static bool pass_over(struct reading *reading, struct error *err)
{
	const void *block;
	size_t size;
	la_int64_t at;
	int result = ARCHIVE_OK;

	while (is_compressed(reading) && result == ARCHIVE_OK) {
		result = reading->library->read_data_block(reading->reader, &block, &size,
							   &at);
		tell(reading);
	}
	return result == ARCHIVE_OK || result == ARCHIVE_EOF || broken(reading, err);
}

static bool read_entry(struct reading *reading, struct archive_entry *entry,
		       struct error *err)
{
	const char *name = reading->library->entry_pathname(entry);
	int64_t size = reading->library->entry_size(entry);

	if (!name || size < 0)
		return broken(reading, err);
	if (++reading->entries > TAR_ENTRIES_MAX)
		return error_set(err, ERR_DATA, "more than %d files in an archive",
				 TAR_ENTRIES_MAX);
	if (!fits(reading, (uint64_t)size, err))
		return false;
	while (!strncmp(name, "./", 2))
		name += 2;
	if (name_leaves(name))
		return error_set(err, ERR_DATA, "%s leads out of the archive",
				 text_quote(reading->arena, text_of(name)));
	if (reading->library->entry_filetype(entry) != AE_IFREG ||
	    reading->library->entry_hardlink(entry))
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

static bool read_all(struct reading *reading, struct error *err)
{
	struct archive_entry *entry;
	int result;

	while ((result = reading->library->read_next_header(reading->reader, &entry)) !=
	       ARCHIVE_EOF) {
		/* A warning is about names and owners that this locale can't write. */
		if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
			return broken(reading, err);
		/* gzip in gzip, with "none" as the last: nobody packs images so. */
		if (reading->library->filter_count(reading->reader) > 2)
			return error_set(err, ERR_DATA, "compressed more than once");
		if (!read_entry(reading, entry, err) || !pass_over(reading, err))
			return false;
		tell(reading);
	}
	return distinct(reading, err);
}

static bool read_fd(struct reading *reading, int fd, struct error *err)
{
	const struct library *library = reading->library;
	struct archive *reader = reading->reader;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_errno(err, "the archive can't be looked at");
	reading->packed = (uint64_t)st.st_size;
	if (library->read_support_filter_gzip(reader) != ARCHIVE_OK ||
	    library->read_support_format_tar(reader) != ARCHIVE_OK ||
	    library->read_open_fd(reader, fd, BLOCK) != ARCHIVE_OK)
		return broken(reading, err);
	return read_all(reading, err);
}

bool tar_read(struct arena *arena, int fd, const struct tar_watch *watch, struct tar *ret,
	      struct error *err)
{
	struct library library;
	struct reading reading = { .arena = arena, .library = &library, .watch = watch };
	bool read;

	if (!library_load(&library, err))
		return false;
	reading.reader = library.read_new();
	if (!reading.reader)
		return error_set(err, ERR_MEMORY, "out of memory");
	read = read_fd(&reading, fd, err);
	(void)library.read_free(reading.reader);
	if (read)
		*ret = reading.tar;
	return read;
}

const struct tar_file *tar_find(const struct tar *tar, const char *name)
{
	struct tar_file key = { .name = name };

	return tar->count ? bsearch(&key, tar->items, tar->count, sizeof(key), by_name)
			  : NULL;
}
