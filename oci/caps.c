/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/caps.h"

/* Names have nothing to escape, and each start writes five of these. */
static void write_set(struct buffer *out, const char *key, struct capset set)
{
	bool any = false;

	buffer_puts(out, key);
	for (unsigned i = 0; i < CAPSET_NAMED; i++) {
		if (!capset_has(set, i))
			continue;
		buffer_puts(out, any ? "\",\"" : "\"");
		buffer_puts(out, capset_name(i));
		any = true;
	}
	buffer_puts(out, any ? "\"]" : "]");
}

void caps_write(struct buffer *out, struct capset caps, struct capset ambient)
{
	struct capset raised = capset_intersection(ambient, caps);

	write_set(out, "{\"bounding\":[", caps);
	write_set(out, ",\"effective\":[", caps);
	write_set(out, ",\"inheritable\":[", raised);
	write_set(out, ",\"permitted\":[", caps);
	write_set(out, ",\"ambient\":[", raised);
	buffer_puts(out, "}");
}

bool caps_read_list(const struct fields *fields, const struct json *list,
		    struct capset *ret, struct error *err)
{
	struct capset set = { 0 };

	for (const struct json *item = list->first; item; item = item->next) {
		int number = item->kind == JSON_STRING ? capset_find(item->text) : -1;

		if (number < 0)
			return fields_error(fields, item, err, "%s is no capability",
					    text_quote(fields->arena, item->text));
		set.bits |= UINT64_C(1) << number;
	}
	*ret = set;
	return true;
}

bool caps_read(const struct fields *fields, const struct json *section,
	       struct capset *ret, struct error *err)
{
	struct capset all = { 0 };

	for (const struct json *m = section ? section->first : NULL; m; m = m->next) {
		struct capset set;

		if (!caps_read_list(fields, m, &set, err))
			return false;
		all = capset_union(all, set);
	}
	*ret = all;
	return true;
}
