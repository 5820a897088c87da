/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <time.h>

#include "lib/text.h"

/*
 * Output for people. Colour is an addition for a terminal: without one, or with NO_COLOR
 * set to something (no-color.org), the same words come without it.
 */
enum color {
	COLOR_PLAIN,
	COLOR_BOLD,
	COLOR_GOOD,
	COLOR_BAD,
	COLOR_DIM,
};

/* Whether stdout takes colour; asked once per output. */
bool terminal_colors(void);

/*
 * Text of others for a line of output: as it is if it is plain (printable ASCII without a
 * space), else text_quote()d, so that it neither moves a cursor nor ends a line.
 */
const char *text_plain(struct arena *arena, struct text text);

/*
 * A sentence of others, in any language: what could move a cursor, end the line or turn
 * it around comes out as \xNN.
 */
const char *text_shown(struct arena *arena, struct text text);

/*
 * Rows whose cells stand below each other. The last cell of a row is as long as it likes;
 * the others make their columns as wide as they are.
 */
#define TABLE_COLUMNS 5

struct cell {
	const char *text; /* NULL: the row has ended */
	enum color color;
};

struct row {
	struct cell cells[TABLE_COLUMNS];
};

struct table {
	struct row *items;
	size_t count, capacity;
	unsigned indent;
};

void table_print(const struct table *table);

/* One piece of text on stdout in a colour. */
void print_colored(enum color color, const char *text);

/* What is done for more than a second is told on stderr, if that is a terminal. */
struct progress {
	const char *what;
	struct timespec since;
	bool terminal, shown;
};

struct progress progress_start(const char *what);

/* With a number of bytes, for struct tar_watch; `with` is the progress. */
void progress_bytes(void *with, uint64_t bytes);
void progress_steps(struct progress *progress, size_t done, size_t of);

/* Takes the line away again. */
void progress_end(struct progress *progress);

#endif
