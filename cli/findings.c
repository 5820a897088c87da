/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"

static void PRINTF(3, 0) add(struct findings *findings, enum finding_kind kind,
			     const char *fmt, va_list args)
{
	char text[sizeof(((struct error *)NULL)->msg)];

	vsnprintf(text, sizeof(text), fmt, args);
	*arena_push(findings->arena, findings) = (struct finding){
		.kind = kind,
		.area = findings->area,
		.text = arena_printf(findings->arena, "%s", text),
	};
	findings->bad += kind == FINDING_BAD;
}

void found_ok(struct findings *findings, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(findings, FINDING_OK, fmt, args);
	va_end(args);
}

void found_note(struct findings *findings, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(findings, FINDING_NOTE, fmt, args);
	va_end(args);
}

void found_bad(struct findings *findings, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(findings, FINDING_BAD, fmt, args);
	va_end(args);
}

void found_error(struct findings *findings, const struct error *err)
{
	/* One folder can be in the way of several things. */
	for (size_t i = 0; i < findings->count; i++)
		if (!strcmp(findings->items[i].text, err->msg))
			return;
	found_bad(findings, "%s", err->msg);
}

void findings_print(const struct findings *findings)
{
	static const struct {
		const char *word;
		enum color color;
	} kinds[] = {
		[FINDING_OK] = { "ok  ", COLOR_GOOD },
		[FINDING_NOTE] = { "note", COLOR_BOLD },
		[FINDING_BAD] = { "BAD ", COLOR_BAD },
	};

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		print_colored(kinds[finding->kind].color, kinds[finding->kind].word);
		printf("  %s\n", finding->text);
	}
}

void findings_print_json(const struct findings *findings)
{
	static const char *const words[] = { "ok", "note", "bad" };
	struct buffer out = { .arena = findings->arena };

	buffer_printf(&out, "{\"version\":1,\"bad\":%zu,\"findings\":[", findings->bad);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		buffer_printf(&out, "%s\n{\"kind\":\"%s\",\"area\":\"%s\",\"text\":",
			      i ? "," : "", words[finding->kind], finding->area);
		buffer_json_ascii(&out, text_of(finding->text));
		buffer_puts(&out, "}");
	}
	buffer_puts(&out, "\n]}\n");
	fputs(out.bytes, stdout);
}
