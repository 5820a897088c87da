/* SPDX-License-Identifier: Apache-2.0 */

/* What the subcommands share: reading what they are given, and saying it in words. */

#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "lib/file.h"

bool usage_error(struct error *err, const struct command *command, const char *fmt, ...)
{
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return error_set(err, ERR_USAGE, "%s: %s; powerbox %s --help tells more",
			 command->name, what, command->name);
}

bool usage_unknown(struct arena *arena, struct error *err, const struct command *command,
		   const char *argument)
{
	const char *shown = text_quote(arena, text_of(argument));

	if (argument[0] != '-' || !argument[1])
		return usage_error(err, command, "takes no %s", shown);
	return usage_error(err, command, "no option %s, or no value", shown);
}

bool cli_gate(struct arena *arena, struct gate *ret, struct error *err)
{
	struct node node;

	if (!node_read(arena, &node, err))
		return false;
	if (gate_open(arena, &node, ret, err))
		return true;
	if (err->code != ERR_NOINPUT)
		return false;
	return gate_without_acl(arena, &node, ret, err);
}

bool cli_profiles(struct arena *arena, struct gate *ret, struct error *err)
{
	struct node node;

	return node_read(arena, &node, err) && gate_without_acl(arena, &node, ret, err);
}

const char *option_value(const char *name, int argc, char **argv, int *i)
{
	size_t length = strlen(name);

	if (strncmp(argv[*i], name, length) != 0)
		return NULL;
	if (argv[*i][length] == '=')
		return argv[*i] + length + 1;
	if (argv[*i][length] || *i + 1 == argc)
		return NULL;
	return argv[++*i];
}

bool cli_done(const char *what, struct error *err)
{
	puts(what);
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	return error_set(err, ERR_IO, "%s; only this output is lost", what);
}

bool cli_read(struct arena *arena, const char *path, size_t limit, struct text *ret,
	      struct error *err)
{
	CLOSE int fd = -1;

	if (!strcmp(path, "-"))
		return file_read_fd(arena, 0, "standard input", limit, ret, err);
	fd = file_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_errno(err, "%s", text_quote(arena, text_of(path)));
	return file_read_fd(arena, fd, text_shown(arena, text_of(path)), limit, ret, err);
}

/*
 * What engines give a container by default. moby: oci/caps/defaults.go, and containerd:
 * pkg/oci/spec.go; CRI-O: internal/config/capabilities; podman: containers-common,
 * pkg/config/default.go.
 */
#define CAP(name) (UINT64_C(1) << CAP_##name)
#define CAPS_EVERYBODYS                                                             \
	(CAP(CHOWN) | CAP(DAC_OVERRIDE) | CAP(FSETID) | CAP(FOWNER) | CAP(SETGID) | \
	 CAP(SETUID) | CAP(SETPCAP) | CAP(NET_BIND_SERVICE) | CAP(KILL))
#define CAPS_DOCKER                                                                     \
	(CAPS_EVERYBODYS | CAP(MKNOD) | CAP(NET_RAW) | CAP(SETFCAP) | CAP(SYS_CHROOT) | \
	 CAP(AUDIT_WRITE))

static const struct {
	const char *engine;
	struct capset caps;
} default_caps[] = {
	{ "docker", { CAPS_DOCKER } },
	{ "containerd", { CAPS_DOCKER } },
	{ "cri-o", { CAPS_EVERYBODYS } },
	{ "podman", { CAPS_EVERYBODYS | CAP(SETFCAP) | CAP(SYS_CHROOT) } },
};

struct capset engine_caps(struct text engine)
{
	for (size_t i = 0; i < ARRAY_SIZE(default_caps); i++)
		if (text_is(engine, default_caps[i].engine))
			return default_caps[i].caps;
	return (struct capset){ 0 };
}

bool cli_caps(struct arena *arena, const char *list, struct capset *ret,
	      struct error *err)
{
	struct capset caps = { 0 };

	if (!strcmp(list, "all")) {
		*ret = CAPSET_ALL;
		return true;
	}
	if (!strcmp(list, "none"))
		list = "";
	if (!strcmp(list, "docker")) {
		*ret = engine_caps(text_of(list));
		return true;
	}
	while (*list) {
		size_t length = strcspn(list, ",");
		int number = capset_find((struct text){ list, length });

		if (number < 0)
			return error_set(
				err, ERR_USAGE,
				"%s is no capability (\"CAP_CHOWN\" is one)",
				text_quote(arena, (struct text){ list, length }));
		caps.bits |= UINT64_C(1) << number;
		list += length + (list[length] == ',');
	}
	*ret = caps;
	return true;
}

void write_key(struct buffer *out, const char *name)
{
	bool first = !out->length || strchr("{[", out->bytes[out->length - 1]);

	buffer_printf(out, "%s\"%s\": ", first ? "" : ", ", name);
}

void write_member(struct buffer *out, const char *name, struct text text)
{
	write_key(out, name);
	if (text.bytes)
		buffer_json_ascii(out, text);
	else
		buffer_puts(out, "null");
}

void write_truth(struct buffer *out, const char *name, bool truth)
{
	write_key(out, name);
	buffer_puts(out, truth ? "true" : "false");
}

void write_texts(struct buffer *out, const char *name, const struct texts *texts)
{
	write_key(out, name);
	buffer_puts(out, "[");
	for (size_t i = 0; i < texts->count; i++) {
		buffer_puts(out, i ? ", " : "");
		buffer_json_ascii(out, texts->items[i]);
	}
	buffer_puts(out, "]");
}

void write_labels(struct buffer *out, const char *name, const struct labels *labels)
{
	write_key(out, name);
	buffer_puts(out, "{");
	for (size_t i = 0; i < labels->count; i++) {
		buffer_puts(out, i ? ", " : "");
		buffer_json_ascii(out, labels->items[i].name);
		buffer_puts(out, ": ");
		buffer_json_ascii(out, labels->items[i].value);
	}
	buffer_puts(out, "}");
}

const char *ground_words(struct arena *arena, const struct ground *ground)
{
	if (!ground->path)
		return "-";
	if (!ground->line)
		return ground->path;
	return arena_printf(arena, "%s:%zu", ground->path, ground->line);
}

const char *runtime_profile(struct arena *arena, enum runtime_kind kind)
{
	return arena_printf(arena, "runtime-%s", runtime_kind_name(kind));
}

void syscalls_print(struct arena *arena, const struct syscalls *syscalls, unsigned indent)
{
	struct wrap wrap = { .indent = indent };
	bool any = syscalls->rules.count;

	for (unsigned call = 0; call < syscall_count(); call++) {
		if (!(syscalls->always[call / 64] >> call % 64 & 1))
			continue;
		wrap_word(&wrap, syscall_name(call));
		any = true;
	}
	wrap_end(&wrap);
	for (size_t i = 0; i < syscalls->rules.count; i++)
		printf("%*s%s\n", (int)indent, "",
		       rule_words(arena, &syscalls->rules.items[i]));
	if (!any)
		printf("%*snone\n", (int)indent, "");
}

void wrap_word(struct wrap *wrap, const char *word)
{
	unsigned length = (unsigned)strlen(word);

	if (wrap->column && wrap->column + 1 + length > 80) {
		putchar('\n');
		wrap->column = 0;
	}
	if (!wrap->column) {
		printf("%*s%s", (int)wrap->indent, "", word);
		wrap->column = wrap->indent + length;
	} else {
		printf(" %s", word);
		wrap->column += 1 + length;
	}
}

void wrap_glue(struct wrap *wrap, const char *more)
{
	fputs(more, stdout);
	wrap->column += (unsigned)strlen(more);
}

void wrap_end(struct wrap *wrap)
{
	if (wrap->column)
		putchar('\n');
	wrap->column = 0;
}
