/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/arena.h"

#include <stdalign.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/error.h"
#include "tests/tap.h"

struct numbers {
	int *items;
	size_t count, capacity;
};

static bool zeroed(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

static void test_alloc(void)
{
	/* Around the size of a block, and far beyond it. */
	static const size_t sizes[] = { 1, 15, 16, 17, 32767, 32768, 32769, 1 << 20, 0 };
	struct arena arena = { 0 };
	char *last = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *memory = arena_alloc(&arena, sizes[i], 1);

		ok(memory, "%zu bytes", sizes[i]);
		ok((uintptr_t)memory % alignof(max_align_t) == 0, "... aligned");
		ok(zeroed(memory, sizes[i]), "... zeroed");
		ok(memory != last, "... of their own");
		memset(memory, 0xff, sizes[i]);
		last = memory;
	}
	arena_free(&arena);
	ok(!arena.blocks, "a freed arena is empty");
	arena_free(&arena);
	ok(arena_new(&arena, struct numbers, 3), "... and good for more");
	arena_free(&arena);
}

static void test_text(void)
{
	struct arena arena = { 0 };
	char *copy = arena_copy(&arena, "a\0bc", 3);

	ok(!memcmp(copy, "a\0b", 4), "a copy ends with a NUL");
	ok(*arena_copy(&arena, NULL, 0) == '\0', "a copy of nothing is empty");
	ok(!strcmp(arena_printf(&arena, "%d-%s", 7, "x"), "7-x"), "printf");
	ok(strlen(arena_printf(&arena, "%*d", 100000, 1)) == 100000, "a long printf");
	arena_free(&arena);
}

static void test_push(void)
{
	struct arena arena = { 0 };
	struct numbers list = { 0 };
	bool same = true, zero = true;

	for (int i = 0; i < 1000; i++) {
		int *item = arena_push(&arena, &list);

		zero = zero && *item == 0;
		*item = i;
	}
	for (int i = 0; i < 1000; i++)
		same = same && list.items[i] == i;
	ok(list.count == 1000 && list.capacity >= 1000, "a thousand items");
	ok(zero, "... zeroed when they are pushed");
	ok(same, "... kept while the array moves");
	arena_free(&arena);
}

static void alloc_overflow(struct arena *arena)
{
	(void)!arena_alloc(arena, SIZE_MAX / 2, 3);
}

static void alloc_end(struct arena *arena)
{
	(void)!arena_alloc(arena, SIZE_MAX - 8, 1);
}

static void alloc_too_much(struct arena *arena)
{
	(void)!arena_alloc(arena, SIZE_MAX / 4, 1);
}

static void grow_overflow(struct arena *arena)
{
	size_t capacity = SIZE_MAX / 2 + 1;

	(void)!arena_grow(arena, NULL, capacity, &capacity, 1);
}

/* The exit status of a child that does it, quietly. */
static int status_of(void (*act)(struct arena *arena))
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		struct arena arena = { 0 };

		close(STDERR_FILENO);
		act(&arena);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void test_out_of_memory(void)
{
	static const struct {
		const char *name;
		void (*act)(struct arena *arena);
	} cases[] = {
		{ "count * size overflows", alloc_overflow },
		{ "rounding up overflows", alloc_end },
		{ "the array can't double", grow_overflow },
		{ "calloc fails", alloc_too_much },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(status_of(cases[i].act) == ERR_MEMORY, "%s: exit 71", cases[i].name);
}

static void test_reset(void)
{
	struct arena arena = { 0 };
	char *first, *again, *large;
	bool zeroed = true;

	arena_reset(&arena);
	first = arena_copy(&arena, "0123456789", 10);
	arena_reset(&arena);
	again = arena_new(&arena, char, 10);
	ok(again == first, "memory is at hand again");
	large = arena_new(&arena, char, 100000);
	large[99999] = 'x';
	arena_reset(&arena);
	again = arena_new(&arena, char, 100000);
	for (size_t i = 0; i < 100000; i++)
		zeroed = zeroed && !again[i];
	ok(zeroed, "and zeroed");
	arena_free(&arena);
}

int main(void)
{
	test_reset();
	test_alloc();
	test_text();
	test_push();
	test_out_of_memory();
	return tap_done();
}
