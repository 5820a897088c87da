/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_BPF_H
#define LIB_BPF_H

#include "lib/arena.h"
#include "lib/error.h"
#include "lib/sim.h"

/*
 * What libseccomp makes of rules when a runtime drives it. The only file that knows
 * libseccomp; nothing that a container's start waits for uses it.
 *
 * On some rule sets libseccomp never returns, so a caller who does not know where the
 * rules come from calls this in a child with a time limit.
 */

#define BPF_ARGS 6 /* of a system call (struct seccomp_data) */

/* In libseccomp's order and that of the OCI runtime spec. */
enum bpf_compare {
	BPF_COMPARE_NE,
	BPF_COMPARE_LT,
	BPF_COMPARE_LE,
	BPF_COMPARE_EQ,
	BPF_COMPARE_GE,
	BPF_COMPARE_GT,
	BPF_COMPARE_MASKED_EQ,
};

struct bpf_condition {
	unsigned arg;
	enum bpf_compare compare;
	uint64_t value;	    /* MASKED_EQ: the mask */
	uint64_t value_two; /* MASKED_EQ: what the masked argument equals */
};

struct bpf_rule {
	const char *call;
	uint32_t action; /* SECCOMP_RET_* with its data */
	unsigned count;
	struct bpf_condition conditions[BPF_ARGS];
};

struct bpf_filter {
	uint32_t action;	   /* of a call that no rule matches */
	const char *const *arches; /* "SCMP_ARCH_X86" ...; the native one is always in */
	size_t arch_count;
	const struct bpf_rule *rules;
	size_t rule_count;
	/*
	 * SCMP_FLTATR_CTL_OPTIMIZE is 2, a binary tree: runc asks for it from 33 rules
	 * on, crun never.
	 */
	bool tree;
};

/*
 * Compile and check (sim_check). A rule whose action is the filter's, or whose call
 * libseccomp does not know, is left out, as both runtimes do. ERR_INEXACT: libseccomp
 * refuses it.
 */
NODISCARD bool bpf_compile(struct arena *arena, const struct bpf_filter *filter,
			   struct program *ret, struct error *err);

/*
 * AUDIT_ARCH_* of "SCMP_ARCH_X86" or, of NULL, this machine's; 0 if not known. Of x32 it
 * is libseccomp's own token.
 */
uint32_t bpf_arch(const char *name);

/*
 * What a program sees of calls of an architecture: x32 is x86_64 to it, with a bit in the
 * number. *ret_first is the least number.
 */
uint32_t bpf_arch_seen(uint32_t arch, int *ret_first);

/* The call's number on an architecture (bpf_arch()); negative if it has none there. */
int bpf_number(uint32_t arch, const char *call);

/* Whether libseccomp has a call of this name on any architecture. */
bool bpf_knows(const char *call);

/* The name of a number, or NULL. */
const char *bpf_name(struct arena *arena, uint32_t arch, int number);

/* "2.5.4" */
const char *bpf_version(struct arena *arena);

#endif
