/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/refusal.h"

#include <string.h>

#include "policy/words.h"

/* Bytes of the line for each part, so that the command at its end is never cut off. */
#define NAMES_MAX 80
#define SUBJECT_MAX 160
#define COMMAND_MAX 130

static const char *string(struct arena *arena, struct text text)
{
	return arena_copy(arena, text.bytes, text.length);
}

/* What a shell takes as one word, as it is. */
static bool is_word(struct text text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-._/:@";

	for (size_t i = 0; i < text.length; i++)
		if (!memchr(letters, text.bytes[i], sizeof(letters) - 1))
			return false;
	return text.length && text.bytes[0] != '-';
}

static bool has_selector(const struct json *rule)
{
	static const char *const selectors[] = { "nodes", "namespaces", "containers",
						 "images" };

	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++)
		if (json_get(rule, selectors[i]))
			return true;
	return false;
}

const char *refusal_selector(struct arena *arena, const struct subject *subject)
{
	const struct {
		const char *option;
		struct text text;
	} selectors[] = {
		{ "--namespace", subject->namespace },
		{ "--container", subject->container },
		{ "--image", subject->image },
	};

	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++)
		if (selectors[i].text.length)
			return is_word(selectors[i].text)
				       ? arena_printf(arena, " %s %s",
						      selectors[i].option,
						      string(arena, selectors[i].text))
				       : NULL;
	return "";
}

/*
 * "; to allow: powerbox approve NAME... --namespace web", for all profiles that keep the
 * container from starting. Where that can't be said in so few bytes, what it does.
 */
static const char *command(struct arena *arena, const struct outcome *outcome,
			   bool anybody)
{
	const char *option =
		anybody ? "" : refusal_selector(arena, &outcome->request.subject);
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "; to allow: powerbox approve");
	for (size_t i = 0; i < outcome->decision.count; i++) {
		const struct verdict *verdict = &outcome->decision.verdicts[i];

		if (!verdict->ground.path || verdict->outgrown)
			buffer_printf(&out, " %s", string(arena, verdict->profile));
	}
	if (option && out.length + strlen(option) <= COMMAND_MAX)
		buffer_puts(&out, option);
	else
		return "; to allow: powerbox approve, with its config.json";
	return out.bytes;
}

static const char *subject_words(struct arena *arena, const struct subject *subject)
{
	const struct {
		const char *what;
		struct text text;
	} facts[] = {
		{ "namespace", subject->namespace },
		{ "container", subject->container },
		{ "image", subject->image },
	};
	struct word_list words = { .arena = arena };

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		if (facts[i].text.length)
			words_add(&words, arena_printf(arena, "%s %s", facts[i].what,
						       text_quote(arena, facts[i].text)));
	return words.count
		       ? arena_printf(arena, " for %s", words_join(&words, SUBJECT_MAX))
		       : "";
}

/* A name that was mistyped is not made right by allowing it. */
static bool check_exist(struct arena *arena, const struct gate *gate,
			const struct decision *decision, struct error *err)
{
	struct profile ignored;

	for (size_t i = 0; i < decision->count; i++) {
		const struct verdict *verdict = &decision->verdicts[i];

		if (!verdict->ground.path &&
		    !store_has(arena, &gate->store, verdict->profile) &&
		    !store_find(arena, &gate->store, verdict->profile, &ignored, err)) {
			err->code = ERR_DENIED;
			return false;
		}
	}
	return true;
}

bool refuse_denied(struct arena *arena, const struct gate *gate,
		   const struct outcome *outcome, struct error *err)
{
	const struct request *request = &outcome->request;
	struct word_list names = { .arena = arena };

	if (!check_exist(arena, gate, &outcome->decision, err))
		return false;
	for (size_t i = 0; i < outcome->decision.count; i++)
		if (!outcome->decision.verdicts[i].ground.path)
			words_add(&names,
				  arena_printf(
					  arena, "\"%s\"",
					  string(arena,
						 outcome->decision.verdicts[i].profile)));
	return error_set(err, ERR_DENIED,
			 "profile%s %s %s not allowed on this node%s; allowed here: %s%s",
			 names.count > 1 ? "s" : "", words_join(&names, NAMES_MAX),
			 names.count > 1 ? "are" : "is",
			 subject_words(arena, &request->subject),
			 acl_allowed(arena, gate->acl, &gate->node.labels,
				     &request->subject, NAMES_MAX),
			 command(arena, outcome, false));
}

bool refuse_outgrown(struct arena *arena, const struct outcome *outcome,
		     const struct verdict *verdict, const struct difference *added,
		     struct error *err)
{
	const struct approval *approval = &verdict->approvals.items[0];
	const char *all = difference_words(arena, added, SIZE_MAX);
	const char *words = difference_words(arena, added, NAMES_MAX);

	return error_set(
		err, ERR_DENIED,
		"profile \"%s\" grants more than %s approved on %.*s (%s:%zu): %s%s%s",
		string(arena, verdict->profile), text_quote(arena, approval->who), 10,
		string(arena, approval->when), approval->ground.path,
		approval->ground.line, words,
		strcmp(all, words) ? " (--dry-run shows all)" : "",
		command(arena, outcome, !has_selector(approval->rule)));
}
