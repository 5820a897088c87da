/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

#include <fcntl.h>
#include <paths.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/text.h"

#define PATIENCE_MS 500

/*
 * Nobody to tell if it fails, and a decision must not depend on it, nor wait for it: a
 * pipe that has no room for the line after PATIENCE_MS is one that nobody reads. Lines
 * are shorter than PIPE_BUF, so what poll() promises is room for all of one.
 */
static void write_once(int fd, struct text text)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	if (poll(&room, 1, PATIENCE_MS) == 1)
		(void)!write(fd, text.bytes, text.length);
}

/*
 * syslog(3) waits for a daemon that does not read, and would hold up every start on the
 * node with it. A datagram for /dev/log, as it is read by rsyslogd and journald (RFC 3164
 * without the time, which both add), is taken at once or not at all.
 */
static void send_syslog(const struct log *log, int priority, const char *line)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = _PATH_LOG };
	CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char head[64];
	struct iovec parts[2] = { { .iov_base = head }, { .iov_len = strlen(line) } };
	struct msghdr message = { .msg_name = &address,
				  .msg_namelen = sizeof(address),
				  .msg_iov = parts,
				  .msg_iovlen = ARRAY_SIZE(parts) };

	parts[0].iov_len = (size_t)snprintf(head, sizeof(head),
					    "<%d>%s[%d]: ", LOG_AUTHPRIV | priority,
					    log->program, (int)getpid());
	memcpy(&parts[1].iov_base, &line, sizeof(line));
	if (fd >= 0)
		(void)!sendmsg(fd, &message, MSG_NOSIGNAL);
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

	/* Nothing is executed after a refusal, so nobody inherits these. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	buffer_printf(&out, "powerbox: %s\n", line);
	write_once(STDERR_FILENO, buffer_text(&out));
	if (log->path && *log->path)
		append_runtime_log(arena, log, arena_printf(arena, "powerbox: %s", line));
	send_syslog(log, LOG_ERR, line);
}

void log_notice(const struct log *log, const char *line)
{
	send_syslog(log, LOG_NOTICE, line);
}
