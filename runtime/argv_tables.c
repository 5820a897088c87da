/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/argv_tables.h"

#include <stdint.h>

#define ANY SIZE_MAX

/* A row a line, whatever its length. */
/* clang-format off */

/*
 * Sources: runc's main.go and one .go a command, v1.0 to main of August 2026; crun's
 * src/crun.c and one .c a command, 0.2 to main (1.29.1) of August 2026; and --help of
 * Debian 12's runc 1.1.5 and crun 1.8.1.
 */

/* ---- runc ---- */

static const struct option runc_globals[] = {
	{ "debug", 0, OPTION_FLAG },
	{ "log", 0, OPTION_VALUE },
	{ "log-format", 0, OPTION_VALUE },
	{ "root", 0, OPTION_VALUE },
	{ "criu", 0, OPTION_VALUE }, /* until 1.3 */
	{ "systemd-cgroup", 0, OPTION_FLAG },
	{ "rootless", 0, OPTION_VALUE },
	{ "version", 'v', OPTION_SHOWS },
	{ 0 },
};

static const struct option runc_everywhere[] = {
	{ "help", 'h', OPTION_SHOWS },
	{ 0 },
};

static const struct option runc_create[] = {
	{ "bundle", 'b', OPTION_VALUE },
	{ "console-socket", 0, OPTION_VALUE },
	{ "pidfd-socket", 0, OPTION_VALUE }, /* from 1.2 on */
	{ "pid-file", 0, OPTION_VALUE },
	{ "no-pivot", 0, OPTION_FLAG },
	{ "no-new-keyring", 0, OPTION_FLAG },
	{ "preserve-fds", 0, OPTION_VALUE },
	{ 0 },
};

static const struct option runc_run[] = {
	{ "bundle", 'b', OPTION_VALUE },
	{ "console-socket", 0, OPTION_VALUE },
	{ "pidfd-socket", 0, OPTION_VALUE }, /* from 1.2 on */
	{ "detach", 'd', OPTION_FLAG },
	{ "keep", 0, OPTION_FLAG }, /* from 1.1 on */
	{ "pid-file", 0, OPTION_VALUE },
	{ "no-subreaper", 0, OPTION_FLAG },
	{ "no-pivot", 0, OPTION_FLAG },
	{ "no-new-keyring", 0, OPTION_FLAG },
	{ "preserve-fds", 0, OPTION_VALUE },
	{ 0 },
};

static const struct option runc_restore[] = {
	{ "console-socket", 0, OPTION_VALUE },
	{ "image-path", 0, OPTION_VALUE },
	{ "work-path", 0, OPTION_VALUE },
	{ "tcp-established", 0, OPTION_FLAG },
	{ "ext-unix-sk", 0, OPTION_FLAG },
	{ "shell-job", 0, OPTION_FLAG },
	{ "file-locks", 0, OPTION_FLAG },
	{ "manage-cgroups-mode", 0, OPTION_VALUE },
	{ "bundle", 'b', OPTION_VALUE },
	{ "detach", 'd', OPTION_FLAG },
	{ "pid-file", 0, OPTION_VALUE },
	{ "no-subreaper", 0, OPTION_FLAG },
	{ "no-pivot", 0, OPTION_FLAG },
	{ "empty-ns", 0, OPTION_VALUE },
	{ "auto-dedup", 0, OPTION_FLAG },
	{ "lazy-pages", 0, OPTION_FLAG },
	{ "lsm-profile", 0, OPTION_VALUE },
	{ "lsm-mount-context", 0, OPTION_VALUE },
	{ 0 },
};

static const struct option runc_checkpoint[] = {
	{ "image-path", 0, OPTION_VALUE },
	{ "work-path", 0, OPTION_VALUE },
	{ "parent-path", 0, OPTION_VALUE },
	{ "leave-running", 0, OPTION_FLAG },
	{ "tcp-established", 0, OPTION_FLAG },
	{ "tcp-skip-in-flight", 0, OPTION_FLAG }, /* from 1.3 on */
	{ "link-remap", 0, OPTION_FLAG }, /* from 1.3 on */
	{ "ext-unix-sk", 0, OPTION_FLAG },
	{ "shell-job", 0, OPTION_FLAG },
	{ "lazy-pages", 0, OPTION_FLAG },
	{ "status-fd", 0, OPTION_VALUE },
	{ "page-server", 0, OPTION_VALUE },
	{ "file-locks", 0, OPTION_FLAG },
	{ "pre-dump", 0, OPTION_FLAG },
	{ "manage-cgroups-mode", 0, OPTION_VALUE },
	{ "empty-ns", 0, OPTION_VALUE },
	{ "auto-dedup", 0, OPTION_FLAG },
	{ 0 },
};

static const struct option runc_exec[] = {
	{ "console-socket", 0, OPTION_VALUE },
	{ "pidfd-socket", 0, OPTION_VALUE }, /* from 1.2 on */
	{ "cwd", 0, OPTION_VALUE },
	{ "env", 'e', OPTION_VALUE },
	{ "tty", 't', OPTION_FLAG },
	{ "user", 'u', OPTION_VALUE },
	{ "additional-gids", 'g', OPTION_VALUE },
	{ "process", 'p', OPTION_VALUE },
	{ "detach", 'd', OPTION_FLAG },
	{ "pid-file", 0, OPTION_VALUE },
	{ "process-label", 0, OPTION_VALUE },
	{ "apparmor", 0, OPTION_VALUE },
	{ "no-new-privs", 0, OPTION_FLAG },
	{ "cap", 'c', OPTION_VALUE },
	{ "preserve-fds", 0, OPTION_VALUE },
	{ "cgroup", 0, OPTION_VALUE },
	{ "ignore-paused", 0, OPTION_FLAG },
	{ 0 },
};

static const struct option runc_update[] = {
	{ "resources", 'r', OPTION_VALUE },
	{ "blkio-weight", 0, OPTION_VALUE },
	{ "cpu-period", 0, OPTION_VALUE },
	{ "cpu-quota", 0, OPTION_VALUE },
	{ "cpu-burst", 0, OPTION_VALUE }, /* from 1.2 on */
	{ "cpu-share", 0, OPTION_VALUE },
	{ "cpu-rt-period", 0, OPTION_VALUE },
	{ "cpu-rt-runtime", 0, OPTION_VALUE },
	{ "cpuset-cpus", 0, OPTION_VALUE },
	{ "cpuset-mems", 0, OPTION_VALUE },
	{ "cpu-idle", 0, OPTION_VALUE }, /* from 1.2 on */
	{ "kernel-memory", 0, OPTION_VALUE },
	{ "kernel-memory-tcp", 0, OPTION_VALUE },
	{ "memory", 0, OPTION_VALUE },
	{ "memory-reservation", 0, OPTION_VALUE },
	{ "memory-swap", 0, OPTION_VALUE },
	{ "pids-limit", 0, OPTION_VALUE },
	{ "l3-cache-schema", 0, OPTION_VALUE },
	{ "mem-bw-schema", 0, OPTION_VALUE },
	{ 0 },
};

static const struct option runc_kill[] = {
	{ "all", 'a', OPTION_FLAG },
	{ 0 },
};

static const struct option runc_delete[] = {
	{ "force", 'f', OPTION_FLAG },
	{ 0 },
};

static const struct option runc_events[] = {
	{ "interval", 0, OPTION_VALUE },
	{ "stats", 0, OPTION_FLAG },
	{ 0 },
};

static const struct option runc_ps[] = {
	{ "format", 'f', OPTION_VALUE },
	{ 0 },
};

static const struct option none[] = {
	{ 0 },
};

/*
 * runc moves options that stand behind the id to the front, except for exec and ps
 * (SkipArgReorder), whose arguments are somebody else's. "init" is not here: only runc
 * calls that, on itself.
 */
static const struct command runc_commands[] = {
	{ "create", EFFECT_CREATES, runc_create, 0, 1, 1, false },
	{ "run", EFFECT_CREATES, runc_run, 0, 1, 1, false },
	{ "restore", EFFECT_RESTORES, runc_restore, 0, 1, 1, false },
	{ "exec", EFFECT_EXECS, runc_exec, 0, 1, ANY, true },
	{ "update", EFFECT_UPDATES, runc_update, 0, 1, 1, false },
	{ "checkpoint", EFFECT_NONE, runc_checkpoint, 0, 1, 1, false },
	{ "delete", EFFECT_NONE, runc_delete, 0, 1, 1, false },
	{ "events", EFFECT_NONE, runc_events, 0, 1, 1, false },
	{ "features", EFFECT_NONE, none, ANY, 0, ANY, false },
	{ "help", EFFECT_NONE, none, ANY, 0, ANY, false },
	{ "h", EFFECT_NONE, none, ANY, 0, ANY, false },
	{ "kill", EFFECT_NONE, runc_kill, 0, 1, 2, false },
	{ "list", EFFECT_NONE, none, ANY, 0, ANY, false },
	{ "pause", EFFECT_NONE, none, 0, 1, 1, false },
	{ "ps", EFFECT_NONE, runc_ps, 0, 1, ANY, true },
	{ "resume", EFFECT_NONE, none, 0, 1, 1, false },
	{ "spec", EFFECT_NONE, none, ANY, 0, ANY, false },
	{ "start", EFFECT_NONE, none, 0, 1, 1, false },
	{ "state", EFFECT_NONE, none, 0, 1, 1, false },
	{ 0 },
};

/* ---- crun ---- */

static const struct option crun_globals[] = {
	{ "debug", 0, OPTION_FLAG },
	{ "cgroup-manager", 0, OPTION_VALUE },
	{ "systemd-cgroup", 0, OPTION_FLAG },
	{ "log", 0, OPTION_VALUE },
	{ "log-format", 0, OPTION_VALUE },
	{ "log-level", 0, OPTION_VALUE }, /* from 1.9 on */
	{ "root", 0, OPTION_VALUE },
	{ "rootless", 0, OPTION_VALUE },
	{ "version", 'v', OPTION_SHOWS },
	{ "version", 'V', OPTION_SHOWS },
	{ 0 },
};

/* glibc's argp adds these to every command (argp/argp-parse.c, argp_default_options). */
static const struct option crun_everywhere[] = {
	{ "help", '?', OPTION_SHOWS },
	{ "usage", 0, OPTION_SHOWS },
	{ "program-name", 0, OPTION_INTERNAL },
	{ "HANG", 0, OPTION_INTERNAL },
	{ 0 },
};

static const struct option crun_create[] = {
	{ "bundle", 'b', OPTION_VALUE },
	{ "config", 'f', OPTION_VALUE },
	{ "console-socket", 0, OPTION_VALUE },
	{ "preserve-fds", 0, OPTION_VALUE },
	{ "no-pivot", 0, OPTION_FLAG },
	{ "pid-file", 0, OPTION_VALUE },
	{ "no-subreaper", 0, OPTION_FLAG },
	{ "no-new-keyring", 0, OPTION_FLAG },
	{ 0 },
};

static const struct option crun_run[] = {
	{ "bundle", 'b', OPTION_VALUE },
	{ "config", 'f', OPTION_VALUE },
	{ "detach", 'd', OPTION_FLAG },
	{ "console-socket", 0, OPTION_VALUE },
	{ "preserve-fds", 0, OPTION_VALUE },
	{ "no-pivot", 0, OPTION_FLAG },
	{ "pid-file", 0, OPTION_VALUE },
	{ "no-subreaper", 0, OPTION_FLAG },
	{ "no-new-keyring", 0, OPTION_FLAG },
	{ "keep", 0, OPTION_FLAG }, /* not in 1.8.1 */
	{ 0 },
};

static const struct option crun_exec[] = {
	{ "console-socket", 0, OPTION_VALUE },
	{ "tty", 't', OPTION_OPTIONAL },
	{ "process", 'p', OPTION_VALUE },
	{ "cwd", 0, OPTION_VALUE },
	{ "cgroup", 0, OPTION_VALUE },
	{ "detach", 'd', OPTION_FLAG },
	{ "user", 'u', OPTION_VALUE },
	{ "env", 'e', OPTION_VALUE },
	{ "cap", 'c', OPTION_VALUE },
	{ "pid-file", 0, OPTION_VALUE },
	{ "preserve-fds", 0, OPTION_VALUE },
	{ "no-new-privs", 0, OPTION_FLAG },
	{ "process-label", 0, OPTION_VALUE },
	{ "apparmor", 0, OPTION_VALUE },
	{ 0 },
};

/*
 * network-lock is declared without a value but takes the next argument as one
 * (src/restore.c: argp_mandatory_argument).
 */
static const struct option crun_restore[] = {
	{ "bundle", 'b', OPTION_VALUE },
	{ "image-path", 0, OPTION_VALUE },
	{ "work-path", 0, OPTION_VALUE },
	{ "tcp-established", 0, OPTION_FLAG },
	{ "tcp-close", 0, OPTION_FLAG },
	{ "ext-unix-sk", 0, OPTION_FLAG },
	{ "shell-job", 0, OPTION_FLAG },
	{ "detach", 'd', OPTION_FLAG },
	{ "pid-file", 0, OPTION_VALUE },
	{ "console-socket", 0, OPTION_VALUE },
	{ "file-locks", 0, OPTION_FLAG },
	{ "manage-cgroups-mode", 0, OPTION_VALUE },
	{ "network-lock", 0, OPTION_DETACHED },
	{ "lsm-profile", 0, OPTION_VALUE },
	{ "lsm-mount-context", 0, OPTION_VALUE },
	{ 0 },
};

static const struct option crun_update[] = {
	{ "resources", 'r', OPTION_VALUE },
	{ "blkio-weight", 0, OPTION_VALUE },
	{ "cpu-period", 0, OPTION_VALUE },
	{ "cpu-quota", 0, OPTION_VALUE },
	{ "cpu-share", 0, OPTION_VALUE },
	{ "cpu-rt-period", 0, OPTION_VALUE },
	{ "cpu-rt-runtime", 0, OPTION_VALUE },
	{ "cpuset-cpus", 0, OPTION_VALUE },
	{ "cpuset-mems", 0, OPTION_VALUE },
	{ "kernel-memory", 0, OPTION_VALUE },
	{ "kernel-memory-tcp", 0, OPTION_VALUE },
	{ "memory", 0, OPTION_VALUE },
	{ "memory-reservation", 0, OPTION_VALUE },
	{ "memory-swap", 0, OPTION_VALUE },
	{ "pids-limit", 0, OPTION_VALUE },
	{ "l3-cache-schema", 0, OPTION_VALUE }, /* not in 1.8.1 */
	{ "mem-bw-schema", 0, OPTION_VALUE }, /* not in 1.8.1 */
	{ 0 },
};

/* The id of kill and delete is a regular expression with this option. */
static const struct option crun_kill[] = {
	{ "all", 'a', OPTION_FLAG },
	{ "regex", 'r', OPTION_FLAG },
	{ 0 },
};

static const struct option crun_delete[] = {
	{ "force", 'f', OPTION_FLAG },
	{ "regex", 'r', OPTION_FLAG },
	{ 0 },
};

static const struct option crun_ps[] = {
	{ "format", 'f', OPTION_VALUE },
	{ 0 },
};

/* crun takes restore's second argument and ignores it; here it is refused. */
static const struct command crun_commands[] = {
	{ "create", EFFECT_CREATES, crun_create, 0, 1, 1, true },
	{ "run", EFFECT_CREATES, crun_run, 0, 1, 1, true },
	{ "restore", EFFECT_RESTORES, crun_restore, 0, 1, 1, true },
	{ "exec", EFFECT_EXECS, crun_exec, 0, 1, ANY, true },
	{ "update", EFFECT_UPDATES, crun_update, 0, 1, 1, true },
	{ "mounts", EFFECT_MOUNTS, none, 1, 3, 3, true },
	{ "checkpoint", EFFECT_NONE, none, ANY, 0, ANY, true },
	{ "delete", EFFECT_NONE, crun_delete, 0, 1, 1, true },
	{ "features", EFFECT_NONE, none, ANY, 0, ANY, true },
	{ "kill", EFFECT_NONE, crun_kill, 0, 1, 2, true },
	{ "list", EFFECT_NONE, none, ANY, 0, ANY, true },
	{ "pause", EFFECT_NONE, none, 0, 1, 1, true },
	{ "ps", EFFECT_NONE, crun_ps, 0, 1, ANY, true },
	{ "resume", EFFECT_NONE, none, 0, 1, 1, true },
	{ "spec", EFFECT_NONE, none, ANY, 0, ANY, true },
	{ "start", EFFECT_NONE, none, 0, 1, 1, true },
	{ "state", EFFECT_NONE, none, 0, 1, 1, true },
	{ 0 },
};

static const struct grammar grammars[] = {
	[RUNTIME_RUNC] = { "runc", runc_globals, runc_everywhere, runc_commands },
	[RUNTIME_CRUN] = { "crun", crun_globals, crun_everywhere, crun_commands },
};

/* clang-format on */

const struct grammar *grammar_of(enum runtime_kind kind)
{
	return &grammars[kind];
}
