/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/argv_read.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

/* The bit of an option that every command has; the others have their row. */
#define ROW_EVERYWHERE 63

/* runc knows a name and a letter alike behind one dash and behind two. */
static const struct option *runc_find(const struct option *table, const char *name,
				      size_t n, size_t *ret_row)
{
	for (size_t i = 0; table[i].name; i++) {
		*ret_row = i;
		if (n == 1 && name[0] == table[i].letter)
			return &table[i];
		if (strlen(table[i].name) == n && !memcmp(table[i].name, name, n))
			return &table[i];
	}
	return NULL;
}

/* urfave/cli v1 ends with an error when --bundle and -b are both there. */
static bool runc_one_form(struct reader *reader, const struct option *option, size_t row,
			  bool letter)
{
	uint64_t bit = (uint64_t)1 << row;

	assert(row <= ROW_EVERYWHERE);
	reader->names |= letter ? 0 : bit;
	reader->letters |= letter ? bit : 0;
	if (reader->names & reader->letters & bit)
		return reader_refuse(reader, reader->next,
				     "'--%s' and '-%c' are one option: write it one way",
				     option->name, option->letter);
	return true;
}

/* What Go's strconv.ParseBool knows. */
static bool runc_flag(struct reader *reader, const struct option *option,
		      const char *value)
{
	static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True" };
	static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False" };
	bool given = !value, taken_back = false;

	for (size_t i = 0; value && i < ARRAY_SIZE(yes); i++) {
		given = given || !strcmp(value, yes[i]);
		taken_back = taken_back || !strcmp(value, no[i]);
	}
	if (!given && !taken_back)
		return reader_refuse(reader, reader->next,
				     "neither true nor false: write --%s or leave it out",
				     option->name);
	reader_give(reader, option, given ? NULL : "false");
	return true;
}

/*
 * runc takes whatever comes next for the value, but when it sorts the line it goes by
 * the dash, and differently from version to version. "-" and "-1" are values to all.
 */
static bool runc_next(struct reader *reader, const struct option *option)
{
	size_t at = reader->next++;
	const char *value;

	if (reader->next >= reader->argc)
		return reader_refuse(reader, at, "needs a value: write --%s=VALUE",
				     option->name);
	value = reader->argv[reader->next];
	if (value[0] == '-' && value[1] && !isdigit((unsigned char)value[1]))
		return reader_refuse(
			reader, reader->next,
			"an option or the value of --%s: if it is the value, write "
			"--%s=VALUE",
			option->name, option->name);
	reader_give(reader, option, value);
	return true;
}

/* *ret_bare: it is a flag without "=". */
static bool runc_option(struct reader *reader, bool *ret_bare)
{
	const char *arg = reader->argv[reader->next];
	const char *name = arg + (arg[1] == '-' ? 2 : 1);
	size_t n = strcspn(name, "="), row;
	const char *value = name[n] ? name + n + 1 : NULL;
	const struct option *option = runc_find(reader->table, name, n, &row);

	if (!option) {
		option = runc_find(reader->grammar->everywhere, name, n, &row);
		row = ROW_EVERYWHERE;
	}
	if (!option)
		return reader_refuse(reader, reader->next,
				     "no option that powerbox knows here: leave it out");
	if (!runc_one_form(reader, option, row, n == 1))
		return false;
	*ret_bare = false;
	if (option->kind == OPTION_VALUE) {
		if (!value)
			return runc_next(reader, option);
		reader_give(reader, option, value);
		return true;
	}
	*ret_bare = !value;
	if (option->kind == OPTION_FLAG)
		return runc_flag(reader, option, value);
	if (value)
		return reader_refuse(reader, reader->next, "write --%s or leave it out",
				     option->name);
	/* runc looks for --help first. */
	if (!reader->invocation->shows || option->letter == 'h')
		reader->invocation->shows = option->name;
	return true;
}

/*
 * Where runc lets options stand behind arguments, urfave/cli v1 sorts the line first
 * (reorderArgs). It takes what follows a flag for its value, so that an argument there
 * overtakes the others and ends the options; what "--" does behind an argument depends
 * on the version.
 */
bool runc_read(struct reader *reader, bool options_before, struct arguments *ret)
{
	bool bare = false, ended = false;

	for (; reader->next < reader->argc; reader->next++) {
		char *arg = reader->argv[reader->next];
		bool option = arg[0] == '-' && arg[1];

		if ((option && ended) || (!strcmp(arg, "--") && ret->count) ||
		    (!option && bare && ret->count))
			return reader_refuse(
				reader, reader->next,
				"not here: write options first, then arguments");
		if (!strcmp(arg, "--") || (!option && options_before)) {
			if (option)
				reader->next++;
			reader_rest(reader, ret);
			return true;
		}
		if (!option) {
			*arena_push(reader->arena, ret) = arg;
			ended = bare;
			bare = false;
		} else if (!runc_option(reader, &bare)) {
			return false;
		}
	}
	return true;
}
