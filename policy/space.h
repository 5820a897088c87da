/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_SPACE_H
#define POLICY_SPACE_H

#include "lib/arena.h"
#include "policy/syscalls.h"

/*
 * Sets of argument vectors: six numbers of 64 bits. A set is a node of a reduced ordered
 * binary decision diagram over the 384 argument bits, argument 0 first, high bit first,
 * with equal nodes shared, so that equal sets are the same number whatever rules they
 * were written with. A comparison is a chain of at most 64 nodes.
 *
 * Below the arguments there is one more variable, "may": a set with it is a set with
 * don't-cares. Vectors that lead to SET_ALL must be in, those that lead to SET_MAY may
 * be, those that lead to SET_NONE must not.
 *
 * A space holds at most SPACE_NODES and does at most SPACE_STEPS of work (about a tenth
 * of a second); after a space_refill() it may hold and do as much again, but all of its
 * work is at most SPACE_REFILLS * SPACE_STEPS. space_new_large() makes one with `times`
 * of each limit. Beyond its limits a space is full: every result is meaningless, and
 * space_full() says so. Callers ask before they believe a result.
 */
#define SPACE_NODES (1U << 18)
#define SPACE_STEPS (1U << 22)
#define SPACE_REFILLS 8

enum {
	SET_NONE = 0,
	SET_ALL = 1,
	SET_MAY = 2,
};

struct space;

NODISCARD struct space *space_new(struct arena *arena);
NODISCARD struct space *space_new_large(struct arena *arena, unsigned times);
bool space_full(const struct space *space);
void space_refill(struct space *space);

/* The caller is done with all sets but the three above: refill, and use memory again. */
void space_clear(struct space *space);

/*
 * Vectors whose argument meets the condition and that are in `rest`, a set over later
 * arguments.
 */
uint32_t space_condition(struct space *space, const struct condition *condition,
			 uint32_t rest);
uint32_t space_rule(struct space *space, const struct rule *rule);

uint32_t space_union(struct space *space, uint32_t a, uint32_t b);
uint32_t space_intersection(struct space *space, uint32_t a, uint32_t b);
uint32_t space_difference(struct space *space, uint32_t a, uint32_t b);
bool space_subset(struct space *space, uint32_t a, uint32_t b);

/* `must` and, as don't-cares, the rest of `may`; and back. */
uint32_t space_between(struct space *space, uint32_t must, uint32_t may);
uint32_t space_must(struct space *space, uint32_t set);
uint32_t space_may(struct space *space, uint32_t set);

/* The first argument that the set depends on; SYSCALL_ARGS if none. */
unsigned space_argument(const struct space *space, uint32_t set);

/*
 * What remains of a set once an argument that is not behind its first one is known: the
 * distinct remainders, each with its least value of the argument coming first. No more
 * than `limit` and one are looked for: a set may have as many as it has nodes.
 */
struct remainders {
	uint32_t *items;
	size_t count, capacity;
};

struct remainders space_remainders(struct arena *arena, struct space *space, uint32_t set,
				   unsigned argument, size_t limit);

/* The values of the argument for which one of the marked remainders remains. */
uint32_t space_where(struct space *space, uint32_t set, unsigned argument,
		     const struct remainders *remainders, const bool *marked);

/*
 * Rules of EQ and MASKED_EQ alone (their call is 0) that cover all of `must` and nothing
 * outside of `may`, none of them needless. False: more than `limit`, or the space is
 * full.
 */
NODISCARD bool space_cubes(struct arena *arena, struct space *space, uint32_t must,
			   uint32_t may, size_t limit, struct rules *ret);

/* The smallest cube around values of one argument, which are not empty. */
struct condition space_hull(struct space *space, uint32_t values, unsigned argument);

/* The two halves of a set by its first variable; what a walk is made of. */
struct halves {
	unsigned variable; /* argument * 64 + 63 - bit; SPACE_VARIABLES: none is left */
	uint32_t low, high;
};

#define SPACE_VARIABLES (SYSCALL_ARGS * 64)

struct halves space_halves(const struct space *space, uint32_t set);
uint32_t space_node(struct space *space, unsigned variable, uint32_t low, uint32_t high);

#endif
