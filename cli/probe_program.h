/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_PROBE_PROGRAM_H
#define CLI_PROBE_PROGRAM_H

#include "lib/text.h"

/*
 * The smallest program, as the bytes of its file: all that it does itself is one system
 * call, so that what a container needs beside it, its runtime needs. Without an argument
 * it ends with status PROGRAM_STATUS (exit_group), with one it waits for ever (ppoll).
 */
#define PROGRAM_STATUS 42

/* Empty where this machine's instructions are not known here. */
struct text program_bytes(struct arena *arena);

#endif
