/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What powerbox makes of command lines, for tests/argv/test.py: reads lines of NUL-ended
 * arguments (an empty record ends one: "RUNTIME\0COUNT\0ARG\0...") from stdin and writes
 * one line of JSON for each.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/argv.h"

static const char *const effects[] = {
	[EFFECT_NONE] = "none",		[EFFECT_CREATES] = "creates",
	[EFFECT_RESTORES] = "restores", [EFFECT_EXECS] = "execs",
	[EFFECT_UPDATES] = "updates",	[EFFECT_MOUNTS] = "mounts",
};

static void put(struct buffer *out, const char *key, const char *value)
{
	buffer_printf(out, ",\"%s\":", key);
	if (value)
		buffer_json(out, text_of(value));
	else
		buffer_puts(out, "null");
}

static void answer(struct arena *arena, enum runtime_kind kind, int argc, char **argv)
{
	struct buffer out = { .arena = arena };
	struct invocation invocation;
	struct error err = { 0 };
	bool read = invocation_parse(arena, kind, argc, argv, &invocation, &err);

	buffer_printf(&out, "{\"read\":%s", read ? "true" : "false");
	put(&out, "error", read ? NULL : err.msg);
	put(&out, "log", invocation_log(&invocation));
	put(&out, "root", invocation_global(&invocation, "root"));
	if (read) {
		char **line = invocation_argv(arena, &invocation, argv[0]);

		put(&out, "effect", effects[invocation.effect]);
		put(&out, "command",
		    invocation.command ? invocation.command->name : NULL);
		put(&out, "shows", invocation.shows);
		put(&out, "id", invocation.id);
		put(&out, "bundle", invocation_option(&invocation, "bundle"));
		put(&out, "config", invocation_option(&invocation, "config"));
		put(&out, "process", invocation_option(&invocation, "process"));
		buffer_puts(&out, ",\"argv\":[");
		for (size_t i = 0; line[i]; i++) {
			buffer_puts(&out, i ? "," : "");
			buffer_json(&out, text_of(line[i]));
		}
		buffer_puts(&out, "]");
	}
	buffer_puts(&out, "}\n");
	fwrite(out.bytes, 1, out.length, stdout);
	fflush(stdout);
}

int main(void)
{
	char *word = NULL, **argv = NULL;
	size_t size = 0;

	while (getdelim(&word, &size, '\0', stdin) > 0) {
		enum runtime_kind kind =
			strcmp(word, "crun") ? RUNTIME_RUNC : RUNTIME_CRUN;
		struct arena arena = { 0 };
		int argc = getdelim(&word, &size, '\0', stdin) > 0 ? atoi(word) : 0;

		argv = arena_new(&arena, char *, (size_t)argc + 1);
		for (int i = 0; i < argc; i++) {
			ssize_t n = getdelim(&word, &size, '\0', stdin);

			argv[i] = arena_copy(&arena, word, n > 0 ? (size_t)n - 1 : 0);
		}
		answer(&arena, kind, argc, argv);
		arena_free(&arena);
	}
	free(word);
	return 0;
}
