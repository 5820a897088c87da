/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/argv.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/argv_read.h"

bool reader_refuse(const struct reader *reader, size_t at, const char *fmt, ...)
{
	const struct command *command = reader->invocation->command;
	char reason[sizeof(reader->err->msg)];
	const char *shown = "";
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	if (at < reader->argc)
		shown = text_quote(reader->arena, text_of(reader->argv[at]));
	return error_set(reader->err, ERR_USAGE, "%s%s%s: argument %zu %s: %s",
			 reader->grammar->runtime, command ? " " : "",
			 command ? command->name : "", at, shown, reason);
}

void reader_give(struct reader *reader, const struct option *option, const char *value)
{
	*arena_push(reader->arena, reader->into) = (struct given){ option, value };
}

void reader_rest(struct reader *reader, struct arguments *ret)
{
	ret->items = reader->argv + reader->next;
	ret->count = ret->capacity = reader->argc - reader->next;
	reader->next = reader->argc;
}

static const char *quote(const struct reader *reader, const char *text)
{
	return text_quote(reader->arena, text_of(text));
}

static bool read_options(struct reader *reader, const struct option *table,
			 bool options_before, struct givens *into, struct arguments *ret)
{
	reader->table = table;
	reader->into = into;
	reader->names = reader->letters = 0;
	return reader->invocation->kind == RUNTIME_CRUN
		       ? crun_read(reader, ret)
		       : runc_read(reader, options_before, ret);
}

/* An id becomes part of paths. */
static bool check_id(struct reader *reader, const char *id)
{
	if (!*id || *id == '-' || strchr(id, '/') || !strcmp(id, ".") ||
	    !strcmp(id, ".."))
		return error_set(reader->err, ERR_USAGE,
				 "%s %s: %s can't be a container's id: write a name "
				 "without slashes that begins with a letter or a digit",
				 reader->grammar->runtime,
				 reader->invocation->command->name, quote(reader, id));
	return true;
}

static bool check_arguments(struct reader *reader)
{
	struct invocation *invocation = reader->invocation;
	const struct command *command = invocation->command;
	const struct arguments *arguments = &invocation->arguments;

	assert(command->id < command->min);
	if (arguments->count < command->min)
		return error_set(reader->err, ERR_USAGE,
				 "%s %s: the container's id is missing: write it behind "
				 "the options",
				 reader->grammar->runtime, command->name);
	if (arguments->count > command->max)
		return error_set(reader->err, ERR_USAGE,
				 "%s %s: %s is one argument too many: options stand "
				 "before the container's id, and nothing behind it",
				 reader->grammar->runtime, command->name,
				 quote(reader, arguments->items[command->max]));
	if (!check_id(reader, arguments->items[command->id]))
		return false;
	invocation->id = arguments->items[command->id];
	return true;
}

/*
 * An empty folder is the working directory to some versions and an error to others;
 * crun 1.8.1 takes --rootless for --root.
 */
static bool check_values(struct reader *reader)
{
	static const char *const folders[] = { "root", "bundle", "config" };
	const struct invocation *invocation = reader->invocation;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		const char *value = i ? invocation_option(invocation, folders[i])
				      : invocation_global(invocation, folders[i]);

		if (value && !*value)
			return error_set(
				reader->err, ERR_USAGE,
				"%s: --%s is empty: write a path or leave it out",
				reader->grammar->runtime, folders[i]);
	}
	if (invocation->kind == RUNTIME_CRUN && invocation_global(invocation, "rootless"))
		return error_set(reader->err, ERR_USAGE,
				 "crun: versions of crun differ in what --rootless does: "
				 "leave it out");
	return true;
}

static bool read_command(struct reader *reader)
{
	struct invocation *invocation = reader->invocation;
	const struct command *command = invocation->command;

	if (!read_options(reader, command->options, command->options_before,
			  &invocation->options, &invocation->arguments))
		return false;
	if (invocation->shows) {
		invocation->effect = EFFECT_NONE;
		return true;
	}
	return check_values(reader) && check_arguments(reader);
}

/* The id of a command without effect, if it can be told; errors are the runtime's. */
static void read_quietly(struct reader *reader)
{
	struct invocation *invocation = reader->invocation;
	struct invocation attempt = *invocation;
	struct error ignored;

	if (invocation->command->id == SIZE_MAX)
		return;
	reader->invocation = &attempt;
	reader->err = &ignored;
	if (!read_command(reader) || attempt.shows)
		return;
	/* crun's kill and delete have an option that makes the id a pattern. */
	if (!invocation_flag(&attempt, "regex"))
		*invocation = attempt;
}

static const struct command *find_command(const struct grammar *grammar, const char *name)
{
	const struct command *command = grammar->commands;

	while (command->name && strcmp(command->name, name) != 0)
		command++;
	return command->name ? command : NULL;
}

/*
 * runc's own answer to "runc COMMAND --help", for a command that it may or may not have,
 * is that of "runc help COMMAND", which does nothing else. But "runc init" runs runc's
 * own beginning of a container, whatever stands behind it.
 */
static bool asks_for_help(const struct invocation *invocation,
			  const struct arguments *line)
{
	return invocation->kind == RUNTIME_RUNC && line->count == 2 &&
	       strcmp(line->items[0], "init") != 0 &&
	       (!strcmp(line->items[1], "--help") || !strcmp(line->items[1], "-h"));
}

/* The line behind the global options: the command and what belongs to it. */
static bool read_line(struct reader *reader, const struct arguments *line)
{
	struct invocation *invocation = reader->invocation;
	const struct command *command = find_command(reader->grammar, line->items[0]);

	reader->next = reader->argc - line->count;
	if (!command && asks_for_help(invocation, line)) {
		invocation->command = find_command(reader->grammar, "help");
		invocation->tail = (struct arguments){ line->items, 1, 1 };
		return true;
	}
	if (!command)
		return reader_refuse(reader, reader->next,
				     "powerbox knows no such command: see '%s --help'",
				     reader->grammar->runtime);
	reader->next++;
	invocation->command = command;
	invocation->effect = command->effect;
	invocation->tail.items = line->items + 1;
	invocation->tail.count = invocation->tail.capacity = line->count - 1;
	if (command->effect != EFFECT_NONE)
		return read_command(reader);
	read_quietly(reader);
	return true;
}

bool invocation_parse(struct arena *arena, enum runtime_kind kind, int argc, char **argv,
		      struct invocation *ret, struct error *err)
{
	struct reader reader = {
		.arena = arena,
		.invocation = ret,
		.err = err,
		.grammar = grammar_of(kind),
		.argv = argv,
		.argc = argc > 0 ? (size_t)argc : 0,
		.next = 1,
	};
	struct arguments line = { 0 };

	*ret = (struct invocation){ .kind = kind };
	if (argc < 1)
		return error_set(err, ERR_USAGE,
				 "the command line is empty: not even a program's name");
	if (!read_options(&reader, reader.grammar->globals, true, &ret->globals, &line))
		return false;
	return ret->shows || !line.count || read_line(&reader, &line);
}

static const struct given *last(const struct givens *givens, const char *name)
{
	for (size_t i = givens->count; i > 0; i--)
		if (!strcmp(givens->items[i - 1].option->name, name))
			return &givens->items[i - 1];
	return NULL;
}

static const char *value_of(const struct given *given)
{
	if (!given)
		return NULL;
	return given->value ? given->value : "";
}

const char *invocation_option(const struct invocation *invocation, const char *name)
{
	return value_of(last(&invocation->options, name));
}

const char *invocation_global(const struct invocation *invocation, const char *name)
{
	return value_of(last(&invocation->globals, name));
}

bool invocation_flag(const struct invocation *invocation, const char *name)
{
	const char *value = invocation_option(invocation, name);

	/* "no" as well as "false" is how crun's --tty is taken back (src/exec.c). */
	return value && strcmp(value, "false") != 0 && strcmp(value, "no") != 0;
}

const char *invocation_log(const struct invocation *invocation)
{
	const char *log = invocation_global(invocation, "log");
	const char *colon = log ? strchr(log, ':') : NULL;

	if (!log || !*log)
		return NULL;
	if (invocation->kind == RUNTIME_RUNC || !colon)
		return log;
	/* crun's get_log_type() (src/libcrun/error.c) takes nothing else for a file. */
	return !strncmp(log, "file:", strlen("file:")) && colon[1] ? colon + 1 : NULL;
}

const char *invocation_log_format(const struct invocation *invocation)
{
	return invocation_global(invocation, "log-format");
}

void invocation_drop(struct invocation *invocation, const char *name)
{
	struct givens *options = &invocation->options;
	size_t kept = 0;

	for (size_t i = 0; i < options->count; i++)
		if (strcmp(options->items[i].option->name, name) != 0)
			options->items[kept++] = options->items[i];
	options->count = kept;
}

void invocation_set(struct arena *arena, struct invocation *invocation, const char *name,
		    const char *value)
{
	const struct option *option = invocation->command->options;

	while (option->name && strcmp(option->name, name) != 0)
		option++;
	assert(option->name);
	invocation_drop(invocation, name);
	*arena_push(arena, &invocation->options) = (struct given){ option, value };
}

/* Whether Go's strings.TrimSpace would take something off the end. */
static bool ends_in_space(const char *value)
{
	static const char *const spaces[] = {
		" ",
		"\t",
		"\n",
		"\v",
		"\f",
		"\r",
		"\xc2\x85",
		"\xc2\xa0",
		"\xe1\x9a\x80",
		"\xe2\x80\x80",
		"\xe2\x80\x81",
		"\xe2\x80\x82",
		"\xe2\x80\x83",
		"\xe2\x80\x84",
		"\xe2\x80\x85",
		"\xe2\x80\x86",
		"\xe2\x80\x87",
		"\xe2\x80\x88",
		"\xe2\x80\x89",
		"\xe2\x80\x8a",
		"\xe2\x80\xa8",
		"\xe2\x80\xa9",
		"\xe2\x80\xaf",
		"\xe2\x81\x9f",
		"\xe3\x80\x80",
	};
	size_t length = strlen(value);

	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++) {
		size_t n = strlen(spaces[i]);

		if (length >= n && !memcmp(value + length - n, spaces[i], n))
			return true;
	}
	return false;
}

/*
 * A value is attached, so that no reader takes it for an option; but urfave/cli v3
 * (runc's main) trims white space off the end of "--name=value", and crun's
 * OPTION_DETACHED has no other form.
 */
static void add_given(struct arena *arena, const struct invocation *invocation,
		      const struct given *given, struct arguments *line)
{
	const char *name = given->option->name, *value = given->value;

	if (!value) {
		*arena_push(arena, line) = arena_printf(arena, "--%s", name);
	} else if (given->option->kind == OPTION_DETACHED ||
		   (invocation->kind == RUNTIME_RUNC && ends_in_space(value))) {
		*arena_push(arena, line) = arena_printf(arena, "--%s", name);
		*arena_push(arena, line) = arena_copy(arena, value, strlen(value));
	} else {
		*arena_push(arena, line) = arena_printf(arena, "--%s=%s", name, value);
	}
}

static void add_arguments(struct arena *arena, const struct arguments *arguments,
			  struct arguments *line)
{
	for (size_t i = 0; i < arguments->count; i++)
		*arena_push(arena, line) = arguments->items[i];
}

char **invocation_argv(struct arena *arena, const struct invocation *invocation,
		       const char *argv0)
{
	const struct command *command = invocation->command;
	struct arguments line = { 0 };

	*arena_push(arena, &line) = arena_copy(arena, argv0, strlen(argv0));
	for (size_t i = 0; i < invocation->globals.count; i++)
		add_given(arena, invocation, &invocation->globals.items[i], &line);
	if (command)
		*arena_push(arena, &line) =
			arena_copy(arena, command->name, strlen(command->name));
	if (invocation->shows) {
		*arena_push(arena, &line) =
			arena_printf(arena, "--%s", invocation->shows);
	} else if (command && command->effect == EFFECT_NONE) {
		add_arguments(arena, &invocation->tail, &line);
	} else if (command) {
		for (size_t i = 0; i < invocation->options.count; i++)
			add_given(arena, invocation, &invocation->options.items[i],
				  &line);
		*arena_push(arena, &line) = arena_copy(arena, "--", 2);
		add_arguments(arena, &invocation->arguments, &line);
	}
	*arena_push(arena, &line) = NULL;
	return line.items;
}
