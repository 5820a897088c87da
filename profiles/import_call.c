/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/import_call.h"

#include <errno.h>

#include "policy/archs.h"
#include "policy/forms.h"

/* Names the first earlier rule that answers differently where entries[at] holds, too. */
static bool refuse_overlap(const struct fields *fields, struct space *space,
			   const struct import_entry *entries, size_t at,
			   struct error *err)
{
	const struct import_entry *entry = &entries[at], *other = entries;

	while (other < entry && (other->number == entry->number ||
				 !space_intersection(space, entry->set, other->set)))
		other++;
	return fields_error(
		fields, entry->at, err,
		"%s gets another answer by line %zu than here where both hold, and which "
		"one counts is an accident of how filters are compiled",
		syscall_name(entry->rule.call),
		json_line(fields->text, other->at->start));
}

/*
 * Of rules without conditions the first one counts, to libseccomp and so to every
 * runtime; containers-common relies on it. Drop the others. Returns how many entries are
 * left.
 */
static size_t drop_later(const struct fields *fields, struct import_meaning *meaning,
			 struct import_entry *entries, size_t count)
{
	const struct import_entry *first = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct import_entry *entry = &entries[i];

		if (entry->rule.count || !first) {
			entries[kept] = *entry;
			if (!entry->rule.count)
				first = &entries[kept];
			kept++;
		} else if (entry->number != first->number) {
			*arena_push(fields->arena, &meaning->notes) =
				arena_printf(fields->arena,
					     "line %zu: what is said of %s here does not "
					     "count, since line %zu comes first",
					     json_line(fields->text, entry->at->start),
					     syscall_name(entry->rule.call),
					     json_line(fields->text, first->at->start));
		}
	}
	return kept;
}

/* What the rules of a call come to. */
struct division {
	uint32_t granted, refused, rest;
	const struct import_entry *refusal; /* one that refuses; NULL: none */
};

/* The answers must not overlap. */
static bool divide(const struct fields *fields, struct space *space,
		   struct import_entry *entries, size_t count, struct division *ret,
		   struct error *err)
{
	struct division d = { 0 }; /* SET_NONE */

	for (size_t i = 0; i < count; i++) {
		struct import_entry *entry = &entries[i];
		uint32_t *own = entry->number ? &d.refused : &d.granted;
		uint32_t others = entry->number ? d.granted : d.refused;
		bool another =
			entry->number && d.refusal && entry->number != d.refusal->number;

		entry->set = space_rule(space, &entry->rule);
		if (another)
			others = space_union(space, d.granted, d.refused);
		others = space_intersection(space, entry->set, others);
		if (space_full(space))
			break;
		if (others)
			return refuse_overlap(fields, space, entries, i, err);
		if (another)
			return fields_error(fields, entry->at, err,
					    "%s has more than one errno; a profile can "
					    "give a call one",
					    syscall_name(entry->rule.call));
		*own = space_union(space, *own, entry->set);
		d.refusal = entry->number ? entry : d.refusal;
	}
	d.rest = space_union(space, d.granted, d.refused);
	d.rest = space_difference(space, SET_ALL, d.rest);
	if (space_full(space))
		return fields_error(fields, entries[0].at, err,
				    "the rules of %s are too intricate to compare",
				    syscall_name(entries[0].rule.call));
	*ret = d;
	return true;
}

/* The errno of the rest, if the entries are as powerbox itself writes them; else 0. */
static unsigned find_rest(const struct fields *fields, const struct import_entry *entries,
			  size_t count)
{
	struct answers answers = { 0 };

	for (size_t i = 0; i < count; i++)
		*arena_push(fields->arena, &answers) =
			(struct answer){ entries[i].rule, entries[i].number };
	return forms_rest_of(&answers, archs_word_bits(archs_native()));
}

/* The errno of what is not granted: one for all, since a profile says one a call. */
static bool find_errno(const struct fields *fields, struct import_meaning *meaning,
		       struct import_entry *entries, size_t count, unsigned *ret,
		       struct error *err)
{
	struct division d = { 0 };

	if (!meaning->space)
		meaning->space = space_new(fields->arena);
	if (!divide(fields, meaning->space, entries, count, &d, err))
		return false;
	if (d.refusal && d.rest)
		return fields_error(
			fields, d.refusal->at, err,
			"%s has this errno on some arguments and the default's "
			"on others; a profile can give a call one",
			syscall_name(entries[0].rule.call));
	*ret = d.refusal	      ? d.refusal->number
	       : d.granted == SET_ALL ? EPERM
				      : meaning->number;
	return true;
}

bool import_settle(const struct fields *fields, struct import_meaning *meaning,
		   struct import_entry *entries, size_t count, struct error *err)
{
	unsigned call = entries[0].rule.call, number = entries[0].number;

	count = drop_later(fields, meaning, entries, count);
	/* Nearly all of them are one rule without conditions. */
	if (count > 1 || entries[0].rule.count) {
		number = find_rest(fields, entries, count);
		if (!number && !find_errno(fields, meaning, entries, count, &number, err))
			return false;
	}
	if (number && number != EPERM)
		syscalls_refuse(fields->arena, &meaning->syscalls, call, number);
	for (size_t i = 0; i < count; i++)
		if (!entries[i].number && !syscalls_add(fields->arena, &meaning->syscalls,
							&entries[i].rule, err))
			return false;
	return true;
}
