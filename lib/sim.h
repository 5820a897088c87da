/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_SIM_H
#define LIB_SIM_H

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "lib/error.h"

/*
 * A classic BPF program of the seccomp kind, run the way the kernel runs it: what would
 * it answer to this call? The kernel's own check comes first (sim_check), so that
 * running needs none: jumps stay inside and only go forward, the last instruction
 * returns, loads are aligned words of struct seccomp_data.
 */
struct program {
	struct sock_filter *items;
	size_t count;
};

/* The kernel takes no longer ones (BPF_MAXINSNS). */
#define PROGRAM_MAX 4096

/* ERR_INEXACT: it is not a program that the kernel would load, or not one we know. */
NODISCARD bool sim_check(const struct program *program, struct error *err);

/* SECCOMP_RET_* with its data, of a program that sim_check() took. */
uint32_t sim_run(const struct program *program, const struct seccomp_data *data);

#endif
