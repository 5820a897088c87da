/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate.h"

#include <fcntl.h>
#include <sys/prctl.h>

#include "gate/annotations.h"
#include "gate/approval.h"
#include "gate/prove.h"
#include "gate/refusal.h"
#include "gate/snapshot.h"
#include "lib/trust.h"

#define PROFILES_DIR "profiles.d"

static bool read_acl(struct arena *arena, struct gate *gate, struct error *err)
{
	struct snapshot snapshot;

	if (!snapshot_read(arena, gate->node.etc, &snapshot, err))
		return false;
	for (size_t i = 0; i < snapshot.count; i++)
		if (!acl_add(arena, gate->acl, snapshot.items[i].path,
			     snapshot.items[i].file.text, err))
			return false;
	gate->digest = snapshot.digest;
	if (snapshot.count)
		return true;
	return error_set(err, ERR_NOINPUT,
			 "there is no ACL on this node: write " POWERBOX_SYSCONFDIR
			 "/acl.json (powerbox-acl(5) has an example)");
}

static struct gate gate_new(struct arena *arena, const struct node *node)
{
	return (struct gate){
		.node = *node,
		.acl = acl_new(arena),
		.store.folders = {
			{ .dir = -1 },
			{ .path = POWERBOX_SYSCONFDIR "/" PROFILES_DIR, .dir = -1 },
			{ .path = POWERBOX_DATADIR "/" PROFILES_DIR, .dir = -1 },
		},
	};
}

/* The folders of profiles are opened once, however many profiles are read from them. */
bool gate_open_store(struct arena *arena, struct gate *gate, struct error *err)
{
	struct store *store = &gate->store;

	if (gate->node.etc >= 0 &&
	    !trust_open_sub(arena, gate->node.etc, POWERBOX_SYSCONFDIR, PROFILES_DIR,
			    &store->folders[1].dir, err) &&
	    err->code != ERR_NOINPUT)
		return false;
	return trust_open_dir(arena, store->folders[2].path, &store->folders[2].dir,
			      err) ||
	       err->code == ERR_NOINPUT;
}

bool gate_without_acl(struct arena *arena, const struct node *node, struct gate *ret,
		      struct error *err)
{
	struct gate gate = gate_new(arena, node);

	if (!gate_open_store(arena, &gate, err))
		return false;
	*ret = gate;
	return true;
}

bool gate_look_in(struct gate *gate, const char *folder, const char *shown,
		  struct error *err)
{
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return error_errno(err, "%s", shown);
	gate->store.folders[0].path = shown;
	gate->store.folders[0].dir = dir;
	gate->store.folders[0].anybodys = true;
	return true;
}

bool gate_open_acl(struct arena *arena, const struct node *node, struct gate *ret,
		   struct error *err)
{
	struct gate gate = gate_new(arena, node);

	if (!read_acl(arena, &gate, err))
		return false;
	*ret = gate;
	return true;
}

bool gate_open(struct arena *arena, const struct node *node, struct gate *ret,
	       struct error *err)
{
	struct gate gate;

	if (!gate_without_acl(arena, node, &gate, err) || !read_acl(arena, &gate, err))
		return false;
	*ret = gate;
	return true;
}

/*
 * Which of these the bounding set of this process has, which is what a runtime that it
 * becomes can give. Asked one by one, and only for these: most containers get few.
 */
static struct capset held_capabilities(struct capset wanted)
{
	struct capset held = { 0 };

	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(wanted, i) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			held.bits |= UINT64_C(1) << i;
	return held;
}

static bool add_grant(struct arena *arena, const struct gate *gate, struct text name,
		      struct ground ground, struct outcome *outcome, struct error *err)
{
	struct grant *grant = &outcome->grants[outcome->count];

	if (!store_find(arena, &gate->store, name, &grant->profile, err))
		return false;
	grant->ground = ground;
	outcome->count++;
	outcome->policy = policy_union(arena, &outcome->policy, &grant->profile.policy);
	return true;
}

/* What was approved is what a profile granted then: it must not have grown since. */
static bool check_approved(struct arena *arena, struct outcome *outcome,
			   struct error *err)
{
	struct decision *decision = &outcome->decision;
	const struct verdict *first = NULL;
	struct difference added, more;

	for (size_t i = 0; i < decision->count; i++) {
		struct verdict *verdict = &decision->verdicts[i];
		bool holds = true;

		if (verdict->approvals.count &&
		    !approvals_hold(arena, &verdict->approvals,
				    &outcome->grants[i].profile.policy, &holds, &more,
				    err))
			return error_in(err, "profile \"%s\"",
					outcome->grants[i].profile.name);
		verdict->outgrown = !holds;
		if (holds || first)
			continue;
		first = verdict;
		added = more;
	}
	if (!first)
		return true;
	decision->granted = false;
	return refuse_outgrown(arena, outcome, first, &added, err);
}

/* What the runtime itself needs is a profile like any other, and shown like one. */
static bool add_runtime(struct arena *arena, const struct gate *gate, const char *runtime,
			struct outcome *outcome, struct error *err)
{
	const char *name = arena_printf(arena, "runtime-%s", runtime);

	return add_grant(arena, gate, text_of(name), (struct ground){ "runtime", 0 },
			 outcome, err);
}

static bool make_sections(struct arena *arena, const struct gate *gate,
			  struct outcome *outcome, struct error *err)
{
	return sections_make(arena, &outcome->policy, gate->node.archs,
			     held_capabilities(outcome->policy.caps), &outcome->sections,
			     err);
}

enum mode gate_mode_for(struct arena *arena, const struct gate *gate,
			const struct config *config)
{
	struct subject subject = keys_subject(config->annotations, gate->node.engine);

	return acl_mode_for(arena, gate->acl, &gate->node.labels, &subject);
}

bool gate_decide(struct arena *arena, const struct gate *gate, struct text text,
		 struct outcome *ret, struct error *err)
{
	const char *runtime = runtime_kind_name(gate->node.kind);
	struct decision *decision = &ret->decision;
	struct config config;

	*ret = (struct outcome){
		.acl_digest = gate->digest,
		.decision.mode = acl_mode(gate->acl),
	};
	if (!config_parse(arena, text, &config, err))
		return false;
	ret->config = config;
	decision->mode = gate_mode_for(arena, gate, &config);
	if (!keys_request(arena, config.annotations, gate->node.engine, &ret->request,
			  err))
		return false;
	*decision = acl_decide(arena, gate->acl, &gate->node.labels, &ret->request);
	if (!decision->granted)
		return refuse_denied(arena, gate, ret, err);
	if (!annotations_check(arena, gate, config.annotations, &ret->request.subject,
			       err))
		return false;
	ret->grants = arena_new(arena, struct grant, decision->count + 1);
	for (size_t i = 0; i < decision->count; i++)
		if (!add_grant(arena, gate, decision->verdicts[i].profile,
			       decision->verdicts[i].ground, ret, err))
			return false;
	if (!check_approved(arena, ret, err) ||
	    !add_runtime(arena, gate, runtime, ret, err) ||
	    !make_sections(arena, gate, ret, err))
		return false;
	if (ret->sections.needs_proof &&
	    !prove(arena, &ret->policy, gate->node.archs, ret->sections.seccomp, err))
		return false;
	ret->text = config_with(arena, &config, &ret->sections);
	return true;
}

bool gate_union(struct arena *arena, const struct gate *gate, const struct text *names,
		size_t count, const char *runtime, struct outcome *ret, struct error *err)
{
	*ret = (struct outcome){ .grants = arena_new(arena, struct grant, count + 1) };
	for (size_t i = 0; i < count; i++)
		if (!add_grant(arena, gate, names[i], (struct ground){ 0 }, ret, err))
			return false;
	if (runtime && !add_runtime(arena, gate, runtime, ret, err))
		return false;
	return make_sections(arena, gate, ret, err);
}

bool outcome_restores(const struct outcome *outcome, struct error *err)
{
	if (outcome->decision.restore)
		return true;
	return error_set(
		err, ERR_DENIED,
		"restore is not allowed on this node: what a checkpoint holds was "
		"decided elsewhere; to allow, add \"restore\": true to a rule of the "
		"ACL that applies");
}

struct text outcome_union(struct arena *arena, const struct outcome *outcome)
{
	const struct sections *sections = &outcome->sections;
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "{\"capabilities\": ");
	buffer_add(&out, sections->capabilities.bytes, sections->capabilities.length);
	buffer_puts(&out, ", \"noNewPrivileges\": ");
	buffer_add(&out, sections->no_new_privileges.bytes,
		   sections->no_new_privileges.length);
	buffer_puts(&out, ", \"seccomp\": ");
	buffer_add(&out, sections->seccomp.bytes, sections->seccomp.length);
	buffer_puts(&out, "}\n");
	return buffer_text(&out);
}

const char *outcome_line(struct arena *arena, const struct outcome *outcome)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "profiles=");
	for (size_t i = 0; i < outcome->count; i++) {
		const struct grant *grant = &outcome->grants[i];

		buffer_printf(&out, "%s%s", i ? "," : "", grant->profile.name);
		if (grant->ground.line)
			buffer_printf(&out, "(%s:%zu)", grant->ground.path,
				      grant->ground.line);
		else if (grant->ground.path)
			buffer_printf(&out, "(%s)", grant->ground.path);
	}
	if (outcome->acl_digest)
		buffer_printf(&out, " acl=%s", outcome->acl_digest);
	return out.bytes;
}
