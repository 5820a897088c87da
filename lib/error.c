/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *err, enum errc code, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	return false;
}

bool error_errno(struct error *err, const char *fmt, ...)
{
	int number = errno;
	/* No locale, so that what engines match on never changes. */
	const char *why = strerrordesc_np(number);
	size_t n;
	va_list args;

	switch (number) {
	case ENOENT:
	case ENOTDIR:
		err->code = ERR_NOINPUT;
		break;
	case ENOMEM:
		err->code = ERR_MEMORY;
		break;
	default:
		err->code = ERR_IO;
	}
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	n = strlen(err->msg);
	if (why)
		snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", why);
	else /* 524, which is the kernel's own, gets out of some file systems */
		snprintf(err->msg + n, sizeof(err->msg) - n, ": error %d", number);
	return false;
}

bool error_in(struct error *err, const char *fmt, ...)
{
	char msg[sizeof(err->msg)];
	size_t n;
	va_list args;

	memcpy(msg, err->msg, sizeof(msg));
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", msg);
	return false;
}

bool error_mend(struct error *err, const char *fmt, ...)
{
	size_t n = strlen(err->msg);
	va_list args;

	n += (size_t)snprintf(err->msg + n, sizeof(err->msg) - n, "; ");
	if (n >= sizeof(err->msg))
		return false;
	va_start(args, fmt);
	vsnprintf(err->msg + n, sizeof(err->msg) - n, fmt, args);
	va_end(args);
	return false;
}
