/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/append.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "tests/tap.h"

static struct arena arena;
static char folder[] = "/tmp/powerbox-append-XXXXXX";

static bool append(const char *line, struct error *err)
{
	*err = (struct error){ 0 };
	return append_line(&arena, arena_printf(&arena, "%s/log", folder), "lines",
			   text_of(line), err);
}

static const char *path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

static bool holds(const char *want)
{
	struct file file;
	struct error err;

	return file_read(&arena, AT_FDCWD, path("log/lines"), 1 << 20, &file, &err) &&
	       text_is(file.text, want);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	return stat(path(name), &st) < 0 ? 0 : st.st_mode & 07777;
}

/* Put something else in the file's place, ask, and take it away again. */
static void refused(const char *what, const char *word)
{
	struct error err;

	ok(!append("x\n", &err) && strstr(err.msg, word), "%s: %s", what, err.msg);
	unlink(path("log/lines"));
	rmdir(path("log/lines"));
}

static void test_lines(void)
{
	struct error err;
	int fd;

	umask(0);
	ok(append("a\n", &err), "the first line makes folder and file: %s", err.msg);
	ok(mode_of("log") == 0700 && mode_of("log/lines") == 0600, "for root alone");
	ok(append("b\n", &err) && holds("a\nb\n"), "the second is behind it");
	fd = open(path("log/lines"), O_WRONLY | O_APPEND);
	ok(write(fd, "tor", 3) == 3, "a line that was cut off");
	close(fd);
	ok(append("c\n", &err) && holds("a\nb\ntor\nc\n"), "spoils no other");
	ok(append("d\n", &err) && holds("a\nb\ntor\nc\nd\n"), "and is ended once");
	ok(!rename(path("log/lines"), path("log/lines.1")) && append("e\n", &err) &&
		   holds("e\n"),
	   "a log that was rotated away is begun anew");
	unlink(path("log/lines.1"));
	unlink(path("log/lines"));
}

static void test_refused(void)
{
	const char *name = path("log/lines"), *other = path("other");
	struct error err;
	int fd;

	ok(!mkfifo(name, 0600), "a FIFO");
	refused("a FIFO", "not a regular file");
	ok(!mknod(name, S_IFCHR | 0600, 0x103), "a device");
	refused("a device", "not a regular file");
	ok(!mkdir(name, 0700), "a folder");
	refused("a folder", "directory");
	ok(!symlink(other, name), "a link");
	refused("a link", "symbolic link");
	ok(access(other, F_OK), "is not followed");
	fd = open(other, O_CREAT | O_WRONLY, 0600);
	close(fd);
	ok(!link(other, name), "a second name");
	refused("a second name", "2 names");
	fd = open(name, O_CREAT | O_WRONLY, 0600);
	ok(!fchmod(fd, 0620), "a file of the group's");
	refused("a file of the group's", "writable by group");
	close(fd);
	fd = open(name, O_CREAT | O_WRONLY, 0600);
	ok(!fchown(fd, 4711, 0), "a file of somebody else's");
	refused("a file of somebody else's", "uid 4711");
	close(fd);
	ok(!chmod(path("log"), 0722), "a folder of others");
	ok(!append("x\n", &err) && err.code == ERR_TRUST, "a folder of others: %s",
	   err.msg);
	chmod(path("log"), 0700);
	unlink(other);
}

/* In a child: a signal would kill. */
static int under_limit(rlim_t limit, const char *line)
{
	int status = -1;
	pid_t child = fork();

	if (!child) {
		struct rlimit small = { limit, limit };
		struct error err;

		setrlimit(RLIMIT_FSIZE, &small);
		_exit(append(line, &err) ? 0 : (int)err.code);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status)
		       ? WEXITSTATUS(status)
		       : -1;
}

static void test_limit(void)
{
	struct error err;

	ok(append("12345\n", &err), "six bytes");
	ok(under_limit(9, "abc\n") == ERR_IO, "four more than the limit lets through: "
					      "an error and no signal");
	ok(holds("12345\n"), "and nothing is written");
	ok(under_limit(10, "abc\n") == 0, "up to the limit");
	unlink(path("log/lines"));
}

/* Each line as long as a page and of one letter: mixed ones would show. */
static void test_many(void)
{
	enum { WRITERS = 8, LINES = 50, LENGTH = 5000 };
	char line[LENGTH + 2] = "";
	struct file file;
	struct error err;
	size_t whole = 0;

	for (int i = 0; i < WRITERS; i++) {
		if (fork())
			continue;
		memset(line, 'a' + i, LENGTH);
		line[LENGTH] = '\n';
		for (int k = 0; k < LINES; k++)
			if (!append(line, &err))
				_exit(1);
		_exit(0);
	}
	while (wait(NULL) > 0)
		continue;
	ok(file_read(&arena, AT_FDCWD, path("log/lines"), 1 << 24, &file, &err),
	   "many at once: %s", err.msg);
	for (size_t at = 0; at < file.text.length;) {
		const char *start = file.text.bytes + at;
		const char *feed = memchr(start, '\n', file.text.length - at);
		size_t n = feed ? (size_t)(feed - start) : file.text.length - at;

		/* Guessing that a line is broken which is not leaves an empty one. */
		if (n) {
			memset(line, *start, LENGTH);
			whole += n == LENGTH && !memcmp(start, line, LENGTH);
		}
		at += n + 1;
	}
	ok(whole == WRITERS * LINES, "%zu of %d lines are whole", whole, WRITERS * LINES);
	unlink(path("log/lines"));
}

int main(void)
{
	if (geteuid()) {
		printf("1..0 # SKIP machine: files of root's need root\n");
		return 0;
	}
	if (!mkdtemp(folder))
		return 1;
	test_lines();
	test_refused();
	test_limit();
	test_many();
	rmdir(path("log"));
	ok(!rmdir(folder), "nothing is left behind");
	arena_free(&arena);
	return tap_done();
}
