/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/process.h"

#include "oci/caps.h"
#include "oci/schema.h"

struct sections process_sections(struct arena *arena, const struct config *config)
{
	const struct json *caps = json_get(config->process, "capabilities");
	const struct json *nnp = json_get(config->process, "noNewPrivileges");
	struct buffer none = { .arena = arena };
	struct sections sections = {
		.no_new_privileges = text_of(json_true(nnp) ? "true" : "false"),
	};

	if (json_is(caps, JSON_OBJECT)) {
		sections.capabilities = (struct text){ config->text.bytes + caps->start,
						       caps->end - caps->start };
	} else {
		caps_write(&none, (struct capset){ 0 }, (struct capset){ 0 });
		sections.capabilities = buffer_text(&none);
	}
	return sections;
}

bool process_with(struct arena *arena, struct text text, const struct sections *sections,
		  struct text *ret, struct error *err)
{
	const struct member members[] = {
		{ "capabilities", sections->capabilities },
		{ "noNewPrivileges", sections->no_new_privileges },
	};
	struct edits edits = { 0 };
	struct json *process;

	if (!json_parse(arena, text, &process, err) ||
	    !schema_check_process(arena, process, text, err))
		return false;
	edits_members(arena, &edits, process, members, ARRAY_SIZE(members));
	*ret = edits_apply(arena, &edits, text);
	return true;
}
