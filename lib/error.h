/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

#include "lib/base.h"

/*
 * One convention for everything that can fail: the function returns bool, is
 * NODISCARD and takes `struct error *err` last; the outputs, named ret, are written
 * on success only and err on failure only. What can't fail returns the thing.
 *
 * The code is also the exit status of the program. The numbers are API: they stand
 * in powerbox-runtime(8), and a test compares the two.
 */
enum errc {
	ERR_DENIED = 1,	  /* the ACL does not allow what was asked for */
	ERR_USAGE = 64,	  /* a command line not understood, an id taken */
	ERR_DATA = 65,	  /* a document of the engine is malformed or ambiguous */
	ERR_NOINPUT = 66, /* a file or folder that is needed is missing */
	ERR_RUNTIME = 69, /* the real runtime can't be executed, or is powerbox */
	ERR_INEXACT = 70, /* the union can't be expressed exactly */
	ERR_MEMORY = 71,  /* out of memory */
	ERR_IO = 74,	  /* reading or writing failed */
	ERR_TRUST = 77,	  /* a file that somebody other than root could write */
	ERR_CONFIG = 78,  /* the ACL, node.json or a profile is wrong */
};

/*
 * 640 bytes are one line in an engine's event; what is longer is cut, which also
 * limits what an outsider can make us print. The message is lower case, has no full
 * stop, and says what, where and how to mend it; text that is not ours goes through
 * text_quote() first.
 */
struct error {
	enum errc code;
	char msg[640];
};

/* All return false, so that `return error_set(...)` is the whole statement. */
bool error_set(struct error *err, enum errc code, const char *fmt, ...) PRINTF(3, 4);

/*
 * As error_set, with ": " and the text of errno behind it. ENOENT and ENOTDIR become
 * ERR_NOINPUT, ENOMEM ERR_MEMORY, everything else ERR_IO.
 */
bool error_errno(struct error *err, const char *fmt, ...) PRINTF(2, 3);

/* Put "context: " in front of the message; the code stays. */
bool error_in(struct error *err, const char *fmt, ...) PRINTF(2, 3);

/* Put "; what to do" behind the message; the code stays. */
bool error_mend(struct error *err, const char *fmt, ...) PRINTF(2, 3);

#endif
