/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

static struct arena arena;

static bool shell(const char *script, size_t limit, struct answered *ret,
		  struct error *err)
{
	char name[] = "sh", option[] = "-c";
	char *const argv[] = { name, option, arena_copy(&arena, script, strlen(script)),
			       NULL };

	struct question question = {
		.path = "/bin/sh", .argv = argv, .environment = environ, .limit = limit
	};

	memset(err, 0, sizeof(*err));
	return ask(&arena, &question, ret, err);
}

static void test_answers(void)
{
	struct answered answer;
	struct error err;

	ok(shell("echo said; echo unheard >&2", 100, &answer, &err) && answer.well &&
		   text_is(answer.text, "said\n"),
	   "what it says on standard output");
	ok(shell("echo said; exit 3", 100, &answer, &err) && !answer.well,
	   "how it ended");
	ok(shell("kill -9 $$", 100, &answer, &err) && !answer.well, "killed");
	ok(shell("cat", 100, &answer, &err) && answer.well && !answer.text.length,
	   "it has nothing to read");
	ok(shell("printf 12345", 5, &answer, &err) && text_is(answer.text, "12345"),
	   "as long as may be");
	ok(!shell("printf 123456", 5, &answer, &err) && err.code == ERR_DATA,
	   "longer: %s", err.msg);
	ok(!shell("yes", 100000, &answer, &err) && err.code == ERR_DATA, "without end");
}

static void test_question(void)
{
	char name[] = "sh", option[] = "-c", script[] = "cat; echo $A${HOME-none}";
	char *const argv[] = { name, option, script, NULL };
	char variable[] = "A=a";
	char *const environment[] = { variable, NULL };
	struct question question = { .path = "/bin/sh",
				     .argv = argv,
				     .environment = environment,
				     .limit = 1 << 20 };
	char *long_text = arena_new(&arena, char, 200000);
	struct answered answer;
	struct error err = { 0 };

	memset(long_text, 'x', 200000);
	question.input = (struct text){ long_text, 200000 };
	ok(ask(&arena, &question, &answer, &err) && answer.well &&
		   answer.text.length == 200006 &&
		   !memcmp(answer.text.bytes + 200000, "anone\n", 6),
	   "it reads its input and no other environment than its own: %s", err.msg);
}

static void test_failures(void)
{
	char name[] = "x";
	char *const argv[] = { name, NULL };
	struct question question = {
		.path = "/nonexistent", .argv = argv, .environment = environ, .limit = 1
	};
	struct answered answer;
	struct error err;

	ok(!ask(&arena, &question, &answer, &err) && err.code == ERR_RUNTIME,
	   "no such program: %s", err.msg);
	ok(!shell("sleep 60", 100, &answer, &err) && err.code == ERR_RUNTIME,
	   "too slow: %s", err.msg);
	ok(!shell("exec >&-; sleep 60", 100, &answer, &err) && err.code == ERR_RUNTIME,
	   "done with speaking, but not with running");
	ok(!shell("exec perl -e 'setpgrp 0, getpgrp getppid; sleep 60'", 100, &answer,
		  &err) &&
		   err.code == ERR_RUNTIME,
	   "too slow, and in another group: %s", err.msg);
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no child is left");
}

/* What the caller has: an open file, an ignored SIGCHLD, a blocked SIGTERM. */
static void test_surroundings(void)
{
	int fd = open("/dev/null", O_RDONLY);
	struct sigaction ignore = { .sa_handler = SIG_IGN }, after;
	struct answered answer;
	struct error err;
	sigset_t term, mask;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	sigaction(SIGCHLD, &ignore, NULL);
	ok(shell("exit 3", 100, &answer, &err) && !answer.well,
	   "its end is seen by who ignores SIGCHLD");
	sigaction(SIGCHLD, NULL, &after);
	ok(after.sa_handler == SIG_IGN, "which is ignored again");
	ok(fd > 2 && shell("ls /proc/self/fd | tr '\\n' ' '", 100, &answer, &err) &&
		   text_is(answer.text, "0 1 2 3 "), /* 3 is of ls itself */
	   "it gets no other descriptor: %s", answer.text.bytes);
	/* glibc's posix_spawn ignores its own two signals, 32 and 33. */
	ok(shell("echo $((0x$(sed -n 's/^SigBlk:.//p' /proc/self/status) | "
		 "0x$(sed -n 's/^SigIgn:.//p' /proc/self/status) & 0x7fffffff))",
		 100, &answer, &err) &&
		   text_is(answer.text, "0\n"),
	   "and no blocked or ignored signal");
	sigprocmask(SIG_BLOCK, NULL, &mask);
	ok(sigismember(&mask, SIGTERM) == 1, "the caller's mask stays");
	close(fd);
}

int main(void)
{
	alarm(30); /* who waits for a child that nobody kills has failed */
	test_answers();
	test_question();
	test_failures();
	test_surroundings();
	arena_free(&arena);
	return tap_done();
}
