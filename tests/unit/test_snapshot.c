/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/snapshot.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/digest.h"
#include "tests/tap.h"

#define ETC POWERBOX_SYSCONFDIR

static void put(int dir, const char *name, const char *text)
{
	CLOSE int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    fchmod(fd, 0644) < 0)
		ok(false, "%s: %s", name, strerror(errno));
}

static void sh(const char *path, const char *script)
{
	struct arena arena = { NULL };

	/* Words of this test's own alone. */
	if (system(arena_printf(&arena, "cd '%s' && umask 022 && { %s; }", path, script)))
		ok(false, "%s", script);
	arena_free(&arena);
}

static bool is(const struct snapshot *snapshot, const char *const *paths)
{
	size_t i;

	for (i = 0; paths[i]; i++)
		if (i == snapshot->count ||
		    strcmp(snapshot->items[i].path, paths[i]) != 0)
			return false;
	return i == snapshot->count;
}

static bool reads(struct arena *arena, int etc, const char *const *paths)
{
	struct snapshot snapshot;
	struct error err = { 0 };

	return (snapshot_read(arena, etc, &snapshot, &err) && is(&snapshot, paths)) ||
	       !ok(false, "%s", err.msg);
}

static void test_files(struct arena *arena, int etc, const char *path)
{
	struct snapshot first, second;
	struct error err = { 0 };

	ok(reads(arena, -1, (const char *const[]){ NULL }), "no folder, no files");
	ok(reads(arena, etc, (const char *const[]){ NULL }), "none in it");
	put(etc, "acl.json", "{}");
	sh(path, "mkdir acl.d; touch acl.d/.hidden.json acl.d/x.json~ acl.d/json");
	ok(reads(arena, etc, (const char *const[]){ ETC "/acl.json", NULL }),
	   "names with a dot in front or another end do not count");
	sh(path, "echo '{ }' >acl.d/20-b.json; echo '{}' >acl.d/10-a.json");
	ok(reads(arena, etc,
		 (const char *const[]){ ETC "/acl.json", ETC "/acl.d/10-a.json",
					ETC "/acl.d/20-b.json", NULL }),
	   "acl.json, then the others by name");
	ok(snapshot_read(arena, etc, &first, &err), "they are read");
	ok(!strcmp(first.digest,
		   digest_text(arena, text_of(ETC "/acl.json\n2\n{}" ETC
						  "/acl.d/10-a.json\n3\n{}\n" ETC
						  "/acl.d/20-b.json\n4\n{ }\n"))),
	   "a digest over paths, lengths and bytes");
	sh(path, "mv acl.d/20-b.json acl.d/30-b.json");
	ok(snapshot_read(arena, etc, &second, &err) &&
		   strcmp(first.digest, second.digest) != 0,
	   "of other names it is another");
	sh(path, "ln -s nowhere acl.d/40-c.json");
	ok(!snapshot_read(arena, etc, &second, &err) && err.code == ERR_CONFIG &&
		   strstr(err.msg, "nowhere"),
	   "a link that leads nowhere");
	sh(path, "rm -r acl.d");
	ok(reads(arena, etc, (const char *const[]){ ETC "/acl.json", NULL }),
	   "acl.json alone");
	sh(path, "rm acl.json");
}

/* As the kubelet lays out a ConfigMap (AtomicWriter), twice. */
static const char generations[] =
	"mkdir -p acl.d/..2026_a acl.d/..2026_b;"
	"for g in a b; do for f in 1 2 3 4; do echo $g >acl.d/..2026_$g/$f.json; done; "
	"done;"
	"ln -s ..2026_a acl.d/..data;"
	"for f in 1 2 3 4; do ln -s ..data/$f.json acl.d/$f.json; done";

static void test_config_map(struct arena *arena, int etc, const char *path)
{
	struct snapshot snapshot;
	struct error err = { 0 };

	sh(path, generations);
	ok(snapshot_read(arena, etc, &snapshot, &err) && snapshot.count == 4 &&
		   text_is(snapshot.items[3].file.text, "a\n"),
	   "links through ..data are followed, folders with a dot not read");
	sh(path, "ln -sfn ..2026_b acl.d/..data");
	ok(snapshot_read(arena, etc, &snapshot, &err) &&
		   text_is(snapshot.items[0].file.text, "b\n"),
	   "and lead elsewhere once it does");
	sh(path, "chmod 777 acl.d/..2026_b");
	ok(!snapshot_read(arena, etc, &snapshot, &err) && err.code == ERR_TRUST &&
		   strstr(err.msg, "acl.d/..2026_b: writable by group and others"),
	   "each folder on the way must be root's");
	sh(path, "chmod 755 acl.d/..2026_b; chown -h 1 acl.d/..data");
	ok(!snapshot_read(arena, etc, &snapshot, &err) && err.code == ERR_TRUST,
	   "and where ..data leads");
	sh(path, "chown -h 0 acl.d/..data; chown -h 1 acl.d/2.json");
	ok(!snapshot_read(arena, etc, &snapshot, &err) && err.code == ERR_TRUST,
	   "and each link");
	sh(path, "chown -h 0 acl.d/2.json; chown 1 acl.d/..2026_b/2.json");
	ok(!snapshot_read(arena, etc, &snapshot, &err) && err.code == ERR_TRUST,
	   "and each file");
	sh(path, "chown 0 acl.d/..2026_b/2.json; chmod 777 acl.d");
	ok(!snapshot_read(arena, etc, &snapshot, &err) && err.code == ERR_TRUST,
	   "and the folder");
	sh(path, "chmod 755 acl.d");
}

static void pause_for(unsigned i)
{
	const struct timespec pause = { .tv_nsec = i % 7 * 50000 };

	nanosleep(&pause, NULL);
}

/* The three below go on until they are killed. One generation, the other, and back. */
static void exchange(int etc)
{
	static const char *const names[] = { "..2026_a", "..2026_b" };

	for (unsigned i = 0;; i++) {
		if (symlinkat(names[i % 2], etc, "acl.d/..data_tmp") < 0 ||
		    renameat(etc, "acl.d/..data_tmp", etc, "acl.d/..data") < 0)
			_exit(1);
		pause_for(i);
	}
}

static void put_number(int etc, const char *path, unsigned number)
{
	char text[32];

	snprintf(text, sizeof(text), "%x\n", number);
	put(etc, path, text);
}

/* As the kubelet does: a new folder, the exchange, and the old folder is gone. */
static void renew(int etc)
{
	char folder[64], path[80];

	for (unsigned i = 0;; i++) {
		snprintf(folder, sizeof(folder), "acl.d/..new_%u", i);
		if (mkdirat(etc, folder, 0755) < 0)
			_exit(1);
		for (unsigned f = 1; f <= 4; f++) {
			snprintf(path, sizeof(path), "%s/%u.json", folder, f);
			put_number(etc, path, i);
		}
		if (symlinkat(strchr(folder, '/') + 1, etc, "acl.d/..data_tmp") < 0 ||
		    renameat(etc, "acl.d/..data_tmp", etc, "acl.d/..data") < 0)
			_exit(1);
		snprintf(folder, sizeof(folder), "acl.d/..new_%u", i - 1);
		for (unsigned f = 1; i && f <= 4; f++) {
			snprintf(path, sizeof(path), "%s/%u.json", folder, f);
			unlinkat(etc, path, 0);
		}
		unlinkat(etc, folder, AT_REMOVEDIR);
		pause_for(i);
	}
}

/* 4.json is never older than 3.json, and so on to 1.json. */
static void count_up(int etc)
{
	for (unsigned i = 1;; i++) {
		for (unsigned f = 4; f; f--) {
			char path[32];

			snprintf(path, sizeof(path), "acl.d/%u.json", f);
			put_number(etc, "acl.d/.new", i);
			if (renameat(etc, "acl.d/.new", etc, path) < 0)
				_exit(1);
		}
		pause_for(i);
	}
}

static bool equal(unsigned first, unsigned last)
{
	return first == last;
}

static bool in_order(unsigned first, unsigned last)
{
	return first == last || first + 1 == last;
}

/* To the base of sixteen, so that a and b are numbers. */
static unsigned number_in(const struct snapshot *snapshot, size_t i)
{
	return (unsigned)strtoul(snapshot->items[i].file.text.bytes, NULL, 16);
}

/* While `change` goes on, of each snapshot the first file and the last fit together. */
static void test_one_instant(int etc, const char *what, void (*change)(int etc),
			     bool (*fit)(unsigned first, unsigned last))
{
	unsigned tried = 0, read = 0, mixed = 0, last = 0, moved = 0;
	struct error err = { 0 };
	pid_t child;

	/* What the one before was killed over. */
	unlinkat(etc, "acl.d/..data_tmp", 0);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		change(etc);
	}
	for (; tried < 100000 && (tried < 1000 || moved < 100); tried++) {
		struct arena arena = { NULL };
		struct snapshot snapshot;

		if (snapshot_read(&arena, etc, &snapshot, &err)) {
			unsigned first = number_in(&snapshot, 0);

			mixed += snapshot.count != 4 ||
				 !fit(first, number_in(&snapshot, 3));
			moved += first != last;
			last = first;
			read++;
		}
		arena_free(&arena);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ok(read == tried && moved >= 100 && !mixed,
	   "%u of %u snapshots of %u states while %s: %u are mixed", read, tried, moved,
	   what, mixed);
}

/* A fifth file comes and goes. */
static void come_and_go(int etc)
{
	for (unsigned i = 1;; i++) {
		put_number(etc, "acl.d/.new", i);
		if (renameat(etc, "acl.d/.new", etc, "acl.d/5.json") < 0)
			_exit(1);
		pause_for(i);
		if (unlinkat(etc, "acl.d/5.json", 0) < 0)
			_exit(1);
		pause_for(i);
	}
}

/* A snapshot has as many files as there were, never one that it has not read. */
static void test_number(int etc)
{
	unsigned tried = 0, four = 0, five = 0;
	struct error err = { 0 };
	pid_t child = fork();

	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		come_and_go(etc);
	}
	for (; tried < 100000 && (tried < 5000 || four < 100 || five < 100); tried++) {
		struct arena arena = { NULL };
		struct snapshot snapshot;

		if (snapshot_read(&arena, etc, &snapshot, &err)) {
			four += snapshot.count == 4;
			five += snapshot.count == 5 && snapshot.items[4].path;
		}
		arena_free(&arena);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ok(four + five == tried && four >= 100 && five >= 100,
	   "of %u snapshots %u have four files and %u five", tried, four, five);
}

int main(void)
{
	char path[] = "/tmp/powerbox-snapshot.XXXXXX";
	struct arena arena = { NULL };
	CLOSE int etc = -1;

	if (geteuid()) {
		puts("1..0 # SKIP only root's files count");
		return 0;
	}
	if (!mkdtemp(path) || (etc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return 1;
	test_files(&arena, etc, path);
	test_config_map(&arena, etc, path);
	test_one_instant(etc, "..data is exchanged, and back", exchange, equal);
	test_one_instant(etc, "a ConfigMap changes", renew, equal);
	sh(path,
	   "rm -r acl.d; mkdir acl.d; for f in 1 2 3 4; do echo 0 >acl.d/$f.json; done");
	test_one_instant(etc, "files are replaced one by one", count_up, in_order);
	test_number(etc);
	sh(path, "rm -r acl.d");
	arena_free(&arena);
	rmdir(path);
	return tap_done();
}
