/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stamp.h"

#include <stdio.h>
#include <string.h>

#define NANO 1000000000L

const char *stamp_write(struct arena *arena, struct timespec when)
{
	struct tm utc = { 0 };

	gmtime_r(&when.tv_sec, &utc);
	return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ",
			    utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
			    utc.tm_min, utc.tm_sec, when.tv_nsec / 1000);
}

/* What is left to read; `bad` once something was not as it has to be. */
struct reader {
	struct text rest;
	bool bad;
};

static char peek(const struct reader *reader)
{
	return reader->rest.length ? *reader->rest.bytes : '\0';
}

static void advance(struct reader *reader)
{
	reader->rest.bytes++;
	reader->rest.length--;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next character, which must be one of these. */
static char take(struct reader *reader, const char *any)
{
	char c = peek(reader);

	if (!c || !strchr(any, c)) {
		reader->bad = true;
		return '\0';
	}
	advance(reader);
	return c;
}

static int number(struct reader *reader, unsigned digits, int most)
{
	int value = 0;

	for (unsigned i = 0; i < digits; i++) {
		if (!is_digit(peek(reader))) {
			reader->bad = true;
			return 0;
		}
		value = value * 10 + (peek(reader) - '0');
		advance(reader);
	}
	reader->bad = reader->bad || value > most;
	return value;
}

static time_t read_day(struct reader *reader)
{
	struct tm day = { 0 }, back;
	time_t at;

	day.tm_year = number(reader, 4, 9999) - 1900;
	(void)take(reader, "-");
	day.tm_mon = number(reader, 2, 12) - 1;
	(void)take(reader, "-");
	day.tm_mday = number(reader, 2, 31);
	back = day;
	at = timegm(&back);
	/* There is no 30th of February: timegm() would take it for one of March. */
	if (back.tm_mon != day.tm_mon || back.tm_mday != day.tm_mday)
		reader->bad = true;
	return at;
}

static long read_fraction(struct reader *reader)
{
	long unit = NANO, value = 0;

	if (peek(reader) != '.')
		return 0;
	advance(reader);
	reader->bad = reader->bad || !is_digit(peek(reader));
	for (; is_digit(peek(reader)); advance(reader)) {
		unit /= 10;
		value += unit * (peek(reader) - '0');
	}
	return value;
}

/* Seconds east of Greenwich. */
static time_t read_zone(struct reader *reader)
{
	char sign = take(reader, "Zz+-");
	int hours, minutes;

	if (sign != '+' && sign != '-')
		return 0;
	hours = number(reader, 2, 23);
	(void)take(reader, ":");
	minutes = number(reader, 2, 59);
	return (sign == '+' ? 1 : -1) * (hours * 3600 + minutes * 60);
}

bool stamp_read(struct text text, struct timespec *ret)
{
	struct reader reader = { .rest = text };
	struct timespec when = { .tv_sec = read_day(&reader) };

	(void)take(&reader, "Tt ");
	when.tv_sec += number(&reader, 2, 23) * 3600;
	(void)take(&reader, ":");
	when.tv_sec += number(&reader, 2, 59) * 60;
	(void)take(&reader, ":");
	when.tv_sec += number(&reader, 2, 60);
	when.tv_nsec = read_fraction(&reader);
	when.tv_sec -= read_zone(&reader);
	if (reader.bad || reader.rest.length)
		return false;
	*ret = when;
	return true;
}

static bool read_ago(struct text text, struct timespec now, struct timespec *ret)
{
	static const struct {
		char name;
		time_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	time_t count = 0;

	/* Eight digits are centuries of days, and never too much for a time_t. */
	if (text.length < 2 || text.length > 9)
		return false;
	for (size_t i = 0; i + 1 < text.length; i++) {
		if (!is_digit(text.bytes[i]))
			return false;
		count = count * 10 + (text.bytes[i] - '0');
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (text.bytes[text.length - 1] != units[i].name)
			continue;
		count *= units[i].seconds;
		/* Before 1970 there is nothing. */
		*ret = (struct timespec){ .tv_sec = count < now.tv_sec
							    ? now.tv_sec - count
							    : 0,
					  .tv_nsec = now.tv_nsec };
		return true;
	}
	return false;
}

bool stamp_since(struct arena *arena, struct text text, struct timespec now,
		 struct timespec *ret, struct error *err)
{
	struct reader day = { .rest = text };
	struct timespec at = { .tv_sec = read_day(&day) };

	if (!day.bad && !day.rest.length) {
		*ret = at;
		return true;
	}
	return stamp_read(text, ret) || read_ago(text, now, ret) ||
	       error_set(err, ERR_USAGE,
			 "%s is no time; write 2026-11-21T14:30:00Z, 2026-11-21, or how "
			 "long ago: 90s, 15m, 2h, 7d",
			 text_quote(arena, text));
}
