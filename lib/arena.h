/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_ARENA_H
#define LIB_ARENA_H

#include "lib/base.h"

/*
 * All memory of a run. main() makes one arena and passes it down; whatever a
 * function returns lives in the arena that it was given, until arena_free().
 * Nothing is freed singly, so no header has to say who frees what.
 *
 * Memory comes zeroed and aligned for any type. Running out ends the process with
 * ERR_MEMORY (71) and one line on stderr: for a gate, not starting is the safe
 * side, and the input limits keep an outsider from choosing it. A length that
 * overflows counts as running out.
 */
struct arena {
	struct arena_block *blocks;
};

/* `count` times `size` bytes, zeroed. Of 0 bytes, too, the pointer is valid. */
NODISCARD void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* `n` bytes of `bytes` and a NUL behind them. */
NODISCARD char *arena_copy(struct arena *arena, const char *bytes, size_t n);

/* printf into the arena. */
NODISCARD char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF(2, 3);

/*
 * Make room for one more element in an array of `*capacity`: see arena_push().
 * Returns the array, moved if it had to grow.
 */
NODISCARD void *arena_grow(struct arena *arena, void *array, size_t count,
			   size_t *capacity, size_t size);

/* Everything is given back, but some memory is kept at hand for what comes next. */
void arena_reset(struct arena *arena);

void arena_free(struct arena *arena);

/* A zeroed array of `count` objects of a type. */
#define arena_new(arena, type, count) \
	((type *)arena_alloc((arena), (count), sizeof(type)))

/*
 * Append to a growing array that is a struct with `items`, `count` and `capacity`;
 * the value is the address of the new, zeroed element.
 */
#define arena_push(arena, list)                                                \
	((list)->items = arena_grow((arena), (list)->items, (list)->count,     \
				    &(list)->capacity, sizeof *(list)->items), \
	 &(list)->items[(list)->count++])

#endif
