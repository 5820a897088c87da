/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_DECISIONS_H
#define CLI_DECISIONS_H

#include <stdio.h>

#include "cli/terminal.h"
#include "gate/record.h"

/*
 * Reading the decision log, line by line in one buffer, however long it is. It may be cut
 * off in the middle of a line, hold what is no decision at all, and grow meanwhile; none
 * of this is an error, but each line of it is known.
 */
#define DECISION_MAX ((size_t)256 * 1024)

struct decisions {
	const char *path, *shown; /* shown: the path, for messages */
	int fd;
	char *bytes; /* what was read: [start, end) is not used yet */
	size_t start, end;
	bool skips; /* in a line that is too long */
};

/* "-" is standard input, NULL this node's own log. The caller closes fd. */
NODISCARD bool decisions_open(struct arena *arena, const char *path,
			      struct decisions *ret, struct error *err);

/* What is left behind the last line feed: a line that was cut off. */
struct text decisions_rest(struct decisions *decisions);

/* The members of a decision; texts are empty where there is none. */
struct entry {
	struct text line; /* from the decision's beginning on */
	bool broken;	  /* something that is no decision stands before that */
	struct text time, status, mode, operation, id, config, why;
	struct subject subject;
	const struct json *root;
};

enum extent {
	EXTENT_FRONT, /* up to `lost` and `before` */
	EXTENT_LOST,  /* with `lost` */
	EXTENT_WHOLE,
};

/* False: it is no decision. */
bool entry_read(struct arena *arena, struct text line, enum extent extent,
		struct entry *ret);

/* Which decisions are wanted; NULL: whatever. */
struct wanted {
	const char *since;     /* as stamp_write() writes */
	const char *container; /* the id or how it begins, or the container's name */
	const char *namespace;
	const char *image; /* with stars */
	const char *status;
	const char *file; /* of which log: decisions_open() */
};

/* Whether argv[*i] is one of their options; wanted_since() makes a time of --since. */
bool wanted_option(struct wanted *wanted, int argc, char **argv, int *i);
NODISCARD bool wanted_since(struct arena *arena, struct wanted *wanted,
			    struct error *err);

/*
 * Whether a decision is wanted; and of a line that is not parsed yet, whether it may be
 * one, which its bytes tell much faster.
 */
bool wanted_perhaps(const struct wanted *wanted, struct text line);
bool wanted_entry(struct arena *arena, const struct wanted *wanted,
		  const struct entry *entry);

/*
 * Call `each` for every decision that is wanted, with an arena that is emptied behind it,
 * and count the lines that are none.
 */
struct visit {
	const struct wanted *wanted;
	enum extent extent;
	bool (*each)(struct arena *arena, const struct entry *entry, void *into,
		     struct error *err);
	/* NULL, or: a line that is none. */
	void (*odd)(struct arena *arena, struct text line, void *into);
	void *into;
	struct progress *progress; /* NULL: nobody is told */
	uint64_t broken, bytes;
};

/* Up to where the log ends at present. */
NODISCARD bool decisions_visit(struct decisions *decisions, struct visit *visit,
			       struct error *err);

/* One line, in the same way. */
NODISCARD bool decisions_visit_line(struct arena *arena, struct text line,
				    struct visit *visit, struct error *err);

#endif
