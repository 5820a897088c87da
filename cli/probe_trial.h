/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PROBE_TRIAL_H
#define CLI_PROBE_TRIAL_H

#include "gate/node.h"
#include "policy/syscalls.h"

/*
 * A trial: does the runtime start containers whose filter lets through these calls and no
 * other? It runs them in every way in which the runtime's own calls differ: run, create
 * and start, exec; as root and as another user; with noNewPrivileges, when the filter is
 * loaded last, and without; with a terminal and without.
 *
 * Trials run in a world of their own, below: what they leave behind goes with it.
 */
struct calls {
	uint64_t bits[SYSCALL_MAX / 64];
};

static inline bool calls_have(const struct calls *calls, unsigned call)
{
	return calls->bits[call / 64] >> call % 64 & 1;
}

static inline void calls_set(struct calls *calls, unsigned call, bool on)
{
	uint64_t bit = UINT64_C(1) << call % 64;

	calls->bits[call / 64] =
		on ? calls->bits[call / 64] | bit : calls->bits[call / 64] & ~bit;
}

struct bench {
	const char *runtime;
	enum runtime_kind kind;
	const struct syscalls *known; /* where it has rules for a call, these are meant */
	struct calls whole;	      /* but for these */
};

/* What a set of calls grants. */
struct syscalls bench_syscalls(struct arena *arena, const struct bench *bench,
			       const struct calls *calls);

/* In the new world: /tmp is its own, and empty; the program lies in /tmp/rootfs. */
NODISCARD bool trial_prepare(struct arena *arena, struct error *err);

/*
 * One trial in the folder /tmp/<id>. ERR_RUNTIME: a container did not start; the message
 * says which and, if the runtime has left any, its words.
 */
NODISCARD bool trial_run(struct arena *arena, const struct bench *bench,
			 const struct calls *calls, const char *id, struct error *err);

/* The cgroups that trials have left, all below folders of this name. */
#define TRIAL_CGROUP "powerbox-probe"
void trial_remove_cgroups(void);

#endif
