/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The interpreter against the running kernel: programs are loaded in children, which make
 * a call that no kernel has. Let through it gives ENOSYS, refused the errno that the
 * program says. Programs: each instruction by hand, and what libseccomp makes of rules.
 */

#include "lib/sim.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/bpf.h"
#include "lib/text.h"
#include "tests/tap.h"

#define NUMBER 4000
#define POINTS 200

static struct arena arena;
static uint64_t state = 20260902;

/* splitmix64 */
static uint64_t next(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t argument(void)
{
	static const uint64_t edges[] = {
		0, 1, 2, 5, 0x10, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX,
	};

	return next() % 4 ? edges[next() % ARRAY_SIZE(edges)] : next();
}

/* All calls but NUMBER are let through, so that the child can go on and report. */
static struct program guarded(const struct program *program)
{
	const struct sock_filter guard[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NUMBER, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct program ret = { .count = ARRAY_SIZE(guard) + program->count };

	ret.items = arena_new(&arena, struct sock_filter, ret.count);
	memcpy(ret.items, guard, sizeof(guard));
	memcpy(ret.items + ARRAY_SIZE(guard), program->items,
	       program->count * sizeof(*program->items));
	return ret;
}

static bool load(const struct program *program)
{
	struct sock_fprog fprog = { (unsigned short)program->count, program->items };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog);
}

static int kernel_says(const uint64_t args[6])
{
	errno = 0;
	(void)syscall(NUMBER, args[0], args[1], args[2], args[3], args[4], args[5]);
	return errno;
}

static int sim_says(const struct program *program, const uint64_t args[6])
{
	struct seccomp_data data = { .nr = NUMBER, .arch = bpf_arch(NULL) };
	uint32_t action;

	memcpy(data.args, args, sizeof(data.args));
	action = sim_run(program, &data);
	return action == SECCOMP_RET_ALLOW ? ENOSYS : (int)(action & SECCOMP_RET_DATA);
}

/* In the child: 0 if both agree at every point. */
static int child(const struct program *program)
{
	uint64_t args[6];

	if (!load(program))
		return 2;
	for (unsigned point = 0; point < POINTS; point++) {
		for (unsigned i = 0; i < 6; i++)
			args[i] = argument();
		if (kernel_says(args) != sim_says(program, args))
			return 1;
	}
	return 0;
}

static int compare(const struct program *program)
{
	struct program whole = guarded(program);
	int status;
	pid_t pid;

	pid = fork();
	if (!pid)
		_exit(child(&whole));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

#define ARG(n) (offsetof(struct seccomp_data, args) + (n) * sizeof(uint64_t))

/* A = argument 0, X = argument 1, the instruction, and 12 bits of A as the errno. */
static struct program around(struct sock_filter instruction)
{
	const struct sock_filter items[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG(1)),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_STX, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG(0)),
		BPF_STMT(BPF_ST, 2),
		instruction,
		BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0x5a5),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct program ret = { .count = ARRAY_SIZE(items) };

	ret.items = arena_new(&arena, struct sock_filter, ret.count);
	memcpy(ret.items, items, sizeof(items));
	return ret;
}

static void test_instructions(void)
{
	static const struct sock_filter each[] = {
		BPF_STMT(BPF_LD | BPF_IMM, 77),
		BPF_STMT(BPF_LDX | BPF_IMM, 78),
		BPF_STMT(BPF_LD | BPF_MEM, 3),
		BPF_STMT(BPF_LDX | BPF_MEM, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG(2) + 4),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 9),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 3),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 5),
		BPF_STMT(BPF_ALU | BPF_NEG, 0),
		BPF_STMT(BPF_JMP | BPF_JA, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 1, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 2, 1),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 5, 1, 2),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_X, 0, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 5, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 2, 1),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 5, 1, 2),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_X, 0, 2, 0),
	};
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(each); i++) {
		struct program program = around(each[i]);

		ok(sim_check(&program, &err) && !compare(&program),
		   "instruction 0x%x does what the kernel does", each[i].code);
	}
}

static void test_refused(void)
{
	static const struct sock_filter each[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct seccomp_data)),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
		BPF_STMT(BPF_LD | BPF_MEM, BPF_MEMWORDS),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32),
		BPF_STMT(BPF_JMP | BPF_JA, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 6, 0),
		BPF_STMT(0xffff, 0),
	};
	struct sock_filter open = BPF_STMT(BPF_LD | BPF_IMM, 1);
	struct program none = { .count = 0 }, endless = { &open, 1 };
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(each); i++) {
		struct program program = around(each[i]);

		ok(!sim_check(&program, &err) && compare(&program) == 2,
		   "instruction 0x%x is refused as the kernel does", each[i].code);
	}
	ok(!sim_check(&none, &err), "a program of nothing is refused");
	ok(!sim_check(&endless, &err), "and one without a return");
}

static struct bpf_rule random_rule(void)
{
	struct bpf_rule rule = { .call = "prctl", .action = SECCOMP_RET_ALLOW };

	for (unsigned arg = 0; arg < 3; arg++) {
		struct bpf_condition *condition = &rule.conditions[rule.count];

		if (next() % 2 && rule.count)
			continue;
		condition->arg = arg;
		condition->compare = next() % 2 ? BPF_COMPARE_EQ : BPF_COMPARE_MASKED_EQ;
		condition->value = argument() | 1;
		if (condition->compare == BPF_COMPARE_MASKED_EQ)
			condition->value_two = argument() & condition->value;
		rule.count++;
	}
	return rule;
}

/* What libseccomp makes, moved from prctl's number to the one that no kernel has. */
static void test_compiled(void)
{
	int number = bpf_number(bpf_arch(NULL), "prctl");
	struct error err;
	size_t agree = 0;

	for (unsigned round = 0; round < 20; round++) {
		struct bpf_rule rules[6];
		struct bpf_filter filter = { .action = SECCOMP_RET_ERRNO | EPERM,
					     .rules = rules,
					     .rule_count = ARRAY_SIZE(rules),
					     .tree = round % 2 };
		struct program program;

		for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
			rules[i] = random_rule();
		if (!bpf_compile(&arena, &filter, &program, &err))
			continue;
		for (size_t i = 0; i < program.count; i++)
			if (program.items[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
			    program.items[i].k == (uint32_t)number)
				program.items[i].k = NUMBER;
		agree += !compare(&program);
	}
	ok(agree == 20, "compiled filters do what the kernel does (%zu of 20)", agree);
}

int main(void)
{
	struct program empty = around((struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 1));

	if (compare(&empty) == 2) {
		printf("1..0 # SKIP this kernel loads no filters\n");
		return 0;
	}
	test_instructions();
	test_refused();
	test_compiled();
	ok(bpf_number(bpf_arch(NULL), "no_such_call") < 0,
	   "an unknown call has no number");
	ok(!bpf_arch("SCMP_ARCH_NONE") && !bpf_arch("x86"), "nor architecture");
	ok(!bpf_number(bpf_arch("SCMP_ARCH_X86_64"), "read"),
	   "number 0 is read on x86_64");
	arena_free(&arena);
	return tap_done();
}
