/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/trust.h"
#include "tests/tap.h"

/* A tree under a folder that only root can write, which /tmp is not. */
static char root[] = "/run/test_trust.XXXXXX";
static struct arena arena;

static const char *in(const char *path)
{
	return arena_printf(&arena, "%s/%s", root, path);
}

static void run(const char *command)
{
	if (system(arena_printf(&arena, "cd %s && { %s; }", root, command)))
		printf("Bail out! %s\n", command);
}

/* Open the folder of the path and read its file, as the callers do. */
static bool look(const char *path, struct file *ret, struct error *err)
{
	const char *name = strrchr(path, '/') + 1;
	const char *folder = arena_copy(&arena, path, (size_t)(name - path - 1));
	CLOSE int dir = -1;

	return trust_open_dir(&arena, folder, &dir, err) &&
	       trust_read(&arena, dir, folder, name, 1000, ret, err);
}

/* The message with the root in it. */
static const char *expand(const char *msg)
{
	struct buffer out = { .arena = &arena };

	buffer_puts(&out, "");
	for (; *msg; msg++)
		if (*msg == '@')
			buffer_puts(&out, root);
		else
			buffer_add(&out, msg, 1);
	return out.bytes;
}

static void test_faults(void)
{
	static const struct {
		const char *command; /* makes the fault */
		const char *mend;    /* undoes it */
		enum errc code;
		const char *msg; /* @ is the root */
	} rows[] = {
		{ "true", "true", 0, "" },
		{ "chmod 0444 etc/pb/acl.json", "chmod 0644 etc/pb/acl.json", 0, "" },
		{ "chmod 0 etc/pb/acl.json", "chmod 0644 etc/pb/acl.json", 0, "" },
		{ "chmod 02755 etc", "chmod 0755 etc", 0, "" },
		{ "chgrp 7 etc etc/pb etc/pb/acl.json",
		  "chgrp 0 etc etc/pb etc/pb/acl.json", 0, "" },
		{ "chmod 0664 etc/pb/acl.json", "chmod 0644 etc/pb/acl.json", ERR_TRUST,
		  "@/etc/pb/acl.json: writable by group (mode 0664); mend with: "
		  "chmod 0644 @/etc/pb/acl.json" },
		{ "chmod 0602 etc/pb/acl.json", "chmod 0644 etc/pb/acl.json", ERR_TRUST,
		  "@/etc/pb/acl.json: writable by others (mode 0602); mend with: "
		  "chmod 0600 @/etc/pb/acl.json" },
		{ "chown 1000 etc/pb/acl.json", "chown 0 etc/pb/acl.json", ERR_TRUST,
		  "@/etc/pb/acl.json: owned by uid 1000, not root; mend with: "
		  "chown root @/etc/pb/acl.json" },
		{ "mv etc/pb/acl.json x; mknod -m 0666 y c 1 3; ln -s ../../y "
		  "etc/pb/acl.json",
		  "mv x etc/pb/acl.json; rm y", ERR_TRUST,
		  "@/y is not a regular file; put one in its place" },
		{ "chmod 0777 etc/pb", "chmod 0755 etc/pb", ERR_TRUST,
		  "@/etc/pb: writable by group and others (mode 0777); mend with: "
		  "chmod 0755 @/etc/pb" },
		{ "chmod 01777 etc", "chmod 0755 etc", ERR_TRUST,
		  "@/etc: writable by group and others (mode 1777); mend with: keep the "
		  "file" },
		{ "chown 1000 etc", "chown 0 etc", ERR_TRUST,
		  "@/etc: owned by uid 1000" },
		{ "chown 1000 .", "chown 0 .", ERR_TRUST, "@: owned by uid 1000" },
		{ "mv etc x", "mv x etc", ERR_NOINPUT, "open @/etc: No such file" },
		{ "mv etc x; touch etc", "rm etc; mv x etc", ERR_CONFIG,
		  "open @/etc/pb: Not a directory" },
		{ "mv etc/pb x; touch etc/pb", "rm etc/pb; mv x etc/pb", ERR_CONFIG,
		  "open @/etc/pb: Not a directory" },
		{ "mv etc/pb/acl.json x", "mv x etc/pb/acl.json", ERR_NOINPUT,
		  "open @/etc/pb/acl.json: No such file" },
		{ "mv etc/pb/acl.json x; mkfifo etc/pb/acl.json", "mv x etc/pb/acl.json",
		  ERR_IO, "@/etc/pb/acl.json is not a regular file" },
		{ "mv etc/pb/acl.json x; seq 1000 >etc/pb/acl.json",
		  "mv x etc/pb/acl.json", ERR_CONFIG,
		  "@/etc/pb/acl.json is longer than 1000 bytes" },
		/* links */
		{ "mv etc x; ln -s x etc", "rm etc; mv x etc", 0, "" },
		{ "mv etc x; ln -s ./../$(basename $PWD)//x/ etc", "rm etc; mv x etc", 0,
		  "" },
		{ "mv etc/pb x; ln -s ../x etc/pb", "rm etc/pb; mv x etc/pb", 0, "" },
		{ "mv etc/pb x; ln -s $PWD/x/ etc/pb", "rm etc/pb; mv x etc/pb", 0, "" },
		{ "mv etc/pb/acl.json x; ln -s ../../x etc/pb/acl.json",
		  "mv x etc/pb/acl.json", 0, "" },
		{ "mv etc/pb/acl.json x; ln -s $PWD/x etc/pb/acl.json",
		  "mv x etc/pb/acl.json", 0, "" },
		{ "cd etc/pb; mkdir ..new; mv acl.json ..new; ln -s ..new ..data; "
		  "ln -s ..data/acl.json .",
		  "cd etc/pb; mv ..new/acl.json .; rm -r ..new ..data", 0, "" },
		{ "mv etc x; ln -s x etc; chown -h 1000 etc", "rm etc; mv x etc",
		  ERR_TRUST,
		  "@/etc: owned by uid 1000, not root; mend with: chown -h root @/etc" },
		{ "cd etc/pb; mv acl.json x; ln -s x acl.json; chown -h 1000 acl.json",
		  "cd etc/pb; mv x acl.json", ERR_TRUST,
		  "@/etc/pb/acl.json: owned by uid 1000, not root; mend with: chown -h" },
		{ "mkdir open; mv etc/pb open; ln -s ../open/pb etc/pb; chmod 0777 open",
		  "rm etc/pb; mv open/pb etc; rmdir open", ERR_TRUST,
		  "@/open: writable by group and others (mode 0777)" },
		{ "mkdir open; mv etc/pb/acl.json open; chmod 0777 open; "
		  "ln -s ../../open/acl.json etc/pb",
		  "mv open/acl.json etc/pb; rmdir open", ERR_TRUST,
		  "@/open: writable by group and others (mode 0777)" },
		{ "mkdir open; chmod 0777 open; mv etc/pb/acl.json x; "
		  "ln -s ../../open/../x etc/pb/acl.json",
		  "mv x etc/pb/acl.json; rmdir open", ERR_TRUST,
		  "@/open: writable by group and others (mode 0777)" },
		/* ".." from where a link leads to, not from where its name stands */
		{ "mkdir -p a/b; mv etc/pb/acl.json a/x; ln -s $PWD/a/b etc/l; "
		  "ln -s ../l/../x etc/pb/acl.json",
		  "mv a/x etc/pb/acl.json; rm -r a etc/l", 0, "" },
		{ "mv etc/pb/acl.json x; cp x /tmp/test_trust; "
		  "ln -s /tmp/test_trust etc/pb/acl.json",
		  "mv x etc/pb/acl.json; rm /tmp/test_trust", ERR_TRUST,
		  "/tmp: writable by group and others (mode 1777)" },
		{ "mv etc x; ln -s etc etc", "rm etc; mv x etc", ERR_IO,
		  "follow @/etc: Too many levels of symbolic links" },
		{ "mv etc/pb/acl.json x; ln -s acl.json etc/pb/acl.json",
		  "mv x etc/pb/acl.json", ERR_IO, "Too many levels of symbolic links" },
		/* a link that leads nowhere is not absence; the way behind one is */
		{ "mv etc x; ln -s none etc", "rm etc; mv x etc", ERR_CONFIG,
		  "a link leads nowhere; mend it or take it away: open @/none: No such" },
		{ "mv etc x; ln -s x/none/.. etc", "rm etc; mv x etc", ERR_CONFIG,
		  "a link leads nowhere; mend it or take it away: open @/x/none: No" },
		{ "mv etc/pb x; ln -s ../none etc/pb", "rm etc/pb; mv x etc/pb",
		  ERR_CONFIG, "nowhere; mend it or take it away: open @/none: No such" },
		{ "mv etc/pb/acl.json x; ln -s none etc/pb/acl.json",
		  "mv x etc/pb/acl.json", ERR_CONFIG,
		  "a link leads nowhere; mend it or take it away: open @/etc/pb/none" },
		{ "mv etc/pb/acl.json x; ln -s l etc/pb/acl.json; ln -s none etc/pb/l",
		  "mv x etc/pb/acl.json; rm etc/pb/l", ERR_CONFIG,
		  "a link leads nowhere; mend it or take it away: open @/etc/pb/none" },
		{ "mv etc/pb x; ln -s ../x etc/pb; mv x/acl.json y",
		  "rm etc/pb; mv x etc/pb; mv y etc/pb/acl.json", ERR_NOINPUT,
		  "open @/etc/pb/acl.json: No such file" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = { 0 };
		struct file file;
		bool passed;

		run(rows[i].command);
		passed = look(in("etc/pb/acl.json"), &file, &err);
		run(rows[i].mend);
		ok(rows[i].code ? !passed && err.code == rows[i].code &&
					  strstr(err.msg, expand(rows[i].msg))
				: passed && text_is(file.text, "{}\n"),
		   "%s: %s", rows[i].command, passed ? "trusted" : err.msg);
	}
}

/* 40 links in a row are followed, 41 are not, as in the kernel. */
static void test_many_links(void)
{
	struct error err = { 0 };
	struct file file;

	run("ln -s acl.json etc/pb/l1; for i in $(seq 2 41); do "
	    "ln -s l$((i - 1)) etc/pb/l$i; done");
	ok(look(in("etc/pb/l40"), &file, &err), "40 links: %s", err.msg);
	ok(!look(in("etc/pb/l41"), &file, &err) && strstr(err.msg, "Too many levels"),
	   "41 links: %s", err.msg);
	run("rm etc/pb/l*");
}

static void test_paths(void)
{
	static const struct {
		const char *path;
		enum errc code;
	} rows[] = {
		{ "/", 0 },
		{ "//", 0 },
		{ "/..", 0 },
		{ "/run//./../run/", 0 },
		{ "run", ERR_CONFIG },
		{ "", ERR_CONFIG },
		{ "/tmp", ERR_TRUST },
		{ "/none", ERR_NOINPUT },
		{ "/proc/self/status", ERR_CONFIG },
		{ "/proc/self/none", ERR_NOINPUT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = { 0 };
		CLOSE int dir = -1;
		bool passed = trust_open_dir(&arena, rows[i].path, &dir, &err);

		ok(passed ? !rows[i].code && dir >= 0
			  : err.code == rows[i].code && dir == -1,
		   "folder '%s': %s", rows[i].path, passed ? "trusted" : err.msg);
	}
}

static void test_programs(void)
{
	static const struct {
		const char *command, *mend;
		enum errc code;
		const char *msg;
	} rows[] = {
		{ "true", "true", 0, "" },
		{ "chmod 0100 runc", "chmod 0755 runc", 0, "" },
		{ "chmod 04755 runc", "chmod 0755 runc", 0, "" },
		{ "mkdir alt; mv runc alt; ln -s $PWD/etc/l runc; ln -s ../alt/runc "
		  "etc/l",
		  "mv alt/runc .; rm -r alt etc/l", 0, "" },
		{ "chmod 0644 runc", "chmod 0755 runc", ERR_RUNTIME,
		  "@/runc is not a program: nobody may execute it" },
		{ "mv runc x; mkdir runc", "rmdir runc; mv x runc", ERR_RUNTIME,
		  "@/runc is not a program: not a regular file" },
		{ "mv runc x; mkfifo runc; chmod +x runc", "mv x runc", ERR_RUNTIME,
		  "@/runc is not a program: not a regular file" },
		{ "chmod 0775 runc", "chmod 0755 runc", ERR_TRUST,
		  "@/runc: writable by group (mode 0775); mend with: chmod 0755 @/runc" },
		{ "chown 1000 runc", "chown 0 runc", ERR_TRUST,
		  "@/runc: owned by uid 1000" },
		{ "chmod 0777 .", "chmod 0755 .", ERR_TRUST, "@: writable by group and" },
		{ "mv runc x", "mv x runc", ERR_NOINPUT, "open @/runc: No such file" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = { 0 };
		CLOSE int fd = -1;
		char first = 0;
		bool passed;

		run(rows[i].command);
		passed = trust_open_program(&arena, in("runc"), &fd, &err);
		run(rows[i].mend);
		ok(rows[i].code ? !passed && err.code == rows[i].code && fd == -1 &&
					  strstr(err.msg, expand(rows[i].msg))
				: passed && read(fd, &first, 1) == 1 && first == '#',
		   "%s: %s", rows[i].command, passed ? "trusted" : err.msg);
	}
}

/* One more folder down, by the same rules. */
static void test_sub(void)
{
	static const struct {
		const char *command, *mend;
		enum errc code;
		const char *msg;
	} rows[] = {
		{ "true", "true", 0, "" },
		{ "mv etc/pb x; ln -s ../x etc/pb", "rm etc/pb; mv x etc/pb", 0, "" },
		{ "chmod 0775 etc/pb", "chmod 0755 etc/pb", ERR_TRUST,
		  "@/etc/pb: writable by group (mode 0775); mend with: chmod 0755 "
		  "@/etc/pb" },
		{ "mv etc/pb x; touch etc/pb", "rm etc/pb; mv x etc/pb", ERR_CONFIG,
		  "open @/etc/pb: Not a directory" },
		{ "mv etc/pb x", "mv x etc/pb", ERR_NOINPUT,
		  "open @/etc/pb: No such file" },
	};
	struct error err = { 0 };
	CLOSE int etc = -1;

	if (!trust_open_dir(&arena, in("etc"), &etc, &err))
		ok(false, "%s", err.msg);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLOSE int dir = -1;
		bool passed;

		*err.msg = '\0';
		run(rows[i].command);
		passed = trust_open_sub(&arena, etc, in("etc"), "pb", &dir, &err);
		run(rows[i].mend);
		ok(rows[i].code ? !passed && err.code == rows[i].code && dir == -1 &&
					  strstr(err.msg, expand(rows[i].msg))
				: passed && dir >= 0,
		   "a folder in it: %s: %s", rows[i].command,
		   passed ? "trusted" : err.msg);
	}
}

/* The lowest free descriptor is the same before and after: nothing stays open. */
static int lowest(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

int main(void)
{
	int before = lowest();

	if (geteuid()) {
		printf("1..0 # SKIP needs root\n");
		return 0;
	}
	if (!mkdtemp(root))
		return 1;
	run("umask 022; chmod 0755 .; mkdir -p etc/pb; echo '{}' >etc/pb/acl.json; "
	    "echo '#!' >runc; chmod 0755 runc etc etc/pb; chmod 0644 etc/pb/acl.json");
	test_faults();
	test_many_links();
	test_paths();
	test_sub();
	test_programs();
	ok(lowest() == before, "no descriptor is left");
	run("rm -rf etc runc");
	rmdir(root);
	arena_free(&arena);
	return tap_done();
}
