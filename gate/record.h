/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_RECORD_H
#define GATE_RECORD_H

#include <time.h>

#include "gate/gate.h"

/*
 * The decision log: one JSON line a decision, in the form of powerbox-decisions(5) and
 * doc/schema/decision.json. Nothing of it is computed unless node.json asks for it.
 *
 * What people look for stands in front; what is long, at the end: first `lost`, if there
 * is one, then `before` and `after`. RECORD_LOST and RECORD_BEFORE, at which these begin,
 * are bytes that no JSON string can have in it (a quote would stand there as \"): who
 * wants the front alone reads up to there, and one that was cut off in the middle is
 * found again by RECORD_START. Texts that are not powerbox's own are cut after
 * RECORD_TEXT_MAX bytes, so that nobody can fill the disk with one container.
 */
#define RECORD_FOLDER POWERBOX_LOGDIR
#define RECORD_NAME "decisions.jsonl"
#define RECORD_FILE RECORD_FOLDER "/" RECORD_NAME
#define RECORD_START "{\"time\":\""
#define RECORD_LOST ",\"lost\":{"
#define RECORD_BEFORE ",\"before\":{"
#define RECORD_TEXT_MAX ((size_t)1024)
#define RECORD_KEYS_MAX 32 /* annotations that are named */

/* What a decision was about. All pointers but `node` may be NULL: not known (yet). */
struct record {
	const char *operation; /* "create" */
	struct text id;
	const char *path; /* of the config.json that was decided on */
	const struct node *node;
	const struct gate *gate;
	const struct outcome *outcome;
	const struct sections *after; /* what is given, or would be in mode warn */
	enum mode mode;
	bool warned; /* nothing is changed and nothing refused, whatever `why` says */
};

/*
 * The line, with its line feed. `why`: NULL, or why it was refused, or would have been in
 * mode warn.
 */
struct text record_line(struct arena *arena, const struct record *record,
			const struct error *why, struct timespec now);

/*
 * Write it, if node.json asks for that. False: it can't be written, and node.json says
 * that it has to be. Otherwise ret_lost->code tells whether a line was lost (0: no).
 */
NODISCARD bool record_write(struct arena *arena, const struct record *record,
			    const struct error *why, struct error *ret_lost,
			    struct error *err);

#endif
