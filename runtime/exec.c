/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/exec.h"

#include <unistd.h>

#include "gate/node.h"
#include "lib/trust.h"
#include "runtime/ring.h"

bool runtime_check(struct arena *arena, const char *path, struct error *err)
{
	CLOSE int fd = -1;
	struct stat st;

	if (!trust_open_program(arena, path, &fd, err)) {
		if (err->code == ERR_NOINPUT)
			error_mend(err, "install it, or name another one there");
		if (err->code == ERR_NOINPUT || err->code == ERR_CONFIG)
			err->code = ERR_RUNTIME;
		return error_in(err, "the real runtime (\"runtime\" in " NODE_FILE ")");
	}
	if (fstat(fd, &st) < 0)
		return error_errno(err, "the real runtime %s", path);
	return ring_check(path, fd, &st, err);
}

bool runtime_exec(const char *path, char *const *argv, struct error *err)
{
	execve(path, argv, environ);
	error_errno(err, "can't execute the real runtime %s", path);
	err->code = ERR_RUNTIME;
	return false;
}
