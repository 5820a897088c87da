/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_SYSCALLS_H
#define POLICY_SYSCALLS_H

#include "lib/error.h"
#include "lib/text.h"

/*
 * Which system calls are granted, and on which arguments. Calls are names: they hold on
 * each of the node's architectures, whatever their numbers are there. A call is kept as
 * its index in the sorted table of all names (syscall_names.c), so that sorted by index
 * is sorted by name.
 *
 * What is always so: rules are sorted and distinct, and none is about a call that is
 * granted without condition; refusals are sorted by call, one each, and may name calls
 * that are granted (a grant always wins). { 0 } grants nothing.
 */
#define SYSCALL_MAX 576 /* a multiple of 64; syscall_count() is at most that */
#define SYSCALL_ARGS 6

/* Index of the call of exactly this name, or -1. */
int syscall_find(struct text name);
/* The name; `call` is below syscall_count(). */
const char *syscall_name(unsigned call);
unsigned syscall_count(void);

/* The comparisons of the OCI runtime spec (config-linux.md, seccomp). */
enum compare {
	COMPARE_NE,
	COMPARE_LT,
	COMPARE_LE,
	COMPARE_EQ,
	COMPARE_GE,
	COMPARE_GT,
	COMPARE_MASKED_EQ,
};

/* "SCMP_CMP_EQ"; and -1 if there is no comparison of the name. */
const char *compare_name(enum compare compare);
int compare_find(struct text name);

/*
 * Unsigned, 64 bits wide. MASKED_EQ: (argument & value) == (value_two & value), since
 * libseccomp masks both sides (seccomp_rule_add(3)).
 */
struct condition {
	uint8_t arg;
	uint8_t compare;
	uint64_t value;
	uint64_t value_two; /* 0 unless MASKED_EQ */
};

/* All conditions hold: the call is granted. At most one per argument, in their order. */
struct rule {
	uint16_t call;
	uint8_t count;
	struct condition conditions[SYSCALL_ARGS];
	const char *source; /* the profile it came from, for blame only */
};

struct rules {
	struct rule *items;
	size_t count, capacity;
};

/* The kernel takes one more (MAX_ERRNO); libseccomp refuses that. */
#define ERRNO_MAX 4094

/* The number of an errno by its name (errno(3)), or 0; and its name, or its digits. */
unsigned errno_find(struct text name);
const char *errno_name(struct arena *arena, unsigned number);

/* What a call gets while nobody grants it. */
struct refusal {
	uint16_t call;
	uint16_t number; /* an errno, 1 .. ERRNO_MAX */
};

struct refusals {
	struct refusal *items;
	size_t count, capacity;
};

struct syscalls {
	bool all; /* every call, those of later kernels with them: the top */
	uint64_t always[SYSCALL_MAX / 64];
	struct rules rules;
	struct refusals refusals;
};

/* Grant a call on every argument. */
void syscalls_allow(struct syscalls *syscalls, unsigned call);

bool syscalls_has(const struct syscalls *syscalls, unsigned call);

/* Whether it is granted always or on some arguments. */
bool syscalls_mention(const struct syscalls *syscalls, unsigned call);

/*
 * Grant a call where all conditions of the rule hold. Its conditions are brought into
 * the order of their arguments; a condition that always holds (GE 0) is dropped and a
 * rule that never does (LT 0) with it; a rule without conditions is syscalls_allow().
 * Refused (ERR_CONFIG): the same argument twice, which both runtimes read as OR; more
 * than SYSCALLS_RULES, twice as many as a filter has instructions, since keeping them
 * sorted takes time that grows with their square.
 */
#define SYSCALLS_RULES 8192
NODISCARD bool syscalls_add(struct arena *arena, struct syscalls *syscalls,
			    const struct rule *rule, struct error *err);

/* Its errno, 0 if none is given. */
unsigned syscalls_refusal(const struct syscalls *syscalls, unsigned call);

/* The errno of a call that nobody grants: of two, ENOSYS wins, then the lower. */
void syscalls_refuse(struct arena *arena, struct syscalls *syscalls, unsigned call,
		     unsigned number);

/* The join: what either grants. Commutative, associative, idempotent, { 0 } neutral. */
struct syscalls syscalls_union(struct arena *arena, const struct syscalls *a,
			       const struct syscalls *b);

/* Same grants and refusals, as written (sources do not count). */
bool syscalls_equal(const struct syscalls *a, const struct syscalls *b);

/* Whether one condition holds, and whether the call with these arguments is granted. */
bool condition_holds(const struct condition *condition, uint64_t argument);
bool syscalls_grants(const struct syscalls *syscalls, unsigned call,
		     const uint64_t args[SYSCALL_ARGS]);

int rule_compare(const struct rule *a, const struct rule *b);

#endif
