/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/file.h"
#include "tests/tap.h"

#define LIMIT 100000

/* u::rw-,u:1:r--,g::r--,m::r--,o::r-- as the kernel has it. */
static const char acl[] = "\2\0\0\0"
			  "\1\0\6\0\377\377\377\377"
			  "\2\0\4\0\1\0\0\0"
			  "\4\0\4\0\377\377\377\377"
			  "\20\0\4\0\377\377\377\377"
			  "\40\0\4\0\377\377\377\377";
static const char acl_name[] = "system.posix_acl_access";
static const char label_name[] = "security.selinux";

static struct text old_text(void)
{
	return text_of("{\"old\":true}\n");
}

/* Longer than a page, so that it is written in pieces where somebody sees to that. */
static struct text new_text(struct arena *arena)
{
	struct buffer out = { .arena = arena };

	for (int i = 0; i < 1000; i++)
		buffer_printf(&out, "{\"new\":%d}\n", i);
	return buffer_text(&out);
}

static void put(int dir, const char *name, struct text text)
{
	struct error err = { 0 };
	CLOSE int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || !file_write_fd(fd, text, &err) || fchmod(fd, 0644) < 0) {
		printf("Bail out! %s: %s %s\n", name, err.msg, strerror(errno));
		exit(1);
	}
}

static bool holds(struct arena *arena, int dir, const char *name, struct text text)
{
	struct file file;
	struct error err;

	return file_read(arena, dir, name, LIMIT, &file, &err) &&
	       text_eq(file.text, text);
}

static size_t names_in(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *folder = fdopendir(copy);
	size_t n = 0;

	while (folder && readdir(folder))
		n++;
	closedir(folder);
	return n - 2;
}

static void empty(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *folder = fdopendir(copy);

	for (struct dirent *e; folder && (e = readdir(folder));)
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			unlinkat(dir, e->d_name, e->d_type == DT_DIR ? AT_REMOVEDIR : 0);
	closedir(folder);
}

/* ---- reading ---- */

static void expect_refused(struct arena *arena, int dir, const char *name, enum errc code,
			   const char *msg)
{
	struct file file;
	struct error err = { 0 };
	bool passed = file_read(arena, dir, name, LIMIT, &file, &err);

	ok(!passed && err.code == code && strstr(err.msg, msg), "refused: %s", err.msg);
}

static void test_read(struct arena *arena, int dir)
{
	struct text most = { arena_new(arena, char, LIMIT), LIMIT };
	struct file file = { 0 };
	struct error err;
	int inside;

	put(dir, "file", most);
	put(dir, "empty", text_of(""));
	ok(holds(arena, dir, "file", most), "as many bytes as the limit");
	ok(holds(arena, dir, "empty", text_of("")), "none at all");
	inside = openat(dir, ".", O_PATH | O_DIRECTORY);
	ok(file_read(arena, inside, "file", LIMIT, &file, &err) &&
		   file.stat.st_size == LIMIT && S_ISREG(file.stat.st_mode),
	   "through O_PATH, with its stat");
	close(inside);
	ok(!file_read(arena, dir, "file", LIMIT - 1, &file, &err) &&
		   err.code == ERR_DATA && strstr(err.msg, "file is longer than 99999"),
	   "one byte more than the limit: %s", err.msg);
	empty(dir);
}

static void test_read_others(struct arena *arena, int dir, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);
	int dev = open("/dev", O_PATH), proc = open("/proc/self", O_PATH);
	int sys = open("/sys/kernel", O_PATH);
	char cwd[4096];

	expect_refused(arena, dir, "none", ERR_NOINPUT, "open none: No such file");
	put(dir, "file", old_text());
	expect_refused(arena, dir, "file/x", ERR_NOINPUT, "Not a directory");
	(void)!symlinkat("file", dir, "link");
	(void)!symlinkat("loop", dir, "loop");
	(void)!symlinkat("/dev/zero", dir, "zero");
	expect_refused(arena, dir, "link", ERR_IO, "link is a symbolic link");
	expect_refused(arena, dir, "loop", ERR_IO, "is a symbolic link");
	expect_refused(arena, dir, "zero", ERR_IO, "is a symbolic link");
	mkdirat(dir, "folder", 0755);
	expect_refused(arena, dir, "folder", ERR_IO, "folder is not a regular file");
	mkfifoat(dir, "fifo", 0644);
	expect_refused(arena, dir, "fifo", ERR_IO, "fifo is not a regular file");
	expect_refused(arena, dev, "zero", ERR_IO, "zero is not a regular file");
	if (getcwd(cwd, sizeof(cwd)) && !chdir(path)) {
		strcpy(address.sun_path, "socket");
		bind(unix_socket, (struct sockaddr *)&address, sizeof(address));
		expect_refused(arena, dir, "socket", ERR_IO, "open socket: No such dev");
		ok(!chdir(cwd), "back");
	}
	/* Files whose size is not what reading gives: the same as one that changes. */
	expect_refused(arena, proc, "status", ERR_IO, "status changed while it was read");
	expect_refused(arena, sys, "uevent_seqnum", ERR_IO,
		       "uevent_seqnum changed while it was read");
	close(unix_socket);
	close(dev);
	close(proc);
	close(sys);
	empty(dir);
}

/* A child that writes `text` in pieces, slowly, to a pipe that does not block. */
static pid_t feed(const int *ends, struct text text)
{
	struct error err;
	pid_t pid = fork();

	if (pid)
		return pid;
	close(ends[0]);
	for (size_t at = 0; at < text.length; at += 5000) {
		size_t n = text.length - at < 5000 ? text.length - at : 5000;

		usleep(500);
		if (!file_write_fd(ends[1], (struct text){ text.bytes + at, n }, &err))
			_exit(1);
	}
	_exit(0);
}

static void test_pipes(struct arena *arena)
{
	static const struct {
		size_t length, limit;
		bool passes;
	} rows[] = {
		{ 0, 0, true },
		{ 0, LIMIT, true },
		{ 1, 0, false },
		{ 5, 5, true },
		{ 6, 5, false },
		{ 16384, 16384, true },
		{ 16385, 16384, false },
		{ LIMIT, LIMIT, true },
		{ LIMIT, LIMIT - 1, false },
	};
	char *bytes = arena_new(arena, char, LIMIT);
	struct text text = { bytes, LIMIT };

	memset(bytes, 'x', LIMIT);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text got = { 0 };
		struct error err = { 0 };
		int ends[2], status;
		bool passed;
		pid_t pid;

		if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
			return;
		text.length = rows[i].length;
		pid = feed(ends, text);
		close(ends[1]);
		passed = file_read_fd(arena, ends[0], "standard input", rows[i].limit,
				      &got, &err);
		close(ends[0]);
		waitpid(pid, &status, 0);
		ok(passed == rows[i].passes &&
			   (passed ? text_eq(got, text)
				   : err.code == ERR_DATA &&
					     strstr(err.msg, "standard input is longer")),
		   "a pipe with %zu bytes and a limit of %zu", rows[i].length,
		   rows[i].limit);
	}
}

static void test_slow_reader(struct arena *arena)
{
	struct text text = { arena_new(arena, char, 1000000), 1000000 };
	struct error err = { 0 };
	char piece[7000];
	size_t got = 0;
	int ends[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (!pid) {
		close(ends[0]);
		_exit(!file_write_fd(ends[1], text, &err));
	}
	close(ends[1]);
	fcntl(ends[0], F_SETFL, 0);
	while ((n = read(ends[0], piece, sizeof(piece))) > 0)
		got += (size_t)n;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	ok(got == text.length, "a reader that is slower");
	ok(!file_write_fd(-1, text, &err) && err.code == ERR_IO &&
		   strstr(err.msg, "write: Bad file descriptor"),
	   "no file at all: %s", err.msg);
}

/* ---- replacing ---- */

static bool replace(struct arena *arena, int dir, struct error *err)
{
	struct stat ignored;
	struct file old;

	return file_read(arena, dir, "config.json", LIMIT, &old, err) &&
	       file_replace(arena, dir, "config.json", &old, new_text(arena), &ignored,
			    err);
}

/* Each kind of metadata, by itself: what is set up, and the mode that it has in the end.
 */
static void test_metadata(struct arena *arena, int dir)
{
	static const struct {
		const char *what;
		uid_t uid;
		gid_t gid;
		mode_t mode;
		bool acl, label, inherits;
	} rows[] = {
		{ "an ordinary file", 0, 0, 0644, false, false, false },
		{ "readable by its owner", 0, 0, 0600, false, false, false },
		{ "mode 0", 0, 0, 0, false, false, false },
		{ "writable by all", 0, 0, 0666, false, false, false },
		{ "setuid, setgid, sticky", 0, 0, 07755, false, false, false },
		{ "of another owner", 1234, 0, 0640, false, false, false },
		{ "of another group", 0, 4321, 0640, false, false, false },
		{ "of others, setuid and setgid", 1234, 4321, 06750, false, false,
		  false },
		{ "with a POSIX ACL", 0, 0, 0644, true, false, false },
		{ "with a label", 0, 0, 0644, false, true, false },
		{ "where the folder would give it an ACL", 0, 0, 0644, false, false,
		  true },
		{ "with everything", 1234, 4321, 0644, true, true, true },
	};
	const char *label = "system_u:object_r:container_var_lib_t:s0";
	mode_t mask = umask(077);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char has[256] = "";
		struct error err = { 0 };
		struct stat now;
		bool passed;
		int fd;

		put(dir, "config.json", old_text());
		fd = openat(dir, "config.json", O_RDONLY);
		if (rows[i].inherits)
			fsetxattr(dir, "system.posix_acl_default", acl, sizeof(acl) - 1,
				  0);
		if (rows[i].label)
			fsetxattr(fd, label_name, label, strlen(label), 0);
		if (rows[i].acl)
			fsetxattr(fd, acl_name, acl, sizeof(acl) - 1, 0);
		passed = !fchown(fd, rows[i].uid, rows[i].gid) &&
			 !fchmod(fd, rows[i].mode) && replace(arena, dir, &err);
		close(fd);
		fd = openat(dir, "config.json", O_RDONLY);
		passed = passed && !fstat(fd, &now) && now.st_uid == rows[i].uid &&
			 now.st_gid == rows[i].gid &&
			 now.st_mode == (S_IFREG | rows[i].mode) &&
			 fgetxattr(fd, label_name, has, sizeof(has)) ==
				 (rows[i].label ? (ssize_t)strlen(label) : -1) &&
			 fgetxattr(fd, acl_name, has, sizeof(has)) ==
				 (rows[i].acl ? (ssize_t)sizeof(acl) - 1 : -1);
		ok(passed && holds(arena, dir, "config.json", new_text(arena)) &&
			   names_in(dir) == 1,
		   "%s%s%s", rows[i].what, *err.msg ? ": " : "", err.msg);
		close(fd);
		fremovexattr(dir, "system.posix_acl_default");
		empty(dir);
	}
	umask(mask);
}

static void test_hard_link(struct arena *arena, int dir)
{
	struct error err = { 0 };

	put(dir, "config.json", old_text());
	ok(!linkat(dir, "config.json", dir, "other", 0) && replace(arena, dir, &err) &&
		   holds(arena, dir, "config.json", new_text(arena)) &&
		   holds(arena, dir, "other", old_text()),
	   "the file's other name keeps the old one%s", err.msg);
	empty(dir);
}

static void test_size_limit(struct arena *arena, int dir)
{
	struct rlimit before, tight;
	struct error err = { 0 };
	bool passed;

	put(dir, "config.json", old_text());
	getrlimit(RLIMIT_FSIZE, &before);
	tight = (struct rlimit){ 1000, before.rlim_max };
	setrlimit(RLIMIT_FSIZE, &tight);
	passed = replace(arena, dir, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	ok(!passed && err.code == ERR_IO && strstr(err.msg, "File too large"),
	   "a file size limit refuses, and kills nobody: %s", err.msg);
	ok(holds(arena, dir, "config.json", old_text()) && names_in(dir) == 1,
	   "and nothing happened");
	empty(dir);
}

/* Who knows the time of what was written can tell whether it was touched since. */
static void test_written(struct arena *arena, int dir)
{
	struct stat now = { 0 }, written = { 0 };
	struct error err;
	struct file old;

	put(dir, "config.json", old_text());
	ok(file_read(arena, dir, "config.json", LIMIT, &old, &err) &&
		   file_replace(arena, dir, "config.json", &old, new_text(arena),
				&written, &err) &&
		   !fstatat(dir, "config.json", &now, 0) &&
		   now.st_ino == written.st_ino &&
		   now.st_ctim.tv_sec == written.st_ctim.tv_sec &&
		   now.st_ctim.tv_nsec == written.st_ctim.tv_nsec,
	   "what is said of the new file is what it is");
	empty(dir);
}

/* Somebody does something between reading and replacing. */
static void meanwhile(struct arena *arena, int dir, const char *what, struct text theirs,
		      bool link, bool passes)
{
	struct error err = { 0 };
	struct stat ignored;
	struct file old;
	bool passed;

	put(dir, "config.json", old_text());
	if (!file_read(arena, dir, "config.json", LIMIT, &old, &err))
		return;
	unlinkat(dir, "config.json", 0);
	if (link)
		(void)!symlinkat("target", dir, "config.json");
	if (theirs.bytes)
		put(dir, "config.json", theirs);
	passed = file_replace(arena, dir, "config.json", &old, new_text(arena), &ignored,
			      &err);
	ok(passed == passes &&
		   (!theirs.bytes ||
		    holds(arena, dir, link ? "target" : "config.json", theirs)) &&
		   names_in(dir) == (theirs.bytes ? 1u + link : 0u),
	   "meanwhile %s%s%s", what, passed ? "" : ": ", err.msg);
	empty(dir);
}

static void test_meanwhile(struct arena *arena, int dir)
{
	meanwhile(arena, dir, "it was removed", (struct text){ NULL, 0 }, false, false);
	meanwhile(arena, dir, "it was written anew", text_of("{}"), false, false);
	meanwhile(arena, dir, "it became longer than ours",
		  (struct text){ arena_new(arena, char, 50000), 50000 }, false, false);
	meanwhile(arena, dir, "it became a link", text_of("{}"), true, false);
	meanwhile(arena, dir, "another run did the same", new_text(arena), false, true);
}

static void test_at_once(struct arena *arena, int dir)
{
	struct error err;
	int status, failed = 0;

	put(dir, "config.json", old_text());
	for (int i = 0; i < 16; i++) {
		if (fork())
			continue;
		for (int k = 0; k < 50; k++)
			if (!replace(arena, dir, &err)) {
				printf("# %s\n", err.msg);
				fflush(stdout);
				_exit(1);
			}
		_exit(0);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	ok(!failed && holds(arena, dir, "config.json", new_text(arena)) &&
		   names_in(dir) == 1,
	   "16 runs at once, each 50 times");
	empty(dir);
}

/* `test_file replace FOLDER` does it once, for tests/bats/file.bats to break. */
static int replace_once(struct arena *arena, const char *path)
{
	int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct error err = { 0 };

	if (replace(arena, dir, &err))
		return 0;
	fprintf(stderr, "%s\n", err.msg);
	return err.code;
}

int main(int argc, char **argv)
{
	char path[] = "/tmp/test_file.XXXXXX";
	struct arena arena = { 0 };
	int dir;

	if (argc == 3)
		return replace_once(&arena, argv[2]);
	if (!mkdtemp(path))
		return 1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	alarm(120); /* nothing here may block */
	test_read(&arena, dir);
	test_read_others(&arena, dir, path);
	test_pipes(&arena);
	test_slow_reader(&arena);
	if (geteuid())
		ok(true, "owners and labels # SKIP needs root");
	else
		test_metadata(&arena, dir);
	test_hard_link(&arena, dir);
	test_size_limit(&arena, dir);
	test_written(&arena, dir);
	test_meanwhile(&arena, dir);
	test_at_once(&arena, dir);
	close(dir);
	rmdir(path);
	arena_free(&arena);
	return tap_done();
}
