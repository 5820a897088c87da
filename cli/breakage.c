/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/breakage.h"

#include <string.h>

#include "cli/selectors.h"

/* Of each container; who has more of them has other worries. */
#define REASONS_MAX 4
#define KEYS_MAX 64

static struct text keep(struct arena *arena, struct text text)
{
	return (struct text){ arena_copy(arena, text.bytes, text.length), text.length };
}

/* False: there are as many already. */
static bool add_text(struct arena *arena, struct texts *texts, struct text text,
		     size_t limit)
{
	for (size_t i = 0; i < texts->count; i++)
		if (text_eq(texts->items[i], text))
			return true;
	if (texts->count == limit)
		return false;
	*arena_push(arena, texts) = keep(arena, text);
	return true;
}

/* Names that can't be a profile's are a forger's. */
static void add_profiles(struct arena *arena, struct texts *texts,
			 const struct json *list)
{
	for (const struct json *item = list ? list->first : NULL; item; item = item->next)
		if (item->kind == JSON_STRING && profile_name_valid(item->text))
			(void)add_text(arena, texts, item->text, KEYS_MAX);
}

/* What the log cuts off has a length that nothing else has. */
static bool is_cut_off(struct text text)
{
	return text.length >= RECORD_TEXT_MAX;
}

static void add_annotations(struct arena *arena, struct breakage *breakage,
			    const struct json *list)
{
	for (const struct json *item = list ? list->first : NULL; item;
	     item = item->next) {
		if (item->kind != JSON_STRING || !item->text.length)
			continue;
		if (!add_text(arena,
			      is_cut_off(item->text) ? &breakage->cut_off
						     : &breakage->annotations,
			      item->text, KEYS_MAX))
			breakage->more = true;
	}
	breakage->more |= list && list->count >= RECORD_KEYS_MAX;
}

static void add_capabilities(struct capset *set, const struct json *list)
{
	for (const struct json *item = list ? list->first : NULL; item;
	     item = item->next) {
		int number = item->kind == JSON_STRING ? capset_find(item->text) : -1;

		if (number >= 0)
			set->bits |= UINT64_C(1) << number;
	}
}

static void add_calls(struct arena *arena, struct syscalls *calls,
		      const struct json *list, bool in_part)
{
	for (const struct json *item = list ? list->first : NULL; item;
	     item = item->next) {
		int call = item->kind == JSON_STRING ? syscall_find(item->text) : -1;

		if (call >= 0 && in_part)
			syscalls_refuse(arena, calls, (unsigned)call, 1);
		else if (call >= 0)
			syscalls_allow(calls, (unsigned)call);
	}
}

static void add_lost(struct arena *arena, struct breakage *breakage,
		     const struct json *lost)
{
	add_capabilities(&breakage->capabilities, json_get(lost, "capabilities"));
	add_capabilities(&breakage->ambient, json_get(lost, "ambient"));
	breakage->new_privileges |= json_true(json_get(lost, "newPrivileges"));
	breakage->every_other_call |= json_true(json_get(lost, "everyOtherCall"));
	add_calls(arena, &breakage->calls, json_get(lost, "calls"), false);
	add_calls(arena, &breakage->calls, json_get(lost, "callsInPart"), true);
}

/* A config.json without the section says nothing: what it means differs by runtime. */
static struct capset gained(const struct json *root)
{
	const struct json *before = json_get(json_get(root, "before"), "capabilities");
	const struct json *after = json_get(json_get(root, "after"), "capabilities");
	struct capset has = { 0 }, gets = { 0 };

	if (!json_is(before, JSON_OBJECT))
		return has;
	add_capabilities(&has, json_get(before, "bounding"));
	add_capabilities(&gets, json_get(after, "bounding"));
	return (struct capset){ gets.bits & ~has.bits };
}

static bool gains_new_privileges(const struct json *root)
{
	const struct json *after = json_get(root, "after");

	return after &&
	       json_true(json_get(json_get(root, "before"), "noNewPrivileges")) &&
	       !json_true(json_get(after, "noNewPrivileges"));
}

static bool has_items(const struct json *object, const char *key)
{
	const struct json *list = json_get(object, key);

	return list && list->first;
}

static bool breaks(const struct entry *entry)
{
	const struct json *lost = json_get(entry->root, "lost");

	return entry->why.length || has_items(lost, "capabilities") ||
	       has_items(lost, "ambient") || has_items(lost, "calls") ||
	       has_items(lost, "callsInPart") ||
	       json_true(json_get(lost, "newPrivileges")) ||
	       json_true(json_get(lost, "everyOtherCall")) || gained(entry->root).bits ||
	       gains_new_privileges(entry->root);
}

static bool is_known(const struct subject *subject)
{
	return subject->namespace.length || subject->container.length ||
	       subject->image.length;
}

static bool is_about(const struct breakage *breakage, const struct entry *entry)
{
	const struct subject *a = &breakage->subject, *b = &entry->subject;

	return text_eq(a->namespace, b->namespace) &&
	       text_eq(a->container, b->container) && text_eq(a->image, b->image) &&
	       (is_known(a) || text_eq(breakage->id, entry->id));
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static size_t hash(const struct entry *entry)
{
	const struct subject *subject = &entry->subject;
	const struct text parts[] = { subject->namespace, subject->container,
				      subject->image,
				      is_known(subject) ? text_of("") : entry->id };
	uint64_t value = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		for (size_t k = 0; k < parts[i].length; k++)
			value = (value ^ (unsigned char)parts[i].bytes[k]) *
				UINT64_C(0x100000001b3);
		value = (value ^ 0xff) * UINT64_C(0x100000001b3);
	}
	return (size_t)value;
}

static struct breakage *breakage_new(struct breakages *all, const struct entry *entry)
{
	struct breakage *breakage = arena_new(all->arena, struct breakage, 1);

	breakage->subject.namespace = keep(all->arena, entry->subject.namespace);
	breakage->subject.container = keep(all->arena, entry->subject.container);
	breakage->subject.image = keep(all->arena, entry->subject.image);
	breakage->id = keep(all->arena, entry->id);
	breakage->config = "";
	memcpy(breakage->first, entry->time.bytes, STAMP_LENGTH);
	all->items[all->count++] = breakage;
	return breakage;
}

/* NULL: there are too many. */
static struct breakage *find(struct breakages *all, const struct entry *entry)
{
	size_t place = hash(entry) % ARRAY_SIZE(all->places);

	while (all->places[place]) {
		struct breakage *breakage = all->items[all->places[place] - 1];

		if (is_about(breakage, entry))
			return breakage;
		place = (place + 1) % ARRAY_SIZE(all->places);
	}
	if (all->count == BREAKAGES_MAX)
		return NULL;
	all->places[place] = all->count + 1;
	return breakage_new(all, entry);
}

bool breakages_add(struct arena *arena, const struct entry *entry, void *into,
		   struct error *err)
{
	struct breakages *all = into;
	const struct json *refused = json_get(entry->root, "refused");
	struct breakage *breakage;

	(void)arena;
	(void)err;
	if (!breaks(entry)) {
		all->unharmed++;
		return true;
	}
	breakage = find(all, entry);
	if (!breakage) {
		all->omitted++;
		return true;
	}
	breakage->count++;
	memcpy(breakage->last, entry->time.bytes, STAMP_LENGTH);
	if (entry->config.length && !*breakage->config)
		breakage->config = keep(all->arena, entry->config).bytes;
	breakage->refused += entry->why.length > 0;
	add_profiles(all->arena, &breakage->requested,
		     json_get(entry->root, "requested"));
	add_profiles(all->arena, &breakage->profiles, json_get(refused, "profiles"));
	add_annotations(all->arena, breakage, json_get(refused, "annotations"));
	if (entry->why.length && !has_items(refused, "profiles") &&
	    !has_items(refused, "annotations"))
		(void)add_text(all->arena, &breakage->reasons, entry->why, REASONS_MAX);
	add_lost(all->arena, breakage, json_get(entry->root, "lost"));
	breakage->gained.bits |= gained(entry->root).bits;
	breakage->gains_new_privileges |= gains_new_privileges(entry->root);
	return true;
}

void breakages_look(struct breakages *all, const struct store *store)
{
	for (size_t i = 0; i < all->count; i++) {
		struct breakage *breakage = all->items[i];
		struct texts asked = breakage->profiles;

		breakage->profiles = (struct texts){ 0 };
		for (size_t j = 0; j < asked.count; j++) {
			bool has = store_has(all->arena, store, asked.items[j]);
			struct texts *texts =
				has ? &breakage->profiles : &breakage->missing;

			*arena_push(all->arena, texts) = asked.items[j];
		}
	}
}

bool breakage_has_rule(const struct breakage *breakage)
{
	return breakage->profiles.count || breakage->annotations.count;
}

static bool selects(struct text text)
{
	return text.length && !is_cut_off(text);
}

bool breakage_rule_is_for_all(const struct breakage *breakage)
{
	const struct subject *subject = &breakage->subject;

	return !selects(subject->namespace) && !selects(subject->container) &&
	       !selects(subject->image);
}

static void write_list(struct buffer *out, const char *key, const struct texts *texts,
		       bool patterns)
{
	if (!texts->count)
		return;
	buffer_printf(out, "%s\"%s\": [", out->length > 1 ? ", " : "", key);
	for (size_t i = 0; i < texts->count; i++) {
		buffer_puts(out, i ? ", " : "");
		buffer_json_ascii(out,
				  patterns ? selector_literal(out->arena, texts->items[i])
					   : texts->items[i]);
	}
	buffer_puts(out, "]");
}

/* What is not known, or was cut off in the log, selects nothing. */
static void write_selector(struct buffer *out, const char *key, struct text text,
			   bool pattern)
{
	struct texts one = { .items = &text, .count = 1 };

	if (selects(text))
		write_list(out, key, &one, pattern);
}

struct text breakage_rule(struct arena *arena, const struct breakage *breakage)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "{");
	write_list(&out, "allow", &breakage->profiles, false);
	write_list(&out, "annotations", &breakage->annotations, true);
	write_selector(&out, "namespaces", breakage->subject.namespace, false);
	write_selector(&out, "containers", breakage->subject.container, false);
	write_selector(&out, "images", breakage->subject.image, true);
	buffer_puts(&out, "}");
	return buffer_text(&out);
}

struct texts breakage_wider(struct arena *arena, const struct breakage *breakage)
{
	const struct subject *subject = &breakage->subject;
	struct texts wider = { 0 };

	if (is_cut_off(subject->namespace))
		*arena_push(arena, &wider) = text_of("namespaces");
	if (is_cut_off(subject->container))
		*arena_push(arena, &wider) = text_of("containers");
	if (is_cut_off(subject->image))
		*arena_push(arena, &wider) = text_of("images");
	return wider;
}

bool breakage_loses(const struct breakage *breakage)
{
	static const struct syscalls nothing;

	return breakage->capabilities.bits || breakage->ambient.bits ||
	       breakage->new_privileges || breakage->every_other_call ||
	       !syscalls_equal(&breakage->calls, &nothing);
}

bool breakage_gains(const struct breakage *breakage)
{
	return breakage->gained.bits || breakage->gains_new_privileges;
}
