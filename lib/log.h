/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include "lib/arena.h"

/*
 * Telling people. Only the programs' main.c call this; everything else returns errors.
 *
 * A refusal goes to stderr, to syslog (authpriv), and to the file of the runtime's --log
 * option in its --log-format: podman and CRI-O show stderr, containerd and Docker the
 * last line of that file whose level is error. A place that can't be written to is left
 * out: it never changes a decision. One line and one write each.
 */
struct log {
	const char *program;
	const char *path; /* of --log; NULL: none */
	bool json;	  /* --log-format json, else logfmt as runc and crun write it */
};

void log_refusal(struct arena *arena, const struct log *log, const char *line);

/* What was decided, for syslog alone. */
void log_notice(const struct log *log, const char *line);

#endif
