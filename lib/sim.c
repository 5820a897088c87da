/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sim.h"

#include <assert.h>
#include <string.h>

/*
 * Of the instructions that seccomp_check_filter() of the kernel lets through, those that
 * a filter could have a use for, in the words of linux/bpf_common.h. What check_one()
 * takes, run_alu(), run_jump() and run_move() know.
 */
struct machine {
	uint32_t a, x;
	uint32_t memory[BPF_MEMWORDS];
};

static bool is_jump(uint16_t code)
{
	return BPF_CLASS(code) == BPF_JMP;
}

static bool check_jump(const struct sock_filter *at, size_t left)
{
	switch (at->code) {
	case BPF_JMP | BPF_JA:
		return at->k < left;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
		return at->jt < left && at->jf < left;
	default:
		return false;
	}
}

static bool check_one(const struct sock_filter *at, size_t left)
{
	if (is_jump(at->code))
		return check_jump(at, left);
	switch (at->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return at->k % 4 == 0 && at->k < sizeof(struct seccomp_data);
	case BPF_ST:
	case BPF_STX:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
		return at->k < BPF_MEMWORDS;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return at->k < 32;
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_ADD | BPF_K:
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_NEG:
		return true;
	default:
		return false;
	}
}

bool sim_check(const struct program *program, struct error *err)
{
	if (!program->count || program->count > PROGRAM_MAX)
		return error_set(
			err, ERR_INEXACT,
			"the filter has %zu instructions, the kernel takes 1 to %d",
			program->count, PROGRAM_MAX);
	for (size_t i = 0; i < program->count; i++)
		if (!check_one(&program->items[i], program->count - 1 - i))
			return error_set(
				err, ERR_INEXACT,
				"instruction %zu of the filter (code 0x%x) is not one "
				"that the kernel takes",
				i, program->items[i].code);
	if (BPF_CLASS(program->items[program->count - 1].code) != BPF_RET)
		return error_set(err, ERR_INEXACT,
				 "the filter does not end with a return");
	return true;
}

static void run_alu(struct machine *m, const struct sock_filter *at)
{
	uint32_t k = BPF_SRC(at->code) == BPF_X ? m->x : at->k;

	switch (BPF_OP(at->code)) {
	case BPF_AND:
		m->a &= k;
		break;
	case BPF_OR:
		m->a |= k;
		break;
	case BPF_XOR:
		m->a ^= k;
		break;
	case BPF_ADD:
		m->a += k;
		break;
	case BPF_SUB:
		m->a -= k;
		break;
	case BPF_LSH:
		m->a <<= k;
		break;
	case BPF_RSH:
		m->a >>= k;
		break;
	default:
		m->a = -m->a;
	}
}

/* How many instructions to skip. */
static size_t run_jump(const struct machine *m, const struct sock_filter *at)
{
	uint32_t k = BPF_SRC(at->code) == BPF_X ? m->x : at->k;

	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		return m->a == k ? at->jt : at->jf;
	case BPF_JGE:
		return m->a >= k ? at->jt : at->jf;
	case BPF_JGT:
		return m->a > k ? at->jt : at->jf;
	case BPF_JSET:
		return m->a & k ? at->jt : at->jf;
	default:
		return at->k;
	}
}

static void run_move(struct machine *m, const struct sock_filter *at,
		     const struct seccomp_data *data)
{
	switch (at->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		memcpy(&m->a, (const char *)data + at->k, sizeof(m->a));
		break;
	case BPF_LD | BPF_IMM:
		m->a = at->k;
		break;
	case BPF_LDX | BPF_IMM:
		m->x = at->k;
		break;
	case BPF_LD | BPF_MEM:
		m->a = m->memory[at->k];
		break;
	case BPF_LDX | BPF_MEM:
		m->x = m->memory[at->k];
		break;
	case BPF_ST:
		m->memory[at->k] = m->a;
		break;
	case BPF_STX:
		m->memory[at->k] = m->x;
		break;
	case BPF_MISC | BPF_TAX:
		m->x = m->a;
		break;
	default:
		m->a = m->x;
	}
}

uint32_t sim_run(const struct program *program, const struct seccomp_data *data)
{
	struct machine machine = { 0 };

	for (size_t i = 0; i < program->count; i++) {
		const struct sock_filter *at = &program->items[i];

		switch (BPF_CLASS(at->code)) {
		case BPF_RET:
			return at->code == (BPF_RET | BPF_A) ? machine.a : at->k;
		case BPF_JMP:
			i += run_jump(&machine, at);
			break;
		case BPF_ALU:
			run_alu(&machine, at);
			break;
		default:
			run_move(&machine, at, data);
		}
	}
	/* sim_check() saw to it that the end is not reached. */
	assert(false);
	return SECCOMP_RET_KILL_PROCESS;
}
