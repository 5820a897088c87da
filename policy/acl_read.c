/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/fields.h"
#include "lib/stamp.h"
#include "policy/acl_rules.h"

/* What the functions below fill. */
struct reading {
	struct acl *acl;
	const char *path;
	struct acl_rule *rule; /* that is being read */
	struct names *names;   /* to which read_name() adds */
	size_t at, line;       /* of the value whose line was last asked for */
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
	struct reading *reading = fields->into;
	struct text rest = { fields->text.bytes + reading->at,
			     fields->text.length - reading->at };

	/* Values come in the order of the file: each line is counted once. */
	if (value->start >= reading->at) {
		reading->line += json_line(rest, value->start - reading->at) - 1;
		reading->at = value->start;
		return (struct ground){ reading->path, reading->line };
	}
	return (struct ground){ reading->path, json_line(fields->text, value->start) };
}

static bool read_name(const struct fields *fields, const struct json *item,
		      struct error *err)
{
	struct reading *reading = fields->into;

	(void)err;
	*arena_push(fields->arena, reading->names) =
		(struct name){ item->text, ground_of(fields, item) };
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

bool labels_add(const struct fields *fields, const struct json *object,
		struct labels *labels, struct error *err)
{
	for (const struct json *m = object->first; m; m = m->next) {
		if (m->kind != JSON_STRING)
			return fields_error(fields, m, err,
					    "a label's value must be a string");
		*arena_push(fields->arena, labels) = (struct label){ m->key, m->text };
	}
	return true;
}

static bool read_nodes(const struct fields *fields, const struct json *value,
		       struct error *err)
{
	return labels_add(fields, value, &((struct reading *)fields->into)->rule->nodes,
			  err);
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

static bool read_rule_mode(const struct fields *fields, const struct json *value,
			   struct error *err)
{
	((struct reading *)fields->into)->rule->warn = true;
	if (text_is(value->text, "warn"))
		return true;
	if (!text_is(value->text, "enforce"))
		return fields_error(fields, value, err,
				    "a rule's mode can only be \"warn\", not %s",
				    text_quote(fields->arena, value->text));
	return fields_error(fields, value, err,
			    "rules only add, so a rule can't take back with \"enforce\" "
			    "what another says; leave it out");
}

static bool read_text(const struct fields *fields, const struct json *value,
		      struct text *ret, struct error *err)
{
	*ret = value->text;
	return value->text.length ||
	       fields_error(fields, value, err, "%s must not be empty",
			    text_quote(fields->arena, value->key));
}

static bool read_who(const struct fields *fields, const struct json *value,
		     struct error *err)
{
	return read_text(fields, value,
			 &((struct reading *)fields->into)->rule->approved.who, err);
}

static bool read_when(const struct fields *fields, const struct json *value,
		      struct error *err)
{
	struct timespec ignored;

	((struct reading *)fields->into)->rule->approved.when = value->text;
	return stamp_read(value->text, &ignored) ||
	       fields_error(fields, value, err, "%s is no time like 2026-11-21T12:00:00Z",
			    text_quote(fields->arena, value->text));
}

static bool read_why(const struct fields *fields, const struct json *value,
		     struct error *err)
{
	(void)err;
	((struct reading *)fields->into)->rule->approved.why = value->text;
	return true;
}

/* What stands behind the names is read where profiles are known: gate/approval.h. */
static bool read_what(const struct fields *fields, const struct json *value,
		      struct error *err)
{
	((struct reading *)fields->into)->rule->what = value;
	for (const struct json *m = value->first; m; m = m->next) {
		if (!profile_name_valid(m->key))
			return fields_error(fields, m, err,
					    "%s can't be the name of a profile",
					    text_quote(fields->arena, m->key));
		if (m->kind != JSON_OBJECT)
			return fields_error(fields, m, err,
					    "what was approved of %s must be an object",
					    text_quote(fields->arena, m->key));
	}
	return true;
}

static const struct field approved_fields[] = {
	{ "who", JSON_STRING, read_who },
	{ "when", JSON_STRING, read_when },
	{ "why", JSON_STRING, read_why },
	{ "what", JSON_OBJECT, read_what },
};

static bool read_approved(const struct fields *fields, const struct json *value,
			  struct error *err)
{
	struct acl_rule *rule = ((struct reading *)fields->into)->rule;

	rule->has_approved = true;
	if (!fields_read(fields, value, approved_fields, ARRAY_SIZE(approved_fields),
			 err))
		return false;
	return (rule->approved.who.length && rule->approved.when.length && rule->what) ||
	       fields_error(fields, value, err,
			    "an approval has to say who, when and what");
}

/* An approval is of just the profiles that its rule allows. */
static bool check_approved(const struct fields *fields, const struct acl_rule *rule,
			   struct error *err)
{
	for (size_t i = 0; i < rule->allow.count; i++)
		if (!acl_rule_what(rule, rule->allow.items[i].text))
			return fields_error(
				fields, rule->what, err,
				"what was approved of %s is not said",
				text_quote(fields->arena, rule->allow.items[i].text));
	if (rule->what->count == rule->allow.count)
		return true;
	return fields_error(fields, rule->what, err,
			    "this must be about the profiles in \"allow\", each once");
}

static const struct field rule_fields[] = {
	{ "allow", JSON_ARRAY, read_allow },
	{ "mode", JSON_STRING, read_rule_mode },
	{ "approved", JSON_OBJECT, read_approved },
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
	reading->rule->json = value;
	reading->rule->path = reading->path;
	reading->rule->file = fields->text;
	return fields_read(fields, value, rule_fields, ARRAY_SIZE(rule_fields), err) &&
	       (!reading->rule->has_approved ||
		check_approved(fields, reading->rule, err));
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
	struct reading reading = { .acl = acl, .path = path, .line = 1 };
	struct fields fields = {
		.arena = arena, .text = text, .into = &reading, .page = "powerbox-acl(5)"
	};

	if (!acl->place.path)
		acl->place = (struct ground){ path, 1 };
	if (!fields_file(&fields, acl_fields, ARRAY_SIZE(acl_fields), err))
		return error_in(err, "%s", path);
	return true;
}
