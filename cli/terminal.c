/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const codes[] = {
	[COLOR_PLAIN] = "",	  [COLOR_BOLD] = "\033[1m", [COLOR_GOOD] = "\033[32m",
	[COLOR_BAD] = "\033[31m", [COLOR_DIM] = "\033[2m",
};

bool terminal_colors(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

const char *text_plain(struct arena *arena, struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.bytes[i] <= ' ' || text.bytes[i] > '~' || text.bytes[i] == '\'')
			return text_quote(arena, text);
	return text.length ? arena_copy(arena, text.bytes, text.length) : "''";
}

/* How many bytes are one character that may be shown; 0: none, or no UTF-8. */
static size_t shown_length(struct text text)
{
	size_t length =
		(unsigned char)*text.bytes < 0x80
			? 1
			: utf8_length((const unsigned char *)text.bytes, text.length);

	text.length = length;
	return text_is_line(text) ? length : 0;
}

const char *text_shown(struct arena *arena, struct text text)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "");
	for (size_t i = 0; i < text.length;) {
		size_t length =
			shown_length((struct text){ text.bytes + i, text.length - i });

		if (length)
			buffer_add(&out, text.bytes + i, length);
		else
			buffer_printf(&out, "\\x%02x", (unsigned char)text.bytes[i]);
		i += length ? length : 1;
	}
	return out.bytes;
}

static void print_cell(bool colors, const struct cell *cell)
{
	if (colors && cell->color)
		printf("%s%s\033[0m", codes[cell->color], cell->text);
	else
		fputs(cell->text, stdout);
}

void print_colored(enum color color, const char *text)
{
	print_cell(terminal_colors(), &(struct cell){ text, color });
}

void table_print(const struct table *table)
{
	bool colors = terminal_colors();
	size_t widths[TABLE_COLUMNS] = { 0 };

	for (size_t i = 0; i < table->count; i++) {
		const struct cell *cells = table->items[i].cells;

		for (size_t j = 0; j + 1 < TABLE_COLUMNS && cells[j + 1].text; j++)
			if (strlen(cells[j].text) > widths[j])
				widths[j] = strlen(cells[j].text);
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct cell *cells = table->items[i].cells;

		printf("%*s", (int)table->indent, "");
		for (size_t j = 0; j < TABLE_COLUMNS && cells[j].text; j++) {
			bool last = j + 1 == TABLE_COLUMNS || !cells[j + 1].text;

			print_cell(colors, &cells[j]);
			if (!last)
				printf("%*s",
				       (int)(widths[j] - strlen(cells[j].text)) + 2, "");
		}
		putchar('\n');
	}
}

struct progress progress_start(const char *what)
{
	struct progress progress = { .what = what, .terminal = isatty(STDERR_FILENO) };

	clock_gettime(CLOCK_MONOTONIC, &progress.since);
	return progress;
}

static bool is_due(struct progress *progress)
{
	struct timespec now;

	if (!progress->terminal)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - progress->since.tv_sec < 1 ||
	    (now.tv_sec - progress->since.tv_sec == 1 &&
	     now.tv_nsec < progress->since.tv_nsec))
		return false;
	progress->since = now;
	progress->shown = true;
	return true;
}

void progress_bytes(void *with, uint64_t bytes)
{
	struct progress *progress = with;

	if (is_due(progress))
		fprintf(stderr, "\r\033[K%s: %llu MiB", progress->what,
			(unsigned long long)bytes >> 20);
}

void progress_steps(struct progress *progress, size_t done, size_t of)
{
	if (is_due(progress))
		fprintf(stderr, "\r\033[K%s: %zu of %zu", progress->what, done, of);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
