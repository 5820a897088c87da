/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/acl.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "policy/acl_rules.h"
#include "policy/words.h"

static bool names_have(const struct names *names, struct text text)
{
	/* What is not known matches no selector, not even an empty one. */
	for (size_t i = 0; text.length && i < names->count; i++)
		if (text_eq(names->items[i].text, text))
			return true;
	return false;
}

/*
 * '*' crosses '/', so that a star at the end means all below it. No text has a NUL in it
 * (JSON with one is refused), so a copy as a C string loses nothing.
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

const struct json *acl_rule_what(const struct acl_rule *rule, struct text profile)
{
	const struct json *m = rule->what ? rule->what->first : NULL;

	while (m && !text_eq(m->key, profile))
		m = m->next;
	return m;
}

static void add_approval(struct arena *arena, struct approvals *approvals,
			 const struct acl_rule *rule, struct text profile,
			 struct ground ground)
{
	struct approval *approval = arena_push(arena, approvals);

	*approval = rule->approved;
	approval->profile = profile;
	approval->ground = ground;
	approval->what = acl_rule_what(rule, profile);
	approval->rule = rule->json;
	approval->file = rule->file;
}

struct approvals acl_approvals_for(struct arena *arena, const struct acl *acl,
				   const struct labels *node,
				   const struct subject *subject, struct text profile)
{
	struct approvals approvals = { 0 };

	for (size_t i = 0; i < acl->rules.count; i++) {
		const struct acl_rule *rule = &acl->rules.items[i];
		struct ground ground = names_ground(&rule->allow, profile);

		if (rule->has_approved && ground.path &&
		    rule_applies(arena, rule, node, subject))
			add_approval(arena, &approvals, rule, profile, ground);
	}
	return approvals;
}

struct approvals acl_approvals(struct arena *arena, const struct acl *acl)
{
	struct approvals approvals = { 0 };

	for (size_t i = 0; i < acl->rules.count; i++) {
		const struct acl_rule *rule = &acl->rules.items[i];

		for (size_t j = 0; rule->has_approved && j < rule->allow.count; j++)
			add_approval(arena, &approvals, rule, rule->allow.items[j].text,
				     rule->allow.items[j].ground);
	}
	return approvals;
}

/* A rule without an approval allows a profile whatever that grants. */
static struct ground plain_ground(struct arena *arena, const struct acl *acl,
				  const struct labels *node,
				  const struct subject *subject, struct text profile)
{
	for (size_t i = 0; i < acl->rules.count; i++) {
		const struct acl_rule *rule = &acl->rules.items[i];
		struct ground ground = names_ground(&rule->allow, profile);

		if (!rule->has_approved && ground.path &&
		    rule_applies(arena, rule, node, subject))
			return ground;
	}
	return (struct ground){ 0 };
}

static struct verdict judge(struct arena *arena, const struct acl *acl,
			    const struct labels *node, const struct subject *subject,
			    struct text profile)
{
	struct verdict verdict = {
		.profile = profile,
		.ground = plain_ground(arena, acl, node, subject, profile),
	};

	if (verdict.ground.path)
		return verdict;
	verdict.approvals = acl_approvals_for(arena, acl, node, subject, profile);
	if (verdict.approvals.count)
		verdict.ground = verdict.approvals.items[0].ground;
	return verdict;
}

/* What the administrator names for those who ask for nothing. */
static void decide_unasked(struct arena *arena, const struct names *names,
			   struct decision *decision)
{
	decision->verdicts = arena_new(arena, struct verdict, names->count);
	for (size_t i = 0; i < names->count; i++)
		decision->verdicts[decision->count++] = (struct verdict){
			.profile = names->items[i].text,
			.ground = names->items[i].ground,
		};
}

static const struct names *sandbox_names(const struct acl *acl)
{
	return acl->sandbox.count ? &acl->sandbox : &acl->pause;
}

struct decision acl_decide(struct arena *arena, const struct acl *acl,
			   const struct labels *node, const struct request *request)
{
	struct decision decision = {
		.mode = acl_mode_for(arena, acl, node, &request->subject),
		.granted = true,
	};

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

		*verdict =
			judge(arena, acl, node, &request->subject, request->profiles[i]);
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

static int by_text(const void *a, const void *b)
{
	const struct name *one = a, *other = b;

	return text_compare(one->text, other->text);
}

const char *acl_allowed(struct arena *arena, const struct acl *acl,
			const struct labels *node, const struct subject *subject,
			size_t limit)
{
	struct word_list words = { .arena = arena };
	struct names names = { 0 };
	struct text last = { NULL, 0 };

	for (size_t i = 0; i < acl->rules.count; i++) {
		const struct acl_rule *rule = &acl->rules.items[i];
		bool applies = rule_applies(arena, rule, node, subject);

		for (size_t j = 0; applies && j < rule->allow.count; j++)
			*arena_push(arena, &names) = rule->allow.items[j];
	}
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_text);
	for (size_t i = 0; i < names.count; i++) {
		struct text name = names.items[i].text;

		if (!text_eq(name, last))
			words_add(&words, arena_copy(arena, name.bytes, name.length));
		last = name;
	}
	return words_join(&words, limit);
}

struct ground acl_place(const struct acl *acl)
{
	return acl->place;
}

enum mode acl_mode(const struct acl *acl)
{
	return acl->mode;
}

bool acl_mode_varies(const struct acl *acl)
{
	for (size_t i = 0; acl->mode != MODE_WARN && i < acl->rules.count; i++)
		if (acl->rules.items[i].warn)
			return true;
	return false;
}

enum mode acl_mode_for(struct arena *arena, const struct acl *acl,
		       const struct labels *node, const struct subject *subject)
{
	for (size_t i = 0; i < acl->rules.count; i++) {
		const struct acl_rule *rule = &acl->rules.items[i];

		if (rule->warn && rule_applies(arena, rule, node, subject))
			return MODE_WARN;
	}
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
			return (struct verdict){ .profile = list->items[n].text,
						 .ground = list->items[n].ground };
		n -= list->count;
	}
	return (struct verdict){ 0 };
}

struct acl_passage acl_rule_at(const struct acl *acl, size_t n)
{
	const struct acl_rule *rule = n < acl->rules.count ? &acl->rules.items[n] : NULL;

	if (!rule)
		return (struct acl_passage){ 0 };
	return (struct acl_passage){ rule->path, rule->file, rule->json };
}
