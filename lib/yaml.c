/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "lib/yaml_scalar.h"

/* Where in a document we are: one level of it. */
struct level {
	bool map;
	bool value; /* of a map: a key has been read, its value is next */
	size_t count;
};

struct reading {
	struct arena *arena;
	yaml_parser_t *parser;
	struct buffer out;
	size_t first; /* line of the document */
	size_t line;  /* on which the output is */
	struct level levels[JSON_DEPTH + 1];
	size_t depth;
	size_t documents;
	struct yaml yaml;
};

static bool PRINTF(3, 4) wrong(size_t line, struct error *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	err->code = ERR_DATA;
	return error_in(err, "line %zu", line);
}

static size_t line_of(const yaml_event_t *event)
{
	return event->start_mark.line + 1;
}

/* What comes between two values; and as many lines as the YAML is ahead. */
static void separate(struct reading *reading, const yaml_event_t *event)
{
	struct level *level = &reading->levels[reading->depth];

	if (level->map && level->value)
		buffer_puts(&reading->out, ":");
	else if (level->count++)
		buffer_puts(&reading->out, ",");
	level->value = level->map && !level->value;
	for (; reading->line < line_of(event); reading->line++)
		buffer_puts(&reading->out, "\n");
}

static bool is_key(const struct reading *reading)
{
	const struct level *level = &reading->levels[reading->depth];

	return level->map && !level->value;
}

static bool plain_only(const yaml_event_t *event, const yaml_char_t *anchor,
		       const yaml_char_t *tag, struct error *err)
{
	if (anchor)
		return wrong(line_of(event), err,
			     "anchors are not read here; write out what it stands for");
	if (tag)
		return wrong(line_of(event), err,
			     "tags are not read here; quotes make a string");
	return true;
}

static bool read_scalar(struct reading *reading, const yaml_event_t *event,
			struct error *err)
{
	struct text text = { (const char *)event->data.scalar.value,
			     event->data.scalar.length };
	bool quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	bool key = is_key(reading);
	struct scalar scalar = { SCALAR_STRING, text };

	if (!plain_only(event, event->data.scalar.anchor, event->data.scalar.tag, err))
		return false;
	if (!quoted)
		scalar = scalar_of(reading->arena, text);
	if (scalar.kind == SCALAR_NONE)
		return wrong(line_of(event), err, "%s is no number to JSON",
			     text_quote(reading->arena, text));
	if (key && !quoted && text_is(text, "<<"))
		return wrong(line_of(event), err,
			     "merge keys are not read here; write out what is merged");
	if (key && (scalar.kind == SCALAR_NULL || scalar.kind == SCALAR_FLOAT))
		return wrong(line_of(event), err, "%s can't be a key",
			     text_quote(reading->arena, text));
	separate(reading, event);
	if (scalar.kind == SCALAR_STRING || key)
		buffer_json(&reading->out, scalar.text);
	else
		buffer_add(&reading->out, scalar.text.bytes, scalar.text.length);
	return true;
}

static bool begin(struct reading *reading, const yaml_event_t *event, bool map,
		  struct error *err)
{
	const yaml_char_t *anchor = map ? event->data.mapping_start.anchor
					: event->data.sequence_start.anchor;
	const yaml_char_t *tag =
		map ? event->data.mapping_start.tag : event->data.sequence_start.tag;

	if (!plain_only(event, anchor, tag, err))
		return false;
	if (is_key(reading))
		return wrong(line_of(event), err, "a key must be one word or string");
	if (reading->depth == JSON_DEPTH)
		return wrong(line_of(event), err, "more than %d levels", JSON_DEPTH);
	separate(reading, event);
	buffer_puts(&reading->out, map ? "{" : "[");
	reading->levels[++reading->depth] = (struct level){ .map = map };
	return true;
}

static void end(struct reading *reading)
{
	buffer_puts(&reading->out, reading->levels[reading->depth--].map ? "}" : "]");
}

/* A JSON text has its own offsets; its lines are the YAML's, from the first on. */
static bool parse(struct reading *reading, struct yaml_document *document,
		  struct error *err)
{
	struct error inner;
	size_t byte, line;
	int said = 0;

	if (json_parse(reading->arena, document->text, &document->root, &inner))
		return true;
	if (sscanf(inner.msg, "byte %zu (line %zu): %n", &byte, &line, &said) == 2 &&
	    said)
		return wrong(reading->first + line - 1, err, "%s", inner.msg + said);
	*err = inner;
	return false;
}

static bool end_document(struct reading *reading, struct error *err)
{
	struct yaml_document document = { .text = buffer_text(&reading->out),
					  .line = reading->first };

	if (!parse(reading, &document, err))
		return false;
	if (document.root->kind != JSON_NULL)
		*arena_push(reading->arena, &reading->yaml) = document;
	return true;
}

static bool begin_document(struct reading *reading, const yaml_event_t *event,
			   struct error *err)
{
	if (event->data.document_start.tag_directives.start !=
	    event->data.document_start.tag_directives.end)
		return wrong(line_of(event), err, "tags are not read here");
	/* The empty ones with them: each takes memory. */
	if (++reading->documents > YAML_DOCUMENTS_MAX)
		return error_set(err, ERR_DATA, "more than %d documents",
				 YAML_DOCUMENTS_MAX);
	reading->out = (struct buffer){ .arena = reading->arena };
	reading->first = reading->line = line_of(event);
	reading->levels[0] = (struct level){ 0 };
	return true;
}

static bool take(struct reading *reading, const yaml_event_t *event, struct error *err)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return begin_document(reading, event, err);
	case YAML_DOCUMENT_END_EVENT:
		return end_document(reading, err);
	case YAML_SCALAR_EVENT:
		return read_scalar(reading, event, err);
	case YAML_MAPPING_START_EVENT:
		return begin(reading, event, true, err);
	case YAML_SEQUENCE_START_EVENT:
		return begin(reading, event, false, err);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		end(reading);
		return true;
	case YAML_ALIAS_EVENT:
		return wrong(line_of(event), err,
			     "aliases are not read here; write out what it stands for");
	default:
		return true;
	}
}

static bool read_events(struct reading *reading, struct error *err)
{
	yaml_event_t event;
	bool done = false, good = true;

	while (good && !done) {
		if (!yaml_parser_parse(reading->parser, &event)) {
			const char *problem = reading->parser->problem;

			return wrong(reading->parser->problem_mark.line + 1, err, "%s",
				     problem ? problem : "this is no YAML");
		}
		done = event.type == YAML_STREAM_END_EVENT;
		good = take(reading, &event, err);
		yaml_event_delete(&event);
	}
	return good;
}

bool yaml_read(struct arena *arena, struct text text, struct yaml *ret, struct error *err)
{
	yaml_parser_t parser;
	struct reading reading = { .arena = arena, .parser = &parser };
	bool good;

	if (text.length > YAML_SIZE_MAX)
		return error_set(err, ERR_DATA, "more than %zu MiB of YAML",
				 YAML_SIZE_MAX >> 20);
	if (!yaml_parser_initialize(&parser))
		return error_set(err, ERR_MEMORY, "out of memory");
	/* Without this a text could be UTF-16 to us and not to others. */
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.bytes,
				     text.length);
	good = read_events(&reading, err);
	yaml_parser_delete(&parser);
	if (good)
		*ret = reading.yaml;
	return good;
}
