/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/probe.h"
#include "cli/terminal.h"

#define WORKERS_MAX 8
/* How often the result has to do. */
#define ROUNDS 8

/*
 * Made only now and then, so that a trial that goes well without proves nothing: by Go's
 * scheduler and collector at any moment, by either runtime when its program can't be
 * executed (runc would wait for ever), or by whoever holds a terminal.
 */
static const char *const kept_of_runc[] = {
	"clock_gettime",  "close",	 "epoll_ctl",	"epoll_pwait",
	"execve",	  "exit",	 "exit_group",	"fchown",
	"futex",	  "getpid",	 "madvise",	"mmap",
	"munmap",	  "nanosleep",	 "ppoll",	"rt_sigreturn",
	"rt_sigprocmask", "sched_yield", "sigaltstack", "tgkill",
	"write",	  NULL,
};
static const char *const kept_of_crun[] = {
	"close", "execve", "exit",	   "exit_group", "fchown",
	"ioctl", "ppoll",  "rt_sigreturn", "write",	 NULL,
};
static const char *const *const kept[] = {
	[RUNTIME_RUNC] = kept_of_runc,
	[RUNTIME_CRUN] = kept_of_crun,
};

struct search {
	struct arena *arena;
	struct bench *bench;
	struct progress progress;
	size_t done, planned;
	unsigned workers;
};

static struct calls calls_union(struct calls a, struct calls b)
{
	for (size_t i = 0; i < ARRAY_SIZE(a.bits); i++)
		a.bits[i] |= b.bits[i];
	return a;
}

static struct calls calls_without(struct calls a, struct calls b)
{
	for (size_t i = 0; i < ARRAY_SIZE(a.bits); i++)
		a.bits[i] &= ~b.bits[i];
	return a;
}

static size_t calls_count(const struct calls *calls)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls->bits); i++)
		count += (size_t)__builtin_popcountll(calls->bits[i]);
	return count;
}

/* One trial in a process of its own, so that several run at once. */
static pid_t start_trial(struct search *search, const struct calls *calls)
{
	const char *id = arena_printf(search->arena, "trial%zu", search->done);
	struct error err;
	pid_t child = fork();

	if (!child)
		_exit(trial_run(search->arena, search->bench, calls, id, &err) ? 0 : 1);
	return child;
}

/* The index of a worker that has ended; others are a runtime's, which it left behind. */
static size_t await_worker(const pid_t *workers, size_t count, bool *ret_passed)
{
	for (;;) {
		int status = 1;
		pid_t child = waitpid(-1, &status, 0);

		for (size_t i = 0; i < count; i++)
			if (workers[i] && workers[i] == child) {
				*ret_passed = !status;
				return i;
			}
	}
}

/* Whether each of these sets does; trials[i].passed is the answer. */
struct trial_of {
	struct calls calls;
	bool passed;
};

static void try_all(struct search *search, struct trial_of *trials, size_t count)
{
	pid_t workers[WORKERS_MAX] = { 0 };
	size_t jobs[WORKERS_MAX] = { 0 };
	size_t next = 0, running = 0;

	while (next < count || running) {
		bool passed = false;
		size_t i = 0;

		while (running < search->workers && next < count) {
			for (i = 0; workers[i]; i++)
				;
			workers[i] = start_trial(search, &trials[next].calls);
			search->done++;
			jobs[i] = next++;
			if (workers[i] > 0)
				running++;
			else
				workers[i] = 0; /* not passed */
		}
		if (!running)
			continue;
		i = await_worker(workers, WORKERS_MAX, &passed);
		trials[jobs[i]].passed = passed;
		workers[i] = 0;
		running--;
		progress_steps(&search->progress, search->done, search->planned);
	}
}

static bool passes(struct search *search, struct calls calls)
{
	struct trial_of trial = { .calls = calls };

	try_all(search, &trial, 1);
	return trial.passed;
}

/* The lower half of a set, of two elements at least. */
static struct calls half(const struct calls *calls)
{
	size_t wanted = calls_count(calls) / 2;
	struct calls lower = { { 0 } };

	for (unsigned call = 0; wanted; call++)
		if (calls_have(calls, call)) {
			calls_set(&lower, call, true);
			wanted--;
		}
	return lower;
}

/*
 * What of `among` is needed beside `base`, which does with all of it and does not
 * without: by halves, so that few among many cost few trials.
 */
static struct calls find_missing(struct search *search, struct calls base,
				 struct calls among)
{
	struct calls lower, upper, first, second;
	struct trial_of trials[2] = { { .passed = false } };

	if (calls_count(&among) <= 1)
		return among;
	lower = half(&among);
	upper = calls_without(among, lower);
	trials[0].calls = calls_union(base, lower);
	trials[1].calls = calls_union(base, upper);
	search->planned += 2;
	try_all(search, trials, ARRAY_SIZE(trials));
	if (trials[0].passed)
		return find_missing(search, base, lower);
	if (trials[1].passed)
		return find_missing(search, base, upper);
	first = find_missing(search, trials[1].calls, lower);
	second = find_missing(search, calls_union(base, first), upper);
	return calls_union(first, second);
}

/* Those of `calls` without any one of which a trial fails, and those in `always`. */
static struct calls reduce(struct search *search, struct calls calls, struct calls always)
{
	struct calls open = calls_without(calls, always), needed = always;
	struct trial_of *trials =
		arena_new(search->arena, struct trial_of, calls_count(&open));
	size_t count = 0;

	for (unsigned call = 0; call < syscall_count(); call++)
		if (calls_have(&open, call)) {
			trials[count].calls = calls;
			calls_set(&trials[count++].calls, call, false);
		}
	try_all(search, trials, count);
	count = 0;
	for (unsigned call = 0; call < syscall_count(); call++)
		if (calls_have(&open, call) && !trials[count++].passed)
			calls_set(&needed, call, true);
	return needed;
}

/* That it does again and again, with others at the same time. */
static bool is_steady(struct search *search, struct calls calls)
{
	struct trial_of trials[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++)
		trials[i] = (struct trial_of){ .calls = calls };
	try_all(search, trials, ROUNDS);
	for (size_t i = 0; i < ROUNDS; i++)
		if (!trials[i].passed)
			return false;
	return true;
}

static struct calls known_calls(const struct bench *bench)
{
	struct calls known = { { 0 } };

	for (unsigned call = 0; call < syscall_count(); call++)
		calls_set(&known, call, syscalls_has(bench->known, call));
	return known;
}

static struct calls kept_calls(const struct bench *bench)
{
	struct calls calls = { { 0 } };

	for (const char *const *name = kept[bench->kind]; *name; name++) {
		int call = syscall_find(text_of(*name));

		if (call >= 0)
			calls_set(&calls, (unsigned)call, true);
	}
	return calls;
}

/* What does, be it too much: what is known, or that and what it lacks. */
static bool begin(struct search *search, struct calls *ret, struct error *err)
{
	struct bench *bench = search->bench;
	struct calls all = { { 0 } },
		     known = calls_union(known_calls(bench), kept_calls(bench));

	for (unsigned call = 0; call < syscall_count(); call++)
		calls_set(&all, call, true);
	bench->whole = all;
	if (!trial_run(search->arena, bench, &all, "first", err))
		return error_in(err, "a container with every system call does not start");
	bench->whole = (struct calls){ { 0 } };
	*ret = known;
	if (passes(search, known))
		return true;
	/* What is known under conditions may be needed without them. */
	bench->whole = all;
	if (!passes(search, known))
		*ret = calls_union(
			known, find_missing(search, known, calls_without(all, known)));
	return true;
}

bool search(struct arena *arena, struct bench *bench, struct calls *ret,
	    struct error *err)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct search search = {
		.arena = arena,
		.bench = bench,
		.progress = progress_start("trials"),
		.planned = ROUNDS,
		.workers = processors < 2	      ? 2
			   : processors > WORKERS_MAX ? WORKERS_MAX
						      : (unsigned)processors,
	};
	struct calls enough = { { 0 } }, needed;
	bool steady = true;

	if (!begin(&search, &enough, err)) {
		progress_end(&search.progress);
		return false;
	}
	search.planned += calls_count(&enough);
	needed = reduce(&search, enough, kept_calls(bench));
	/* Of two that stand in for each other neither was needed by itself. */
	if (!passes(&search, needed))
		needed = calls_union(needed, find_missing(&search, needed,
							  calls_without(enough, needed)));
	if (!is_steady(&search, needed)) {
		needed = enough;
		steady = is_steady(&search, needed);
	}
	progress_end(&search.progress);
	if (!steady)
		return error_set(err, ERR_RUNTIME,
				 "containers start with these calls and then again do "
				 "not; try when this machine has less to do");
	/* The program's own, and nothing of the runtime's. */
	calls_set(&needed, (unsigned)syscall_find(text_of("ppoll")), false);
	*ret = needed;
	return true;
}
