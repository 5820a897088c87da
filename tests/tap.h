/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

/* ok(condition, "what", ...) for each fact; main() ends with `return tap_done();`. */

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#define ok(condition, ...) \
	tap_ok((condition), #condition, __FILE__, __LINE__, __VA_ARGS__)

static int tap_run, tap_failed;

__attribute__((format(printf, 5, 6))) static inline bool
tap_ok(bool passed, const char *condition, const char *file, int line, const char *fmt,
       ...)
{
	va_list args;

	tap_failed += !passed;
	printf("%s %d - ", passed ? "ok" : "not ok", ++tap_run);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf(passed ? "\n" : "\n# %s:%d: %s\n", file, line, condition);
	fflush(stdout); /* an abort, or a fork, comes after this and not in the middle */
	return passed;
}

static inline int tap_done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed != 0;
}

#endif
