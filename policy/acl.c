/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/acl.h"

#include <fnmatch.h>
#include <string.h>

#include "lib/fields.h"

struct names {
	struct name {
		struct text text;
		struct ground ground;
	} * items;
	size_t count, capacity;
};

struct acl_rule {
	struct names allow;
	struct labels nodes;
	struct names namespaces, images, containers;
	bool has_namespaces, has_images, has_containers;
	struct names annotations; /* keys, with stars */
	bool restore, mounts;
};

struct acl {
	enum mode mode;
	bool has_mode;
	struct ground place;
	struct names defaults, sandbox;
	struct names pause; /* what a sandbox gets where the files name nothing */
	struct {
		struct acl_rule *items;
		size_t count, capacity;
	} rules;
};

/* What the functions below fill; `rule` is the one that is being read. */
struct reading {
	struct acl *acl;
	const char *path;
	struct acl_rule *rule;
	struct names *names;
};

struct acl *acl_new(struct arena *arena)
{
	struct acl *acl = arena_new(arena, struct acl, 1);

	*arena_push(arena, &acl->pause) =
		(struct name){ text_of("pause"), { "built in", 0 } };
	return acl;
}

static struct ground ground_of(const struct fields *fields, const struct json *value)
{
	const struct reading *reading = fields->into;

	return (struct ground){ reading->path, json_line(fields->text, value->start) };
}

static bool read_name(const struct fields *fields, const struct json *item,
		      struct error *err)
{
	struct reading *reading = fields->into;
	struct name *name;

	(void)err;
	name = arena_push(fields->arena, reading->names);
	name->text = item->text;
	name->ground = ground_of(fields, item);
	return true;
}

static bool read_profile_name(const struct fields *fields, const struct json *item,
			      struct error *err)
{
	if (!profile_name_valid(item->text))
		return fields_error(fields, item, err,
				    "%s can't be the name of a profile",
				    text_quote(fields->arena, item->text));
	return read_name(fields, item, err);
}

static bool read_profiles(const struct fields *fields, const struct json *value,
			  struct names *names, struct error *err)
{
	((struct reading *)fields->into)->names = names;
	return fields_each(fields, value, JSON_STRING, read_profile_name, err);
}

/* A selector with no alternative would match nothing: nobody means that. */
static bool read_selector(const struct fields *fields, const struct json *value,
			  struct names *names, bool *has, struct error *err)
{
	if (!value->first)
		return fields_error(fields, value, err,
				    "an empty list matches nothing; leave it out to "
				    "match everything");
	*has = true;
	((struct reading *)fields->into)->names = names;
	return fields_each(fields, value, JSON_STRING, read_name, err);
}

static bool read_allow(const struct fields *fields, const struct json *value,
		       struct error *err)
{
	return read_profiles(fields, value,
			     &((struct reading *)fields->into)->rule->allow, err);
}

static bool read_nodes(const struct fields *fields, const struct json *value,
		       struct error *err)
{
	struct acl_rule *rule = ((struct reading *)fields->into)->rule;

	for (const struct json *m = value->first; m; m = m->next) {
		struct label *label;

		if (m->kind != JSON_STRING)
			return fields_error(fields, m, err,
					    "a label's value must be a string");
		label = arena_push(fields->arena, &rule->nodes);
		*label = (struct label){ m->key, m->text };
	}
	return true;
}

static bool read_namespaces(const struct fields *fields, const struct json *value,
			    struct error *err)
{
	struct acl_rule *rule = ((struct reading *)fields->into)->rule;

	return read_selector(fields, value, &rule->namespaces, &rule->has_namespaces,
			     err);
}

static bool read_images(const struct fields *fields, const struct json *value,
			struct error *err)
{
	struct acl_rule *rule = ((struct reading *)fields->into)->rule;

	return read_selector(fields, value, &rule->images, &rule->has_images, err);
}

static bool read_containers(const struct fields *fields, const struct json *value,
			    struct error *err)
{
	struct acl_rule *rule = ((struct reading *)fields->into)->rule;

	return read_selector(fields, value, &rule->containers, &rule->has_containers,
			     err);
}

static bool read_restore(const struct fields *fields, const struct json *value,
			 struct error *err)
{
	(void)err;
	((struct reading *)fields->into)->rule->restore = value->truth;
	return true;
}

static bool read_mounts(const struct fields *fields, const struct json *value,
			struct error *err)
{
	(void)err;
	((struct reading *)fields->into)->rule->mounts = value->truth;
	return true;
}

static bool read_annotations(const struct fields *fields, const struct json *value,
			     struct error *err)
{
	struct reading *reading = fields->into;

	reading->names = &reading->rule->annotations;
	return fields_each(fields, value, JSON_STRING, read_name, err);
}

static const struct field rule_fields[] = {
	{ "allow", JSON_ARRAY, read_allow },
	{ "nodes", JSON_OBJECT, read_nodes },
	{ "namespaces", JSON_ARRAY, read_namespaces },
	{ "images", JSON_ARRAY, read_images },
	{ "containers", JSON_ARRAY, read_containers },
	{ "annotations", JSON_ARRAY, read_annotations },
	{ "restore", JSON_BOOL, read_restore },
	{ "mounts", JSON_BOOL, read_mounts },
};

static bool read_rule(const struct fields *fields, const struct json *value,
		      struct error *err)
{
	struct reading *reading = fields->into;

	reading->rule = arena_push(fields->arena, &reading->acl->rules);
	return fields_read(fields, value, rule_fields, ARRAY_SIZE(rule_fields), err);
}

static bool read_rules(const struct fields *fields, const struct json *value,
		       struct error *err)
{
	struct reading *reading = fields->into;

	if (!reading->acl->place.path || reading->acl->place.line == 1)
		reading->acl->place = ground_of(fields, value);
	return fields_each(fields, value, JSON_OBJECT, read_rule, err);
}

static bool read_mode(const struct fields *fields, const struct json *value,
		      struct error *err)
{
	struct acl *acl = ((struct reading *)fields->into)->acl;
	enum mode mode = text_is(value->text, "warn") ? MODE_WARN : MODE_ENFORCE;

	if (mode == MODE_ENFORCE && !text_is(value->text, "enforce"))
		return fields_error(fields, value, err,
				    "mode is \"enforce\" or \"warn\", not %s",
				    text_quote(fields->arena, value->text));
	if (acl->has_mode && acl->mode != mode)
		return fields_error(fields, value, err,
				    "another file sets the other mode");
	acl->mode = mode;
	acl->has_mode = true;
	return true;
}

static bool read_default(const struct fields *fields, const struct json *value,
			 struct error *err)
{
	return read_profiles(fields, value,
			     &((struct reading *)fields->into)->acl->defaults, err);
}

static bool read_sandbox(const struct fields *fields, const struct json *value,
			 struct error *err)
{
	return read_profiles(fields, value,
			     &((struct reading *)fields->into)->acl->sandbox, err);
}

static const struct field acl_fields[] = {
	{ "version", JSON_NUMBER, fields_version },
	{ "mode", JSON_STRING, read_mode },
	{ "default", JSON_ARRAY, read_default },
	{ "sandbox", JSON_ARRAY, read_sandbox },
	{ "rules", JSON_ARRAY, read_rules },
};

bool acl_add(struct arena *arena, struct acl *acl, const char *path, struct text text,
	     struct error *err)
{
	struct reading reading = { .acl = acl, .path = path };
	struct fields fields = {
		.arena = arena, .text = text, .into = &reading, .page = "powerbox-acl(5)"
	};

	if (!acl->place.path)
		acl->place = (struct ground){ path, 1 };
	if (!fields_file(&fields, acl_fields, ARRAY_SIZE(acl_fields), err))
		return error_in(err, "%s", path);
	return true;
}

static bool names_have(const struct names *names, struct text text)
{
	/* What is not known matches no selector, not even an empty one. */
	for (size_t i = 0; text.length && i < names->count; i++)
		if (text_eq(names->items[i].text, text))
			return true;
	return false;
}

/*
 * '*' crosses '/', so that a star at the end means all below it. A reference with
 * a NUL can't be (JSON with one is refused), so a copy as a C string loses nothing.
 */
static bool names_match(struct arena *arena, const struct names *globs, struct text text)
{
	const char *string = arena_copy(arena, text.bytes, text.length);

	for (size_t i = 0; i < globs->count; i++) {
		struct text glob = globs->items[i].text;

		if (!fnmatch(arena_copy(arena, glob.bytes, glob.length), string, 0))
			return true;
	}
	return false;
}

static bool labels_have(const struct labels *labels, const struct label *wanted)
{
	for (size_t i = 0; i < labels->count; i++)
		if (text_eq(labels->items[i].name, wanted->name) &&
		    text_eq(labels->items[i].value, wanted->value))
			return true;
	return false;
}

static bool rule_applies(struct arena *arena, const struct acl_rule *rule,
			 const struct labels *node, const struct subject *subject)
{
	for (size_t i = 0; i < rule->nodes.count; i++)
		if (!labels_have(node, &rule->nodes.items[i]))
			return false;
	if (rule->has_namespaces && !names_have(&rule->namespaces, subject->namespace))
		return false;
	if (rule->has_containers && !names_have(&rule->containers, subject->container))
		return false;
	/* What is not known matches no selector, not even "*". */
	return !rule->has_images || (subject->image.length &&
				     names_match(arena, &rule->images, subject->image));
}

static struct ground names_ground(const struct names *names, struct text profile)
{
	for (size_t i = 0; i < names->count; i++)
		if (text_eq(names->items[i].text, profile))
			return names->items[i].ground;
	return (struct ground){ 0 };
}

static struct ground acl_ground(struct arena *arena, const struct acl *acl,
				const struct labels *node, const struct subject *subject,
				struct text profile)
{
	for (size_t i = 0; i < acl->rules.count; i++) {
		const struct acl_rule *rule = &acl->rules.items[i];
		struct ground ground = names_ground(&rule->allow, profile);

		if (ground.path && rule_applies(arena, rule, node, subject))
			return ground;
	}
	return (struct ground){ 0 };
}

/* What the administrator names for those who ask for nothing. */
static void decide_unasked(struct arena *arena, const struct names *names,
			   struct decision *decision)
{
	decision->verdicts = arena_new(arena, struct verdict, names->count);
	for (size_t i = 0; i < names->count; i++)
		decision->verdicts[decision->count++] = (struct verdict){
			names->items[i].text,
			names->items[i].ground,
		};
}

static const struct names *sandbox_names(const struct acl *acl)
{
	return acl->sandbox.count ? &acl->sandbox : &acl->pause;
}

struct decision acl_decide(struct arena *arena, const struct acl *acl,
			   const struct labels *node, const struct request *request)
{
	struct decision decision = { .mode = acl->mode, .granted = true };

	for (size_t i = 0; i < acl->rules.count; i++) {
		const struct acl_rule *rule = &acl->rules.items[i];

		if ((!rule->restore && !rule->mounts) ||
		    !rule_applies(arena, rule, node, &request->subject))
			continue;
		decision.restore = decision.restore || rule->restore;
		decision.mounts = decision.mounts || rule->mounts;
	}
	if (request->sandbox || !request->count) {
		decide_unasked(arena,
			       request->sandbox ? sandbox_names(acl) : &acl->defaults,
			       &decision);
		return decision;
	}
	decision.verdicts = arena_new(arena, struct verdict, request->count);
	for (size_t i = 0; i < request->count; i++) {
		struct verdict *verdict = &decision.verdicts[decision.count++];

		verdict->profile = request->profiles[i];
		verdict->ground =
			acl_ground(arena, acl, node, &request->subject, verdict->profile);
		decision.granted = decision.granted && verdict->ground.path;
	}
	return decision;
}

bool acl_allows_annotation(struct arena *arena, const struct acl *acl,
			   const struct labels *node, const struct subject *subject,
			   struct text key)
{
	for (size_t i = 0; i < acl->rules.count; i++) {
		const struct acl_rule *rule = &acl->rules.items[i];

		if (rule->annotations.count &&
		    names_match(arena, &rule->annotations, key) &&
		    rule_applies(arena, rule, node, subject))
			return true;
	}
	return false;
}

const char *acl_allowed(struct arena *arena, const struct acl *acl,
			const struct labels *node, const struct subject *subject)
{
	struct buffer out = { .arena = arena };
	struct text last = { NULL, 0 };

	buffer_puts(&out, "");
	for (;;) {
		const struct name *next = NULL;

		for (size_t i = 0; i < acl->rules.count; i++) {
			const struct acl_rule *rule = &acl->rules.items[i];

			if (!rule_applies(arena, rule, node, subject))
				continue;
			for (size_t j = 0; j < rule->allow.count; j++) {
				const struct name *name = &rule->allow.items[j];

				if (text_compare(name->text, last) > 0 &&
				    (!next || text_compare(name->text, next->text) < 0))
					next = name;
			}
		}
		if (!next)
			return out.bytes;
		buffer_puts(&out, out.length ? ", " : "");
		buffer_add(&out, next->text.bytes, next->text.length);
		last = next->text;
	}
}

struct ground acl_place(const struct acl *acl)
{
	return acl->place;
}

enum mode acl_mode(const struct acl *acl)
{
	return acl->mode;
}

struct verdict acl_mentioned(const struct acl *acl, size_t n)
{
	const struct names *lists[] = { &acl->defaults, &acl->sandbox };
	const struct names *list;

	for (size_t i = 0; i < ARRAY_SIZE(lists) + acl->rules.count; i++) {
		list = i < ARRAY_SIZE(lists)
			       ? lists[i]
			       : &acl->rules.items[i - ARRAY_SIZE(lists)].allow;
		if (n < list->count)
			return (struct verdict){ list->items[n].text,
						 list->items[n].ground };
		n -= list->count;
	}
	return (struct verdict){ 0 };
}
