/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/features.h"

#include <inttypes.h>
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

/* A path and what tells whether the file is still the one that was asked. */
static bool identify(struct arena *arena, const char *path, struct text *ret,
		     struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		(void)error_errno(err, "the real runtime %s", path);
		err->code = ERR_RUNTIME;
		return false;
	}
	*ret = text_of(arena_printf(
		arena, "%s %ju:%ju %ju %jd.%09ld %jd.%09ld", path, (uintmax_t)st.st_dev,
		(uintmax_t)st.st_ino, (uintmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec));
	return true;
}

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
	if (!rundir_write(arena, dir, CACHE_NAME, buffer_text(&out), &ignored))
		return;
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

static bool inquire(struct arena *arena, const char *path, struct words *ret,
		    struct error *err)
{
	char name[] = "runtime", command[] = "features";
	char *const argv[] = { name, command, NULL };
	struct answered answer;
	CLOSE int fd = -1;

	return trust_open_program(arena, path, &fd, err) &&
	       ask(arena, path, argv, ANSWER_SIZE_MAX, &answer, err) &&
	       (!answer.well || read_answer(arena, path, answer.text, ret, err));
}

bool features_unsafe(struct arena *arena, const struct node *node, struct words *ret,
		     struct error *err)
{
	struct words words = { 0 };
	struct error ignored;
	struct text runtime;
	CLOSE int dir = -1;

	if (!identify(arena, node->runtime, &runtime, err))
		return false;
	if (rundir_open(arena, &dir, &ignored) && recall(arena, dir, runtime, ret))
		return true;
	if (!inquire(arena, node->runtime, &words, err))
		return error_in(err, "which annotations are safe");
	if (dir >= 0)
		keep(arena, dir, runtime, &words);
	*ret = words;
	return true;
}
