/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit.h"

static void json_since(struct buffer *out, const struct audited_profile *asked)
{
	const struct approvals *approvals = &asked->approvals;

	buffer_puts(out, "\"approved\": ");
	if (!approvals->count) {
		buffer_puts(out, "null");
		return;
	}
	buffer_puts(out, "{\"approvals\": [");
	for (size_t i = 0; i < approvals->count; i++) {
		const struct approval *approval = &approvals->items[i];

		buffer_puts(out, i ? ", {" : "{");
		grants_member(out, "who", approval->who);
		buffer_puts(out, ", ");
		grants_member(out, "when", approval->when);
		buffer_puts(out, ", ");
		grants_member(out, "why", approval->why);
		buffer_puts(out, ", ");
		buffer_puts(out, "\"by\": ");
		grants_ground(out, &approval->ground);
		buffer_puts(out, "}");
	}
	buffer_printf(out, "], \"outgrown\": %s, \"new\": ",
		      asked->outgrown ? "true" : "false");
	grants_json(out, &asked->since.added);
	buffer_puts(out, ", \"gone\": ");
	grants_json(out, &asked->since.gone);
	buffer_puts(out, ", \"unchanged\": ");
	grants_json(out, &asked->unchanged);
	buffer_puts(out, "}");
}

static void json_profile(struct buffer *out, const struct audited_profile *asked)
{
	struct difference whole = grants_whole(&asked->profile.policy);

	buffer_puts(out, "{");
	grants_member(out, "name", asked->name);
	buffer_printf(out, ", \"allowed\": %s, ",
		      asked->ground.path && !asked->outgrown ? "true" : "false");
	buffer_puts(out, "\"by\": ");
	grants_ground(out, &asked->ground);
	buffer_puts(out, ", ");
	grants_member(out, "missing", text_of(asked->missing));
	buffer_puts(out, ", ");
	grants_member(out, "summary", text_of(asked->profile.summary));
	buffer_puts(out, ", \"grants\": ");
	if (asked->missing)
		buffer_puts(out, "null");
	else
		grants_json(out, &whole);
	buffer_puts(out, ", ");
	json_since(out, asked);
	buffer_puts(out, "}");
}

static void json_subject(struct buffer *out, const struct subject *subject)
{
	buffer_puts(out, "\"subject\": {");
	grants_member(out, "namespace", subject->namespace);
	buffer_puts(out, ", ");
	grants_member(out, "container", subject->container);
	buffer_puts(out, ", ");
	grants_member(out, "image", subject->image);
	buffer_puts(out, "}");
}

static void json_request(struct buffer *out, const struct candidate *candidate)
{
	const struct request *request = &candidate->request;

	buffer_printf(out, "\"request\": {\"author\": %s, \"sandbox\": %s, ",
		      candidate->author ? "true" : "false",
		      request->sandbox ? "true" : "false");
	grants_member(out, "source", request->source);
	buffer_puts(out, ", \"profiles\": [");
	for (size_t i = 0; i < request->count; i++) {
		buffer_puts(out, i ? ", " : "");
		buffer_json(out, request->profiles[i]);
	}
	buffer_puts(out, "]}");
}

static void json_container(struct buffer *out, const struct audited *audit)
{
	const struct candidate *candidate = audit->candidate;

	buffer_puts(out, "{");
	grants_member(out, "where", text_of(candidate->where));
	buffer_puts(out, ", ");
	json_subject(out, &candidate->request.subject);
	buffer_puts(out, ", ");
	json_request(out, candidate);
	buffer_puts(out, ", ");
	grants_member(out, "note", text_of(candidate->note));
	buffer_printf(out, ", \"mode\": \"%s\", \"allowed\": %s, ",
		      audit->decision.mode == MODE_WARN ? "warn" : "enforce",
		      audit->refusal ? "false" : "true");
	grants_member(out, "refusal", text_of(audit->refusal));
	buffer_puts(out, ", \"profiles\": [");
	for (size_t i = 0; i < audit->count; i++) {
		buffer_puts(out, i ? ", " : "");
		json_profile(out, &audit->profiles[i]);
	}
	buffer_puts(out, "], ");
	grants_member(out, "incomparable", text_of(audit->incomparable));
	buffer_puts(out, ", \"adding\": ");
	grants_json(out, &audit->adding);
	buffer_puts(out, ", \"engine\": {");
	grants_member(out, "from", text_of(candidate->settings.from));
	buffer_printf(out, ", \"filterKnown\": %s, \"beyond\": ",
		      candidate->settings.filter == FILTER_UNKNOWN ? "false" : "true");
	grants_json(out, &audit->beyond);
	buffer_puts(out, "}}");
}

void audit_json(struct buffer *out, const char *source, const struct labels *labels,
		const struct audited *audits, size_t count)
{
	buffer_puts(out, "{\"version\": 1, ");
	grants_member(out, "source", text_of(source));
	buffer_puts(out, ", \"labels\": {");
	for (size_t i = 0; i < labels->count; i++) {
		buffer_puts(out, i ? ", " : "");
		buffer_json(out, labels->items[i].name);
		buffer_puts(out, ": ");
		buffer_json(out, labels->items[i].value);
	}
	buffer_puts(out, "}, \"containers\": [");
	for (size_t i = 0; i < count; i++) {
		buffer_puts(out, i ? ", " : "");
		json_container(out, &audits[i]);
	}
	buffer_puts(out, "]}\n");
}
