/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/oracle.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bpf.h"

uint64_t oracle_random(uint64_t *state)
{
	/* xorshift64* */
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

struct values {
	uint64_t *items;
	size_t count, capacity;
};

static int value_compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static void values_sort(struct values *values)
{
	size_t kept = 0;

	qsort(values->items, values->count, sizeof(*values->items), value_compare);
	for (size_t i = 1; i < values->count; i++)
		if (values->items[i] != values->items[kept])
			values->items[++kept] = values->items[i];
	values->count = kept + 1;
}

/* A masked comparison of one word: what meets it, and each tested bit turned. */
static void add_masked(struct arena *arena, struct values *values, uint64_t mask,
		       uint64_t value, uint64_t all)
{
	*arena_push(arena, values) = value & all;
	*arena_push(arena, values) = (value | ~mask) & all;
	for (unsigned bit = 0; bit < 64; bit++)
		if (mask >> bit & all >> bit & 1)
			*arena_push(arena, values) = (value ^ UINT64_C(1) << bit) & all;
}

static void add_around(struct arena *arena, struct values *values, uint64_t value,
		       uint64_t all)
{
	*arena_push(arena, values) = (value - 1) & all;
	*arena_push(arena, values) = value & all;
	*arena_push(arena, values) = (value + 1) & all;
}

/* What the program compares one word of the arguments with. */
static void add_program(struct arena *arena, const struct program *program, size_t offset,
			struct values *ret)
{
	uint64_t mask = UINT32_MAX;
	bool ours = false;

	for (size_t i = 0; i < program->count; i++) {
		const struct sock_filter *at = &program->items[i];

		if (at->code == (BPF_LD | BPF_W | BPF_ABS)) {
			ours = at->k == offset;
			mask = UINT32_MAX;
		} else if (ours && at->code == (BPF_ALU | BPF_AND | BPF_K)) {
			mask = at->k;
		} else if (ours && BPF_CLASS(at->code) == BPF_JMP &&
			   BPF_OP(at->code) != BPF_JA) {
			if (mask == UINT32_MAX)
				add_around(arena, ret, at->k, UINT32_MAX);
			else
				add_masked(arena, ret, mask, at->k, UINT32_MAX);
		}
	}
}

static void add_rules(struct oracle *oracle, struct arena *arena, unsigned call,
		      unsigned arg, struct values *ret)
{
	uint64_t all = oracle->word_bits == 32 ? UINT32_MAX : UINT64_MAX;

	for (size_t i = 0; i < oracle->granted->rules.count; i++) {
		const struct rule *rule = &oracle->granted->rules.items[i];

		for (size_t j = 0; rule->call == call && j < rule->count; j++) {
			const struct condition *at = &rule->conditions[j];

			if (at->arg != arg)
				continue;
			if (at->compare == COMPARE_MASKED_EQ)
				add_masked(arena, ret, at->value, at->value_two, all);
			else
				add_around(arena, ret, at->value, all);
		}
	}
}

/* Witnesses of one argument: from the rules as wholes, from the program by words. */
static struct values witnesses(struct oracle *oracle, struct arena *arena, unsigned call,
			       unsigned arg)
{
	size_t offset = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);
	struct values low = { 0 }, high = { 0 }, both = { 0 };

	add_program(arena, oracle->program, offset, &low);
	add_program(arena, oracle->program, offset + 4, &high);
	add_rules(oracle, arena, call, arg, &both);
	*arena_push(arena, &low) = 0;
	*arena_push(arena, &high) = 0;
	values_sort(&low);
	values_sort(&high);
	if (oracle->word_bits == 32)
		high.count = 1;
	for (size_t i = 0; i < low.count; i++)
		for (size_t j = 0; j < high.count; j++)
			*arena_push(arena, &both) = high.items[j] << 32 | low.items[i];
	*arena_push(arena, &both) = 0;
	values_sort(&both);
	return both;
}

static unsigned refusal(const struct syscalls *granted, unsigned call)
{
	for (size_t i = 0; i < granted->refusals.count; i++)
		if (granted->refusals.items[i].call == call)
			return granted->refusals.items[i].number;
	return EMISSION_DEFAULT;
}

static void judge(struct oracle *oracle, unsigned call, struct seccomp_data *data)
{
	bool granted =
		syscalls_grants(oracle->granted, call, (const uint64_t *)data->args);
	uint32_t want = granted ? SECCOMP_RET_ALLOW
				: SECCOMP_RET_ERRNO | refusal(oracle->granted, call);
	uint32_t got = sim_run(oracle->program, data);

	oracle->tried++;
	if (got == want)
		return;
	if (got == SECCOMP_RET_ALLOW)
		oracle->wider++;
	else if (granted)
		oracle->narrower++;
	else
		oracle->other++;
	memcpy(oracle->witness, data->args, sizeof(oracle->witness));
}

/* One value of a condition's edge, in or out. */
static uint64_t corner(struct oracle *oracle, const struct condition *condition)
{
	uint64_t random = oracle_random(&oracle->random);

	if (condition->compare != COMPARE_MASKED_EQ)
		return condition->value + random % 3 - 1;
	return condition->value_two |
	       (random % 2 ? ~condition->value & oracle_random(&oracle->random) : 0);
}

static void random_point(struct oracle *oracle, unsigned call,
			 const struct values values[SYSCALL_ARGS], size_t rules,
			 struct seccomp_data *data)
{
	const struct rule *items = oracle->granted->rules.items;
	size_t first = 0, pick = rules ? oracle_random(&oracle->random) % rules : 0;

	for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++)
		data->args[arg] = values[arg].items[oracle_random(&oracle->random) %
						    values[arg].count];
	if (!rules || oracle_random(&oracle->random) % 4 == 0)
		return;
	/* Near one rule, so that rules of many conditions are met at all. */
	while (items[first].call != call)
		first++;
	for (size_t i = 0; i < items[first + pick].count; i++) {
		const struct condition *condition = &items[first + pick].conditions[i];

		if (oracle_random(&oracle->random) % 8)
			data->args[condition->arg] = corner(oracle, condition);
	}
	for (unsigned arg = 0; oracle->word_bits == 32 && arg < SYSCALL_ARGS; arg++)
		data->args[arg] = (uint32_t)data->args[arg];
}

void oracle_call(struct oracle *oracle, struct arena *arena, unsigned call, int number)
{
	struct seccomp_data data = { .nr = number, .arch = oracle->arch };
	struct values values[SYSCALL_ARGS];
	size_t product = 1, rules = 0;

	for (size_t i = 0; i < oracle->granted->rules.count; i++)
		rules += oracle->granted->rules.items[i].call == call;
	for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++) {
		values[arg] = witnesses(oracle, arena, call, arg);
		product =
			product > oracle->points ? product : product * values[arg].count;
	}
	for (size_t i = 0; product <= oracle->points && i < product; i++) {
		size_t rest = i;

		for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++) {
			data.args[arg] = values[arg].items[rest % values[arg].count];
			rest /= values[arg].count;
		}
		judge(oracle, call, &data);
	}
	for (size_t i = 0; product > oracle->points && i < oracle->points; i++) {
		random_point(oracle, call, values, rules, &data);
		judge(oracle, call, &data);
	}
}

#define WORDS (sizeof(struct seccomp_data) / 4)

/* A program being turned into the set of argument vectors that it lets through. */
struct formula {
	struct space *space;
	const struct program *program;
	struct seccomp_data data; /* number and architecture, which are known */
	uint32_t *sets;		  /* by instruction and the word in the accumulator */
	bool *known;
};

static uint32_t cube(struct formula *formula, unsigned arg, uint64_t mask, uint64_t value)
{
	struct condition condition = { .arg = (uint8_t)arg,
				       .compare = COMPARE_MASKED_EQ,
				       .value = mask,
				       .value_two = value };

	return space_condition(formula->space, &condition, SET_ALL);
}

/* Where a jump on one half of an argument is taken. */
static uint32_t taken(struct formula *formula, size_t word, uint32_t mask,
		      const struct sock_filter *jump)
{
	unsigned arg = (unsigned)(word - offsetof(struct seccomp_data, args) / 4) / 2;
	unsigned shift = word % 2 ? 32 : 0;
	uint64_t from = (uint64_t)jump->k + (BPF_OP(jump->code) == BPF_JGT);
	uint32_t set = SET_NONE;

	if (BPF_OP(jump->code) == BPF_JEQ)
		return cube(formula, arg, (uint64_t)mask << shift,
			    (uint64_t)jump->k << shift);
	/* From a value up: its own, and above it one cube for each bit that is 0. */
	if (from > UINT32_MAX)
		return SET_NONE;
	for (unsigned bit = 0; bit < 32; bit++)
		if (!(from >> bit & 1))
			set = space_union(
				formula->space, set,
				cube(formula, arg,
				     ((UINT64_C(1) << 32) - (1ULL << bit)) << shift,
				     ((from >> bit | 1) << bit) << shift));
	return space_union(
		formula->space, set,
		cube(formula, arg, (uint64_t)UINT32_MAX << shift, from << shift));
}

static uint32_t formula_from(struct formula *formula, size_t at, size_t word,
			     uint32_t mask);

static uint32_t formula_jump(struct formula *formula, size_t at, size_t word,
			     uint32_t mask)
{
	const struct sock_filter *jump = &formula->program->items[at];
	struct space *space = formula->space;
	uint32_t value, yes, no, test;

	if (BPF_OP(jump->code) == BPF_JA)
		return formula_from(formula, at + 1 + jump->k, word, mask);
	if (word < offsetof(struct seccomp_data, args) / 4) {
		memcpy(&value, (const char *)&formula->data + word * 4, sizeof(value));
		value = BPF_OP(jump->code) == BPF_JEQ	? value == jump->k
			: BPF_OP(jump->code) == BPF_JGT ? value > jump->k
							: value >= jump->k;
		return formula_from(formula, at + 1 + (value ? jump->jt : jump->jf), word,
				    mask);
	}
	test = taken(formula, word, mask, jump);
	yes = formula_from(formula, at + 1 + jump->jt, word, mask);
	no = formula_from(formula, at + 1 + jump->jf, word, mask);
	return space_union(space, space_intersection(space, test, yes),
			   space_difference(space, no, test));
}

static uint32_t formula_from(struct formula *formula, size_t at, size_t word,
			     uint32_t mask)
{
	const struct sock_filter *item = &formula->program->items[at];
	size_t key = at * WORDS + word;
	uint32_t set;

	if (mask == UINT32_MAX && formula->known[key])
		return formula->sets[key];
	if (BPF_CLASS(item->code) == BPF_RET)
		set = item->k == SECCOMP_RET_ALLOW ? SET_ALL : SET_NONE;
	else if (BPF_CLASS(item->code) == BPF_LD)
		set = formula_from(formula, at + 1, item->k / 4, UINT32_MAX);
	else if (BPF_CLASS(item->code) == BPF_ALU)
		set = formula_from(formula, at + 1, word, mask & item->k);
	else
		set = formula_jump(formula, at, word, mask);
	if (mask == UINT32_MAX) {
		formula->known[key] = true;
		formula->sets[key] = set;
	}
	return set;
}

enum oracle_proof oracle_prove(const struct oracle *oracle, struct arena *arena,
			       unsigned call, int number)
{
	size_t places = oracle->program->count * WORDS;
	struct formula formula = {
		.space = space_new(arena),
		.program = oracle->program,
		.data = { .nr = number, .arch = oracle->arch },
		.sets = arena_new(arena, uint32_t, places),
		.known = arena_new(arena, bool, places),
	};
	uint32_t want = syscalls_has(oracle->granted, call) ? SET_ALL : SET_NONE, got;

	for (size_t i = 0; i < oracle->granted->rules.count; i++)
		if (oracle->granted->rules.items[i].call == call)
			want = space_union(formula.space, want,
					   space_rule(formula.space,
						      &oracle->granted->rules.items[i]));
	got = formula_from(&formula, 0, 0, UINT32_MAX);
	if (space_full(formula.space))
		return ORACLE_TOO_LARGE;
	return got == want ? ORACLE_PROVEN : ORACLE_DISPROVEN;
}

static struct bpf_rule compiled(const struct rule *rule, uint32_t action)
{
	struct bpf_rule out = { .call = syscall_name(rule->call),
				.action = action,
				.count = rule->count };

	for (size_t i = 0; i < rule->count; i++)
		out.conditions[i] = (struct bpf_condition){
			rule->conditions[i].arg,
			(enum bpf_compare)rule->conditions[i].compare,
			rule->conditions[i].value,
			rule->conditions[i].value_two,
		};
	return out;
}

bool oracle_compile(struct arena *arena, const struct emission *emission,
		    const char *const *arches, size_t arch_count, bool tree,
		    struct program *ret, struct error *err)
{
	size_t count = 0,
	       most = SYSCALL_MAX + emission->rules.count + emission->refusals.count;
	struct bpf_rule *rules = arena_new(arena, struct bpf_rule, most);
	struct bpf_filter filter = {
		.action = SECCOMP_RET_ERRNO | EMISSION_DEFAULT,
		.arches = arches,
		.arch_count = arch_count,
		.rules = rules,
		.tree = tree,
	};

	for (unsigned call = 0; call < syscall_count(); call++)
		if (emission->always[call / 64] >> call % 64 & 1)
			rules[count++] =
				compiled(&(struct rule){ .call = (uint16_t)call },
					 SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < emission->rules.count; i++)
		rules[count++] = compiled(&emission->rules.items[i], SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < emission->refusals.count; i++)
		rules[count++] =
			compiled(&emission->refusals.items[i].rule,
				 SECCOMP_RET_ERRNO | emission->refusals.items[i].number);
	filter.rule_count = count;
	return bpf_compile(arena, &filter, ret, err);
}
