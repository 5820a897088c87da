/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/config.h"

#include "oci/caps.h"
#include "oci/schema.h"
#include "policy/plain.h"

bool config_parse(struct arena *arena, struct text text, struct config *ret,
		  struct error *err)
{
	struct json *root;
	const struct json *process;

	if (!json_parse(arena, text, &root, err) || !schema_check(arena, root, text, err))
		return false;
	process = json_get(root, "process");
	if (!process)
		return error_set(err, ERR_DATA,
				 "there is no process section, which a container "
				 "needs");
	*ret = (struct config){
		.text = text,
		.root = root,
		.process = process,
		.linux_section = json_get(root, "linux"),
		.annotations = json_get(root, "annotations"),
	};
	return true;
}

/* The top stands for what is there; a name stands for itself. */
static bool caps_given(struct arena *arena, struct capset caps, struct capset held,
		       struct capset *ret, struct error *err)
{
	struct capset missing = { caps.bits & ~held.bits };
	struct buffer names = { .arena = arena };

	if (caps.bits == CAPSET_ALL.bits) {
		*ret = held;
		return true;
	}
	if (!missing.bits) {
		*ret = caps;
		return true;
	}
	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		if (capset_has(missing, i))
			buffer_printf(&names, " %s", capset_name(i));
	return error_set(
		err, ERR_RUNTIME,
		"the profiles grant%s, which this node's engine does not hold itself; "
		"take it out of the profile or give it to the engine",
		names.bytes);
}

static bool multiplex_check(const struct syscalls *syscalls, struct archs archs,
			    struct error *err)
{
	for (size_t i = 0; i < syscalls->rules.count; i++) {
		const struct rule *rule = &syscalls->rules.items[i];

		if (archs_multiplex(archs, syscall_name(rule->call)))
			return error_set(
				err, ERR_INEXACT,
				"profile '%s': %s has argument rules, which an "
				"architecture of this node (node.json) can't keep: it "
				"carries calls inside others",
				rule->source ? rule->source : "",
				syscall_name(rule->call));
	}
	return true;
}

bool sections_make(struct arena *arena, const struct policy *policy, struct archs archs,
		   struct capset held, struct sections *ret, struct error *err)
{
	struct buffer capabilities = { .arena = arena }, seccomp = { .arena = arena };
	struct emission emission;
	struct capset caps;

	if (!caps_given(arena, policy->caps, held, &caps, err) ||
	    !multiplex_check(&policy->syscalls, archs, err) ||
	    !emission_make(arena, &policy->syscalls, archs, &emission, err))
		return false;
	caps_write(&capabilities, caps, policy->ambient);
	seccomp_write(&seccomp, &emission, archs);
	*ret = (struct sections){
		.capabilities = buffer_text(&capabilities),
		.no_new_privileges = text_of(policy->new_privileges ? "false" : "true"),
		.seccomp = buffer_text(&seccomp),
		.needs_proof = !emission_is_plain(&emission, archs),
	};
	return true;
}

struct text config_with(struct arena *arena, const struct config *config,
			const struct sections *sections)
{
	struct edits edits = { 0 };
	struct member process[] = {
		{ "capabilities", sections->capabilities },
		{ "noNewPrivileges", sections->no_new_privileges },
	};
	struct member linux_members[] = { { "seccomp", sections->seccomp } };
	struct buffer section = { .arena = arena };
	struct member root[] = { { "linux", { NULL, 0 } } };

	edits_members(arena, &edits, config->process, process, ARRAY_SIZE(process));
	if (config->linux_section) {
		edits_members(arena, &edits, config->linux_section, linux_members,
			      ARRAY_SIZE(linux_members));
	} else {
		buffer_puts(&section, "{\"seccomp\":");
		buffer_add(&section, sections->seccomp.bytes, sections->seccomp.length);
		buffer_puts(&section, "}");
		root[0].value = buffer_text(&section);
		edits_members(arena, &edits, config->root, root, ARRAY_SIZE(root));
	}
	return edits_apply(arena, &edits, config->text);
}

static bool ambient_read(const struct fields *fields, const struct json *list,
			 struct capset *ret, struct error *err)
{
	*ret = (struct capset){ 0 };
	return !list || caps_read_list(fields, list, ret, err);
}

bool config_policy(struct arena *arena, const struct config *config, struct policy *ret,
		   struct error *err)
{
	struct fields fields = { .arena = arena, .text = config->text };
	const struct json *caps = json_get(config->process, "capabilities");
	const struct json *nnp = json_get(config->process, "noNewPrivileges");
	const struct json *seccomp = json_get(config->linux_section, "seccomp");
	struct policy policy = { .new_privileges = !json_true(nnp) };

	if (!caps_read(&fields, caps, &policy.caps, err) ||
	    !ambient_read(&fields, json_get(caps, "ambient"), &policy.ambient, err) ||
	    !seccomp_read(&fields, seccomp, &policy.syscalls, err)) {
		err->code = ERR_DATA;
		return false;
	}
	/* No object is every capability to runc from 1.3 on. */
	if (!json_is(caps, JSON_OBJECT))
		policy.caps = CAPSET_ALL;
	*ret = policy;
	return true;
}
