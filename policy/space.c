/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/space.h"

#include <string.h>

#define FIRST_SIZE 2048U

struct node {
	uint32_t variable;
	uint32_t low, high;
};

enum operation {
	OP_EMPTY, /* an unused line of the cache */
	OP_UNION,
	OP_INTERSECTION,
	OP_DIFFERENCE,
	OP_SUBSET, /* answered with SET_NONE, which nothing is left of, or SET_ALL */
	OP_MUST,
	OP_MAY,
	OP_WHERE, /* and every number behind it: one a question */
};

struct question {
	uint32_t operation;
	uint32_t a, b;
	uint32_t hash;
};

struct line {
	uint32_t operation;
	uint32_t a, b, result;
};

struct space {
	struct arena *arena;
	struct node *nodes;
	uint32_t count, size;
	uint32_t room;	    /* what there is memory for; size is at most that */
	uint32_t *table;    /* of 2 * size places, by hash; SET_NONE is a free one */
	struct line *cache; /* of size places; what is lost is computed again */
	uint32_t where;	    /* the last OP_WHERE handed out */
	unsigned times;	    /* of what others may */
	uint32_t most;	    /* nodes */
	uint64_t steps;	    /* that are left in all */
	uint64_t stop;	    /* of these, those behind the next refill */
	bool full;
};

static uint32_t mix(uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t h = a * UINT64_C(0x9e3779b97f4a7c15) ^ b * UINT64_C(0xc2b2ae3d27d4eb4f) ^
		     c * UINT64_C(0x165667b19e3779f9);

	h ^= h >> 29;
	return (uint32_t)(h * UINT64_C(0xbf58476d1ce4e5b9) >> 32);
}

static void table_insert(struct space *space, uint32_t set)
{
	const struct node *node = &space->nodes[set];
	uint32_t mask = 2 * space->size - 1;
	uint32_t at = mix(node->variable, node->low, node->high) & mask;

	while (space->table[at])
		at = (at + 1) & mask;
	space->table[at] = set;
}

static void make_room(struct space *space, uint32_t room)
{
	struct node *nodes = arena_new(space->arena, struct node, room);

	if (space->count)
		memcpy(nodes, space->nodes, space->count * sizeof(*nodes));
	space->nodes = nodes;
	space->table = arena_new(space->arena, uint32_t, (size_t)2 * room);
	space->cache = arena_new(space->arena, struct line, room);
	space->room = room;
}

/* An empty table and cache for so many nodes. */
static void resize(struct space *space, uint32_t size)
{
	space->size = size;
	memset(space->table, 0, 2 * size * sizeof(*space->table));
	memset(space->cache, 0, size * sizeof(*space->cache));
}

static void grow(struct space *space)
{
	if (space->size == space->room)
		make_room(space, 2 * space->size);
	resize(space, 2 * space->size);
	for (uint32_t set = SET_MAY; set < space->count; set++)
		table_insert(space, set);
}

/* But for the three sets that are always there. */
static void empty(struct space *space)
{
	resize(space, FIRST_SIZE);
	/* SET_NONE and SET_ALL lie behind every variable. */
	space->nodes[SET_NONE] = (struct node){ SPACE_VARIABLES + 1, SET_NONE, SET_NONE };
	space->nodes[SET_ALL] = (struct node){ SPACE_VARIABLES + 1, SET_ALL, SET_ALL };
	space->nodes[SET_MAY] = (struct node){ SPACE_VARIABLES, SET_NONE, SET_ALL };
	space->count = SET_MAY + 1;
	table_insert(space, SET_MAY);
}

struct space *space_new(struct arena *arena)
{
	return space_new_large(arena, 1);
}

struct space *space_new_large(struct arena *arena, unsigned times)
{
	struct space *space = arena_new(arena, struct space, 1);

	*space = (struct space){ .arena = arena,
				 .where = OP_WHERE,
				 .times = times,
				 .steps = (uint64_t)times * SPACE_STEPS * SPACE_REFILLS };
	make_room(space, FIRST_SIZE);
	empty(space);
	space_refill(space);
	return space;
}

bool space_full(const struct space *space)
{
	return space->full;
}

void space_refill(struct space *space)
{
	uint64_t steps = (uint64_t)space->times * SPACE_STEPS;

	space->most = space->count + space->times * SPACE_NODES;
	space->stop = space->steps > steps ? space->steps - steps : 0;
	space->full = false;
}

void space_clear(struct space *space)
{
	/* As long as it is small it costs less to keep what is in it. */
	if (space->size > FIRST_SIZE)
		empty(space);
	space_refill(space);
}

uint32_t space_node(struct space *space, unsigned variable, uint32_t low, uint32_t high)
{
	uint32_t mask = 2 * space->size - 1, at;

	if (low == high)
		return low;
	for (at = mix(variable, low, high) & mask; space->table[at];
	     at = (at + 1) & mask) {
		const struct node *node = &space->nodes[space->table[at]];

		if (node->variable == variable && node->low == low && node->high == high)
			return space->table[at];
	}
	if (space->count >= space->most) {
		space->full = true;
		return SET_NONE;
	}
	if (space->count == space->size) {
		grow(space);
		space->nodes[space->count] = (struct node){ variable, low, high };
		table_insert(space, space->count);
	} else {
		space->nodes[space->count] = (struct node){ variable, low, high };
		space->table[at] = space->count;
	}
	return space->count++;
}

struct halves space_halves(const struct space *space, uint32_t set)
{
	const struct node *node = &space->nodes[set];

	return (struct halves){ node->variable, node->low, node->high };
}

unsigned space_argument(const struct space *space, uint32_t set)
{
	unsigned variable = space->nodes[set].variable;

	return variable < SPACE_VARIABLES ? variable / 64 : SYSCALL_ARGS;
}

static struct question question(uint32_t operation, uint32_t a, uint32_t b)
{
	return (struct question){ operation, a, b, mix(operation, a, b) };
}

/* Each look is a step; out of steps, every answer is there already, and wrong. */
static bool recall(struct space *space, const struct question *question, uint32_t *ret)
{
	const struct line *line = &space->cache[question->hash & (space->size - 1)];

	if (space->steps == space->stop) {
		space->full = true;
		*ret = SET_NONE;
		return true;
	}
	space->steps--;
	*ret = line->result;
	return line->operation == question->operation && line->a == question->a &&
	       line->b == question->b;
}

static uint32_t remember(struct space *space, const struct question *question,
			 uint32_t result)
{
	/*
	 * Not the place that recall() looked at, since the cache may have grown. And
	 * nothing wrong is kept: after space_refill() what is remembered counts again.
	 */
	if (!space->full)
		space->cache[question->hash & (space->size - 1)] =
			(struct line){ question->operation, question->a, question->b,
				       result };
	return result;
}

/*
 * One bit of an ordering comparison. `rest` is what remains to be true while the
 * argument's bits have been those of the value so far.
 */
static uint32_t condition_bit(struct space *space, const struct condition *condition,
			      unsigned bit, uint32_t inside, uint32_t rest)
{
	uint32_t variable = condition->arg * 64U + 63 - bit;
	bool one = condition->value >> bit & 1;
	uint32_t low = rest, high = rest;

	switch ((enum compare)condition->compare) {
	case COMPARE_LT:
	case COMPARE_LE:
		*(one ? &low : &high) = one ? inside : SET_NONE;
		break;
	case COMPARE_GT:
	case COMPARE_GE:
		*(one ? &low : &high) = one ? SET_NONE : inside;
		break;
	case COMPARE_EQ:
		*(one ? &low : &high) = SET_NONE;
		break;
	case COMPARE_NE:
		*(one ? &low : &high) = inside;
		break;
	case COMPARE_MASKED_EQ:
		if (one)
			*(condition->value_two >> bit & 1 ? &low : &high) = SET_NONE;
		break;
	}
	return space_node(space, variable, low, high);
}

uint32_t space_condition(struct space *space, const struct condition *condition,
			 uint32_t rest)
{
	/* What an argument that equals the value gets. */
	bool equal = condition->compare != COMPARE_LT &&
		     condition->compare != COMPARE_GT && condition->compare != COMPARE_NE;
	uint32_t set = equal ? rest : SET_NONE;

	if (condition->compare == COMPARE_MASKED_EQ &&
	    condition->value_two & ~condition->value)
		return SET_NONE;
	for (unsigned bit = 0; bit < 64; bit++)
		set = condition_bit(space, condition, bit, rest, set);
	return set;
}

uint32_t space_rule(struct space *space, const struct rule *rule)
{
	uint32_t set = SET_ALL;

	for (size_t i = rule->count; i > 0; i--)
		set = space_condition(space, &rule->conditions[i - 1], set);
	return set;
}

/* The answer where it needs no descent; false if it does. */
static bool simple(enum operation operation, uint32_t a, uint32_t b, uint32_t *ret)
{
	switch (operation) {
	case OP_UNION:
		*ret = a == SET_ALL || b == SET_ALL ? SET_ALL : a ? a : b;
		return a <= SET_ALL || b <= SET_ALL || a == b;
	case OP_INTERSECTION:
		*ret = !a || !b ? SET_NONE : a == SET_ALL ? b : a;
		return a <= SET_ALL || b <= SET_ALL || a == b;
	default:
		*ret = !b ? a : SET_NONE;
		return !a || !b || b == SET_ALL || a == b;
	}
}

static uint32_t combine(struct space *space, enum operation operation, uint32_t a,
			uint32_t b)
{
	struct question asked;
	struct node left, right;
	uint32_t variable;
	uint32_t result, low, high;

	if (simple(operation, a, b, &result))
		return result;
	if (operation != OP_DIFFERENCE && a > b) {
		result = a;
		a = b;
		b = result;
	}
	asked = question(operation, a, b);
	if (recall(space, &asked, &result))
		return result;
	left = space->nodes[a];
	right = space->nodes[b];
	variable = left.variable < right.variable ? left.variable : right.variable;
	low = combine(space, operation, left.variable == variable ? left.low : a,
		      right.variable == variable ? right.low : b);
	high = combine(space, operation, left.variable == variable ? left.high : a,
		       right.variable == variable ? right.high : b);
	return remember(space, &asked, space_node(space, variable, low, high));
}

uint32_t space_union(struct space *space, uint32_t a, uint32_t b)
{
	return combine(space, OP_UNION, a, b);
}

uint32_t space_intersection(struct space *space, uint32_t a, uint32_t b)
{
	return combine(space, OP_INTERSECTION, a, b);
}

uint32_t space_difference(struct space *space, uint32_t a, uint32_t b)
{
	return combine(space, OP_DIFFERENCE, a, b);
}

/* Without making what would be left. */
bool space_subset(struct space *space, uint32_t a, uint32_t b)
{
	struct node left = space->nodes[a], right = space->nodes[b];
	struct question asked;
	bool is_subset;
	uint32_t result;

	if (a == SET_NONE || b == SET_ALL || a == b)
		return true;
	if (a == SET_ALL || b == SET_NONE)
		return false;
	asked = question(OP_SUBSET, a, b);
	if (recall(space, &asked, &result))
		return result == SET_NONE;
	if (left.variable != right.variable) {
		struct node *whole = left.variable < right.variable ? &right : &left;

		whole->low = whole->high = whole == &left ? a : b;
	}
	is_subset = space_subset(space, left.low, right.low) &&
		    space_subset(space, left.high, right.high);
	return remember(space, &asked, is_subset ? SET_NONE : SET_ALL) == SET_NONE;
}

uint32_t space_between(struct space *space, uint32_t must, uint32_t may)
{
	return space_union(space, must, space_intersection(space, may, SET_MAY));
}

/* Settle the don't-cares one way. */
static uint32_t settle(struct space *space, enum operation operation, uint32_t set)
{
	const struct question asked = question(operation, set, 0);
	struct node node = space->nodes[set];
	uint32_t low, high;

	if (set == SET_MAY)
		return operation == OP_MAY ? SET_ALL : SET_NONE;
	if (set <= SET_ALL)
		return set;
	if (recall(space, &asked, &low))
		return low;
	low = settle(space, operation, node.low);
	high = settle(space, operation, node.high);
	return remember(space, &asked, space_node(space, node.variable, low, high));
}

uint32_t space_must(struct space *space, uint32_t set)
{
	return settle(space, OP_MUST, set);
}

uint32_t space_may(struct space *space, uint32_t set)
{
	return settle(space, OP_MAY, set);
}

struct walk {
	struct arena *arena;
	struct space *space;
	uint32_t end;	    /* the first variable behind the argument */
	uint32_t operation; /* this walk's own OP_WHERE number */
	size_t limit;	    /* of remainders, which are looked up one by one */
	const bool *marked;
	struct remainders remainders;
};

static size_t find(const struct remainders *remainders, uint32_t set)
{
	size_t at = 0;

	while (at < remainders->count && remainders->items[at] != set)
		at++;
	return at;
}

static void collect(struct walk *walk, uint32_t set)
{
	const struct question asked = question(walk->operation, set, 0);
	struct node node = walk->space->nodes[set];
	uint32_t found;

	if (walk->remainders.count > walk->limit)
		return;
	if (node.variable >= walk->end) {
		if (find(&walk->remainders, set) == walk->remainders.count)
			*arena_push(walk->arena, &walk->remainders) = set;
		return;
	}
	/* What the cache has lost is visited again, and no more. */
	if (recall(walk->space, &asked, &found))
		return;
	collect(walk, node.low);
	collect(walk, node.high);
	(void)remember(walk->space, &asked, SET_NONE);
}

struct remainders space_remainders(struct arena *arena, struct space *space, uint32_t set,
				   unsigned argument, size_t limit)
{
	struct walk walk = {
		.arena = arena,
		.space = space,
		.end = (argument + 1) * 64,
		.operation = ++space->where,
		.limit = limit,
	};

	collect(&walk, set);
	return walk.remainders;
}

static uint32_t where(struct walk *walk, uint32_t set)
{
	const struct question asked = question(walk->operation, set, 0);
	struct node node = walk->space->nodes[set];
	uint32_t low, high;
	size_t at;

	if (node.variable >= walk->end) {
		/* A full space may not have collected all. */
		at = find(&walk->remainders, set);
		return at < walk->remainders.count && walk->marked[at] ? SET_ALL
								       : SET_NONE;
	}
	if (recall(walk->space, &asked, &low))
		return low;
	low = where(walk, node.low);
	high = where(walk, node.high);
	return remember(walk->space, &asked,
			space_node(walk->space, node.variable, low, high));
}

uint32_t space_where(struct space *space, uint32_t set, unsigned argument,
		     const struct remainders *remainders, const bool *marked)
{
	struct walk walk = {
		.space = space,
		.end = (argument + 1) * 64,
		.operation = ++space->where,
		.marked = marked,
		.remainders = *remainders,
	};

	return where(&walk, set);
}
