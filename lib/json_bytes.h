/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_BYTES_H
#define LIB_JSON_BYTES_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * The part of json_parse() that needs no grammar, in one pass over the raw bytes before
 * yajl sees them: UTF-8, control characters, and escapes that stand for no character
 * (a backslash can only be in a string, so where one is says what it is).
 */
NODISCARD bool json_bytes_check(struct text text, struct error *err);

#endif
