/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STAMP_H
#define LIB_STAMP_H

#include <time.h>

#include "lib/error.h"
#include "lib/text.h"

/*
 * Points in time as text: RFC 3339 in UTC with microseconds,
 * "2026-11-21T14:12:52.123456Z". Always as long as that, so that texts stand in the order
 * of their times. No locale and no time zone of the process has a say.
 */
#define STAMP_LENGTH 27

const char *stamp_write(struct arena *arena, struct timespec when);

/* What stamp_write() wrote, or any other time of RFC 3339, whatever its zone. */
bool stamp_read(struct text text, struct timespec *ret);

/*
 * What a person means by "since": a time of RFC 3339, a day ("2026-11-21", in UTC), or
 * how long before `now`: "90s", "15m", "2h", "7d". ERR_USAGE.
 */
NODISCARD bool stamp_since(struct arena *arena, struct text text, struct timespec now,
			   struct timespec *ret, struct error *err);

#endif
