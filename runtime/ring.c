/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/ring.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/base.h"

#define NAME "powerbox-runtime"
#define ANCESTORS_MAX 64 /* that are looked at */
#define RING_LENGTH 3	 /* of them that are the runtime: ring.h */

/*
 * What every powerbox-runtime bears, however it was built or altered: an ELF note without
 * a description. Linkers put notes right behind the headers, and strip leaves them.
 */
#define NOTE_TYPE 0x70627831 /* "pbx1"; again in the assembler below */
__asm__(".pushsection .note.powerbox, \"a\", %note\n"
	".balign 4\n"
	".long 9, 0, 0x70627831\n"
	".asciz \"powerbox\"\n"
	".balign 4\n"
	".popsection\n");

/* The beginning of the runtime's file. */
struct head {
	char bytes[4096];
	size_t length;
};

/* Notes stand at multiples of four. */
static bool has_note(const struct head *head)
{
	const struct {
		uint32_t sizes[2], type;
		char name[12];
	} note = { { 9, 0 }, NOTE_TYPE, "powerbox" };
	uint32_t type;

	for (size_t at = 0; at + sizeof(note) <= head->length; at += 4) {
		memcpy(&type, head->bytes + at + offsetof(typeof(note), type),
		       sizeof(type));
		if (type == NOTE_TYPE && !memcmp(head->bytes + at, &note, sizeof(note)))
			return true;
	}
	return false;
}

static bool is_script(const struct head *head)
{
	return head->length > 2 && !memcmp(head->bytes, "#!", 2);
}

static bool names_powerbox(const struct head *head)
{
	return is_script(head) && memmem(head->bytes, head->length, NAME, strlen(NAME));
}

static bool same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * A wrapper may start powerbox again, which starts the wrapper again, for ever and in the
 * same process, since each of them executes the next. What survives an execve, is not
 * inherited by a child and does nothing is an interval timer that is 34 years away: who
 * finds it has been here before. A timer that the caller has set is left alone; a ring
 * with one of these is only found by whoever waits for it.
 */
static bool is_marked(void)
{
	static const time_t mark = 1 << 30;
	struct itimerval timer;

	if (getitimer(ITIMER_REAL, &timer) < 0)
		return false;
	if (timer.it_value.tv_sec > mark / 2)
		return true;
	if (timer.it_value.tv_sec || timer.it_value.tv_usec)
		return false;
	timer = (struct itimerval){ .it_value.tv_sec = mark };
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	return false;
}

/* A file of a process, as a string; empty if it can't be read. */
static size_t read_proc(pid_t pid, const char *name, char *ret, size_t size)
{
	char path[64];
	CLOSE int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, ret, size - 1);
	n = n < 0 ? 0 : n;
	ret[n] = '\0';
	return (size_t)n;
}

/* 0: there is none in sight. */
static pid_t parent_of(pid_t pid)
{
	char text[512];
	const char *end;
	int parent = 0;

	read_proc(pid, "stat", text, sizeof(text));
	/* "PID (NAME) STATE PARENT": the name may have any bytes. */
	end = strrchr(text, ')');
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

static bool executes(pid_t pid, const struct stat *runtime)
{
	char path[64];
	struct stat exe;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return !stat(path, &exe) && same_inode(&exe, runtime);
}

/* "INTERPRETER [ARGUMENT] SCRIPT ...", which the kernel makes of it. */
static bool interprets(pid_t pid, const char *script)
{
	char line[4096];
	size_t length = read_proc(pid, "cmdline", line, sizeof(line)), at = 0;

	for (int i = 0; i < 3 && at < length; i++) {
		if (i && !strcmp(line + at, script))
			return true;
		at += strlen(line + at) + 1;
	}
	return false;
}

static bool is_beneath(const char *path, const struct head *head,
		       const struct stat *runtime)
{
	pid_t pid = getppid();
	int found = 0;

	/* Nobody's parent is a real runtime, hooks left aside: one look is enough. */
	if (!is_script(head) && !executes(pid, runtime))
		return false;
	for (int i = 0; i < ANCESTORS_MAX && pid > 1 && found < RING_LENGTH; i++) {
		found += is_script(head) ? interprets(pid, path) : executes(pid, runtime);
		pid = parent_of(pid);
	}
	return found >= RING_LENGTH;
}

bool ring_check(const char *path, int fd, const struct stat *stat, struct error *err)
{
	struct head head;
	ssize_t n = pread(fd, head.bytes, sizeof(head.bytes), 0);
	const char *what = NULL;

	if (n < 0)
		return error_errno(err, "the real runtime %s", path);
	head.length = (size_t)n;
	if (has_note(&head))
		what = "is powerbox itself";
	else if (names_powerbox(&head))
		what = "is a script that names " NAME;
	else if (is_marked() || is_beneath(path, &head, stat))
		what = "starts powerbox again";
	return !what ||
	       error_set(err, ERR_RUNTIME,
			 "the real runtime %s %s; name runc or crun as \"runtime\" in "
			 "node.json",
			 path, what);
}
