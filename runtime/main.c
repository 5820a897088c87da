/* SPDX-License-Identifier: Apache-2.0 */

/*
 * powerbox-runtime: stands where an engine expects runc or crun. Reads the command line
 * as the real runtime would, gives a container that is being created the authority that
 * this node allows it, and becomes the real runtime.
 *
 * There is one execve, at the end of run(), behind every check.
 */

#include <string.h>
#include <sys/auxv.h>

#include "gate/gate.h"
#include "gate/protect.h"
#include "gate/record.h"
#include "lib/log.h"
#include "oci/bundle.h"
#include "oci/process.h"
#include "runtime/argv.h"
#include "runtime/change.h"
#include "runtime/enter.h"
#include "runtime/exec.h"
#include "runtime/links.h"
#include "runtime/recall.h"
#include "runtime/state.h"

static void log_options(const struct invocation *invocation, struct log *log)
{
	const char *format = invocation_log_format(invocation);

	log->path = invocation_log(invocation);
	log->json = format && !strcmp(format, "json");
}

/* A warned container keeps what its engine gave it; the log says what it would have. */
static void note_decision(struct arena *arena, const struct invocation *invocation,
			  const struct outcome *outcome, const char *more,
			  const struct log *log)
{
	bool warned = outcome->decision.mode == MODE_WARN;

	log_notice(log, arena_printf(arena, "decision=%s container=%s %s",
				     warned ? "warned" : "granted",
				     text_quote(arena, text_of(invocation->id)), more));
}

/*
 * What was done to a bundle, or to an exec's process file, so that it can be undone if
 * the runtime can't be executed after all: a refusal leaves everything as it was.
 */
struct mediation {
	struct bundle bundle;
	const char *folder; /* the bundle's, without links; relative paths begin there */
	const char *place;  /* that, or the config.json that crun has from elsewhere */
	bool written;
	struct gate gate;
	struct outcome outcome;
	struct sections sections; /* of an exec */
	struct record record;	  /* what the decision log is told of these */
};

/* False: node.json says that nothing is to be done without its line in the log. */
static bool record(struct arena *arena, const struct mediation *mediation,
		   const struct error *why, const struct log *log, struct error *err)
{
	struct error lost;

	if (!record_write(arena, &mediation->record, why, &lost, err))
		return false;
	if (lost.code)
		log_notice(log, arena_printf(arena, "audit=failed %s", lost.msg));
	return true;
}

/*
 * The link by which an exec finds the container again. One that can't be made is no
 * reason to start nothing: without it the runtime is asked, and an exec is held to more.
 */
static void leave_link(struct arena *arena, const struct node *node,
		       const struct invocation *invocation,
		       const struct mediation *mediation, const struct log *log)
{
	const struct link link = { mediation->place, mediation->bundle.changed };
	struct error err;

	if (link_write(arena, invocation, &link, node->runtime, &err))
		return;
	link_remove(arena, invocation);
	log_notice(log,
		   arena_printf(arena, "link=failed container=%s %s",
				text_quote(arena, text_of(invocation->id)), err.msg));
}

/* crun's --config of another place than the bundle. */
static bool is_elsewhere(const struct invocation *invocation)
{
	const char *config = invocation_option(invocation, "config");

	return config && strcmp(config, "config.json") != 0;
}

/*
 * The runtime gets the path of what was opened, and not of what it was opened by: a link
 * on the way may lead elsewhere by then. Both runtimes make the same of it themselves
 * before they note or show it. The working directory can't change.
 */
static bool pin_bundle(struct arena *arena, struct invocation *invocation,
		       struct mediation *mediation, struct error *err)
{
	const struct bundle *bundle = &mediation->bundle;
	const char *folder = invocation_option(invocation, "bundle");
	CLOSE int home = -1;

	if (!bundle_folder(arena, bundle->dir, &mediation->folder, err))
		return false;
	mediation->place = mediation->folder;
	if (is_elsewhere(invocation)) {
		mediation->place =
			arena_printf(arena, "%s/%s", mediation->folder, bundle->name);
		home = open(folder ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (home < 0)
			return error_errno(err, "bundle");
		if (!bundle_folder(arena, home, &mediation->folder, err))
			return false;
	}
	if (folder)
		invocation_set(arena, invocation, "bundle", mediation->folder);
	if (is_elsewhere(invocation))
		invocation_set(arena, invocation, "config", mediation->place);
	return true;
}

/* The bundle that the runtime is about to read gets the sections that were decided. */
static bool decide(struct arena *arena, const struct node *node,
		   struct invocation *invocation, const struct log *log,
		   struct mediation *mediation, struct error *err)
{
	const char *folder = invocation_option(invocation, "bundle");
	const char *config = invocation_option(invocation, "config");
	struct bundle *bundle = &mediation->bundle;
	struct outcome *outcome = &mediation->outcome;
	struct error why;
	CLOSE int home = -1;
	bool decided;

	if (!gate_open(arena, node, &mediation->gate, err) ||
	    !bundle_open(arena, folder, config, bundle, err) ||
	    !pin_bundle(arena, invocation, mediation, err))
		return false;
	decided =
		gate_decide(arena, &mediation->gate, bundle->file.text, outcome, &why) &&
		protect_check(arena, &outcome->config, mediation->folder, node, &why) &&
		(invocation->effect != EFFECT_RESTORES ||
		 outcome_restores(outcome, &why));
	if (!decided && why.code == ERR_DATA)
		error_in(&why, "%s", text_quote(arena, text_of(bundle->path)));
	mediation->record.gate = &mediation->gate;
	mediation->record.path = bundle->path;
	mediation->record.outcome = outcome;
	mediation->record.mode = outcome->decision.mode;
	mediation->record.warned = outcome->decision.mode == MODE_WARN;
	mediation->record.after = decided ? &outcome->sections : NULL;
	if (!decided && outcome->decision.mode == MODE_ENFORCE) {
		*err = why;
		return false;
	}
	if (!record(arena, mediation, decided ? NULL : &why, log, err))
		return false;
	if (outcome->decision.mode == MODE_ENFORCE) {
		if (!bundle_write(arena, bundle, outcome->text, err))
			return false;
		mediation->written = true;
	}
	note_decision(arena, invocation, outcome,
		      decided ? outcome_line(arena, outcome) : why.msg, log);
	return true;
}

static bool create(struct arena *arena, const struct node *node,
		   struct invocation *invocation, const struct log *log,
		   struct mediation *mediation, struct error *err)
{
	/*
	 * Both runtimes refuse it, too; but by then the link would lead to another grant
	 * than the one that the container has, and an exec would get that.
	 */
	if (state_kept(arena, invocation))
		return error_set(err, ERR_USAGE,
				 "the runtime has a container of this id already; delete "
				 "it or choose another id");
	if (!decide(arena, node, invocation, log, mediation, err))
		return false;
	leave_link(arena, node, invocation, mediation, log);
	return true;
}

/* *ret_why: what was let through in mode warn; its code is 0 if nothing was. */
static bool change(struct arena *arena, const struct finder *finder,
		   struct invocation *invocation, bool warn, struct mediation *mediation,
		   struct error *ret_why, struct error *err)
{
	bool passes;

	if (invocation->effect == EFFECT_UPDATES)
		return change_resources(arena, finder, invocation, warn, ret_why, err);
	if (invocation->effect == EFFECT_MOUNTS) {
		passes = change_mounts(arena, finder, err);
	} else {
		passes = enter(arena, finder, invocation, warn, &mediation->bundle, err);
		mediation->written = passes && !warn && mediation->bundle.dir >= 0;
	}
	*ret_why = (struct error){ 0 };
	if (!passes)
		*ret_why = *err;
	return passes || warn;
}

/* What the log can tell of a container that was found: who it is, what an exec gets. */
static void describe(struct arena *arena, const struct finder *finder, bool passes,
		     struct mediation *mediation)
{
	struct record *record = &mediation->record;
	struct error ignored;

	if (finder->node->audit == AUDIT_NONE || !finder->sight->found ||
	    !keys_request(arena, finder->sight->config.annotations, finder->node->engine,
			  &mediation->outcome.request, &ignored))
		return;
	record->outcome = &mediation->outcome;
	if (finder->invocation->effect != EFFECT_EXECS || !passes)
		return;
	mediation->sections = process_sections(arena, &finder->sight->config);
	record->after = &mediation->sections;
}

/*
 * Commands on a container that is there. Without an ACL that can be read, what powerbox
 * has created can still be entered.
 */
static bool visit(struct arena *arena, const struct node *node,
		  struct invocation *invocation, const struct log *log,
		  struct mediation *mediation, struct error *err)
{
	struct error broken, why;
	struct sight sight = { 0 };
	bool readable = gate_open_acl(arena, node, &mediation->gate, &broken);
	const struct finder finder = {
		.node = node,
		.invocation = invocation,
		.gate = readable ? &mediation->gate : NULL,
		.broken = &broken,
		.sight = &sight,
	};
	bool warn = container_mode(arena, &finder) == MODE_WARN;
	bool passes;

	mediation->record.gate = finder.gate;
	mediation->record.mode = warn ? MODE_WARN : MODE_ENFORCE;
	mediation->record.warned = warn;
	passes = change(arena, &finder, invocation, warn, mediation, &why, err);
	describe(arena, &finder, passes, mediation);
	if (!passes)
		return false;
	if (why.code)
		log_notice(log, arena_printf(arena, "decision=warned %s container=%s %s",
					     invocation->command->name,
					     text_quote(arena, text_of(invocation->id)),
					     why.msg));
	return record(arena, mediation, why.code ? &why : NULL, log, err);
}

static bool mediate(struct arena *arena, const struct node *node,
		    struct invocation *invocation, const struct log *log,
		    struct mediation *mediation, struct error *err)
{
	if (invocation->shows)
		return true;
	switch (invocation->effect) {
	case EFFECT_CREATES:
	case EFFECT_RESTORES:
		return create(arena, node, invocation, log, mediation, err);
	case EFFECT_EXECS:
	case EFFECT_UPDATES:
	case EFFECT_MOUNTS:
		return visit(arena, node, invocation, log, mediation, err);
	case EFFECT_NONE:
		break;
	}
	if (invocation->id && !strcmp(invocation->command->name, "delete"))
		link_remove(arena, invocation);
	return true;
}

/* Does not return if all is well. */
static bool become(struct arena *arena, const struct node *node,
		   const struct invocation *invocation, struct error *err)
{
	const char *name = runtime_kind_name(node->kind);

	return runtime_exec(node->runtime, invocation_argv(arena, invocation, name), err);
}

/* Does not return if all is well. */
static bool proceed(struct arena *arena, const struct node *node,
		    struct invocation *invocation, const struct log *log,
		    struct mediation *mediation, struct error *err)
{
	struct error other;

	if (!runtime_check(arena, node->runtime, err))
		return false;
	if (!mediate(arena, node, invocation, log, mediation, err))
		error_in(err, "container %s", text_quote(arena, text_of(invocation->id)));
	else if (become(arena, node, invocation, err))
		return true;
	if (mediation->written && !bundle_restore(arena, &mediation->bundle, &other))
		error_in(err, "the bundle keeps its new sections (%s)", other.msg);
	return false;
}

/* Does not return if all is well. */
static bool run(struct arena *arena, int argc, char **argv, struct log *log,
		struct error *err)
{
	struct mediation mediation = { .bundle.dir = -1 };
	struct invocation invocation = { 0 };
	struct error unread, ignored;
	struct node node;
	bool known = node_read(arena, &node, &unread);
	bool parsed = invocation_parse(arena, node.kind, argc, argv, &invocation, err);

	/*
	 * A node must always be able to stop and clean, also when node.json is broken or
	 * names another runtime by now.
	 */
	if (known && recall_former(arena, argc, argv, parsed, &node, &invocation))
		parsed = true;
	if (!known && recall(arena, argc, argv, &node, &invocation))
		known = parsed = true;
	log_options(&invocation, log);
	/* It may be a line of the kind that node.json names. */
	if (!parsed && !known)
		*err = unread;
	if (!parsed)
		return false;
	if (!known && !recall_unneeded(arena, &node, &invocation)) {
		*err = unread;
		return invocation.effect == EFFECT_NONE
			       ? error_in(err, "nobody knows the container's runtime")
			       : false;
	}
	mediation.record = (struct record){ .node = &node, .id = text_of(invocation.id) };
	if (invocation.command)
		mediation.record.operation = invocation.command->name;
	if (proceed(arena, &node, &invocation, log, &mediation, err))
		return true;
	if (invocation.effect != EFFECT_NONE && !invocation.shows) {
		mediation.record.warned = false;
		(void)!record(arena, &mediation, err, log, &ignored);
	}
	return false;
}

int main(int argc, char **argv)
{
	struct log log = { .program = "powerbox-runtime" };
	struct arena arena = { NULL };
	struct error err;

	if (getauxval(AT_SECURE))
		error_set(&err, ERR_USAGE,
			  "must not be setuid, setgid or have file capabilities");
	else if (file_hold_stdio(&err) && run(&arena, argc, argv, &log, &err))
		return 0; /* not reached: on success another program runs */
	log_refusal(&arena, &log, err.msg);
	arena_free(&arena);
	return (int)err.code;
}
