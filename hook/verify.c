/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/verify.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "gate/record.h"
#include "hook/reach.h"
#include "oci/bundle.h"

/* The members of the OCI state that a hook needs (runtime-spec, runtime.md, "State"). */
struct state {
	struct text id;
	const char *bundle;
	uint64_t pid;
};

static bool state_string(const struct json *root, const char *key, struct text *ret,
			 struct error *err)
{
	const struct json *value = json_get(root, key);

	if (!json_is(value, JSON_STRING) || !value->text.length)
		return error_set(err, ERR_DATA, "the runtime's state has no \"%s\"", key);
	*ret = value->text;
	return true;
}

static bool state_parse(struct arena *arena, struct text text, struct state *ret,
			struct error *err)
{
	struct json *root;
	struct text bundle;
	struct state state = { 0 };

	if (!json_parse(arena, text, &root, err))
		return error_in(err, "the runtime's state");
	if (!state_string(root, "id", &state.id, err) ||
	    !state_string(root, "bundle", &bundle, err))
		return false;
	state.bundle = arena_copy(arena, bundle.bytes, bundle.length);
	if (state.bundle[0] != '/')
		return error_set(err, ERR_DATA,
				 "the runtime's state: \"bundle\" is no absolute path");
	if (!json_u64(json_get(root, "pid"), &state.pid) || !state.pid ||
	    state.pid > INT32_MAX)
		return error_set(err, ERR_DATA, "the runtime's state has no \"pid\"");
	*ret = state;
	return true;
}

static bool exceeds(struct error *err, const char *what)
{
	return error_set(
		err, ERR_DENIED,
		"config.json grants more than this container's profiles: %s; it "
		"has to be created by powerbox-runtime or with podman's precreate "
		"hook, which take that away",
		what);
}

static bool check_capabilities(struct arena *arena, const char *set, struct capset have,
			       struct capset granted, struct error *err)
{
	struct buffer names = { .arena = arena };

	if (capset_subset(have, granted))
		return true;
	buffer_puts(&names, set);
	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(have, i) && !capset_has(granted, i))
			buffer_printf(&names, " %s", capset_name(i));
	return exceeds(err, names.bytes);
}

/* The calls of a filter hold on every architecture that it lists. */
static bool check_archs(const struct json *seccomp, struct archs allowed,
			struct error *err)
{
	const struct json *list = json_get(seccomp, "architectures");

	if (!json_is(list, JSON_ARRAY))
		return true;
	for (const struct json *item = list->first; item; item = item->next) {
		struct archs with = allowed;

		if (!archs_add(&with, item->text) || with.bits != allowed.bits)
			return exceeds(err,
				       "system calls of an architecture that node.json "
				       "does not name");
	}
	return true;
}

/* What both grant is what the profiles grant alone, if and only if this is no more. */
static bool check_syscalls(struct arena *arena, const struct outcome *outcome,
			   const struct node *node, const struct policy *have,
			   struct error *err)
{
	struct policy both = {
		.syscalls =
			syscalls_union(arena, &have->syscalls, &outcome->policy.syscalls),
	};
	struct sections sections;

	if (!sections_make(arena, &both, node->archs, (struct capset){ 0 }, &sections,
			   err)) {
		err->code = ERR_DENIED;
		return error_in(err, "the filter of config.json can't be compared");
	}
	if (!text_eq(sections.seccomp, outcome->sections.seccomp))
		return exceeds(err, "system calls");
	return true;
}

static bool check_grants(struct arena *arena, const struct config *config,
			 const struct node *node, const struct outcome *outcome,
			 struct error *err)
{
	const struct policy *granted = &outcome->policy;
	struct policy have;

	if (!config_policy(arena, config, &have, err))
		return false;
	if (!check_capabilities(arena, "capabilities", have.caps, granted->caps, err) ||
	    !check_capabilities(arena, "ambient capabilities", have.ambient,
				granted->ambient, err))
		return false;
	if (have.new_privileges && !granted->new_privileges)
		return exceeds(err, "new privileges (noNewPrivileges is not true)");
	if (granted->syscalls.all)
		return true;
	return check_archs(json_get(config->linux_section, "seccomp"), node->archs,
			   err) &&
	       check_syscalls(arena, outcome, node, &have, err);
}

/* Nothing is compared if the file is to the byte what powerbox itself writes. */
static bool check_config(struct arena *arena, const struct config *config,
			 const struct gate *gate, struct outcome *outcome,
			 struct error *err)
{
	return gate_decide(arena, gate, config->text, outcome, err) &&
	       (text_eq(outcome->text, config->text) ||
		check_grants(arena, config, &gate->node, outcome, err));
}

/* All that the decision was made with, and what the log is told of it. */
struct verification {
	struct state state;
	struct bundle bundle;
	struct node node;
	struct gate gate;
	struct record record;
};

static bool check(struct arena *arena, struct verification *v, struct outcome *outcome,
		  struct error *err)
{
	struct config config;

	if (!gate_open(arena, &v->node, &v->gate, err))
		return false;
	v->record.gate = &v->gate;
	if (!bundle_open(arena, v->state.bundle, NULL, &v->bundle, err))
		return false;
	v->record.path = v->bundle.path;
	if (!config_parse(arena, v->bundle.file.text, &config, err) ||
	    !check_config(arena, &config, &v->gate, outcome, err))
		return err->code == ERR_DATA
			       ? error_in(err, "%s",
					  text_quote(arena, text_of(v->bundle.path)))
			       : false;
	return reach_check(arena, &config, v->bundle.dir, (unsigned)v->state.pid,
			   &v->node, err);
}

bool verify(struct arena *arena, struct text text, struct verified *ret,
	    struct error *err)
{
	struct verification v = { .bundle.dir = -1 };
	struct record *record = &v.record;
	CLOSE int dir = -1;
	bool passes;

	*ret = (struct verified){ 0 };
	if (!state_parse(arena, text, &v.state, err))
		return false;
	ret->container = text_quote(arena, v.state.id);
	if (!node_read(arena, &v.node, err))
		return false;
	*record = (struct record){ .operation = "verify",
				   .id = v.state.id,
				   .node = &v.node,
				   .outcome = &ret->outcome };
	passes = check(arena, &v, &ret->outcome, err);
	dir = v.bundle.dir;
	record->mode = ret->outcome.decision.mode;
	record->warned = record->mode == MODE_WARN;
	if (!passes)
		ret->why = *err;
	return record_write(arena, record, passes ? NULL : &ret->why, &ret->lost, err) &&
	       (passes || record->warned);
}
