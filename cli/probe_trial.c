/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/probe_trial.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/probe_program.h"
#include "lib/ask.h"
#include "lib/file.h"
#include "oci/config.h"

#define WORLD "/tmp"
#define PATIENCE_MS 4000
#define ANSWER_SIZE_MAX ((size_t)4096)
#define WORDS_MAX 16

struct trial {
	struct arena *arena;
	const struct bench *bench;
	const char *id;
	const char *folder; /* the bundle, and the runtime's state */
	struct text seccomp;
};

/* How a container is started. */
struct way {
	const char *name;
	unsigned uid;
	bool bound;    /* noNewPrivileges */
	bool lives;    /* create and start, and exec in it; else run */
	bool terminal; /* of what lives */
};

static const struct way ways[] = {
	{ "run", .bound = false },
	{ "run as a user, noNewPrivileges", .uid = 1000, .bound = true },
	{ "create, noNewPrivileges", .bound = true, .lives = true },
	{ "create as a user, with a terminal", .uid = 1000, .lives = true,
	  .terminal = true },
};

struct syscalls bench_syscalls(struct arena *arena, const struct bench *bench,
			       const struct calls *calls)
{
	const struct rules *rules = &bench->known->rules;
	struct syscalls syscalls = { 0 };

	for (unsigned call = 0; call < syscall_count(); call++) {
		bool meant = false;

		if (!calls_have(calls, call))
			continue;
		for (size_t i = 0; i < rules->count; i++)
			if (rules->items[i].call == call &&
			    !calls_have(&bench->whole, call)) {
				*arena_push(arena, &syscalls.rules) = rules->items[i];
				meant = true;
			}
		if (!meant)
			syscalls_allow(&syscalls, call);
	}
	return syscalls;
}

static bool write_file(const char *path, struct text text, mode_t mode, struct error *err)
{
	CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0)
		return error_errno(err, "%s", path);
	return file_write_fd(fd, text, err);
}

static bool make_folder(const char *path, struct error *err)
{
	return !mkdir(path, 0755) || errno == EEXIST || error_errno(err, "make %s", path);
}

bool trial_prepare(struct arena *arena, struct error *err)
{
	struct text program = program_bytes(arena);

	if (!program.length)
		return error_set(err, ERR_USAGE,
				 "check --probe knows no program for this machine, only "
				 "for x86_64 and aarch64");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ||
	    mount("tmpfs", WORLD, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		return error_errno(err, "mounts of trials");
	return make_folder(WORLD "/rootfs", err) &&
	       make_folder(WORLD "/rootfs/proc", err) &&
	       make_folder(WORLD "/rootfs/dev", err) &&
	       write_file(WORLD "/rootfs/program", program, 0755, err);
}

/* The parts that config.json and process.json have in common. */
static void put_process(struct buffer *out, const struct way *way, unsigned uid,
			bool bound, bool waits)
{
	const char *caps = "[\"CAP_CHOWN\",\"CAP_KILL\"]";

	buffer_printf(out,
		      "{\"terminal\":%s,\"user\":{\"uid\":%u,\"gid\":%u,"
		      "\"additionalGids\":[7]},\"args\":[\"/program\"%s],"
		      "\"env\":[\"A=b\"],\"cwd\":\"/\",\"capabilities\":{"
		      "\"bounding\":%s,\"effective\":%s,\"permitted\":%s,"
		      "\"inheritable\":%s,\"ambient\":%s},\"noNewPrivileges\":%s}",
		      way->terminal ? "true" : "false", uid, uid,
		      waits ? ",\"wait\"" : "", caps, caps, caps, caps, caps,
		      bound ? "true" : "false");
}

static bool write_bundle(const struct trial *trial, const struct way *way,
			 struct error *err)
{
	struct buffer out = { .arena = trial->arena };

	buffer_puts(&out, "{\"ociVersion\":\"1.0.0\",\"process\":");
	put_process(&out, way, way->uid, way->bound, way->lives);
	buffer_puts(&out,
		    ",\"root\":{\"path\":\"" WORLD "/rootfs\"},\"hostname\":\"trial\","
		    "\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\","
		    "\"source\":\"proc\"},{\"destination\":\"/dev\",\"type\":"
		    "\"tmpfs\",\"source\":\"tmpfs\",\"options\":[\"mode=755\"]},"
		    "{\"destination\":\"/dev/pts\",\"type\":\"devpts\","
		    "\"source\":\"devpts\",\"options\":[\"newinstance\","
		    "\"ptmxmode=0666\"]}],\"linux\":{\"namespaces\":["
		    "{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"ipc\"},"
		    "{\"type\":\"uts\"},{\"type\":\"mount\"}],\"cgroupsPath\":"
		    "\"/" TRIAL_CGROUP "/");
	buffer_printf(&out, "%s\",\"seccomp\":", trial->id);
	buffer_add(&out, trial->seccomp.bytes, trial->seccomp.length);
	buffer_puts(&out, "}}\n");
	return write_file(arena_printf(trial->arena, "%s/config.json", trial->folder),
			  buffer_text(&out), 0644, err);
}

/* Ask the runtime; `listens` is whether somebody reads what the program says. */
static bool call_runtime(const struct trial *trial, const char *const *words,
			 bool listens, int *ret_status, struct error *err)
{
	struct arena *arena = trial->arena;
	char *argv[WORDS_MAX] = {
		arena_printf(arena, "runtime"),
		arena_printf(arena, "--root"),
		arena_printf(arena, "%s/state", trial->folder),
		arena_printf(arena, "--log"),
		arena_printf(arena, "%s/log", trial->folder),
	};
	char where[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const environment[] = { where, NULL };
	struct question question = { .path = trial->bench->runtime,
				     .environment = environment,
				     .limit = listens ? ANSWER_SIZE_MAX : 0,
				     .patience_ms = PATIENCE_MS };
	struct answered answer;
	size_t n = 5;

	/* Where crun is not let near cgroups, it does not fail on those it can't use. */
	if (trial->bench->kind == RUNTIME_CRUN)
		argv[n++] = arena_printf(arena, "--cgroup-manager=disabled");
	while (*words)
		argv[n++] = arena_printf(arena, "%s", *words++);
	question.argv = argv;
	if (!ask(arena, &question, &answer, err))
		return false;
	*ret_status = answer.status;
	return true;
}

static bool expect(const struct trial *trial, const char *const *words, bool listens,
		   int wanted, struct error *err)
{
	int status;

	if (!call_runtime(trial, words, listens, &status, err))
		return false;
	return status == wanted ||
	       error_set(err, ERR_RUNTIME, "%s ended with status %d", words[0], status);
}

/* Somebody to hand terminals to; nobody has to take them. */
static bool open_console(const char *path, int *ret, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)unlink(path);
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 16) < 0)
		return error_errno(err, "socket %s", path);
	*ret = fd;
	fd = -1;
	return true;
}

/* A process of another user and another noNewPrivileges than the container's. */
static bool exec_process(const struct trial *trial, const struct way *way,
			 const char *console, struct error *err)
{
	const char *path = arena_printf(trial->arena, "%s/process.json", trial->folder);
	struct buffer out = { .arena = trial->arena };

	put_process(&out, way, way->uid ? 0 : 1000, !way->bound, false);
	if (!write_file(path, buffer_text(&out), 0644, err))
		return false;
	if (way->terminal)
		return expect(trial,
			      (const char *const[]){ "exec", "--process", path,
						     "--detach", "--console-socket",
						     console, trial->id, NULL },
			      false, 0, err);
	return expect(trial,
		      (const char *const[]){ "exec", "--process", path, trial->id, NULL },
		      true, PROGRAM_STATUS, err);
}

static bool live(const struct trial *trial, const struct way *way, struct error *err)
{
	const char *console = arena_printf(trial->arena, "%s/console", trial->folder);
	const char *create[] = { "create", "--bundle", trial->folder, trial->id,
				 NULL,	   NULL,       NULL };
	CLOSE int fd = -1;

	if (way->terminal) {
		if (!open_console(console, &fd, err))
			return false;
		create[3] = "--console-socket";
		create[4] = console;
		create[5] = trial->id;
	}
	return expect(trial, create, false, 0, err) &&
	       expect(trial, (const char *const[]){ "start", trial->id, NULL }, false, 0,
		      err) &&
	       (way->terminal ||
		expect(trial,
		       (const char *const[]){ "exec", trial->id, "/program", NULL }, true,
		       PROGRAM_STATUS, err)) &&
	       exec_process(trial, way, console, err);
}

static void remove_container(const struct trial *trial)
{
	struct error ignored;
	int status;

	(void)!call_runtime(trial,
			    (const char *const[]){ "delete", "--force", trial->id, NULL },
			    false, &status, &ignored);
}

static bool try_way(const struct trial *trial, const struct way *way, struct error *err)
{
	bool started =
		write_bundle(trial, way, err) &&
		(way->lives
			 ? live(trial, way, err)
			 : expect(trial,
				  (const char *const[]){ "run", "--bundle", trial->folder,
							 trial->id, NULL },
				  true, PROGRAM_STATUS, err));

	/* What ran to its end has been removed by the runtime itself. */
	if (way->lives || !started)
		remove_container(trial);
	return started || error_in(err, "%s", way->name);
}

/* The last line of the runtime's log, as far as it can be shown. */
static void add_words(const struct trial *trial, struct error *err)
{
	const char *path = arena_printf(trial->arena, "%s/log", trial->folder);
	struct error ignored;
	struct file file;
	const char *line;

	if (!file_read(trial->arena, AT_FDCWD, path, 1 << 16, &file, &ignored) ||
	    !file.text.length)
		return;
	file.text.length -= file.text.bytes[file.text.length - 1] == '\n';
	line = memrchr(file.text.bytes, '\n', file.text.length);
	line = line ? line + 1 : file.text.bytes;
	error_mend(err, "the runtime says %s",
		   text_quote(trial->arena,
			      (struct text){ line, (size_t)(file.text.bytes +
							    file.text.length - line) }));
}

bool trial_run(struct arena *arena, const struct bench *bench, const struct calls *calls,
	       const char *id, struct error *err)
{
	struct trial trial = { .arena = arena,
			       .bench = bench,
			       .id = id,
			       .folder = arena_printf(arena, WORLD "/%s", id) };
	struct policy policy = { .syscalls = bench_syscalls(arena, bench, calls) };
	struct sections sections;

	if (!sections_make(arena, &policy, archs_native(), (struct capset){ 0 },
			   &sections, err) ||
	    !make_folder(trial.folder, err))
		return false;
	trial.seccomp = sections.seccomp;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (!try_way(&trial, &ways[i], err)) {
			add_words(&trial, err);
			return false;
		}
	return true;
}

void trial_remove_cgroups(void)
{
	static const char *const patterns[] = {
		"/sys/fs/cgroup/" TRIAL_CGROUP "/*",
		"/sys/fs/cgroup/" TRIAL_CGROUP,
		"/sys/fs/cgroup/*/" TRIAL_CGROUP "/*",
		"/sys/fs/cgroup/*/" TRIAL_CGROUP,
	};

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		glob_t found;

		if (glob(patterns[i], 0, NULL, &found))
			continue;
		for (size_t j = 0; j < found.gl_pathc; j++)
			(void)rmdir(found.gl_pathv[j]);
		globfree(&found);
	}
}
