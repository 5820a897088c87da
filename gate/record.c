/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/record.h"

#include <limits.h>
#include <unistd.h>

#include "gate/annotations.h"
#include "lib/append.h"
#include "lib/digest.h"
#include "lib/fields.h"
#include "lib/stamp.h"
#include "oci/caps.h"
#include "policy/difference.h"

/* What is written, and to where. */
struct writing {
	struct arena *arena;
	const struct record *record;
	struct buffer out;
};

static bool has_config(const struct record *record)
{
	return record->outcome && record->outcome->config.root;
}

static void add_text(struct writing *writing, struct text text)
{
	if (text.length > RECORD_TEXT_MAX)
		text.length = RECORD_TEXT_MAX;
	buffer_json_ascii(&writing->out, text);
}

/* ,"key":"text" where there is a text. */
static void add_member(struct writing *writing, const char *key, struct text text)
{
	if (!text.length)
		return;
	buffer_printf(&writing->out, ",\"%s\":", key);
	add_text(writing, text);
}

/* The next of a list of texts; *count tells whether it is the first. */
static void add_item(struct writing *writing, size_t *count, struct text text)
{
	buffer_puts(&writing->out, (*count)++ ? "," : "");
	add_text(writing, text);
}

/* Of a bundle that the engine named by where it stands. */
static const char *absolute(struct arena *arena, const char *path)
{
	char folder[PATH_MAX];

	if (!path || *path == '/' || !getcwd(folder, sizeof(folder)))
		return path;
	return arena_printf(arena, "%s/%s", folder, path);
}

static void add_head(struct writing *writing, const struct error *why,
		     struct timespec now)
{
	const struct record *record = writing->record;
	const char *status = record->warned ? "warned" : why ? "refused" : "granted";

	buffer_printf(&writing->out, RECORD_START "%s\",\"status\":\"%s\"",
		      stamp_write(writing->arena, now), status);
	add_member(writing, "mode",
		   text_of(record->mode == MODE_WARN ? "warn" : "enforce"));
	add_member(writing, "operation", text_of(record->operation));
	add_member(writing, "id", record->id);
	add_member(writing, "runtime", text_of(record->node->runtime));
	add_member(writing, "config", text_of(absolute(writing->arena, record->path)));
}

static void add_subject(struct writing *writing, const struct subject *subject)
{
	const struct {
		const char *key;
		struct text text;
	} facts[] = {
		{ "namespace", subject->namespace },
		{ "container", subject->container },
		{ "image", subject->image },
	};
	const char *before = "";

	buffer_puts(&writing->out, ",\"subject\":{");
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		if (!facts[i].text.length)
			continue;
		buffer_printf(&writing->out, "%s\"%s\":", before, facts[i].key);
		add_text(writing, facts[i].text);
		before = ",";
	}
	buffer_puts(&writing->out, "}");
}

static void add_request(struct writing *writing, const struct request *request)
{
	size_t count = 0;

	add_subject(writing, &request->subject);
	if (request->sandbox)
		buffer_puts(&writing->out, ",\"sandbox\":true");
	buffer_puts(&writing->out, ",\"requested\":[");
	for (size_t i = 0; i < request->count; i++)
		add_item(writing, &count, request->profiles[i]);
	buffer_puts(&writing->out, "]");
}

static void add_grant(struct writing *writing, const struct grant *grant)
{
	const char *by = grant->ground.path;

	if (grant->ground.line)
		by = arena_printf(writing->arena, "%s:%zu", by, grant->ground.line);
	buffer_puts(&writing->out, "{\"profile\":");
	add_text(writing, text_of(grant->profile.name));
	add_member(writing, "by", text_of(by));
	buffer_puts(&writing->out, "}");
}

static void add_granted(struct writing *writing, const struct outcome *outcome)
{
	buffer_puts(&writing->out, ",\"granted\":[");
	for (size_t i = 0; i < outcome->count; i++) {
		buffer_puts(&writing->out, i ? "," : "");
		add_grant(writing, &outcome->grants[i]);
	}
	buffer_puts(&writing->out, "]");
}

static void add_refused_profiles(struct writing *writing, const struct decision *decision)
{
	size_t count = 0;

	buffer_puts(&writing->out, "\"profiles\":[");
	for (size_t i = 0; i < decision->count; i++) {
		const struct verdict *verdict = &decision->verdicts[i];

		if (!verdict->ground.path || verdict->outgrown)
			add_item(writing, &count, verdict->profile);
	}
	buffer_puts(&writing->out, "]");
}

static void add_refused_annotations(struct writing *writing)
{
	const struct outcome *outcome = writing->record->outcome;
	struct unsafe_annotations list;
	struct error ignored;
	size_t count = 0;

	buffer_puts(&writing->out, ",\"annotations\":[");
	if (annotations_refused(writing->arena, writing->record->gate,
				outcome->config.annotations, &outcome->request.subject,
				&list, &ignored))
		for (size_t i = 0; i < list.count && i < RECORD_KEYS_MAX; i++)
			add_item(writing, &count, list.items[i].key);
	buffer_puts(&writing->out, "]");
}

/* What a rule of the ACL would have to allow, and the message. */
static void add_refusal(struct writing *writing, const struct error *why)
{
	add_member(writing, "why", text_of(why->msg));
	if (!has_config(writing->record) || !writing->record->gate)
		return;
	buffer_puts(&writing->out, ",\"refused\":{");
	add_refused_profiles(writing, &writing->record->outcome->decision);
	add_refused_annotations(writing);
	buffer_puts(&writing->out, "}");
}

/* "A","B": the names of a set. */
static void add_names(struct writing *writing, struct capset set)
{
	const char *before = "";

	for (unsigned i = 0; i < CAPSET_NAMED; i++) {
		if (!capset_has(set, i))
			continue;
		buffer_printf(&writing->out, "%s\"%s\"", before, capset_name(i));
		before = ",";
	}
}

/*
 * Calls that are lost on every argument, and then those that are on some. Of a
 * config.json without a filter that would be all that the profiles don't grant: it is
 * said so.
 */
static void add_calls(struct writing *writing, const struct difference *lost)
{
	const struct syscalls *syscalls = &lost->policy.syscalls;
	size_t count = 0;
	int last = -1;

	buffer_printf(&writing->out, "\"everyOtherCall\":%s,\"calls\":[",
		      lost->nameless ? "true" : "false");
	for (unsigned call = 0; !lost->nameless && call < syscall_count(); call++)
		if (syscalls->always[call / 64] >> call % 64 & 1)
			add_item(writing, &count, text_of(syscall_name(call)));
	buffer_puts(&writing->out, "],\"callsInPart\":[");
	count = 0;
	for (size_t i = 0; !lost->nameless && i < syscalls->rules.count; i++) {
		if (syscalls->rules.items[i].call == last)
			continue;
		last = syscalls->rules.items[i].call;
		add_item(writing, &count, text_of(syscall_name((unsigned)last)));
	}
	buffer_puts(&writing->out, "]");
}

/*
 * The union of all profiles that count: of a request that is refused, as if it were
 * allowed, so that what it would still lose is known at once.
 */
static bool find_union(struct writing *writing, struct policy *ret)
{
	const struct record *record = writing->record;
	const struct decision *decision = &record->outcome->decision;
	struct text *names = arena_new(writing->arena, struct text, decision->count);
	struct outcome all;
	struct error ignored;

	if (record->outcome->sections.seccomp.length) {
		*ret = record->outcome->policy;
		return true;
	}
	for (size_t i = 0; i < decision->count; i++)
		names[i] = decision->verdicts[i].profile;
	if (!gate_union(writing->arena, record->gate, names, decision->count,
			runtime_kind_name(record->node->kind), &all, &ignored))
		return false;
	*ret = all.policy;
	return true;
}

/* What config.json grants beyond the union: in mode warn the container keeps it. */
static void add_lost(struct writing *writing)
{
	const struct record *record = writing->record;
	struct policy have, given;
	struct difference lost;
	struct error ignored;

	if (!has_config(record) || !record->gate || !find_union(writing, &given) ||
	    !config_policy(writing->arena, &record->outcome->config, &have, &ignored) ||
	    !policy_difference(writing->arena, &have, &given, &lost, &ignored))
		return;
	buffer_puts(&writing->out, RECORD_LOST "\"capabilities\":[");
	add_names(writing, lost.policy.caps);
	buffer_puts(&writing->out, "],\"ambient\":[");
	add_names(writing, lost.policy.ambient);
	buffer_printf(&writing->out, "],\"newPrivileges\":%s,",
		      lost.policy.new_privileges ? "true" : "false");
	add_calls(writing, &lost);
	buffer_puts(&writing->out, "}");
}

/* The sets that are not empty, by their names in config.json. */
static void add_sets(struct writing *writing, struct text text,
		     const struct json *section)
{
	static const char *const sets[] = { "bounding", "effective", "inheritable",
					    "permitted", "ambient" };
	struct fields fields = { .arena = writing->arena, .text = text };
	const char *before = "";
	struct error ignored = { 0 };

	buffer_puts(&writing->out, "\"capabilities\":{");
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		const struct json *list = json_get(section, sets[i]);
		struct capset set;

		if (!list || !caps_read_list(&fields, list, &set, &ignored) || !set.bits)
			continue;
		buffer_printf(&writing->out, "%s\"%s\":[", before, sets[i]);
		add_names(writing, set);
		buffer_puts(&writing->out, "]");
		before = ",";
	}
	buffer_puts(&writing->out, "}");
}

/* `capabilities` is a value of `text`. null stands for a section that is not there. */
static void add_side(struct writing *writing, struct text text,
		     const struct json *capabilities, struct text no_new_privileges,
		     struct text filter)
{
	buffer_puts(&writing->out, "{");
	if (json_is(capabilities, JSON_OBJECT))
		add_sets(writing, text, capabilities);
	else
		buffer_puts(&writing->out, "\"capabilities\":null");
	buffer_puts(&writing->out, ",\"noNewPrivileges\":");
	buffer_puts(&writing->out, text_is(no_new_privileges, "true") ? "true" : "false");
	buffer_puts(&writing->out, ",\"filter\":");
	if (filter.length)
		add_text(writing, text_of(digest_text(writing->arena, filter)));
	else
		buffer_puts(&writing->out, "null");
	buffer_puts(&writing->out, "}");
}

static struct text bytes_of(const struct config *config, const struct json *value)
{
	if (json_absent(value))
		return (struct text){ NULL, 0 };
	return (struct text){ config->text.bytes + value->start,
			      value->end - value->start };
}

static void add_before(struct writing *writing, const struct config *config)
{
	const struct json *process = config->process;

	buffer_puts(&writing->out, ",\"before\":");
	add_side(writing, config->text, json_get(process, "capabilities"),
		 bytes_of(config, json_get(process, "noNewPrivileges")),
		 bytes_of(config, json_get(config->linux_section, "seccomp")));
}

static void add_after(struct writing *writing, const struct sections *sections)
{
	struct json *capabilities = NULL;
	struct error ignored;

	(void)!json_parse(writing->arena, sections->capabilities, &capabilities,
			  &ignored);
	buffer_puts(&writing->out, ",\"after\":");
	add_side(writing, sections->capabilities, capabilities,
		 sections->no_new_privileges, sections->seccomp);
}

struct text record_line(struct arena *arena, const struct record *record,
			const struct error *why, struct timespec now)
{
	struct writing writing = { .arena = arena, .record = record, .out.arena = arena };
	const struct outcome *outcome = record->outcome;

	add_head(&writing, why, now);
	if (outcome) {
		add_request(&writing, &outcome->request);
		if (!why || record->warned)
			add_granted(&writing, outcome);
	}
	if (why)
		add_refusal(&writing, why);
	add_member(&writing, "acl", text_of(record->gate ? record->gate->digest : NULL));
	if (outcome && outcome->sections.seccomp.length)
		add_member(&writing, "policy",
			   text_of(digest_text(arena, outcome_union(arena, outcome))));
	if (record->warned)
		add_lost(&writing);
	if (has_config(record))
		add_before(&writing, &outcome->config);
	if (record->after && record->after->capabilities.length)
		add_after(&writing, record->after);
	buffer_puts(&writing.out, "}\n");
	return buffer_text(&writing.out);
}

bool record_write(struct arena *arena, const struct record *record,
		  const struct error *why, struct error *ret_lost, struct error *err)
{
	struct timespec now;

	*ret_lost = (struct error){ 0 };
	if (record->node->audit == AUDIT_NONE)
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	if (append_line(arena, RECORD_FOLDER, RECORD_NAME,
			record_line(arena, record, why, now), ret_lost))
		return true;
	if (record->node->audit != AUDIT_REQUIRED)
		return true;
	*err = *ret_lost;
	err->code = err->code == ERR_NOINPUT ? ERR_IO : err->code;
	return error_in(err, "node.json says \"audit\": \"required\", and the decision "
			     "can't be recorded");
}
