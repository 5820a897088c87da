/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "oci/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read alone, the bytes of a value are that value. */
static void check_span(struct arena *arena, struct text text, size_t start, size_t end,
		       enum json_kind kind, struct text decoded)
{
	struct text span = { text.bytes + start, end - start };
	struct json *again;
	struct error err;

	assert(start < end && end <= text.length);
	assert(json_parse(arena, span, &again, &err));
	assert(again->kind == kind && !again->start && again->end == span.length);
	assert(text_eq(again->text, decoded));
}

/* Values lie in their containers, in order, and nothing but separators between them. */
static void check_tree(struct arena *arena, struct text text, const struct json *value)
{
	size_t at = value->start + 1, count = 0;

	check_span(arena, text, value->start, value->end, value->kind, value->text);
	for (const struct json *m = value->first; m; m = m->next, count++) {
		assert(at <= m->start && m->end < value->end);
		if (value->kind == JSON_OBJECT) {
			size_t end = m->start - 1;

			assert(at <= m->key_start && m->key_start < m->start);
			while (text.bytes[end] != '"')
				assert(strchr(" \t\r\n:", text.bytes[end--]));
			check_span(arena, text, m->key_start, end + 1, JSON_STRING,
				   m->key);
			assert(json_get(value, arena_copy(arena, m->key.bytes,
							  m->key.length)) == m);
		}
		for (; at < (value->kind == JSON_OBJECT ? m->key_start : m->start); at++)
			assert(strchr(" \t\r\n,", text.bytes[at]));
		check_tree(arena, text, m);
		at = m->end;
	}
	assert(count == value->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	/* To the byte: what is behind it is poison to a sanitizer. */
	char *bytes = arena_new(&arena, char, size);
	struct text text = { bytes, size };
	struct error err;
	struct json *root;

	if (size)
		memcpy(bytes, data, size);

	if (json_parse(&arena, text, &root, &err)) {
		check_tree(&arena, text, root);
		for (size_t i = 0; i < root->start; i++)
			assert(strchr(" \t\r\n", text.bytes[i]));
		for (size_t i = root->end; i < size; i++)
			assert(strchr(" \t\r\n", text.bytes[i]));
		if (!schema_check(&arena, root, text, &err))
			assert(err.code == ERR_DATA && !strncmp(err.msg, "byte ", 5));
	} else {
		assert(err.code == ERR_DATA && !strncmp(err.msg, "byte ", 5));
	}
	arena_free(&arena);
	return 0;
}
