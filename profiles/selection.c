/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/selection.h"

#include <stdio.h>
#include <string.h>

#include "oci/caps.h"

/*
 * Docker's words for architectures (moby/profiles, seccomp_linux.go, goToNative;
 * containers/common has the same).
 */
static const struct {
	const char *arch, *word;
} words[] = {
	{ "SCMP_ARCH_X86", "x86" },	      { "SCMP_ARCH_X86_64", "amd64" },
	{ "SCMP_ARCH_X32", "x32" },	      { "SCMP_ARCH_ARM", "arm" },
	{ "SCMP_ARCH_AARCH64", "arm64" },     { "SCMP_ARCH_MIPS", "mips" },
	{ "SCMP_ARCH_MIPS64", "mips64" },     { "SCMP_ARCH_MIPS64N32", "mips64n32" },
	{ "SCMP_ARCH_MIPSEL", "mipsel" },     { "SCMP_ARCH_MIPSEL64", "mipsel64" },
	{ "SCMP_ARCH_PPC", "ppc" },	      { "SCMP_ARCH_MIPSEL64N32", "mipsel64n32" },
	{ "SCMP_ARCH_PPC64", "ppc64" },	      { "SCMP_ARCH_PPC64LE", "ppc64le" },
	{ "SCMP_ARCH_RISCV64", "riscv64" },   { "SCMP_ARCH_S390", "s390" },
	{ "SCMP_ARCH_S390X", "s390x" },	      { "SCMP_ARCH_PARISC", "parisc" },
	{ "SCMP_ARCH_PARISC64", "parisc64" }, { "SCMP_ARCH_LOONGARCH64", "loong64" },
};

bool selection_knows(const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(arch, words[i].arch))
			return true;
	return false;
}

/* The capabilities of a filter: all of them, or any of them. */
static bool match_caps(const struct fields *fields, const struct selection *selection,
		       const struct json *list, bool all, bool *ret, struct error *err)
{
	struct capset caps;

	if (!caps_read_list(fields, list, &caps, err))
		return false;
	*ret = all ? capset_subset(caps, selection->caps)
		   : capset_intersection(caps, selection->caps).bits != 0;
	return true;
}

static bool match_arches(const struct fields *fields, const struct selection *selection,
			 const struct json *list, bool *ret, struct error *err)
{
	*ret = false;
	for (const struct json *item = list->first; item; item = item->next) {
		size_t i = 0;

		while (i < ARRAY_SIZE(words) &&
		       (item->kind != JSON_STRING || !text_is(item->text, words[i].word)))
			i++;
		if (i == ARRAY_SIZE(words))
			return fields_error(fields, item, err, "%s is no architecture",
					    text_quote(fields->arena, item->text));
		*ret |= !strcmp(words[i].arch, selection->arch);
	}
	return true;
}

/* "4.8": whether the kernel is that or newer (moby/profiles, kernel_linux.go). */
static bool match_kernel(const struct fields *fields, const struct selection *selection,
			 const struct json *value, bool *ret, struct error *err)
{
	const unsigned *own = selection->kernel;
	unsigned version, level;
	char end;

	if (value->kind != JSON_STRING || value->text.length > 16 ||
	    sscanf(arena_copy(fields->arena, value->text.bytes, value->text.length),
		   "%u.%u%c", &version, &level, &end) != 2)
		return fields_error(fields, value, err,
				    "minKernel must be a version like \"4.8\"");
	*ret = own[0] > version || (own[0] == version && own[1] >= level);
	return true;
}

/*
 * includes counts if all that it says is so, excludes if any of it is; *ret is unchanged
 * if there is nothing to say.
 */
static bool match(const struct fields *fields, const struct selection *selection,
		  const struct json *filter, bool includes, bool *ret, struct error *err)
{
	if (json_absent(filter))
		return true;
	if (filter->kind != JSON_OBJECT)
		return fields_error(fields, filter, err, "%s must be an object",
				    text_quote(fields->arena, filter->key));
	for (const struct json *m = filter->first; m; m = m->next) {
		bool list = m->kind == JSON_ARRAY, matches = false, read;

		if (m->kind == JSON_NULL || (list && !m->first))
			continue;
		if (text_is(m->key, "minKernel"))
			read = match_kernel(fields, selection, m, &matches, err);
		else if (list && text_is(m->key, "caps"))
			read = match_caps(fields, selection, m, includes, &matches, err);
		else if (list && text_is(m->key, "arches"))
			read = match_arches(fields, selection, m, &matches, err);
		else
			read = fields_error(fields, m, err,
					    "%s is no list of caps or arches, and no "
					    "minKernel",
					    text_quote(fields->arena, m->key));
		if (!read)
			return false;
		if (matches != includes)
			*ret = false;
	}
	return true;
}

bool selection_counts(const struct fields *fields, const struct selection *selection,
		      const struct json *entry, bool *ret, struct error *err)
{
	*ret = true;
	return match(fields, selection, json_get(entry, "includes"), true, ret, err) &&
	       match(fields, selection, json_get(entry, "excludes"), false, ret, err);
}
