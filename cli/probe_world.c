/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/probe_world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child says at its end; shorter than what a pipe takes in one piece. */
struct result {
	bool found;
	struct calls calls, whole;
	struct error err;
};

static void be_child(struct arena *arena, struct bench *bench, int out)
{
	struct result result = { .found = false };
	ssize_t written;

	result.found = !prctl(PR_SET_PDEATHSIG, SIGKILL) &&
		       trial_prepare(arena, &result.err) &&
		       search(arena, bench, &result.calls, &result.err);
	result.whole = bench->whole;
	written = write(out, &result, sizeof(result));
	_exit(written == sizeof(result) ? 0 : 1);
}

/* Until there is something to read, or a signal that ends this program: its number. */
static int await(int fd, int signals)
{
	struct pollfd waits[] = { { .fd = fd, .events = POLLIN },
				  { .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo info;

	while (poll(waits, 2, -1) < 0 && errno == EINTR)
		;
	if (waits[1].revents && read(signals, &info, sizeof(info)) == sizeof(info))
		return (int)info.ssi_signo;
	return 0;
}

static bool start(struct arena *arena, struct bench *bench, int *ret_fd, pid_t *ret_child,
		  struct error *err)
{
	pid_t child;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	/* A fork into new namespaces, for which libc has no function. */
	child = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL,
			       NULL, NULL, NULL);
	if (!child)
		be_child(arena, bench, ends[1]);
	close(ends[1]);
	*ret_fd = ends[0];
	*ret_child = child;
	if (child > 0)
		return true;
	close(ends[0]);
	return error_errno(err, "new namespaces for trials");
}

static bool finish(int fd, pid_t child, struct result *ret, struct error *err)
{
	ssize_t n = read(fd, ret, sizeof(*ret));

	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	trial_remove_cgroups();
	if (n != sizeof(*ret))
		return error_set(err, ERR_RUNTIME, "the trials ended without a result");
	if (!ret->found)
		*err = ret->err;
	return ret->found;
}

bool world_search(struct arena *arena, struct bench *bench, struct calls *ret,
		  struct error *err)
{
	struct result result;
	sigset_t ends, before;
	CLOSE int fd = -1;
	CLOSE int signals = -1;
	pid_t child = -1;
	int signo;
	bool found;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, &before);
	signals = signalfd(-1, &ends, SFD_CLOEXEC);
	if (signals < 0)
		return error_errno(err, "signalfd");
	if (!start(arena, bench, &fd, &child, err))
		return false;
	signo = await(fd, signals);
	if (signo)
		kill(child, SIGKILL);
	found = finish(fd, child, &result, err);
	/* What has come meanwhile ends this program now. */
	if (signo)
		raise(signo);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!found)
		return false;
	*ret = result.calls;
	bench->whole = result.whole;
	return true;
}
