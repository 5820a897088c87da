/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/tar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/tap.h"

#define BLOCK 512

static struct arena arena;

/* One member in ustar form; `declared` is the size that its header tells. */
static void member(struct buffer *out, const char *name, char type, const char *link,
		   struct text text, unsigned long long declared)
{
	char block[BLOCK] = { 0 };
	unsigned sum = 0;

	snprintf(block, 100, "%s", name);
	memcpy(block + 100, "0000644\0000000000\0000000000", 24);
	memcpy(block + 124, arena_printf(&arena, "%011llo", declared), 11);
	memcpy(block + 136, "00000000000", 12);
	block[156] = type;
	snprintf(block + 157, 100, "%s", link);
	memcpy(block + 257, "ustar\00000", 8);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	buffer_add(out, block, BLOCK);
	memset(block, 0, BLOCK);
	buffer_add(out, text.bytes, text.length);
	if (text.length % BLOCK)
		buffer_add(out, block, BLOCK - text.length % BLOCK);
}

static void file(struct buffer *out, const char *name, const char *text)
{
	member(out, name, '0', "", text_of(text), strlen(text));
}

static void ends(struct buffer *out)
{
	static const char zero[2 * BLOCK];

	buffer_add(out, zero, sizeof(zero));
}

static bool reads(struct text text, struct tar *ret, struct error *err)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);
	bool good;

	if (pwrite(fd, text.bytes, text.length, 0) != (ssize_t)text.length)
		abort();
	*ret = (struct tar){ 0 };
	good = tar_read(&arena, fd, NULL, ret, err);
	close(fd);
	return good;
}

static bool refused(struct text text, const char *says)
{
	struct error err;
	struct tar tar;

	if (reads(text, &tar, &err))
		return false;
	if (err.code == ERR_DATA && strstr(err.msg, says))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static void test_good(void)
{
	struct buffer out = { .arena = &arena };
	struct error err;
	struct tar tar;

	file(&out, "./index.json", "{\"a\":1}");
	file(&out, "layer", "\x1f\x8b not JSON");
	file(&out, "empty", "");
	member(&out, "blobs", '5', "", (struct text){ NULL, 0 }, 0);
	member(&out, "link", '2', "/etc/passwd", (struct text){ NULL, 0 }, 0);
	member(&out, "hard", '1', "index.json", (struct text){ NULL, 0 }, 0);
	file(&out, "blobs/x", "{}");
	ends(&out);
	ok(tar_begins(buffer_text(&out)), "known by its first bytes");
	ok(tar_begins((struct text){ "\x1f\x8b\x08", 3 }) &&
		   !tar_begins(text_of("{\"a\": 1}")) &&
		   !tar_begins((struct text){ NULL, 0 }),
	   "and by gzip's");
	ok(reads(buffer_text(&out), &tar, &err) && tar.count == 2,
	   "files that begin with { are kept, and nothing else");
	ok(tar_find(&tar, "index.json") &&
		   text_is(tar_find(&tar, "index.json")->text, "{\"a\":1}") &&
		   tar_find(&tar, "blobs/x") && !tar_find(&tar, "link") &&
		   !tar_find(&tar, "layer"),
	   "and found by their names");
}

static void test_names(void)
{
	static const char *const names[] = { "/etc/x", "../x", "a/../../x", "a/..",
					     ".." };
	struct buffer twice = { .arena = &arena };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct buffer out = { .arena = &arena };

		file(&out, names[i], "{}");
		ends(&out);
		ok(refused(buffer_text(&out), "leads out"), "%s", names[i]);
	}
	file(&twice, "index.json", "{}");
	file(&twice, "./index.json", "{ }");
	ends(&twice);
	ok(refused(buffer_text(&twice), "twice"), "the same name twice");
}

/* Holes of 7 GiB, which cost nothing in a file and hours behind gzip. */
static bool total_refused(void)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);
	off_t size = (off_t)7 << 30;
	struct tar tar = { 0 };
	struct error err;
	bool good;

	for (int i = 0; i < 5; i++) {
		struct buffer out = { .arena = &arena };

		member(&out, "x", '0', "", (struct text){ NULL, 0 },
		       (unsigned long long)size);
		if (pwrite(fd, out.bytes, BLOCK, i * (size + BLOCK)) != BLOCK)
			abort();
	}
	good = tar_read(&arena, fd, NULL, &tar, &err);
	close(fd);
	return !good && strstr(err.msg, "GiB");
}

static void test_limits(void)
{
	struct buffer huge = { .arena = &arena };
	struct buffer json = { .arena = &arena }, many = { .arena = &arena };
	char *big = arena_new(&arena, char, TAR_FILE_MAX);
	struct text none = { NULL, 0 };
	struct error err;
	struct tar tar;

	member(&huge, "huge", '0', "", none, 077777777777);
	ok(refused(buffer_text(&huge), "sound"), "less than what the header tells");
	ok(total_refused(), "what would have to be passed over is limited, too");
	memset(big, '{', TAR_FILE_MAX);
	for (size_t i = 0; i <= TAR_KEPT_MAX / TAR_FILE_MAX; i++)
		member(&json, arena_printf(&arena, "f%zu", i), '0', "",
		       (struct text){ big, TAR_FILE_MAX }, TAR_FILE_MAX);
	ends(&json);
	ok(refused(buffer_text(&json), "MiB"), "too much JSON in all");
	for (size_t i = 0; i <= TAR_ENTRIES_MAX; i++)
		file(&many, "x", "");
	ends(&many);
	ok(refused(buffer_text(&many), "files"), "too many files");
	json.length = 0;
	member(&json, "f", '0', "",
	       (struct text){ arena_printf(&arena, "%.*s{", (int)TAR_FILE_MAX, big),
			      TAR_FILE_MAX + 1 },
	       TAR_FILE_MAX + 1);
	ends(&json);
	ok(reads(buffer_text(&json), &tar, &err) && !tar.count,
	   "one file that is too large is not kept");
}

/* The text in gzip, as often as told. */
static struct text zipped(struct text text, int times)
{
	char *command = arena_printf(&arena, "%s", "gzip -9n");
	char path[] = "/tmp/powerbox-tar-XXXXXX";
	int fd = mkstemp(path);
	char *bytes;
	FILE *pipe;
	off_t size;

	for (int i = 1; i < times; i++)
		command = arena_printf(&arena, "%s | gzip -9n", command);
	pipe = popen(arena_printf(&arena, "%s >%s", command, path), "w");
	if (fd < 0 || !pipe || fwrite(text.bytes, 1, text.length, pipe) != text.length ||
	    pclose(pipe))
		abort();
	size = lseek(fd, 0, SEEK_END);
	bytes = arena_new(&arena, char, (size_t)size);
	if (pread(fd, bytes, (size_t)size, 0) != size)
		abort();
	close(fd);
	unlink(path);
	return (struct text){ bytes, (size_t)size };
}

static void test_gzip(void)
{
	struct buffer out = { .arena = &arena };
	struct text once;
	struct error err;
	struct tar tar;

	file(&out, "index.json", "{}");
	ends(&out);
	once = zipped(buffer_text(&out), 1);
	ok(reads(once, &tar, &err) && tar.count == 1, "through gzip");
	ok(refused(zipped(buffer_text(&out), 2), "more than once"), "not twice");
	once.length -= 9;
	ok(refused(once, ""), "not cut off");
}

/*
 * Zeros, of which gzip leaves a thousandth. What the header tells is enough: it is over
 * before the zeros are read, which aren't even there.
 */
static void test_bomb(void)
{
	struct text zeros = { arena_new(&arena, char, 4 << 20), 4 << 20 };
	struct buffer small = { .arena = &arena }, bomb = { .arena = &arena };
	struct error err;
	struct tar tar;

	file(&small, "index.json", "{}");
	for (int i = 0; i < 8; i++)
		member(&small, "layer", '0', "", zeros, zeros.length);
	ends(&small);
	ok(reads(zipped(buffer_text(&small), 1), &tar, &err) && tar.count == 1,
	   "a little of zeros is passed over");
	member(&bomb, "layer", '0', "", zeros, (unsigned long long)1 << 30);
	ok(refused(zipped(buffer_text(&bomb), 1), "64 times its size"), "a lot is not");
	ok(refused(buffer_text(&bomb), "sound"), "which is about what is compressed");
}

/* Whatever is cut off is either refused or what had come whole before the cut. */
static void test_prefixes(void)
{
	struct buffer out = { .arena = &arena };
	bool good = true;

	file(&out, "index.json", "{\"a\":1}");
	file(&out, "b", "{\"b\":2}");
	ends(&out);
	for (size_t i = 0; i < out.length; i++) {
		struct error err;
		struct tar tar;

		if (!reads((struct text){ out.bytes, i }, &tar, &err))
			continue;
		for (size_t j = 0; j < tar.count; j++)
			good = good && tar.items[j].text.length == 7 &&
			       tar.items[j].text.bytes[6] == '}';
	}
	ok(good, "every prefix ends well");
	ok(refused(text_of("{}"), "sound"), "JSON is no archive");
}

int main(void)
{
	test_good();
	test_names();
	test_limits();
	test_gzip();
	test_bomb();
	test_prefixes();
	arena_free(&arena);
	return tap_done();
}
