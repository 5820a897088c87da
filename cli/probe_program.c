/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/probe_program.h"

#include <elf.h>
#include <string.h>

/*
 * argc is on top of the stack. Each architecture: compare it with 1; exit_group(42); and
 * ppoll(NULL, 0, NULL, NULL, 0), again if it returns.
 */
#if defined(__x86_64__)
#define MACHINE EM_X86_64
static const unsigned char code[] = {
	0x83, 0x3c, 0x24, 0x01,	      /*    cmpl $1, (%rsp) */
	0x75, 0x0c,		      /*    jne 1f */
	0xbf, 0x2a, 0x00, 0x00, 0x00, /*    mov $42, %edi */
	0xb8, 0xe7, 0x00, 0x00, 0x00, /*    mov $231, %eax */
	0x0f, 0x05,		      /*    syscall */
	0x31, 0xff,		      /* 1: xor %edi, %edi */
	0x31, 0xf6,		      /*    xor %esi, %esi */
	0x31, 0xd2,		      /*    xor %edx, %edx */
	0x4d, 0x31, 0xd2,	      /*    xor %r10, %r10 */
	0x4d, 0x31, 0xc0,	      /*    xor %r8, %r8 */
	0xb8, 0x0f, 0x01, 0x00, 0x00, /*    mov $271, %eax */
	0x0f, 0x05,		      /*    syscall */
	0xeb, 0xeb,		      /*    jmp 1b */
};
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define MACHINE EM_AARCH64
static const unsigned char code[] = {
	0xe0, 0x03, 0x40, 0xf9, /*    ldr x0, [sp] */
	0x1f, 0x04, 0x00, 0xf1, /*    cmp x0, #1 */
	0x81, 0x00, 0x00, 0x54, /*    b.ne 1f */
	0x40, 0x05, 0x80, 0xd2, /*    mov x0, #42 */
	0xc8, 0x0b, 0x80, 0xd2, /*    mov x8, #94 */
	0x01, 0x00, 0x00, 0xd4, /*    svc #0 */
	0x00, 0x00, 0x80, 0xd2, /* 1: mov x0, #0 */
	0x01, 0x00, 0x80, 0xd2, /*    mov x1, #0 */
	0x02, 0x00, 0x80, 0xd2, /*    mov x2, #0 */
	0x03, 0x00, 0x80, 0xd2, /*    mov x3, #0 */
	0x04, 0x00, 0x80, 0xd2, /*    mov x4, #0 */
	0x28, 0x09, 0x80, 0xd2, /*    mov x8, #73 */
	0x01, 0x00, 0x00, 0xd4, /*    svc #0 */
	0xf9, 0xff, 0xff, 0x17, /*    b 1b */
};
#else
#define MACHINE EM_NONE
static const unsigned char code[1];
#endif

#define ADDRESS 0x400000

struct headers {
	Elf64_Ehdr file;
	Elf64_Phdr segment;
};

struct text program_bytes(struct arena *arena)
{
	const struct headers headers = {
		.file = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
				       ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_EXEC,
			  .e_machine = MACHINE,
			  .e_version = EV_CURRENT,
			  .e_entry = ADDRESS + sizeof(headers),
			  .e_phoff = offsetof(struct headers, segment),
			  .e_ehsize = sizeof(headers.file),
			  .e_phentsize = sizeof(headers.segment),
			  .e_phnum = 1 },
		.segment = { .p_type = PT_LOAD,
			     .p_flags = PF_R | PF_X,
			     .p_vaddr = ADDRESS,
			     .p_paddr = ADDRESS,
			     .p_filesz = sizeof(headers) + sizeof(code),
			     .p_memsz = sizeof(headers) + sizeof(code),
			     .p_align = 0x1000 },
	};
	struct buffer out = { .arena = arena };

	if (MACHINE == EM_NONE)
		return (struct text){ NULL, 0 };
	buffer_add(&out, (const char *)&headers, sizeof(headers));
	buffer_add(&out, (const char *)code, sizeof(code));
	return buffer_text(&out);
}
