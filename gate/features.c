/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/features.h"

#include <string.h>
#include <unistd.h>

#include "gate/rundir.h"
#include "lib/ask.h"
#include "lib/fields.h"
#include "lib/trust.h"

/* No state root of a runtime has a link folder that begins with a dot (links.h). */
#define CACHE_NAME ".features.json"
#define CACHE_SIZE_MAX ((size_t)1 << 20)
#define ANSWER_SIZE_MAX ((size_t)1 << 20)

struct cache {
	struct text file; /* the runtime's: what it was when it was asked */
	struct words words;
};

static bool read_file(const struct fields *fields, const struct json *value,
		      struct error *err)
{
	(void)err;
	((struct cache *)fields->into)->file = value->text;
	return true;
}

static bool read_word(const struct fields *fields, const struct json *item,
		      struct error *err)
{
	(void)err;
	*arena_push(fields->arena, &((struct cache *)fields->into)->words) = item->text;
	return true;
}

static bool read_words(const struct fields *fields, const struct json *value,
		       struct error *err)
{
	return fields_each(fields, value, JSON_STRING, read_word, err);
}

static const struct field cache_fields[] = {
	{ "version", JSON_NUMBER, fields_version },
	{ "runtime", JSON_STRING, read_file },
	{ "unsafe", JSON_ARRAY, read_words },
};

/* Whatever is wrong with what was kept, the runtime can be asked again. */
static bool recall(struct arena *arena, int dir, struct text runtime, struct words *ret)
{
	struct cache cache = { 0 };
	struct fields fields = { .arena = arena, .into = &cache };
	struct error ignored;
	struct file file;

	if (!trust_read(arena, dir, POWERBOX_RUNDIR, CACHE_NAME, CACHE_SIZE_MAX, &file,
			&ignored))
		return false;
	fields.text = file.text;
	if (!fields_file(&fields, cache_fields, ARRAY_SIZE(cache_fields), &ignored) ||
	    !text_eq(cache.file, runtime))
		return false;
	*ret = cache.words;
	return true;
}

static void keep(struct arena *arena, int dir, struct text runtime,
		 const struct words *words)
{
	struct buffer out = { .arena = arena };
	struct error ignored;

	buffer_puts(&out, "{\"version\":1,\"runtime\":");
	buffer_json(&out, runtime);
	buffer_puts(&out, ",\"unsafe\":[");
	for (size_t i = 0; i < words->count; i++) {
		buffer_puts(&out, i ? "," : "");
		buffer_json(&out, words->items[i]);
	}
	buffer_puts(&out, "]}\n");
	(void)!rundir_write(arena, dir, CACHE_NAME, buffer_text(&out), &ignored);
}

static bool read_answer(struct arena *arena, const char *path, struct text text,
			struct words *ret, struct error *err)
{
	const struct json *list;
	struct json *root;

	/* What is no object was said by a runtime that does not know the command. */
	if (!text.length || text.bytes[0] != '{')
		return true;
	if (!json_parse(arena, text, &root, err)) {
		err->code = ERR_RUNTIME;
		return error_in(err, "%s features", path);
	}
	list = json_get(root, "potentiallyUnsafeConfigAnnotations");
	if (!json_is(list, JSON_ARRAY))
		return true;
	for (const struct json *item = list->first; item; item = item->next)
		if (item->kind == JSON_STRING)
			*arena_push(arena, ret) = item->text;
	return true;
}

static bool ask_runtime(struct arena *arena, const char *path, char *word,
			struct answered *ret, struct error *err)
{
	char name[] = "runtime";
	char *const argv[] = { name, word, NULL };
	struct question question = { .path = path,
				     .argv = argv,
				     .environment = environ,
				     .limit = ANSWER_SIZE_MAX };

	return ask(arena, &question, ret, err) &&
	       (ret->status >= 0 ||
		error_set(err, ERR_RUNTIME, "%s was killed; try again", path));
}

/* Whether a line of the help begins with the command, as with runc and crun. */
static bool lists_command(struct text help)
{
	static const char command[] = "features";
	size_t length = strlen(command);
	bool fresh = true;

	for (size_t i = 0; i + length < help.length; i++) {
		char c = help.bytes[i];

		if (fresh && !memcmp(help.bytes + i, command, length) &&
		    strchr(" \t\n", help.bytes[i + length]))
			return true;
		fresh = c == '\n' || (fresh && (c == ' ' || c == '\t'));
	}
	return false;
}

/*
 * crun before 1.8.6 and runc before 1.1 don't know the command, and end with the status
 * with which others end that have no memory or no descriptors left.
 */
static bool inquire(struct arena *arena, const char *path, struct words *ret,
		    struct error *err)
{
	char features[] = "features", help[] = "--help";
	struct answered answer;
	CLOSE int fd = -1;

	if (!trust_open_program(arena, path, &fd, err) ||
	    !ask_runtime(arena, path, features, &answer, err))
		return false;
	if (answer.well)
		return read_answer(arena, path, answer.text, ret, err);
	return ask_runtime(arena, path, help, &answer, err) &&
	       ((answer.well && !lists_command(answer.text)) ||
		error_set(err, ERR_RUNTIME, "%s features failed; try again", path));
}

bool features_unsafe(struct arena *arena, const struct node *node, struct words *ret,
		     struct error *err)
{
	struct words words = { 0 };
	struct error ignored;
	struct text runtime;
	CLOSE int dir = -1;

	if (!rundir_identify(arena, node->runtime, &runtime, err)) {
		err->code = ERR_RUNTIME;
		return error_in(err, "the real runtime");
	}
	if (rundir_open(arena, &dir, &ignored) && recall(arena, dir, runtime, ret))
		return true;
	if (!inquire(arena, node->runtime, &words, err))
		return error_in(err, "which annotations are safe");
	if (dir >= 0)
		keep(arena, dir, runtime, &words);
	*ret = words;
	return true;
}
