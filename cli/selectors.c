/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/selectors.h"

#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"
#include "oci/reference.h"

static int by_text(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static int by_name(const void *a, const void *b)
{
	return text_compare(((const struct label *)a)->name,
			    ((const struct label *)b)->name);
}

/* Lists are kept sorted and distinct, so that one selection has one text. */
static void add(struct arena *arena, struct texts *texts, struct text text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (text_eq(texts->items[i], text))
			return;
	*arena_push(arena, texts) = text;
	qsort(texts->items, texts->count, sizeof(*texts->items), by_text);
}

static bool has(const struct texts *texts, struct text text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (text_eq(texts->items[i], text))
			return true;
	return false;
}

static const struct label *find_label(const struct labels *labels, struct text name)
{
	for (size_t i = 0; i < labels->count; i++)
		if (text_eq(labels->items[i].name, name))
			return &labels->items[i];
	return NULL;
}

static void add_label(struct arena *arena, struct labels *labels, struct label label)
{
	*arena_push(arena, labels) = label;
	qsort(labels->items, labels->count, sizeof(*labels->items), by_name);
}

bool labels_read(struct arena *arena, const struct command *command, const char *value,
		 struct labels *ret, struct error *err)
{
	if (!text_is_utf8(text_of(value)))
		return usage_error(err, command, "%s is not UTF-8",
				   text_quote(arena, text_of(value)));
	while (*value) {
		size_t length = strcspn(value, ",");
		const char *sign = memchr(value, '=', length);
		struct label label;

		if (!sign || sign == value)
			return usage_error(
				err, command, "%s is no label like pool=edge",
				text_quote(arena, (struct text){ value, length }));
		label.name = (struct text){ value, (size_t)(sign - value) };
		label.value = (struct text){ sign + 1, length - label.name.length - 1 };
		if (find_label(ret, label.name))
			return usage_error(err, command, "label %s is given twice",
					   text_quote(arena, label.name));
		add_label(arena, ret, label);
		value += length + (value[length] == ',');
	}
	return true;
}

bool selectors_option(struct arena *arena, const struct command *command, int argc,
		      char **argv, int *i, struct selectors *ret, struct error *err)
{
	struct texts *texts = NULL;
	const char *value;

	*err = (struct error){ 0 };
	if ((value = option_value("--namespace", argc, argv, i)))
		texts = &ret->namespaces;
	else if ((value = option_value("--container", argc, argv, i)))
		texts = &ret->containers;
	else if ((value = option_value("--image", argc, argv, i)))
		texts = &ret->images;
	else if (!(value = option_value("--nodes", argc, argv, i)))
		return false;
	if (!*value)
		return usage_error(err, command, "an empty value selects nothing");
	if (!texts)
		return labels_read(arena, command, value, &ret->nodes, err);
	if (!text_is_utf8(text_of(value)))
		return usage_error(err, command, "%s is not UTF-8",
				   text_quote(arena, text_of(value)));
	add(arena, texts,
	    texts == &ret->images ? reference_pattern(arena, text_of(value))
				  : text_of(value));
	return true;
}

static void add_list(struct arena *arena, struct texts *texts, const struct json *list)
{
	for (const struct json *m = list ? list->first : NULL; m; m = m->next)
		add(arena, texts, m->text);
}

struct selectors selectors_of_rule(struct arena *arena, const struct json *rule)
{
	const struct json *nodes = json_get(rule, "nodes");
	struct selectors selectors = { 0 };

	add_list(arena, &selectors.namespaces, json_get(rule, "namespaces"));
	add_list(arena, &selectors.containers, json_get(rule, "containers"));
	add_list(arena, &selectors.images, json_get(rule, "images"));
	for (const struct json *m = nodes ? nodes->first : NULL; m; m = m->next)
		add_label(arena, &selectors.nodes, (struct label){ m->key, m->text });
	return selectors;
}

struct text selector_literal(struct arena *arena, struct text text)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "");
	for (size_t i = 0; i < text.length; i++) {
		if (strchr("*?[]\\", text.bytes[i]))
			buffer_puts(&out, "\\");
		buffer_add(&out, text.bytes + i, 1);
	}
	return buffer_text(&out);
}

void selectors_of_subject(struct arena *arena, struct selectors *selectors,
			  const struct subject *subject)
{
	if (!selectors->namespaces.count && subject->namespace.length)
		add(arena, &selectors->namespaces, subject->namespace);
	if (!selectors->containers.count && subject->container.length)
		add(arena, &selectors->containers, subject->container);
	if (!selectors->images.count && subject->image.length)
		add(arena, &selectors->images, selector_literal(arena, subject->image));
}

bool selectors_empty(const struct selectors *selectors)
{
	return !(selectors->namespaces.count + selectors->containers.count +
		 selectors->images.count + selectors->nodes.count);
}

bool selectors_hold_on(const struct selectors *selectors, const struct labels *node)
{
	struct selectors here = { .nodes = *node };
	struct selectors nodes = { .nodes = selectors->nodes };

	return selectors_contain(&here, &nodes);
}

const char *selectors_untold(struct arena *arena, const struct engine *engine,
			     const struct selectors *selectors, const char **ret_why)
{
	struct text any = text_of("*");
	struct subject told = engine_tells(engine, (struct subject){ any, any, any });
	const struct {
		const char *name;
		bool used, told;
	} all[] = {
		{ "namespaces", selectors->namespaces.count, told.namespace.length },
		{ "containers", selectors->containers.count, told.container.length },
		{ "images", selectors->images.count, told.image.length },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (!all[i].used || all[i].told)
			continue;
		*ret_why = engine ? arena_printf(arena,
						 "%s, the engine in " NODE_FILE
						 ", does not tell them; select by nodes",
						 engine_name(engine))
				  : NODE_FILE
				   " names no engine whose word it would be; for "
				   "containerd or CRI-O say \"engine\" there";
		return all[i].name;
	}
	return NULL;
}

static bool contain(const struct texts *all, const struct texts *some)
{
	for (size_t i = 0; i < some->count; i++)
		if (!has(all, some->items[i]))
			return false;
	return true;
}

bool selectors_contain(const struct selectors *all, const struct selectors *some)
{
	for (size_t i = 0; i < some->nodes.count; i++) {
		const struct label *wanted = &some->nodes.items[i];
		const struct label *label = find_label(&all->nodes, wanted->name);

		if (!label || !text_eq(label->value, wanted->value))
			return false;
	}
	return contain(&all->namespaces, &some->namespaces) &&
	       contain(&all->containers, &some->containers) &&
	       contain(&all->images, &some->images);
}

static void write_list(struct buffer *out, const char *name, const struct texts *texts)
{
	if (!texts->count)
		return;
	buffer_printf(out, ",\n\t\t\t\"%s\": [", name);
	for (size_t i = 0; i < texts->count; i++) {
		buffer_puts(out, i ? ", " : "");
		buffer_json(out, texts->items[i]);
	}
	buffer_puts(out, "]");
}

struct text selectors_text(struct arena *arena, const struct selectors *selectors)
{
	const struct labels *nodes = &selectors->nodes;
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "");
	for (size_t i = 0; i < nodes->count; i++) {
		buffer_puts(&out, i ? ", " : ",\n\t\t\t\"nodes\": { ");
		buffer_json(&out, nodes->items[i].name);
		buffer_puts(&out, ": ");
		buffer_json(&out, nodes->items[i].value);
	}
	buffer_puts(&out, nodes->count ? " }" : "");
	write_list(&out, "namespaces", &selectors->namespaces);
	write_list(&out, "containers", &selectors->containers);
	write_list(&out, "images", &selectors->images);
	return buffer_text(&out);
}

static void add_words(struct word_list *words, const char *what,
		      const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		words_add(words, arena_printf(words->arena, "%s%s", i ? "or " : what,
					      text_plain(words->arena, texts->items[i])));
}

const char *selectors_words(struct arena *arena, const struct selectors *selectors)
{
	struct word_list words = { .arena = arena };

	add_words(&words, "namespace ", &selectors->namespaces);
	add_words(&words, "container ", &selectors->containers);
	add_words(&words, "image ", &selectors->images);
	for (size_t i = 0; i < selectors->nodes.count; i++) {
		const struct label *label = &selectors->nodes.items[i];

		words_add(&words, arena_printf(arena, "%s%s=%s", i ? "" : "nodes ",
					       text_plain(arena, label->name),
					       text_plain(arena, label->value)));
	}
	return words.count ? words_join(&words, SIZE_MAX) : "every container";
}
