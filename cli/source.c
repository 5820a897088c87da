/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/source.h"

#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "profiles/import.h"

static bool read_config(struct arena *arena, const struct gate *gate, const char *path,
			struct text text, struct candidates *ret, struct error *err)
{
	struct candidate candidate = {
		.where = path,
		.config = text,
		.settings = { .from = "its config.json", .filter = FILTER_CONFIG },
	};
	struct config config;

	if (!config_parse(arena, text, &config, err) ||
	    !keys_request(arena, config.annotations, gate->node.engine,
			  &candidate.request, err))
		return false;
	*arena_push(arena, ret) = candidate;
	return true;
}

bool source_read(struct arena *arena, const struct gate *gate, const char *path,
		 struct candidates *ret, struct error *err)
{
	struct candidates candidates = { 0 };
	const char *file = path;
	struct text text;
	struct stat st;

	if (strcmp(path, "-") != 0 && !stat(path, &st) && S_ISDIR(st.st_mode))
		file = arena_printf(arena, "%s/config.json", path);
	if (!cli_read(arena, file, CONFIG_SIZE_MAX, &text, err))
		return false;
	if (!read_config(arena, gate, file, text, &candidates, err))
		return error_in(err, "%s", text_quote(arena, text_of(file)));
	*ret = candidates;
	return true;
}

static bool config_settings(struct arena *arena, struct text text, struct policy *ret,
			    struct error *err)
{
	struct fields fields = { .arena = arena, .text = text };
	struct config config;

	/* config_policy() tells what a filter grants at the most; here it is to be exact.
	 */
	return config_parse(arena, text, &config, err) &&
	       config_policy(arena, &config, ret, err) &&
	       import_section(&fields, json_get(config.linux_section, "seccomp"),
			      &ret->syscalls, err);
}

bool candidate_settings(struct arena *arena, const struct gate *gate,
			const struct candidate *candidate, struct policy *ret,
			struct error *err)
{
	const struct settings *settings = &candidate->settings;
	struct policy policy = {
		.caps = settings->caps,
		.new_privileges = settings->new_privileges,
		.syscalls.all = settings->filter == FILTER_NONE,
	};
	struct profile profile;

	if (settings->filter == FILTER_CONFIG) {
		if (config_settings(arena, candidate->config, ret, err))
			return true;
		return error_in(err, "%s", text_quote(arena, text_of(candidate->where)));
	}
	if (settings->filter == FILTER_DEFAULT) {
		if (!store_find(arena, &gate->store, text_of("default"), &profile, err))
			return false;
		policy.syscalls = profile.policy.syscalls;
	}
	*ret = policy;
	return true;
}
