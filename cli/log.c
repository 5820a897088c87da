/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/decisions.h"
#include "lib/stamp.h"

/* How often a log is looked at whose folder tells of no change. */
#define WAIT_MS 1000

struct options {
	struct wanted wanted;
	bool follow, json, colors;
	bool shown; /* a decision was */
};

static const struct {
	const char *name;
	enum color color;
} statuses[] = {
	{ "granted", COLOR_GOOD },
	{ "refused", COLOR_BAD },
	{ "warned", COLOR_BOLD },
};

static bool check(struct arena *arena, struct options *options, struct error *err)
{
	const char *status = options->wanted.status, *file = options->wanted.file;
	size_t i = 0;

	if (!wanted_since(arena, &options->wanted, err))
		return false;
	if (options->follow && file && !strcmp(file, "-"))
		return usage_error(err, &command_log, "standard input can't be followed");
	while (status && i < ARRAY_SIZE(statuses) &&
	       strcmp(status, statuses[i].name) != 0)
		i++;
	return i < ARRAY_SIZE(statuses) ||
	       usage_error(err, &command_log, "--status is granted, refused or warned");
}

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	for (int i = 0; i < argc; i++) {
		const char *value;

		if (wanted_option(&ret->wanted, argc, argv, &i))
			continue;
		if ((value = option_value("--status", argc, argv, &i)))
			ret->wanted.status = value;
		else if (!strcmp(argv[i], "--follow"))
			ret->follow = true;
		else if (!strcmp(argv[i], "--json"))
			ret->json = true;
		else
			return usage_unknown(arena, err, &command_log, argv[i]);
	}
	return check(arena, ret, err);
}

/* "c1 (kube-system, pause, registry.example/x)" */
static void print_who(struct arena *arena, const struct entry *entry)
{
	const struct text facts[] = { entry->subject.namespace, entry->subject.container,
				      entry->subject.image };
	const char *before = " (";
	struct text id = entry->id;

	/* As engines show the long ones of their own. */
	if (id.length == 64)
		id.length = 12;
	fputs(id.length ? text_plain(arena, id) : "-", stdout);
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		if (!facts[i].length)
			continue;
		printf("%s%s", before, text_plain(arena, facts[i]));
		before = ", ";
	}
	fputs(*before == ',' ? "): " : ": ", stdout);
}

static void print_list(struct arena *arena, const char **before, const struct json *list)
{
	for (const struct json *item = list ? list->first : NULL; item;
	     item = item->next) {
		if (item->kind != JSON_STRING)
			continue;
		printf("%s%s", *before, text_plain(arena, item->text));
		*before = ", ";
	}
}

/* What nobody asked for would look like a mistake without a word. */
static void print_granted(struct arena *arena, const struct json *granted)
{
	const char *before = "";

	for (const struct json *item = granted ? granted->first : NULL; item;
	     item = item->next) {
		const struct json *name = json_get(item, "profile");
		const struct json *by = json_get(item, "by");

		if (!json_is(name, JSON_STRING))
			continue;
		printf("%s%s%s", before, text_plain(arena, name->text),
		       json_is(by, JSON_STRING) && text_is(by->text, "runtime")
			       ? " (the runtime's own)"
			       : "");
		before = ", ";
	}
}

static size_t count_of(const struct json *lost, const char *key)
{
	const struct json *list = json_get(lost, key);

	return list ? list->count : 0;
}

/* What a container kept that it would lose. */
static void print_lost(struct arena *arena, const struct json *lost)
{
	const char *before = "would lose ", *first = before;
	size_t calls = count_of(lost, "calls") + count_of(lost, "callsInPart");
	const struct json *every = json_get(lost, "everyOtherCall");
	const struct json *privileges = json_get(lost, "newPrivileges");

	print_list(arena, &before, json_get(lost, "capabilities"));
	if (count_of(lost, "ambient")) {
		printf("%scapabilities of programs that don't run as root", before);
		before = ", ";
	}
	if (privileges && privileges->truth) {
		printf("%snew privileges", before);
		before = ", ";
	}
	if (every && every->truth)
		printf("%severy call that no profile grants", before);
	else if (calls)
		printf("%s%zu system calls", before, calls);
	else if (before == first)
		fputs("would lose nothing", stdout);
}

/* The reason without the container that it begins with: that one stands before it. */
static struct text reason(struct arena *arena, const struct entry *entry)
{
	const char *whom =
		arena_printf(arena, "container %s: ", text_quote(arena, entry->id));
	size_t length = strlen(whom);
	struct text why = entry->why;

	if (why.length <= length || memcmp(why.bytes, whom, length) != 0)
		return why;
	return (struct text){ why.bytes + length, why.length - length };
}

static void print_what(struct arena *arena, const struct entry *entry)
{
	const struct json *lost = json_get(entry->root, "lost");
	const struct json *granted = json_get(entry->root, "granted");

	if (entry->why.length) {
		printf("%s%s",
		       text_is(entry->status, "warned") ? "would be refused: " : "",
		       text_shown(arena, reason(arena, entry)));
		return;
	}
	print_granted(arena, granted);
	if (lost) {
		fputs(granted && granted->count ? "; " : "", stdout);
		print_lost(arena, lost);
	} else if (!granted || !granted->count) {
		fputs("what the container has", stdout);
	}
}

static void print_status(struct arena *arena, const struct options *options,
			 struct text status)
{
	const char *padded = arena_printf(arena, "%-7s", text_plain(arena, status));
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(statuses) && !text_is(status, statuses[i].name))
		i++;
	if (options->colors)
		print_colored(statuses[i].color, padded);
	else
		fputs(padded, stdout);
}

static bool print_entry(struct arena *arena, const struct entry *entry, void *into,
			struct error *err)
{
	struct options *options = into;
	struct buffer out = { .arena = arena };

	(void)err;
	options->shown = true;
	if (options->json) {
		buffer_ascii(&out, entry->line);
		puts(out.bytes);
		return true;
	}
	printf("%.19sZ ", entry->time.bytes);
	print_status(arena, options, entry->status);
	printf(" %-9s ", text_plain(arena, entry->operation));
	print_who(arena, entry);
	print_what(arena, entry);
	putchar('\n');
	return true;
}

/* Between decisions, so that nobody takes a gap for silence; not where programs read. */
static void print_odd(struct arena *arena, struct text line, void *into)
{
	const struct options *options = into;

	fprintf(options->json ? stderr : stdout,
		"%-20s broken: %zu bytes that are no decision: %s\n", "-", line.length,
		text_quote(arena, line));
}

static bool is_same(const struct decisions *decisions, const char *path)
{
	struct stat ours, named;

	return !fstat(decisions->fd, &ours) && !stat(path, &named) &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* A line of which no more will come. */
static bool visit_rest(struct decisions *decisions, struct visit *visit,
		       struct error *err)
{
	struct text rest = decisions_rest(decisions);
	struct arena arena = { NULL };
	bool passes = decisions_visit_line(&arena, rest, visit, err);

	arena_free(&arena);
	return passes;
}

/* From the beginning, if the file was made shorter. */
static bool rewound(struct decisions *decisions)
{
	struct stat st;

	if (fstat(decisions->fd, &st) < 0 ||
	    st.st_size >= lseek(decisions->fd, 0, SEEK_CUR))
		return false;
	decisions->start = decisions->end = 0;
	return !lseek(decisions->fd, 0, SEEK_SET);
}

/* Go to the file that has the name now; *ret_more: there is something new to read. */
static bool go_on(struct decisions *decisions, struct visit *visit, bool *ret_more,
		  struct error *err)
{
	CLOSE int next = -1;

	*ret_more = false;
	if (is_same(decisions, decisions->path)) {
		*ret_more = rewound(decisions);
		return true;
	}
	next = open(decisions->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (next < 0)
		return true;
	/* Who had opened the old one has written to it by now. */
	if (!decisions_visit(decisions, visit, err) || !visit_rest(decisions, visit, err))
		return false;
	close_cleanup(&decisions->fd);
	decisions->fd = next;
	next = -1;
	*ret_more = true;
	return true;
}

/* The folder tells of lines and of new files alike. */
static int watch(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *folder =
		slash ? arena_copy(arena, path, (size_t)(slash - path) + 1) : ".";
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd >= 0)
		(void)inotify_add_watch(fd, folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
	return fd;
}

static void wait_for_more(int watched)
{
	struct pollfd change = { .fd = watched, .events = POLLIN };
	char events[4096];

	if (poll(&change, 1, WAIT_MS) == 1)
		while (read(watched, events, sizeof(events)) > 0)
			continue;
}

static bool follow(struct arena *arena, struct decisions *decisions, struct visit *visit,
		   struct error *err)
{
	CLOSE int watched = watch(arena, decisions->path);
	bool more;

	for (;;) {
		if (!decisions_visit(decisions, visit, err) ||
		    !go_on(decisions, visit, &more, err))
			return false;
		if (fflush(stdout) || ferror(stdout))
			return error_set(err, ERR_IO, "writing to stdout failed");
		if (!more)
			wait_for_more(watched);
	}
}

/* A name that is mistyped looks like a container that nothing was decided on. */
static void print_none(struct arena *arena, const struct wanted *wanted, const char *log)
{
	const struct {
		const char *what, *value;
	} asked[] = {
		{ "container", wanted->container }, { "namespace", wanted->namespace },
		{ "image", wanted->image },	    { "status", wanted->status },
		{ "since", wanted->since },
	};
	const char *before = " of ";

	fputs("powerbox: no decision", stderr);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		if (!asked[i].value)
			continue;
		fprintf(stderr, "%s%s %s", before, asked[i].what,
			text_plain(arena, text_of(asked[i].value)));
		before = ", ";
	}
	fprintf(stderr, " in %s\n", log);
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct options options = { 0 };
	struct decisions decisions = { .fd = -1 };
	struct visit visit = { .wanted = &options.wanted,
			       .extent = EXTENT_LOST,
			       .each = print_entry,
			       .odd = print_odd,
			       .into = &options };
	bool passes;

	if (!parse(arena, argc, argv, &options, err) ||
	    !decisions_open(arena, options.wanted.file, &decisions, err))
		return false;
	options.colors = terminal_colors();
	/* What goes to other programs is known to be JSON to its end. */
	if (options.json)
		visit.extent = EXTENT_WHOLE;
	if (options.follow)
		passes = follow(arena, &decisions, &visit, err);
	else
		passes = decisions_visit(&decisions, &visit, err) &&
			 visit_rest(&decisions, &visit, err);
	close_cleanup(&decisions.fd);
	if (passes && !options.shown)
		print_none(arena, &options.wanted, decisions.shown);
	return passes;
}

const struct command command_log = {
	.name = "log",
	.arguments = "[OPTION...]",
	.summary = "Show and follow this node's decisions",
	.help = "\nA line a decision of the decision log, which node.json asks for with\n"
		"\"audit\": \"log\"; powerbox-decisions(5) has its form. Options say "
		"which:\n\n"
		"  --since TIME       2026-11-21T14:30:00Z, 2026-11-21, or how long ago: "
		"15m,\n"
		"                     2h, 7d\n"
		"  --container ID     an id, or how it begins; or the container's name\n"
		"  --namespace NAME   of this namespace\n"
		"  --image PATTERN    of images like this; * stands for anything\n"
		"  --status STATUS    granted, refused or warned\n"
		"  --follow           show what is there, and then what comes\n"
		"  --json             the lines as they are\n"
		"  --file FILE        another log; - is standard input\n",
	.run = run,
};
