/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/container.h"

#include <string.h>
#include <sys/stat.h>

#include "oci/bundle.h"
#include "runtime/links.h"
#include "runtime/state.h"

#define NOT_OURS                                                                   \
	"powerbox did not create this container, so nobody knows what it may do; " \
	"create "                                                                  \
	"it again through powerbox-runtime"
#define NOT_ITS                                                                    \
	"powerbox did not create this container from the config.json that its "    \
	"bundle has now, so nobody knows what it may do; create it again through " \
	"powerbox-runtime"

/* Whether a path leads to what is open. */
static bool leads_to(const char *path, int dir)
{
	struct stat own, other;

	return !fstat(dir, &own) && !stat(path, &other) && own.st_dev == other.st_dev &&
	       own.st_ino == other.st_ino;
}

/* Whether the bundle is what powerbox left behind. */
static bool is_untouched(const struct bundle *bundle, const struct link *link)
{
	const struct stat *now = &bundle->file.stat;

	return now->st_ctim.tv_sec == link->changed.tv_sec &&
	       now->st_ctim.tv_nsec == link->changed.tv_nsec;
}

/*
 * What the link leads to, if the runtime agrees (`state` is NULL if it knows no such
 * container, and then it will say so itself).
 */
static bool open_by_link(struct arena *arena, const struct finder *finder,
			 const struct link *link, const char *state, struct bundle *ret)
{
	const struct invocation *invocation = finder->invocation;
	struct bundle bundle = { .dir = -1 };
	struct config config = { 0 };
	struct error ignored;
	bool folder = bundle_open(arena, link->target, NULL, &bundle, &ignored);
	/* crun may have been given another file by --config. */
	bool kept = !folder || (state && invocation->kind == RUNTIME_CRUN);

	if (!folder && !bundle_open_file(arena, link->target, &bundle, &ignored))
		return false;
	config.text = bundle.file.text;
	if ((!folder || !state || leads_to(state, bundle.dir)) &&
	    is_untouched(&bundle, link) &&
	    (!kept || state_agrees(arena, invocation, &config))) {
		*ret = bundle;
		return true;
	}
	close_cleanup(&bundle.dir);
	return false;
}

bool finder_gate(struct arena *arena, const struct finder *finder, struct gate *ret,
		 struct error *err)
{
	struct gate gate;

	if (!finder->gate) {
		*err = *finder->broken;
		return false;
	}
	gate = *finder->gate;
	if (!gate_open_store(arena, &gate, err))
		return false;
	*ret = gate;
	return true;
}

/* Whether this is what powerbox would make of it now: f(x) = x. */
static bool is_decided(struct arena *arena, const struct finder *finder, struct text text,
		       struct error *err)
{
	struct outcome outcome;
	struct gate gate;

	if (!finder_gate(arena, finder, &gate, err))
		return false;
	if (!gate_decide(arena, &gate, text, &outcome, err)) {
		err->code = ERR_DENIED;
		return error_in(err, NOT_OURS);
	}
	return text_eq(outcome.text, text) || error_set(err, ERR_DENIED, NOT_OURS);
}

static bool open_by_state(struct arena *arena, const char *state, struct bundle *ret,
			  struct error *err)
{
	if (!state)
		return error_set(err, ERR_NOINPUT,
				 "the runtime knows no such container, and powerbox "
				 "has created none");
	return bundle_open(arena, state, NULL, ret, err);
}

static bool read_config(struct arena *arena, const struct finder *finder,
			struct sight *ret, struct error *err)
{
	struct bundle bundle = { .dir = -1 };
	struct link link;
	const char *state;

	if (!state_bundle(arena, finder->node, finder->invocation, &state, err))
		return false;
	ret->linked = link_read(arena, finder->invocation, &link) &&
		      open_by_link(arena, finder, &link, state, &bundle);
	if (!ret->linked && !open_by_state(arena, state, &bundle, err))
		return false;
	close_cleanup(&bundle.dir);
	/* A bundle may serve another container by now. */
	return config_parse(arena, bundle.file.text, &ret->config, err) &&
	       (ret->linked || state_agrees(arena, finder->invocation, &ret->config) ||
		error_set(err, ERR_DENIED, NOT_ITS));
}

static const struct sight *look(struct arena *arena, const struct finder *finder)
{
	struct sight *sight = finder->sight;

	if (!sight->looked)
		sight->found = read_config(arena, finder, sight, &sight->error);
	sight->looked = true;
	return sight;
}

bool container_find(struct arena *arena, const struct finder *finder, struct config *ret,
		    struct error *err)
{
	const struct sight *sight = look(arena, finder);

	if (!sight->found) {
		*err = sight->error;
		return false;
	}
	if (!sight->linked && !is_decided(arena, finder, sight->config.text, err))
		return false;
	*ret = sight->config;
	return true;
}

enum mode container_mode(struct arena *arena, const struct finder *finder)
{
	if (!finder->gate)
		return MODE_ENFORCE;
	if (!acl_mode_varies(finder->gate->acl) || !look(arena, finder)->found)
		return acl_mode(finder->gate->acl);
	return gate_mode_for(arena, finder->gate, &finder->sight->config);
}
