/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/decisions.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/file.h"
#include "lib/stamp.h"

bool decisions_open(struct arena *arena, const char *path, struct decisions *ret,
		    struct error *err)
{
	struct decisions decisions = { .path = path ? path : RECORD_FILE };

	decisions.shown = text_shown(arena, text_of(decisions.path));
	if (path && !strcmp(path, "-"))
		decisions.fd = STDIN_FILENO;
	else
		decisions.fd = file_open(AT_FDCWD, decisions.path,
					 O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (decisions.fd < 0) {
		bool closed = errno == EACCES;

		(void)error_errno(err, "%s", decisions.shown);
		if (closed && geteuid())
			error_mend(err, "run it as root");
		if (err->code == ERR_NOINPUT && !path)
			error_set(err, ERR_NOINPUT,
				  "there is no decision log %s; it is kept where "
				  "node.json says \"audit\": \"log\"",
				  decisions.path);
		return false;
	}
	decisions.bytes = arena_new(arena, char, DECISION_MAX);
	*ret = decisions;
	return true;
}

/* More bytes into what is free of the buffer; none are the end, for now. */
static bool fill(struct decisions *decisions, size_t *ret, struct error *err)
{
	ssize_t n;

	memmove(decisions->bytes, decisions->bytes + decisions->start,
		decisions->end - decisions->start);
	decisions->end -= decisions->start;
	decisions->start = 0;
	n = read(decisions->fd, decisions->bytes + decisions->end,
		 DECISION_MAX - decisions->end);
	if (n < 0)
		return error_errno(err, "read %s", decisions->shown);
	decisions->end += (size_t)n;
	*ret = (size_t)n;
	return true;
}

/* The line at the beginning of the buffer; NULL: it has no end there. */
static const char *line_end(const struct decisions *decisions)
{
	size_t left = decisions->end - decisions->start;

	return left ? memchr(decisions->bytes + decisions->start, '\n', left) : NULL;
}

enum line_kind {
	LINE_NONE,  /* nothing more at present; what is left may grow to a line */
	LINE_WHOLE, /* without its line feed; valid until the next call */
	LINE_LONG,  /* longer than DECISION_MAX, and passed over */
};

static bool next_line(struct decisions *decisions, enum line_kind *ret_kind,
		      struct text *ret, struct error *err)
{
	const char *feed;
	size_t n = 0;

	while (!(feed = line_end(decisions))) {
		if (decisions->end - decisions->start == DECISION_MAX) {
			decisions->skips = true;
			decisions->start = decisions->end;
		}
		if (!fill(decisions, &n, err))
			return false;
		if (!n) {
			*ret_kind = LINE_NONE;
			return true;
		}
	}
	ret->bytes = decisions->bytes + decisions->start;
	ret->length = (size_t)(feed - ret->bytes);
	decisions->start += ret->length + 1;
	*ret_kind = decisions->skips ? LINE_LONG : LINE_WHOLE;
	decisions->skips = false;
	return true;
}

struct text decisions_rest(struct decisions *decisions)
{
	struct text rest = { decisions->bytes + decisions->start,
			     decisions->end - decisions->start };

	decisions->start = decisions->end;
	return rest;
}

static struct text member(const struct json *object, const char *key)
{
	return json_string(json_get(object, key));
}

static bool starts(struct text line)
{
	return line.length > strlen(RECORD_START) + STAMP_LENGTH &&
	       text_begins(line, RECORD_START) && line.bytes[line.length - 1] == '}';
}

/* The part of it that is wanted, closed: what is long is behind it. */
static struct text cut_off(struct arena *arena, struct text line, enum extent extent)
{
	const char *cut = NULL;
	char *copy;
	size_t n;

	if (extent == EXTENT_FRONT)
		cut = memmem(line.bytes, line.length, RECORD_LOST, strlen(RECORD_LOST));
	if (extent != EXTENT_WHOLE && !cut)
		cut = memmem(line.bytes, line.length, RECORD_BEFORE,
			     strlen(RECORD_BEFORE));
	if (!cut)
		return line;
	n = (size_t)(cut - line.bytes);
	copy = arena_new(arena, char, n + 1);
	memcpy(copy, line.bytes, n);
	copy[n] = '}';
	return (struct text){ copy, n + 1 };
}

static bool parse(struct arena *arena, struct text line, enum extent extent,
		  struct entry *ret)
{
	struct entry entry = { .line = line };
	const struct json *subject;
	struct timespec when;
	struct error ignored;
	struct json *root;

	if (!starts(line) ||
	    !json_parse(arena, cut_off(arena, line, extent), &root, &ignored))
		return false;
	entry.root = root;
	entry.time = member(root, "time");
	entry.status = member(root, "status");
	entry.mode = member(root, "mode");
	entry.operation = member(root, "operation");
	entry.id = member(root, "id");
	entry.config = member(root, "config");
	entry.why = member(root, "why");
	subject = json_get(root, "subject");
	entry.subject.namespace = member(subject, "namespace");
	entry.subject.container = member(subject, "container");
	entry.subject.image = member(subject, "image");
	if (!stamp_read(entry.time, &when) || entry.time.length != STAMP_LENGTH ||
	    !entry.status.length || !entry.operation.length)
		return false;
	*ret = entry;
	return true;
}

/* The last beginning of a decision in a line that begins otherwise. */
static struct text last_start(struct text line)
{
	struct text last = { NULL, 0 };

	while (line.length > 1) {
		const char *next = memmem(line.bytes + 1, line.length - 1, RECORD_START,
					  strlen(RECORD_START));

		if (!next)
			break;
		line.length -= (size_t)(next - line.bytes);
		line.bytes = next;
		last = line;
	}
	return last;
}

bool entry_read(struct arena *arena, struct text line, enum extent extent,
		struct entry *ret)
{
	struct text rest;

	if (parse(arena, line, extent, ret))
		return true;
	rest = last_start(line);
	if (!rest.length || !parse(arena, rest, extent, ret))
		return false;
	ret->broken = true;
	return true;
}

bool wanted_option(struct wanted *wanted, int argc, char **argv, int *i)
{
	const char *value;

	if ((value = option_value("--since", argc, argv, i)))
		wanted->since = value;
	else if ((value = option_value("--container", argc, argv, i)))
		wanted->container = value;
	else if ((value = option_value("--namespace", argc, argv, i)))
		wanted->namespace = value;
	else if ((value = option_value("--image", argc, argv, i)))
		wanted->image = value;
	else if ((value = option_value("--file", argc, argv, i)))
		wanted->file = value;
	return value;
}

bool wanted_since(struct arena *arena, struct wanted *wanted, struct error *err)
{
	struct timespec now, since;

	if (!wanted->since)
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	if (!stamp_since(arena, text_of(wanted->since), now, &since, err))
		return error_in(err, "--since");
	wanted->since = stamp_write(arena, since);
	return true;
}

/* Of words that JSON would write otherwise nothing can be said. */
static bool has_word(struct text line, const char *word)
{
	for (const char *c = word; c && *c; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\' || *c == '/')
			return true;
	return !word || memmem(line.bytes, line.length, word, strlen(word));
}

bool wanted_perhaps(const struct wanted *wanted, struct text line)
{
	char status[64];
	int n;

	if (wanted->since && starts(line) &&
	    memcmp(line.bytes + strlen(RECORD_START), wanted->since, STAMP_LENGTH) < 0 &&
	    !last_start(line).length)
		return false;
	if (wanted->status) {
		n = snprintf(status, sizeof(status), "\"status\":\"%s\"", wanted->status);
		if (!memmem(line.bytes, line.length, status, (size_t)n))
			return false;
	}
	return has_word(line, wanted->container) && has_word(line, wanted->namespace);
}

bool wanted_entry(struct arena *arena, const struct wanted *wanted,
		  const struct entry *entry)
{
	const struct subject *subject = &entry->subject;

	if (wanted->since && text_compare(entry->time, text_of(wanted->since)) < 0)
		return false;
	if (wanted->status && !text_is(entry->status, wanted->status))
		return false;
	if (wanted->container && !text_is(subject->container, wanted->container) &&
	    !text_begins(entry->id, wanted->container))
		return false;
	if (wanted->namespace && !text_is(subject->namespace, wanted->namespace))
		return false;
	return !wanted->image ||
	       (subject->image.length &&
		!fnmatch(wanted->image,
			 arena_copy(arena, subject->image.bytes, subject->image.length),
			 0));
}

bool decisions_visit_line(struct arena *arena, struct text line, struct visit *visit,
			  struct error *err)
{
	struct entry entry;
	bool read;

	/* Of two that mended the same line at once, one leaves an empty one. */
	if (!line.length || !wanted_perhaps(visit->wanted, line))
		return true;
	read = entry_read(arena, line, visit->extent, &entry);
	if (!read || entry.broken) {
		visit->broken++;
		/* What stands before the decision, or all of it. */
		line.length -= read ? entry.line.length : 0;
		if (visit->odd)
			visit->odd(arena, line, visit->into);
	}
	return !read || !wanted_entry(arena, visit->wanted, &entry) ||
	       visit->each(arena, &entry, visit->into, err);
}

bool decisions_visit(struct decisions *decisions, struct visit *visit, struct error *err)
{
	struct arena arena = { NULL };
	enum line_kind kind;
	struct text line;
	bool passes;

	while ((passes = next_line(decisions, &kind, &line, err)) && kind != LINE_NONE) {
		if (kind == LINE_LONG) {
			visit->broken++;
			if (visit->odd)
				visit->odd(&arena, line, visit->into);
		} else if (!decisions_visit_line(&arena, line, visit, err)) {
			passes = false;
			break;
		}
		arena_reset(&arena);
		visit->bytes += line.length + 1;
		if (visit->progress)
			progress_bytes(visit->progress, visit->bytes);
	}
	arena_free(&arena);
	return passes;
}
