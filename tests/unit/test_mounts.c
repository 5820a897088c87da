/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/mounts.h"
#include "tests/tap.h"

#define OWN "/proc/self/mountinfo"

static struct arena arena;
static char scratch[] = "/tmp/test_mounts.XXXXXX";

/* A table of these lines, read back. */
static bool read_lines(const char *lines, struct mounts *ret, struct error *err)
{
	const char *path = arena_printf(&arena, "%s/mountinfo", scratch);
	FILE *file = fopen(path, "w");

	fputs(lines, file);
	fclose(file);
	return mounts_read(&arena, path, ret, err);
}

static void test_beneath(void)
{
	static const struct {
		const char *path, *folder, *want;
	} cases[] = {
		{ "/a", "/a", "" },	{ "/a/b/c", "/a", "/b/c" },
		{ "/ab", "/a", NULL },	{ "/a", "/a/b", NULL },
		{ "/", "/", "" },	{ "/a", "/", "/a" },
		{ "/", "/a", NULL },	{ "/a//deleted", "/a", "//deleted" },
		{ "/b/a", "/a", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = mounts_beneath(cases[i].path, cases[i].folder);

		ok(cases[i].want ? got && !strcmp(got, cases[i].want) : !got,
		   "%s beneath %s", cases[i].path, cases[i].folder);
	}
}

static void test_reaches(void)
{
	static const struct {
		const char *what, *root, *place;
		unsigned minor;
		bool want;
	} cases[] = {
		{ "the folder itself", "/etc/powerbox", "/etc/powerbox", 1, true },
		{ "a folder that it lies in", "/etc", "/etc/powerbox", 1, true },
		{ "the whole file system", "/", "/etc/powerbox", 1, true },
		{ "something beneath it", "/etc/powerbox/acl.d", "/etc/powerbox", 1,
		  true },
		{ "a neighbour", "/etc/power", "/etc/powerbox", 1, false },
		{ "a neighbour with a longer name", "/etc/powerbox2", "/etc/powerbox", 1,
		  false },
		{ "another file system", "/etc/powerbox", "/etc/powerbox", 2, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mount mount = { .device = makedev(8, cases[i].minor),
				       .root = cases[i].root };
		struct place place = { makedev(8, 1), cases[i].place };

		ok(mount_reaches(&mount, &place) == cases[i].want, "%s", cases[i].what);
	}
}

static void test_read(void)
{
	struct mounts mounts = { 0 };
	struct error err = { 0 };

	ok(read_lines("23 28 0:22 / /sys rw,nosuid - sysfs sysfs rw\n"
		      "24 28 8:1 /a\\040b /x\\012y ro,relatime shared:1 - ext4 /dev/sda1 "
		      "rw\n"
		      "25 28 8:1 / /z rw - ext4 /dev/sda1 ro,errors=remount-ro\n"
		      "26 28 8:2 / /w rw,relatime - ext4 /dev/sdb errors=ro,rw\n",
		      &mounts, &err),
	   "a table is read");
	if (!ok(mounts.count == 4, "all its lines are there"))
		return;
	ok(mounts.items[1].id == 24 && mounts.items[1].device == makedev(8, 1),
	   "id and device");
	ok(!strcmp(mounts.items[1].root, "/a b"), "a blank in a root");
	ok(!strcmp(mounts.items[1].target, "/x\ny"), "a line feed in a target");
	ok(!mounts.items[0].read_only, "rw");
	ok(mounts.items[1].read_only, "ro, the mount");
	ok(mounts.items[2].read_only, "ro, the file system");
	ok(!mounts.items[3].read_only, "the value of another option is no ro");
}

/* What can't be understood must not be left out: it could be the one that matters. */
static void test_read_refuses(void)
{
	static const char *const cases[] = {
		"23 28 0:22 / /sys rw - sysfs sysfs rw\nnonsense\n",
		"nonsense\n",
		"23 28 0:22 / /sys rw - sysfs sysfs rw\n24 28 8:1 /\n",
		"",
	};
	struct mounts mounts = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		err.code = 0;
		ok(!read_lines(cases[i], &mounts, &err) && err.code == ERR_IO,
		   "table %zu is refused: %s", i, err.msg);
		ok(!mounts.count, "nothing is returned");
	}
	ok(!mounts_read(&arena, "/proc/0/mountinfo", &mounts, &err) &&
		   err.code == ERR_NOINPUT,
	   "no such process: %s", err.msg);
}

static void test_place(void)
{
	struct mounts own = { 0 };
	struct place place = { 0 }, link = { 0 };
	struct error err = { 0 };

	ok(mounts_read(&arena, OWN, &own, &err), "the own table: %s", err.msg);
	ok(mounts_place(&arena, &own, "/proc", true, &place, &err) &&
		   !strcmp(place.path, "/"),
	   "a mount's own root: %s", err.msg);
	ok(mounts_place(&arena, &own, "/proc/sys/kernel", true, &place, &err) &&
		   !strcmp(place.path, "/sys/kernel"),
	   "a folder beneath it: %s", err.msg);
	ok(mounts_place(&arena, &own, "/proc/mounts", true, &place, &err) &&
		   mounts_place(&arena, &own, "/proc/mounts", false, &link, &err),
	   "a symbolic link");
	ok(!strcmp(link.path, "/mounts") && strcmp(place.path, "/mounts") != 0,
	   "followed: %s, not followed: %s", place.path, link.path);
	ok(!mounts_place(&arena, &own, "/proc/nothing", true, &place, &err) &&
		   err.code == ERR_NOINPUT,
	   "what is not there: %s", err.msg);
	own.count = 0;
	ok(!mounts_place(&arena, &own, "/proc", true, &place, &err) && err.code == ERR_IO,
	   "a mount that the table does not have: %s", err.msg);
}

static bool own_namespace(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", scratch, "tmpfs", 0, NULL) == 0;
}

/* The same file under two names has one place; a mount on top of it has another. */
static void test_bind(void)
{
	const char *from = arena_printf(&arena, "%s/from/deep", scratch);
	const char *to = arena_printf(&arena, "%s/to", scratch);
	struct place a = { 0 }, b = { 0 }, over = { 0 };
	struct mounts own = { 0 };
	struct error err;

	if (!own_namespace()) {
		printf("ok %d # SKIP machine: no mount namespace of its own\n",
		       ++tap_run);
		return;
	}
	mkdir(arena_printf(&arena, "%s/from", scratch), 0755);
	mkdir(from, 0755);
	mkdir(to, 0755);
	ok(!mount(from, to, NULL, MS_BIND, NULL) &&
		   !mount(NULL, to, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL),
	   "bound read-only");
	ok(mounts_read(&arena, OWN, &own, &err) &&
		   mounts_place(&arena, &own, from, true, &a, &err) &&
		   mounts_place(&arena, &own, to, true, &b, &err),
	   "both are found");
	ok(a.device == b.device && !strcmp(a.path, b.path), "one place: %s", a.path);
	ok(own.items[own.count - 1].read_only && !own.items[own.count - 2].read_only,
	   "the bind is read-only, what it was made of is not");
	ok(mount_reaches(&own.items[own.count - 1], &a), "the bind reaches it");
	ok(!mount("none", arena_printf(&arena, "%s/from", scratch), "tmpfs", 0, NULL) &&
		   !mkdir(from, 0755) && mounts_read(&arena, OWN, &own, &err) &&
		   mounts_place(&arena, &own, from, true, &over, &err) &&
		   over.device != a.device && !strcmp(over.path, "/deep"),
	   "what is mounted over it is another place");
	umount2(scratch, MNT_DETACH);
}

int main(void)
{
	if (!mkdtemp(scratch))
		return 1;
	test_beneath();
	test_reaches();
	test_read();
	test_read_refuses();
	test_place();
	unlink(arena_printf(&arena, "%s/mountinfo", scratch));
	test_bind();
	rmdir(scratch);
	arena_free(&arena);
	return tap_done();
}
