/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"

#define CHUNK ((size_t)4096)

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether the descriptor is readable before the deadline. */
static bool await(int fd, int64_t deadline)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t left;

	do {
		left = deadline - now_ms();
		if (left <= 0)
			return false;
	} while (poll(&wait, 1, (int)left) < 0 && errno == EINTR);
	return wait.revents != 0;
}

static unsigned patience(const struct question *question)
{
	return question->patience_ms ? question->patience_ms : ASK_PATIENCE_MS;
}

static bool too_late(const struct question *question, struct error *err)
{
	return error_set(err, ERR_RUNTIME, "%s did not answer within %u seconds",
			 question->path, patience(question) / 1000);
}

static bool drain(const struct question *question, int fd, int64_t deadline,
		  struct buffer *out, struct error *err)
{
	char chunk[CHUNK];
	ssize_t n;

	for (;;) {
		if (!await(fd, deadline))
			return too_late(question, err);
		n = read(fd, chunk, sizeof(chunk));
		if (!n)
			return true;
		if (n < 0 && errno != EINTR)
			return error_errno(err, "read from %s", question->path);
		if (n > 0 && (size_t)n > question->limit - out->length)
			return error_set(err, ERR_DATA, "%s says more than %zu bytes",
					 question->path, question->limit);
		if (n > 0)
			buffer_add(out, chunk, (size_t)n);
	}
}

static int set_up(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
		  int in, int out)
{
	sigset_t none, all;
	int bad;

	sigemptyset(&none);
	sigfillset(&all);
	bad = posix_spawnattr_setsigmask(attributes, &none);
	bad = bad ? bad : posix_spawnattr_setsigdefault(attributes, &all);
	bad = bad ? bad
		  : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
								 POSIX_SPAWN_SETSIGDEF |
								 POSIX_SPAWN_SETPGROUP);
	bad = bad ? bad : posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO);
	bad = bad ? bad : posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
	bad = bad ? bad
		  : posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null",
						     O_RDWR, 0);
	return bad ? bad : posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

static bool spawn(const struct question *question, int in, int out, pid_t *ret,
		  struct error *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int bad = posix_spawn_file_actions_init(&actions);

	if (!bad) {
		bad = posix_spawnattr_init(&attributes);
		if (!bad) {
			bad = set_up(&actions, &attributes, in, out);
			bad = bad ? bad
				  : posix_spawn(ret, question->path, &actions,
						&attributes, question->argv,
						question->environment);
			posix_spawnattr_destroy(&attributes);
		}
		posix_spawn_file_actions_destroy(&actions);
	}
	if (!bad)
		return true;
	errno = bad;
	(void)error_errno(err, "can't execute %s", question->path);
	err->code = ERR_RUNTIME;
	return false;
}

/*
 * How the child ended. One that is no longer `wanted`, or late, is killed first; the late
 * one is an error.
 */
static bool reap(const struct question *question, pid_t child, bool wanted,
		 int64_t deadline, int *ret_status, struct error *err)
{
	CLOSE int fd = pidfd_open(child, 0);
	bool ended = wanted && fd >= 0 && await(fd, deadline);
	int status = 0;

	if (!ended) {
		kill(-child, SIGKILL); /* and who it has started */
		kill(child, SIGKILL);  /* should it have left its group */
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return ended || !wanted || too_late(question, err);
}

/* A file without a name, so that nobody waits for the child to read. */
static bool write_input(struct text input, int *ret, struct error *err)
{
	CLOSE int fd = input.length ? memfd_create("input", MFD_CLOEXEC)
				    : open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_errno(err, "memory for a question");
	if (input.length &&
	    (!file_write_fd(fd, input, err) || lseek(fd, 0, SEEK_SET) < 0))
		return error_errno(err, "memory for a question");
	*ret = fd;
	fd = -1;
	return true;
}

/* Where the answer goes, and where it is read from: -1 if nobody listens. */
static bool open_answer(const struct question *question, int *ret_said, int *ret_out,
			struct error *err)
{
	int ends[2] = { -1, -1 };

	if (!question->limit)
		ends[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	else if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	if (ends[1] < 0)
		return error_errno(err, "open /dev/null");
	*ret_said = ends[0];
	*ret_out = ends[1];
	return true;
}

static bool converse(const struct question *question, struct buffer *text,
		     int *ret_status, struct error *err)
{
	int64_t deadline = now_ms() + patience(question);
	CLOSE int in = -1;
	CLOSE int said = -1;
	CLOSE int out = -1;
	pid_t child;
	bool drained;

	if (!write_input(question->input, &in, err) ||
	    !open_answer(question, &said, &out, err) ||
	    !spawn(question, in, out, &child, err))
		return false;
	close(out);
	out = -1;
	drained = said < 0 || drain(question, said, deadline, text, err);
	return reap(question, child, drained, deadline, ret_status, err) && drained;
}

bool ask(struct arena *arena, const struct question *question, struct answered *ret,
	 struct error *err)
{
	struct buffer out = { .arena = arena };
	struct sigaction ours = { .sa_handler = SIG_DFL }, theirs;
	int status;
	bool done;

	buffer_puts(&out, "");
	/* Who ignores this signal is not told how its children end. */
	sigaction(SIGCHLD, &ours, &theirs);
	done = converse(question, &out, &status, err);
	sigaction(SIGCHLD, &theirs, NULL);
	if (done)
		*ret = (struct answered){ .well = !status,
					  .status = status,
					  .text = buffer_text(&out) };
	return done;
}
