/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_BASE_H
#define LIB_BASE_H

/*
 * The words that every file may use, and the only macros of the code base beside
 * arena_new() and arena_push() (lib/arena.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* An int that is closed when it leaves scope; -1 holds nothing. */
#define CLOSE __attribute__((cleanup(close_cleanup)))
void close_cleanup(int *fd);

#endif
