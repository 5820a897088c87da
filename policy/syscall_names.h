/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_SYSCALL_NAMES_H
#define POLICY_SYSCALL_NAMES_H

/* The table behind policy/syscalls.h, and for its eyes only. */
extern const char *const syscall_names[];
extern const unsigned syscall_names_count;

#endif
