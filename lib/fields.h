/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FIELDS_H
#define LIB_FIELDS_H

#include "lib/json.h"

/*
 * Reading the files that powerbox itself defines, one table a kind of object: each
 * member has a function, and a member that is not in the table is refused. Errors are
 * ERR_CONFIG and begin with "line N: ".
 */
struct fields {
	struct arena *arena;
	struct text text; /* the whole file, for line numbers */
	void *into;	  /* what the functions fill */
	const char *page; /* of the manual, that describes the file; NULL: none */
};

/* Of a member whose value may be of several kinds: its function tells them apart. */
#define JSON_ANY ((enum json_kind) - 1)

struct field {
	const char *name;
	enum json_kind kind;
	bool (*read)(const struct fields *fields, const struct json *value,
		     struct error *err);
};

/* ERR_CONFIG, "line N: " and the message. */
bool fields_error(const struct fields *fields, const struct json *at, struct error *err,
		  const char *fmt, ...) PRINTF(4, 5);

/* Walk an object's members by the table. */
NODISCARD bool fields_read(const struct fields *fields, const struct json *object,
			   const struct field *table, size_t count, struct error *err);

/* Call `read` for each item of an array, which all must be of this kind. */
NODISCARD bool fields_each(const struct fields *fields, const struct json *array,
			   enum json_kind kind,
			   bool (*read)(const struct fields *fields,
					const struct json *item, struct error *err),
			   struct error *err);

/* A row of a file's root: { "version", JSON_NUMBER, fields_version }. Must be 1. */
NODISCARD bool fields_version(const struct fields *fields, const struct json *value,
			      struct error *err);

/* Parse a file and read its root, an object. */
NODISCARD bool fields_file(const struct fields *fields, const struct field *table,
			   size_t count, struct error *err);

#endif
