/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit.h"
#include "cli/cli.h"

static void json_since(struct buffer *out, const struct audited_profile *asked)
{
	const struct approvals *approvals = &asked->approvals;

	write_key(out, "approved");
	if (!approvals->count) {
		buffer_puts(out, "null");
		return;
	}
	buffer_puts(out, "{");
	write_key(out, "approvals");
	buffer_puts(out, "[");
	for (size_t i = 0; i < approvals->count; i++) {
		const struct approval *approval = &approvals->items[i];

		buffer_puts(out, i ? ", {" : "{");
		write_member(out, "who", approval->who);
		write_member(out, "when", approval->when);
		write_member(out, "why", approval->why);
		grants_ground(out, "by", &approval->ground);
		buffer_puts(out, "}");
	}
	buffer_puts(out, "]");
	write_truth(out, "outgrown", asked->outgrown);
	grants_json(out, "new", &asked->since.added);
	grants_json(out, "gone", &asked->since.gone);
	grants_json(out, "unchanged", &asked->unchanged);
	buffer_puts(out, "}");
}

static void json_profile(struct buffer *out, const struct audited_profile *asked)
{
	struct difference whole = grants_whole(&asked->profile.policy);

	buffer_puts(out, "{");
	write_member(out, "name", asked->name);
	write_truth(out, "allowed", asked->ground.path && !asked->outgrown);
	grants_ground(out, "by", &asked->ground);
	write_member(out, "missing", text_of(asked->missing));
	write_member(out, "summary", text_of(asked->profile.summary));
	grants_json(out, "grants", asked->missing ? NULL : &whole);
	json_since(out, asked);
	buffer_puts(out, "}");
}

static void json_subject(struct buffer *out, const struct subject *subject)
{
	write_key(out, "subject");
	buffer_puts(out, "{");
	write_member(out, "namespace", subject->namespace);
	write_member(out, "container", subject->container);
	write_member(out, "image", subject->image);
	buffer_puts(out, "}");
}

static void json_request(struct buffer *out, const struct candidate *candidate)
{
	const struct request *request = &candidate->request;

	write_key(out, "request");
	buffer_puts(out, "{");
	write_truth(out, "author", candidate->author);
	write_truth(out, "sandbox", request->sandbox);
	write_member(out, "source", request->source);
	write_key(out, "profiles");
	buffer_puts(out, "[");
	for (size_t i = 0; i < request->count; i++) {
		buffer_puts(out, i ? ", " : "");
		buffer_json_ascii(out, request->profiles[i]);
	}
	buffer_puts(out, "]}");
}

static void json_engine(struct buffer *out, const struct audited *audit)
{
	const struct settings *settings = &audit->candidate->settings;

	write_key(out, "engine");
	buffer_puts(out, "{");
	write_member(out, "from", text_of(settings->from));
	write_truth(out, "filterKnown", settings->filter != FILTER_UNKNOWN);
	grants_json(out, "beyond", &audit->beyond);
	buffer_puts(out, "}");
}

static void json_container(struct buffer *out, const struct audited *audit)
{
	const struct candidate *candidate = audit->candidate;
	bool warns = audit->decision.mode == MODE_WARN;

	buffer_puts(out, "{");
	write_member(out, "where", text_of(candidate->where));
	json_subject(out, &candidate->request.subject);
	json_request(out, candidate);
	write_member(out, "note", text_of(candidate->note));
	write_member(out, "mode", text_of(warns ? "warn" : "enforce"));
	write_truth(out, "allowed", !audit->refusal);
	write_member(out, "refusal", text_of(audit->refusal));
	write_key(out, "profiles");
	buffer_puts(out, "[");
	for (size_t i = 0; i < audit->count; i++) {
		buffer_puts(out, i ? ", " : "");
		json_profile(out, &audit->profiles[i]);
	}
	buffer_puts(out, "]");
	write_member(out, "incomparable", text_of(audit->incomparable));
	grants_json(out, "adding", &audit->adding);
	json_engine(out, audit);
	buffer_puts(out, "}");
}

void audit_json(struct buffer *out, const char *source, const struct labels *labels,
		const struct audited *audits, size_t count)
{
	buffer_puts(out, "{\"version\": 1");
	write_member(out, "source", text_of(source));
	write_labels(out, "labels", labels);
	write_key(out, "containers");
	buffer_puts(out, "[");
	for (size_t i = 0; i < count; i++) {
		buffer_puts(out, i ? ", " : "");
		json_container(out, &audits[i]);
	}
	buffer_puts(out, "]}\n");
}
