/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/decisions.h"
#include "lib/file.h"
#include "lib/stamp.h"

/*
 * Whoever writes requests chooses names of profiles, and Prometheus keeps every series
 * for ever: what comes behind the first ones is counted together.
 */
#define SERIES_MAX 256
#define LABELS_MAX 3

/* Decisions that have these labels' values in common. */
struct series {
	const char *values[LABELS_MAX];
	uint64_t count;
};

struct family {
	const char *name, *help;
	const char *labels[LABELS_MAX];
	struct series series[SERIES_MAX + 1];
	size_t count;
};

struct metrics {
	struct arena *arena;
	struct family decisions, profiles;
	struct timespec last;
};

struct options {
	struct wanted wanted;
	const char *output;
};

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	for (int i = 0; i < argc; i++) {
		const char *value;

		if ((value = option_value("--file", argc, argv, &i)))
			ret->wanted.file = value;
		else if ((value = option_value("--output", argc, argv, &i)))
			ret->output = value;
		else
			return usage_unknown(arena, err, &command_metrics, argv[i]);
	}
	return true;
}

static struct series *find(struct family *family, const struct text values[LABELS_MAX])
{
	for (size_t i = 0; i < family->count; i++) {
		struct series *series = &family->series[i];
		size_t same = 0;

		while (same < LABELS_MAX && family->labels[same] &&
		       text_is(values[same], series->values[same]))
			same++;
		if (same == LABELS_MAX || !family->labels[same])
			return series;
	}
	return NULL;
}

/*
 * Prometheus' files are shown on terminals as well; one text has one series. `arena` is
 * emptied after each decision: what stays is copied into that of the metrics.
 */
static void count(struct arena *arena, struct metrics *metrics, struct family *family,
		  struct text values[LABELS_MAX])
{
	struct series *series;

	for (size_t i = 0; i < LABELS_MAX && family->labels[i]; i++)
		if (!text_is_line(values[i]))
			values[i] = text_of(text_shown(arena, values[i]));
	series = find(family, values);
	if (!series && family->count < SERIES_MAX) {
		series = &family->series[family->count++];
		for (size_t i = 0; i < LABELS_MAX && family->labels[i]; i++)
			series->values[i] = arena_copy(metrics->arena, values[i].bytes,
						       values[i].length);
	}
	if (!series) {
		series = &family->series[SERIES_MAX];
		for (size_t i = 0; i < LABELS_MAX; i++)
			series->values[i] = "other";
	}
	series->count++;
}

static void count_profile(struct arena *arena, struct metrics *metrics,
			  const struct entry *entry, const struct json *name,
			  const char *allowed)
{
	if (json_is(name, JSON_STRING))
		count(arena, metrics, &metrics->profiles,
		      (struct text[LABELS_MAX]){ name->text, entry->mode,
						 text_of(allowed) });
}

static bool count_entry(struct arena *arena, const struct entry *entry, void *into,
			struct error *err)
{
	struct metrics *metrics = into;
	const struct json *granted = json_get(entry->root, "granted");
	const struct json *refused =
		json_get(json_get(entry->root, "refused"), "profiles");
	struct timespec when;

	(void)err;
	count(arena, metrics, &metrics->decisions,
	      (struct text[LABELS_MAX]){ entry->operation, entry->status, entry->mode });
	for (const struct json *m = granted ? granted->first : NULL; m; m = m->next)
		count_profile(arena, metrics, entry, json_get(m, "profile"), "true");
	for (const struct json *m = refused ? refused->first : NULL; m; m = m->next)
		count_profile(arena, metrics, entry, m, "false");
	/* Of two at once the later line need not have the later time. */
	if (stamp_read(entry->time, &when) && (when.tv_sec > metrics->last.tv_sec ||
					       (when.tv_sec == metrics->last.tv_sec &&
						when.tv_nsec > metrics->last.tv_nsec)))
		metrics->last = when;
	return true;
}

/* Prometheus, "Text-based format": a backslash and a quote are escaped. */
static void write_value(struct buffer *out, const char *value)
{
	for (; *value; value++)
		buffer_printf(out, "%s%c", strchr("\\\"", *value) ? "\\" : "", *value);
}

static void write_series(struct buffer *out, const struct family *family,
			 const struct series *series)
{
	buffer_puts(out, family->name);
	for (size_t i = 0; i < LABELS_MAX && family->labels[i]; i++) {
		buffer_printf(out, "%s%s=\"", i ? "," : "{", family->labels[i]);
		write_value(out, series->values[i]);
		buffer_puts(out, "\"");
	}
	buffer_printf(out, "} %ju\n", (uintmax_t)series->count);
}

static void write_head(struct buffer *out, const char *name, const char *type,
		       const char *help)
{
	buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_family(struct buffer *out, const struct family *family)
{
	write_head(out, family->name, "counter", family->help);
	for (size_t i = 0; i < family->count; i++)
		write_series(out, family, &family->series[i]);
	if (family->series[SERIES_MAX].count)
		write_series(out, family, &family->series[SERIES_MAX]);
}

static struct text metrics_text(struct arena *arena, const struct metrics *metrics,
				const struct visit *visit, off_t size)
{
	static const char broken[] = "powerbox_log_broken_lines";
	static const char bytes[] = "powerbox_log_size_bytes";
	static const char last[] = "powerbox_log_last_decision_timestamp_seconds";
	struct buffer out = { .arena = arena };

	write_family(&out, &metrics->decisions);
	write_family(&out, &metrics->profiles);
	write_head(&out, broken, "gauge", "Lines of the decision log that are broken.");
	buffer_printf(&out, "%s %ju\n", broken, (uintmax_t)visit->broken);
	write_head(&out, bytes, "gauge", "Size of the decision log.");
	buffer_printf(&out, "%s %jd\n", bytes, (intmax_t)size);
	write_head(&out, last, "gauge", "When the last decision was made; 0: none.");
	buffer_printf(&out, "%s %jd.%06ld\n", last, (intmax_t)metrics->last.tv_sec,
		      metrics->last.tv_nsec / 1000);
	return buffer_text(&out);
}

/* Root could put a file in the place of anything: of /dev/null, of /dev/stdout. */
static bool check_output(struct arena *arena, const char *path, struct error *err)
{
	struct stat st;

	return lstat(path, &st) < 0 || S_ISREG(st.st_mode) ||
	       usage_error(err, &command_metrics,
			   "--output %s is there and is no plain file",
			   text_quote(arena, text_of(path)));
}

/* node_exporter reads the folder at any time, and as a user of its own. */
static bool put(struct arena *arena, const char *path, struct text text,
		struct error *err)
{
	const char *shown = text_quote(arena, text_of(path));
	const char *slash = strrchr(path, '/');
	size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
	const char *spare = arena_printf(arena, "%.*s.%s.%d", (int)folder, path,
					 path + folder, (int)getpid());
	CLOSE int fd =
		open(spare, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return error_errno(err, "%s", shown);
	if (!file_write_fd(fd, text, err)) {
		unlink(spare);
		return error_in(err, "%s", shown);
	}
	if (fchmod(fd, 0644) < 0 || rename(spare, path) < 0) {
		(void)error_errno(err, "%s", shown);
		unlink(spare);
		return false;
	}
	return true;
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct options options = { 0 };
	struct decisions decisions = { .fd = -1 };
	struct metrics *metrics = arena_new(arena, struct metrics, 1);
	struct visit visit = { .wanted = &options.wanted,
			       .extent = EXTENT_FRONT,
			       .each = count_entry,
			       .into = metrics };
	struct progress progress = progress_start("reading the decision log");
	struct stat st = { 0 };
	struct text text;
	bool passes;

	*metrics = (struct metrics){
		.arena = arena,
		.decisions = { .name = "powerbox_decisions_total",
			       .help = "Decisions in the decision log.",
			       .labels = { "operation", "status", "mode" } },
		.profiles = { .name = "powerbox_profiles_total",
			      .help = "Profiles that decisions were about.",
			      .labels = { "profile", "mode", "allowed" } },
	};
	if (!parse(arena, argc, argv, &options, err) ||
	    (options.output && !check_output(arena, options.output, err)) ||
	    !decisions_open(arena, options.wanted.file, &decisions, err))
		return false;
	/* What is behind the last line feed is being written, or broken by the next. */
	visit.progress = &progress;
	passes = decisions_visit(&decisions, &visit, err);
	progress_end(&progress);
	(void)fstat(decisions.fd, &st);
	close_cleanup(&decisions.fd);
	if (!passes)
		return false;
	text = metrics_text(arena, metrics, &visit, st.st_size);
	if (options.output)
		return put(arena, options.output, text, err);
	fwrite(text.bytes, 1, text.length, stdout);
	return true;
}

const struct command command_metrics = {
	.name = "metrics",
	.arguments = "[--file FILE] [--output FILE]",
	.summary = "Count this node's decisions for Prometheus",
	.help = "\nCounters of the decision log in Prometheus' text format, for the "
		"textfile\n"
		"collector of node_exporter. They begin anew when the log is rotated, "
		"which\n"
		"Prometheus takes into account.\n\n"
		"  --file FILE    another log; - is standard input\n"
		"  --output FILE  replace FILE in one step instead of writing to "
		"stdout\n",
	.run = run,
};
