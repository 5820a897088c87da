/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/argv_read.h"

#include <string.h>

/* A name written out, or the beginning of one name alone (glibc, getopt_long). */
static bool crun_find(const struct reader *reader, const char *name, size_t n,
		      const struct option **ret)
{
	const struct option *const tables[] = { reader->table,
						reader->grammar->everywhere };
	const struct option *found = NULL, *other = NULL;

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (const struct option *o = tables[t]; o->name; o++) {
			if (strncmp(o->name, name, n) != 0)
				continue;
			if (!o->name[n]) {
				*ret = o;
				return true;
			}
			if (!found)
				found = o;
			else if (strcmp(found->name, o->name) != 0)
				other = o;
		}
	}
	if (!found)
		return reader_refuse(reader, reader->next,
				     "no option that powerbox knows here: leave it out");
	if (other)
		return reader_refuse(reader, reader->next,
				     "short for both --%s and --%s: write it out",
				     found->name, other->name);
	*ret = found;
	return true;
}

/* What to do with an option; `attached` is the value in the same argument. */
static bool crun_take(struct reader *reader, const struct option *option,
		      const char *attached)
{
	size_t at = reader->next;

	switch (option->kind) {
	case OPTION_INTERNAL:
		return reader_refuse(reader, at, "for debugging crun: leave it out");
	case OPTION_SHOWS:
		reader->invocation->shows = option->name;
		return true;
	case OPTION_FLAG:
	case OPTION_OPTIONAL:
		reader_give(reader, option, attached);
		return true;
	case OPTION_VALUE:
	case OPTION_DETACHED:
		break;
	}
	if (attached) {
		reader_give(reader, option, attached);
		return true;
	}
	if (++reader->next >= reader->argc)
		return reader_refuse(reader, at, "needs a value: write --%s VALUE",
				     option->name);
	reader_give(reader, option, reader->argv[reader->next]);
	return true;
}

static bool crun_long(struct reader *reader, const char *name)
{
	size_t n = strcspn(name, "=");
	const char *value = name[n] ? name + n + 1 : NULL;
	const struct option *option = NULL;

	if (!crun_find(reader, name, n, &option))
		return false;
	if (value && (option->kind == OPTION_FLAG || option->kind == OPTION_SHOWS))
		return reader_refuse(reader, reader->next, "takes no value: write --%s",
				     option->name);
	if (value && option->kind == OPTION_DETACHED)
		return reader_refuse(
			reader, reader->next,
			"takes its value as the next argument: write --%s VALUE",
			option->name);
	return crun_take(reader, option, value);
}

static const struct option *crun_letter(const struct reader *reader, char letter)
{
	const struct option *o;

	for (o = reader->table; o->name; o++)
		if (o->letter == letter)
			return o;
	for (o = reader->grammar->everywhere; o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

/* "-db DIR", "-dbDIR": all that follows a letter which takes a value is the value. */
static bool crun_letters(struct reader *reader, const char *letters)
{
	for (; *letters && !reader->invocation->shows; letters++) {
		const struct option *option = crun_letter(reader, *letters);
		bool value;

		if (!option)
			return reader_refuse(
				reader, reader->next,
				"no option that powerbox knows here: leave it out");
		value = letters[1] &&
			(option->kind == OPTION_VALUE || option->kind == OPTION_OPTIONAL);
		if (!crun_take(reader, option, value ? letters + 1 : NULL))
			return false;
		if (value)
			return true;
	}
	return true;
}

bool crun_read(struct reader *reader, struct arguments *ret)
{
	for (; reader->next < reader->argc; reader->next++) {
		const char *arg = reader->argv[reader->next];

		if (arg[0] != '-' || !arg[1])
			break;
		if (!strcmp(arg, "--")) {
			reader->next++;
			break;
		}
		if (!(arg[1] == '-' ? crun_long(reader, arg + 2)
				    : crun_letters(reader, arg + 1)))
			return false;
		if (reader->invocation->shows)
			return true;
	}
	reader_rest(reader, ret);
	return true;
}
