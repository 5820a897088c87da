/* SPDX-License-Identifier: Apache-2.0 */

/*
 * odd SEED FILE PROGRAM [ARGUMENT...]: become a program in a state that no shell would
 * leave it in: two hundred descriptors, signals blocked and ignored, limits, a timer and
 * more, all by chance of SEED. What it is left in is written to FILE (state.h).
 *
 * odd argc0 - PROGRAM: become it with no argument at all, not even its name.
 */

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "tests/shim/state.h"

#define FDS 200

static void open_fds(void)
{
	for (int i = 0; i < FDS; i++) {
		int fds[2] = { -1, -1 }, at = 3 + rand() % 900;

		switch (rand() % 6) {
		case 0:
			fds[0] = open("/", O_RDONLY | O_DIRECTORY);
			break;
		case 1:
			fds[0] = open("/etc/passwd", O_RDONLY | O_NONBLOCK);
			lseek(fds[0], rand() % 100, SEEK_SET);
			break;
		case 2:
			(void)!pipe(fds);
			break;
		case 3:
			(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
			break;
		case 4:
			fds[0] = eventfd(7, 0);
			break;
		default:
			fds[0] = open("/dev/null", O_RDWR | O_APPEND);
		}
		/* The places are dup2()'s, without close-on-exec. */
		for (int k = 0; k < 2; k++)
			if (fds[k] >= 0 && fds[k] != at + k) {
				dup2(fds[k], at + k);
				close(fds[k]);
			}
	}
}

static void set_signals(void)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	for (int i = 1; i < 65; i++) {
		/* The first two of the real-time signals are glibc's. */
		if (i == SIGKILL || i == SIGSTOP || i == 32 || i == 33)
			continue;
		if (rand() % 3 == 0)
			sigaddset(&blocked, i);
		if (rand() % 3 == 0)
			signal(i, SIG_IGN);
	}
	sigaddset(&blocked, SIGALRM);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	/* Pending, for a program that unblocks it to find. */
	if (rand() % 2 && signal(SIGUSR2, SIG_DFL) != SIG_ERR) {
		sigemptyset(&blocked);
		sigaddset(&blocked, SIGUSR2);
		sigprocmask(SIG_BLOCK, &blocked, NULL);
		raise(SIGUSR2);
	}
}

static void set_limits(void)
{
	static const struct {
		int what;
		rlim_t least;
	} limits[] = {
		{ RLIMIT_NOFILE, 1024 },   { RLIMIT_CORE, 0 },
		{ RLIMIT_STACK, 1 << 18 }, { RLIMIT_FSIZE, 1 << 24 },
		{ RLIMIT_CPU, 60 },	   { RLIMIT_MEMLOCK, 0 },
		{ RLIMIT_SIGPENDING, 10 }, { RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_DATA, 1 << 26 },  { RLIMIT_NPROC, 500 },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit;

		getrlimit(limits[i].what, &limit);
		limit.rlim_cur = limits[i].least + (rlim_t)(rand() % 100);
		if (limit.rlim_cur < limit.rlim_max)
			setrlimit(limits[i].what, &limit);
	}
}

static void set_rest(void)
{
	const struct itimerval timer = { .it_value.tv_sec = 1000 };

	umask((mode_t)rand() % 01000);
	(void)!nice(rand() % 10);
	setitimer(ITIMER_REAL, &timer, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, rand() % 2);
	prctl(PR_SET_TIMERSLACK, 100000 + rand() % 1000);
	personality(ADDR_NO_RANDOMIZE);
	setenv("LD_LIBRARY_PATH", "/nowhere", 1);
	setenv("POWERBOX", "1", 1);
	setenv("PATH", "/nowhere", 1);
	setenv("BYTES", "\x01\xff\n", 1);
}

int main(int argc, char **argv)
{
	char *nothing[] = { NULL };
	FILE *out;
	int to;

	if (argc < 4)
		return 64;
	if (!strcmp(argv[1], "argc0")) {
		execve(argv[3], nothing, environ);
		return 127;
	}
	/* Out of the way of what open_fds() makes. */
	to = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	out = fdopen(fcntl(to, F_DUPFD_CLOEXEC, 1000), "w");
	if (!out)
		return 74;
	close(to);
	srand((unsigned)atoi(argv[1]));
	open_fds();
	set_signals();
	set_limits();
	set_rest();
	state_write(out);
	fclose(out);
	execv(argv[3], argv + 3);
	return 127;
}
