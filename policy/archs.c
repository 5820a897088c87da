/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/archs.h"

#include <string.h>

/*
 * runtime-spec, config-linux.md, "architectures"; word size and socketcall/ipc after
 * arch/<arch>/entry/syscalls of Linux 6.18 and libseccomp 2.5.4's arch definitions; where
 * half is seen after syscall_get_arguments() of the architecture.
 */
static const struct {
	const char *name;
	unsigned word_bits;
	bool multiplexes, half_seen;
} table[] = {
	{ "SCMP_ARCH_X86_64", 64, false, false },
	{ "SCMP_ARCH_X86", 32, true, false },
	{ "SCMP_ARCH_X32", 32, false, true },
	{ "SCMP_ARCH_AARCH64", 64, false, false },
	{ "SCMP_ARCH_ARM", 32, false, false },
	{ "SCMP_ARCH_MIPS", 32, true, false },
	{ "SCMP_ARCH_MIPS64", 64, false, false },
	{ "SCMP_ARCH_MIPS64N32", 32, false, true },
	{ "SCMP_ARCH_MIPSEL", 32, true, false },
	{ "SCMP_ARCH_MIPSEL64", 64, false, false },
	{ "SCMP_ARCH_MIPSEL64N32", 32, false, true },
	{ "SCMP_ARCH_PARISC", 32, false, false },
	{ "SCMP_ARCH_PARISC64", 64, false, false },
	{ "SCMP_ARCH_PPC", 32, true, false },
	{ "SCMP_ARCH_PPC64", 64, true, false },
	{ "SCMP_ARCH_PPC64LE", 64, true, false },
	{ "SCMP_ARCH_RISCV64", 64, false, false },
	{ "SCMP_ARCH_S390", 32, true, false },
	{ "SCMP_ARCH_S390X", 64, true, false },
};

/* socketcall(2), ipc(2), and the calls that have a number of their own inside. */
static const char *const multiplexed[] = {
	"accept",      "accept4",    "bind",	   "connect",	 "getpeername",
	"getsockname", "getsockopt", "ipc",	   "listen",	 "msgctl",
	"msgget",      "msgrcv",     "msgsnd",	   "recv",	 "recvfrom",
	"recvmmsg",    "recvmsg",    "semctl",	   "semget",	 "semop",
	"semtimedop",  "send",	     "sendmmsg",   "sendmsg",	 "sendto",
	"setsockopt",  "shmat",	     "shmctl",	   "shmdt",	 "shmget",
	"shutdown",    "socket",     "socketcall", "socketpair",
};

#if defined(__x86_64__) && !defined(__ILP32__)
#define NATIVE "SCMP_ARCH_X86_64"
#elif defined(__i386__)
#define NATIVE "SCMP_ARCH_X86"
#elif defined(__aarch64__)
#define NATIVE "SCMP_ARCH_AARCH64"
#elif defined(__arm__)
#define NATIVE "SCMP_ARCH_ARM"
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE "SCMP_ARCH_RISCV64"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define NATIVE "SCMP_ARCH_PPC64LE"
#elif defined(__s390x__)
#define NATIVE "SCMP_ARCH_S390X"
#else
#error "add this architecture to the table of policy/archs.c"
#endif

struct archs archs_native(void)
{
	struct archs archs = { 0 };

	(void)archs_add(&archs, text_of(NATIVE));
	return archs;
}

bool archs_add(struct archs *archs, struct text name)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (text_is(name, table[i].name)) {
			archs->bits |= UINT32_C(1) << i;
			return true;
		}
	}
	return false;
}

const char *archs_name(struct archs archs, unsigned n)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (archs.bits >> i & 1 && !n--)
			return table[i].name;
	return NULL;
}

unsigned archs_count(struct archs archs, unsigned word_bits)
{
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		count += archs.bits >> i & 1 && table[i].word_bits == word_bits;
	return count;
}

unsigned archs_word_bits(struct archs archs)
{
	return archs_count(archs, 32) ? 32 : 64;
}

bool archs_half_seen(struct archs archs)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (archs.bits >> i & 1 && table[i].half_seen)
			return true;
	return false;
}

bool archs_multiplex(struct archs archs, const char *call)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		any = any || (archs.bits >> i & 1 && table[i].multiplexes);
	for (size_t i = 0; any && i < ARRAY_SIZE(multiplexed); i++)
		if (!strcmp(call, multiplexed[i]))
			return true;
	return false;
}
