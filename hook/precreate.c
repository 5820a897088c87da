/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/precreate.h"

#include "gate/record.h"

#define HOOK_PROGRAM POWERBOX_LIBEXECDIR "/powerbox-hook"
#define HOOK_STAGE "createRuntime"

/* The two hooks of a refusal (precreate.h says why there are two). */
static void write_hooks(struct buffer *out, const char *reason)
{
	const char *path = arena_printf(out->arena, HOOK_PROGRAM "/refused: %s", reason);

	buffer_puts(out, "{\"path\":");
	buffer_json(out, text_of(path));
	buffer_puts(out, ",\"args\":[\"powerbox-hook\"],\"env\":[]},{\"path\":");
	buffer_json(out, text_of(HOOK_PROGRAM));
	buffer_puts(out, ",\"args\":[\"powerbox-hook\",\"deny\",");
	buffer_json(out, text_of(reason));
	buffer_puts(out, "],\"env\":[]}");
}

/* The list of a stage with ours in front and its own behind, byte for byte. */
static struct text prepend_hooks(struct arena *arena, const struct config *config,
				 const struct json *list, const char *reason)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "[");
	write_hooks(&out, reason);
	if (json_is(list, JSON_ARRAY) && list->count) {
		buffer_puts(&out, ",");
		buffer_add(&out, config->text.bytes + list->start + 1,
			   list->end - list->start - 1);
	} else {
		buffer_puts(&out, "]");
	}
	return buffer_text(&out);
}

static struct text add_hooks(struct arena *arena, const struct config *config,
			     const char *reason)
{
	const struct json *hooks = json_get(config->root, "hooks");
	struct edits edits = { 0 };
	struct member stage[] = { { .key = HOOK_STAGE } };
	struct member root[] = { { .key = "hooks" } };
	struct buffer all = { .arena = arena };

	stage[0].value =
		prepend_hooks(arena, config, json_get(hooks, HOOK_STAGE), reason);
	if (json_is(hooks, JSON_OBJECT)) {
		edits_members(arena, &edits, hooks, stage, 1);
	} else {
		buffer_puts(&all, "{\"" HOOK_STAGE "\":");
		buffer_add(&all, stage[0].value.bytes, stage[0].value.length);
		buffer_puts(&all, "}");
		root[0].value = buffer_text(&all);
		edits_members(arena, &edits, config->root, root, 1);
	}
	return edits_apply(arena, &edits, config->text);
}

/* The config of a container that may do nothing and does not start. */
static bool refuse(struct arena *arena, const struct config *config, struct archs archs,
		   const char *reason, struct text *ret, struct error *err)
{
	const struct policy nothing = { 0 };
	struct sections sections;
	struct config bare;

	if (!sections_make(arena, &nothing, archs, (struct capset){ 0 }, &sections,
			   err) ||
	    !config_parse(arena, config_with(arena, config, &sections), &bare, err))
		return false;
	*ret = add_hooks(arena, &bare, reason);
	return true;
}

/* What the decision was made with, beside the answer. */
struct premises {
	struct node node;
	struct gate gate;
	struct record record;
};

static bool decide(struct arena *arena, struct text text, struct premises *premises,
		   struct outcome *ret, struct error *err)
{
	if (!node_read(arena, &premises->node, err) ||
	    !gate_open(arena, &premises->node, &premises->gate, err))
		return false;
	premises->record.gate = &premises->gate;
	premises->record.outcome = ret;
	return gate_decide(arena, &premises->gate, text, ret, err);
}

/* What no config at all can be made of; the node is asked for its log alone. */
static bool malformed(struct arena *arena, struct premises *premises, struct error *err)
{
	struct error lost, ignored;

	if (node_read(arena, &premises->node, &ignored))
		(void)!record_write(arena, &premises->record, err, &lost, &ignored);
	return false;
}

bool precreate(struct arena *arena, struct text text, struct precreated *ret,
	       struct error *err)
{
	struct premises premises = { 0 };
	struct precreated answer = { .text = text };
	struct record *record = &premises.record;
	struct config config;
	bool decided;

	*record = (struct record){ .operation = "precreate", .node = &premises.node };
	if (!config_parse(arena, text, &config, err))
		return malformed(arena, &premises, err);
	decided = decide(arena, text, &premises, &answer.outcome, &answer.why);
	record->mode = answer.outcome.decision.mode;
	record->warned = record->mode == MODE_WARN;
	record->after = decided ? &answer.outcome.sections : NULL;
	answer.warned = record->warned && !decided;
	answer.refused = !record->warned && !decided;
	if (!record_write(arena, record, decided ? NULL : &answer.why, &answer.lost,
			  &answer.why))
		answer.refused = true;
	if (answer.refused && !refuse(arena, &config, premises.node.archs, answer.why.msg,
				      &answer.text, err))
		return false;
	if (!answer.refused && !record->warned)
		answer.text = answer.outcome.text;
	*ret = answer;
	return true;
}
