/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/rundir.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "lib/trust.h"

static bool make(int dir, const char *name, const char *shown, struct error *err)
{
	if (!mkdirat(dir, name, 0700) || errno == EEXIST)
		return true;
	return error_errno(err, "make %s", shown);
}

/* Looked for first, as below: it is made but once in a boot. */
bool rundir_open(struct arena *arena, int *ret, struct error *err)
{
	if (trust_open_dir(arena, POWERBOX_RUNDIR, ret, err))
		return true;
	return err->code == ERR_NOINPUT &&
	       make(AT_FDCWD, POWERBOX_RUNDIR, POWERBOX_RUNDIR, err) &&
	       trust_open_dir(arena, POWERBOX_RUNDIR, ret, err);
}

bool rundir_open_folder(struct arena *arena, const char *name, int *ret,
			struct error *err)
{
	const char *shown = arena_printf(arena, POWERBOX_RUNDIR "/%s", name);
	CLOSE int dir = -1;

	if (!rundir_open(arena, &dir, err))
		return false;
	if (trust_open_sub(arena, dir, POWERBOX_RUNDIR, name, ret, err))
		return true;
	return err->code == ERR_NOINPUT && make(dir, name, shown, err) &&
	       trust_open_sub(arena, dir, POWERBOX_RUNDIR, name, ret, err);
}

bool rundir_identify(struct arena *arena, const char *path, struct text *ret,
		     struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_errno(err, "%s", path);
	*ret = text_of(arena_printf(
		arena, "%s %ju:%ju %ju %jd.%09ld %jd.%09ld", path, (uintmax_t)st.st_dev,
		(uintmax_t)st.st_ino, (uintmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec));
	return true;
}

const char *rundir_spare(struct arena *arena, const char *name)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return arena_printf(arena, ".%s.%d.%ld", name, (int)getpid(), now.tv_nsec);
}

bool rundir_write(struct arena *arena, int dir, const char *name, struct text text,
		  struct error *err)
{
	const char *spare = rundir_spare(arena, name);
	CLOSE int fd = openat(dir, spare, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_errno(err, POWERBOX_RUNDIR "/%s", spare);
	if (!file_write_fd(fd, text, err)) {
		unlinkat(dir, spare, 0);
		return false;
	}
	if (renameat(dir, spare, dir, name) < 0) {
		(void)error_errno(err, POWERBOX_RUNDIR "/%s", name);
		unlinkat(dir, spare, 0);
		return false;
	}
	return true;
}
