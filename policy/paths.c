/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/paths.h"

#include <endian.h>
#include <stddef.h>

/* What the accumulator holds: a number, or a masked word of the arguments. */
struct accumulator {
	bool is_word;
	uint32_t number; /* or the mask */
	unsigned arg, shift;
};

/* A test that has been met, by where it stands and what it tests. */
struct met {
	size_t at;
	struct accumulator a;
	size_t step;
	size_t before; /* one of the same place, counted from 1 */
};

struct walk {
	struct arena *arena;
	const struct program *program;
	uint32_t arch, number;
	struct {
		struct met *items;
		size_t count, capacity;
	} met;
	size_t *last; /* of each place of the program, counted from 1 */
	struct paths paths;
};

/* More than any program of libseccomp has: it loads a word where it tests it. */
#define STEPS ((size_t)4 * PROGRAM_MAX)

static bool unknown(const struct sock_filter *at, struct error *err)
{
	return error_set(err, ERR_INEXACT,
			 "the filter has an instruction (code 0x%x) that can't be judged",
			 at->code);
}

static bool load(const struct walk *walk, const struct sock_filter *at,
		 struct accumulator *a, struct error *err)
{
	unsigned word = (at->k - (unsigned)offsetof(struct seccomp_data, args)) / 4;
	bool high = word % 2 == (__BYTE_ORDER == __LITTLE_ENDIAN);

	if (at->code != (BPF_LD | BPF_W | BPF_ABS))
		return unknown(at, err);
	if (at->k == offsetof(struct seccomp_data, nr))
		*a = (struct accumulator){ .number = walk->number };
	else if (at->k == offsetof(struct seccomp_data, arch))
		*a = (struct accumulator){ .number = walk->arch };
	else if (at->k >= offsetof(struct seccomp_data, args))
		*a = (struct accumulator){ true, UINT32_MAX, word / 2, high ? 32 : 0 };
	else
		return unknown(at, err);
	return true;
}

static bool holds(const struct sock_filter *at, uint32_t a)
{
	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		return a == at->k;
	case BPF_JGT:
		return a > at->k;
	case BPF_JGE:
		return a >= at->k;
	default:
		return a & at->k;
	}
}

/* From a place on to the next test of an argument, or the answer. */
static bool run_to_test(const struct walk *walk, size_t *at, struct accumulator *a,
			struct error *err)
{
	for (;; ++*at) {
		const struct sock_filter *item = &walk->program->items[*at];

		switch (BPF_CLASS(item->code)) {
		case BPF_RET:
			return item->code == (BPF_RET | BPF_K) || unknown(item, err);
		case BPF_ALU:
			if (item->code != (BPF_ALU | BPF_AND | BPF_K))
				return unknown(item, err);
			a->number &= item->k;
			break;
		case BPF_JMP:
			if (BPF_OP(item->code) == BPF_JA)
				*at += item->k;
			else if (BPF_SRC(item->code) != BPF_K)
				return unknown(item, err);
			else if (a->is_word)
				return true;
			else
				*at += holds(item, a->number) ? item->jt : item->jf;
			break;
		default:
			if (!load(walk, item, a, err))
				return false;
		}
	}
}

static struct path_step step_of(const struct sock_filter *at, const struct accumulator *a)
{
	static const enum path_test tests[] = {
		[BPF_JEQ >> 4] = PATH_EQUALS,
		[BPF_JGT >> 4] = PATH_ABOVE,
		[BPF_JGE >> 4] = PATH_REACHES,
		[BPF_JSET >> 4] = PATH_ANY,
	};
	struct path_step step = { .test = PATH_ENDS, .answer = at->k };

	if (BPF_CLASS(at->code) == BPF_RET)
		return step;
	step = (struct path_step){
		.test = tests[BPF_OP(at->code) >> 4],
		.arg = a->arg,
		.mask = (uint64_t)a->number << a->shift,
		.value = (uint64_t)at->k << a->shift,
	};
	if (step.test == PATH_ANY) {
		step.mask &= step.value;
		step.value = 0;
	}
	return step;
}

/* The step that a place leads to; it is new if its `yes` is not yet found. */
static bool step_at(struct walk *walk, size_t at, struct accumulator a, size_t *ret,
		    struct error *err)
{
	if (!run_to_test(walk, &at, &a, err))
		return false;
	for (size_t i = walk->last[at]; i; i = walk->met.items[i - 1].before) {
		const struct accumulator *other = &walk->met.items[i - 1].a;

		if (BPF_CLASS(walk->program->items[at].code) == BPF_RET ||
		    (other->number == a.number && other->arg == a.arg &&
		     other->shift == a.shift)) {
			*ret = walk->met.items[i - 1].step;
			return true;
		}
	}
	if (walk->met.count == STEPS)
		return error_set(err, ERR_INEXACT,
				 "the filter has too many ways through");
	*ret = walk->paths.count;
	*arena_push(walk->arena, &walk->met) =
		(struct met){ at, a, walk->paths.count, walk->last[at] };
	walk->last[at] = walk->met.count;
	*arena_push(walk->arena, &walk->paths) = step_of(&walk->program->items[at], &a);
	return true;
}

bool paths_find(struct arena *arena, const struct program *program, uint32_t arch,
		int number, struct paths *ret, struct error *err)
{
	struct walk walk = {
		.arena = arena,
		.program = program,
		.arch = arch,
		.number = (uint32_t)number,
		.last = arena_new(arena, size_t, program->count),
	};

	if (!step_at(&walk, 0, (struct accumulator){ 0 }, &walk.paths.first, err))
		return false;
	/* This finds all: what a test leads to is put at the end of the same list. */
	for (size_t i = 0; i < walk.met.count; i++) {
		struct met met = walk.met.items[i];
		const struct sock_filter *at = &program->items[met.at];
		size_t yes, no;

		if (BPF_CLASS(at->code) == BPF_RET)
			continue;
		if (!step_at(&walk, met.at + 1 + at->jt, met.a, &yes, err) ||
		    !step_at(&walk, met.at + 1 + at->jf, met.a, &no, err))
			return false;
		walk.paths.items[met.step].yes = yes;
		walk.paths.items[met.step].no = no;
	}
	*ret = walk.paths;
	return true;
}

/* The arguments that pass an ordered test, from its lowest bit up. */
static uint32_t ordered(struct space *space, const struct path_step *step)
{
	uint32_t set = step->test == PATH_REACHES ? SET_ALL : SET_NONE;

	for (unsigned bit = 0; bit < 64; bit++) {
		unsigned variable = step->arg * 64 + 63 - bit;
		bool one = step->value >> bit & 1;

		if (step->mask >> bit & 1)
			set = space_node(space, variable, one ? SET_NONE : set,
					 one ? set : SET_ALL);
		else if (one)
			set = SET_NONE; /* a bit that is never set is less than one */
	}
	return set;
}

static uint32_t passing(struct space *space, const struct path_step *step)
{
	struct condition equals = { .arg = (uint8_t)step->arg,
				    .compare = COMPARE_MASKED_EQ,
				    .value = step->mask,
				    .value_two = step->value };

	switch (step->test) {
	case PATH_EQUALS:
		return step->value & ~step->mask
			       ? SET_NONE
			       : space_condition(space, &equals, SET_ALL);
	case PATH_ANY:
		return space_difference(space, SET_ALL,
					space_condition(space, &equals, SET_ALL));
	default:
		return ordered(space, step);
	}
}

struct answers_walk {
	struct space *space;
	const struct paths *paths;
	uint32_t answer;
	uint32_t *sets; /* of each step, its set + 1; 0: not known yet */
};

/* As deep as the program is long. */
static uint32_t answered(const struct answers_walk *walk, size_t at)
{
	const struct path_step *step = &walk->paths->items[at];
	uint32_t set, yes, no;

	if (walk->sets[at])
		return walk->sets[at] - 1;
	if (step->test == PATH_ENDS) {
		set = step->answer == walk->answer ? SET_ALL : SET_NONE;
	} else {
		yes = answered(walk, step->yes);
		no = answered(walk, step->no);
		set = passing(walk->space, step);
		set = space_union(walk->space, space_intersection(walk->space, yes, set),
				  space_difference(walk->space, no, set));
	}
	walk->sets[at] = set + 1;
	return set;
}

uint32_t paths_answered(struct arena *arena, struct space *space,
			const struct paths *paths, uint32_t answer)
{
	struct answers_walk walk = { space, paths, answer,
				     arena_new(arena, uint32_t, paths->count) };

	return answered(&walk, paths->first);
}
