/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/edit.h"

#include <assert.h>
#include <string.h>

static void edits_add(struct arena *arena, struct edits *edits, struct edit edit)
{
	size_t at = edits->count;

	while (at && edits->items[at - 1].start > edit.start)
		at--;
	(void)arena_push(arena, edits);
	memmove(&edits->items[at + 1], &edits->items[at],
		(edits->count - 1 - at) * sizeof(edit));
	edits->items[at] = edit;
	assert(!at || edits->items[at - 1].end <= edit.start);
	assert(at + 1 == edits->count || edit.end <= edits->items[at + 1].start);
}

void edits_members(struct arena *arena, struct edits *edits, const struct json *object,
		   const struct member *members, size_t count)
{
	struct buffer missing = { .arena = arena };

	for (size_t i = 0; i < count; i++) {
		const struct json *value = json_get(object, members[i].key);

		if (value) {
			edits_add(arena, edits,
				  (struct edit){ value->start, value->end,
						 members[i].value });
			continue;
		}
		buffer_puts(&missing, missing.length ? "," : "");
		buffer_printf(&missing, "\"%s\":", members[i].key);
		buffer_add(&missing, members[i].value.bytes, members[i].value.length);
	}
	if (!missing.length)
		return;
	buffer_puts(&missing, object->first ? "," : "");
	edits_add(arena, edits,
		  (struct edit){ object->start + 1, object->start + 1,
				 buffer_text(&missing) });
}

struct text edits_apply(struct arena *arena, const struct edits *edits, struct text text)
{
	struct buffer out = { .arena = arena };
	size_t at = 0;

	for (size_t i = 0; i < edits->count; i++) {
		const struct edit *edit = &edits->items[i];

		buffer_add(&out, text.bytes + at, edit->start - at);
		buffer_add(&out, edit->with.bytes, edit->with.length);
		at = edit->end;
	}
	buffer_add(&out, text.bytes + at, text.length - at);
	return buffer_text(&out);
}
