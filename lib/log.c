/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/text.h"

static void write_once(int fd, struct text text)
{
	/* Nobody to tell if it fails, and a decision must not depend on it. */
	(void)!write(fd, text.bytes, text.length);
}

static void append_runtime_log(struct arena *arena, const struct log *log,
			       const char *line)
{
	struct buffer out = { .arena = arena };
	char stamp[sizeof("1970-01-01T00:00:00Z")];
	time_t now = time(NULL);
	struct tm utc = { 0 };
	/* The runtimes make the file if it is not there; a FIFO must not block us. */
	CLOSE int fd = open(
		log->path,
		O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);

	if (fd < 0)
		return;
	gmtime_r(&now, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (log->json) {
		buffer_puts(&out, "{\"level\":\"error\",\"msg\":");
		buffer_json(&out, text_of(line));
		buffer_printf(&out, ",\"time\":\"%s\"}\n", stamp);
	} else {
		buffer_printf(&out, "time=\"%s\" level=error msg=", stamp);
		buffer_json(&out, text_of(line));
		buffer_puts(&out, "\n");
	}
	write_once(fd, buffer_text(&out));
}

void log_refusal(struct arena *arena, const struct log *log, const char *line)
{
	struct buffer out = { .arena = arena };

	/* Nothing is executed after a refusal, so nobody inherits this. */
	signal(SIGPIPE, SIG_IGN);
	buffer_printf(&out, "powerbox: %s\n", line);
	write_once(STDERR_FILENO, buffer_text(&out));
	if (log->path && *log->path)
		append_runtime_log(arena, log, arena_printf(arena, "powerbox: %s", line));
	openlog(log->program, LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_ERR, "%s", line);
	closelog();
}

void log_notice(const struct log *log, const char *line)
{
	openlog(log->program, LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE, "%s", line);
	/* Before a program is executed: no descriptor of ours stays (it is CLOEXEC too).
	 */
	closelog();
}
