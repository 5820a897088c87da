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

static void add_rules(struct oracle *oracle, struct arena *arena, unsigned arg,
		      struct values *ret)
{
	uint64_t all = oracle->word_bits == 32 ? UINT32_MAX : UINT64_MAX;

	for (size_t i = 0; i < oracle->written->count; i++) {
		const struct rule *rule = &oracle->written->items[i];

		for (size_t j = 0; j < rule->count; j++) {
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
static struct values witnesses(struct oracle *oracle, struct arena *arena, unsigned arg)
{
	size_t offset = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);
	struct values low = { 0 }, high = { 0 }, both = { 0 };

	add_program(arena, oracle->program, offset, &low);
	add_program(arena, oracle->program, offset + 4, &high);
	add_rules(oracle, arena, arg, &both);
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

/* runtime-spec, config-linux.md: in the words of the spec, not of policy/. */
static bool holds(const struct condition *condition, uint64_t argument)
{
	switch ((enum compare)condition->compare) {
	case COMPARE_NE:
		return argument != condition->value;
	case COMPARE_LT:
		return argument < condition->value;
	case COMPARE_LE:
		return argument <= condition->value;
	case COMPARE_EQ:
		return argument == condition->value;
	case COMPARE_GE:
		return argument >= condition->value;
	case COMPARE_GT:
		return argument > condition->value;
	default:
		return !((argument ^ condition->value_two) & condition->value);
	}
}

bool oracle_written(const struct rules *rules, const uint64_t args[SYSCALL_ARGS])
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->items[i];
		size_t held = 0;

		while (held < rule->count &&
		       holds(&rule->conditions[held], args[rule->conditions[held].arg]))
			held++;
		if (held == rule->count)
			return true;
	}
	return false;
}

static void judge(struct oracle *oracle, struct seccomp_data *data)
{
	bool granted = oracle_written(oracle->written, (const uint64_t *)data->args);
	uint32_t want = granted ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | oracle->refusal;
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

static void random_point(struct oracle *oracle, const struct values values[SYSCALL_ARGS],
			 struct seccomp_data *data)
{
	const struct rules *rules = oracle->written;
	size_t pick = oracle_random(&oracle->random) % rules->count;

	for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++)
		data->args[arg] = values[arg].items[oracle_random(&oracle->random) %
						    values[arg].count];
	if (oracle_random(&oracle->random) % 4 == 0)
		return;
	/* Near one rule, so that rules of many conditions are met at all. */
	for (size_t i = 0; i < rules->items[pick].count; i++) {
		const struct condition *condition = &rules->items[pick].conditions[i];

		if (oracle_random(&oracle->random) % 8)
			data->args[condition->arg] = corner(oracle, condition);
	}
	for (unsigned arg = 0; oracle->word_bits == 32 && arg < SYSCALL_ARGS; arg++)
		data->args[arg] = (uint32_t)data->args[arg];
}

void oracle_call(struct oracle *oracle, struct arena *arena, int number)
{
	struct seccomp_data data = { .nr = number, .arch = oracle->arch };
	struct values values[SYSCALL_ARGS];
	size_t product = 1;

	for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++) {
		values[arg] = witnesses(oracle, arena, arg);
		product =
			product > oracle->points ? product : product * values[arg].count;
	}
	for (size_t i = 0; product <= oracle->points && i < product; i++) {
		size_t rest = i;

		for (unsigned arg = 0; arg < SYSCALL_ARGS; arg++) {
			data.args[arg] = values[arg].items[rest % values[arg].count];
			rest /= values[arg].count;
		}
		judge(oracle, &data);
	}
	for (size_t i = 0; product > oracle->points && i < oracle->points; i++) {
		random_point(oracle, values, &data);
		judge(oracle, &data);
	}
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
