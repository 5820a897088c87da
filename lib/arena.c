/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/error.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

/*
 * Above glibc's M_MMAP_THRESHOLD (128 KiB), so that calloc() gets the pages from the
 * kernel, zeroed, and doesn't touch them: a run pays for what it uses.
 */
#define BLOCK_MIN ((size_t)256 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

static _Noreturn void out_of_memory(void)
{
	static const char line[] = "powerbox: out of memory\n";

	(void)!write(STDERR_FILENO, line, sizeof(line) - 1);
	_exit(ERR_MEMORY);
}

static struct arena_block *block_new(struct arena *arena, size_t size)
{
	size_t bytes = size > BLOCK_MIN ? size : BLOCK_MIN;
	struct arena_block *block;

	if (bytes > SIZE_MAX - sizeof(*block))
		out_of_memory();
	block = calloc(1, sizeof(*block) + bytes);
	if (!block)
		out_of_memory();
	block->size = bytes;
	block->next = arena->blocks;
	arena->blocks = block;
	POISON(block->bytes, block->size);
	return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	size_t align = alignof(max_align_t), total;
	struct arena_block *block = arena->blocks;
	void *memory;

	if (__builtin_mul_overflow(count, size, &total) || total > SIZE_MAX - align)
		out_of_memory();
	total = (total + align - 1) & ~(align - 1);
	if (!block || block->size - block->used < total)
		block = block_new(arena, total);
	memory = block->bytes + block->used;
	block->used += total;
	UNPOISON(memory, count * size);
	return memory;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t n)
{
	char *copy = arena_alloc(arena, n + 1, 1);

	if (n)
		memcpy(copy, bytes, n);
	return copy;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	char most[256]; /* of what is printed fits: one pass */
	va_list args;
	char *text;
	int n;

	va_start(args, fmt);
	n = vsnprintf(most, sizeof(most), fmt, args);
	va_end(args);
	if (n < 0)
		out_of_memory();
	if ((size_t)n < sizeof(most))
		return arena_copy(arena, most, (size_t)n);
	text = arena_alloc(arena, (size_t)n + 1, 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	return text;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity,
		 size_t size)
{
	size_t wanted;
	void *grown;

	if (count < *capacity)
		return array;
	if (__builtin_mul_overflow(*capacity, 2, &wanted))
		out_of_memory();
	wanted = wanted ? wanted : 8;
	grown = arena_alloc(arena, wanted, size);
	if (count)
		memcpy(grown, array, count * size);
	*capacity = wanted;
	return grown;
}

static void free_blocks(struct arena_block *block)
{
	struct arena_block *next;

	for (; block; block = next) {
		next = block->next;
		UNPOISON(block->bytes, block->size);
		free(block);
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_block *kept = arena->blocks;

	if (!kept)
		return;
	free_blocks(kept->next);
	kept->next = NULL;
	UNPOISON(kept->bytes, kept->used);
	memset(kept->bytes, 0, kept->used);
	POISON(kept->bytes, kept->size);
	kept->used = 0;
}

void arena_free(struct arena *arena)
{
	free_blocks(arena->blocks);
	arena->blocks = NULL;
}
