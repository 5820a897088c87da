/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SHIM_STATE_H
#define TESTS_SHIM_STATE_H

/*
 * What a program inherits, as text: one line a fact, the same facts in the same order
 * whoever writes them, so that two processes had the same before and after an execve if
 * diff(1) is silent.
 */

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define STATE_FDS 65536

static inline void state_text(FILE *out, const char *what, const char *text)
{
	fprintf(out, "%s ", what);
	for (; *text; text++)
		if (isprint((unsigned char)*text) && *text != '\\')
			fputc(*text, out);
		else
			fprintf(out, "\\x%02x", (unsigned char)*text);
	fputc('\n', out);
}

/* Number, target, flags and position of each descriptor, in order. */
static inline void state_fds(FILE *out)
{
	static char open_here[STATE_FDS];
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;

	memset(open_here, 0, sizeof(open_here));
	while (folder && (entry = readdir(folder)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    atoi(entry->d_name) < STATE_FDS)
			open_here[atoi(entry->d_name)] = 1;
	if (folder) {
		open_here[dirfd(folder)] = 0;
		closedir(folder);
	}
	open_here[fileno(out)] = 0;
	for (int fd = 0; fd < STATE_FDS; fd++) {
		char path[64], target[4096];
		ssize_t n;

		if (!open_here[fd])
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		fprintf(out, "fd %d flags %o at %lld", fd, (unsigned)fcntl(fd, F_GETFL),
			(long long)lseek(fd, 0, SEEK_CUR));
		state_text(out, "", target);
	}
}

/* Lines of /proc/self/status that an execve keeps. */
static inline void state_status(FILE *out)
{
	static const char *const names[] = {
		"Umask:",  "PPid:",	  "Uid:",     "Gid:",
		"Groups:", "NStgid:",	  "SigPnd:",  "ShdPnd:",
		"SigBlk:", "SigIgn:",	  "CapInh:",  "CapBnd:",
		"CapAmb:", "NoNewPrivs:", "Seccomp:", "Cpus_allowed:",
	};
	FILE *status = fopen("/proc/self/status", "re");
	char line[4096];

	while (status && fgets(line, sizeof(line), status))
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (!strncmp(line, names[i], strlen(names[i])))
				fputs(line, out);
	if (status)
		fclose(status);
}

static inline void state_limits(FILE *out)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit = { 0 };

		getrlimit(i, &limit);
		fprintf(out, "limit %d %llu %llu\n", i,
			(unsigned long long)limit.rlim_cur,
			(unsigned long long)limit.rlim_max);
	}
}

static inline void state_rest(FILE *out)
{
	struct itimerval timer = { 0 };
	int death = 0, subreaper = 0;
	char *cwd = getcwd(NULL, 0);

	getitimer(ITIMER_REAL, &timer);
	prctl(PR_GET_PDEATHSIG, &death);
	prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
	state_text(out, "cwd", cwd ? cwd : "");
	free(cwd);
	fprintf(out, "session %d group %d\n", getsid(0), getpgrp());
	fprintf(out, "nice %d scheduler %d\n", getpriority(PRIO_PROCESS, 0),
		sched_getscheduler(0));
	fprintf(out, "timer %d pdeathsig %d subreaper %d slack %d\n",
		timer.it_value.tv_sec > 0, death, subreaper,
		prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	fprintf(out, "personality %x securebits %x\n", (unsigned)personality(0xffffffff),
		(unsigned)prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
}

static inline void state_write(FILE *out)
{
	state_fds(out);
	state_status(out);
	state_limits(out);
	state_rest(out);
	for (char **variable = environ; *variable; variable++)
		state_text(out, "env", *variable);
}

#endif
