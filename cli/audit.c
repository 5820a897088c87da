/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/selectors.h"
#include "cli/terminal.h"

struct options {
	const char *source;
	const char *namespace;
	struct labels labels;
	bool other_node, json, brief;
};

static bool parse(struct arena *arena, int argc, char **argv, struct options *ret,
		  struct error *err)
{
	for (int i = 0; i < argc; i++) {
		const char *value;

		if ((value = option_value("--node", argc, argv, &i))) {
			ret->other_node = true;
			if (!labels_read(arena, &command_audit, value, &ret->labels, err))
				return false;
		} else if ((value = option_value("--namespace", argc, argv, &i))) {
			ret->namespace = value;
		} else if (!strcmp(argv[i], "--json")) {
			ret->json = true;
		} else if (!strcmp(argv[i], "--short")) {
			ret->brief = true;
		} else if (argv[i][0] == '-' && argv[i][1]) {
			return usage_unknown(arena, err, &command_audit, argv[i]);
		} else if (ret->source) {
			return usage_error(err, &command_audit, "takes one source");
		} else {
			ret->source = argv[i];
		}
	}
	if (!ret->source)
		return usage_error(err, &command_audit,
				   "takes a bundle, config.json, image or manifest");
	return true;
}

/* A manifest need not say its namespace; who applies it does. */
static void name_namespaces(const struct options *options, const struct gate *gate,
			    struct candidates *candidates)
{
	struct subject given = { .namespace = text_of(options->namespace) };

	given = engine_tells(gate->node.engine, given);
	for (size_t i = 0; i < candidates->count; i++) {
		struct candidate *candidate = &candidates->items[i];

		if (!candidate->request.subject.namespace.length &&
		    !candidate->config.length)
			candidate->request.subject.namespace = given.namespace;
	}
}

static void row(struct arena *arena, struct table *table, const char *name,
		const char *text, enum color color)
{
	*arena_push(arena, table) =
		(struct row){ { { name, COLOR_DIM }, { text, color } } };
}

static const char *asked(struct arena *arena, const struct candidate *candidate)
{
	const struct request *request = &candidate->request;
	struct buffer out = { .arena = arena };

	if (request->sandbox)
		return "nothing, being a pod's sandbox";
	if (!request->count)
		return "nothing, so it gets the ACL's default";
	for (size_t i = 0; i < request->count; i++)
		buffer_printf(&out, "%s%.*s", i ? ", " : "",
			      (int)request->profiles[i].length,
			      request->profiles[i].bytes);
	buffer_printf(&out, " (%s %s)", candidate->asked,
		      text_plain(arena, request->source));
	return out.bytes;
}

static void print_head(struct arena *arena, const struct options *options,
		       const struct audited *audit)
{
	const struct candidate *candidate = audit->candidate;
	const struct subject *subject = &candidate->request.subject;
	struct table table = { .indent = 2 };

	print_colored(COLOR_BOLD, candidate->where);
	putchar('\n');
	if (subject->namespace.length)
		row(arena, &table, "namespace", text_plain(arena, subject->namespace), 0);
	if (subject->container.length)
		row(arena, &table, "container", text_plain(arena, subject->container), 0);
	if (subject->image.length)
		row(arena, &table, "image", text_plain(arena, subject->image), 0);
	row(arena, &table, candidate->author ? "author's wish" : "asks for",
	    asked(arena, candidate), 0);
	if (candidate->note)
		row(arena, &table, "note", candidate->note, COLOR_BAD);
	row(arena, &table, options->other_node ? "there" : "here",
	    audit->refusal ? arena_printf(arena, "refused: %s", audit->refusal)
			   : "allowed",
	    audit->refusal ? COLOR_BAD : COLOR_GOOD);
	if (audit->decision.mode == MODE_WARN)
		row(arena, &table, "mode",
		    "warn: whatever is said here, it starts as it is", 0);
	table_print(&table);
}

static void print_profiles(struct arena *arena, const struct audited *audit)
{
	struct table table = { .indent = 2 };

	if (!audit->count)
		return;
	*arena_push(arena, &table) = (struct row){ {
		{ "profile", COLOR_DIM },
		{ "allowed", COLOR_DIM },
		{ "by", COLOR_DIM },
	} };
	for (size_t i = 0; i < audit->count; i++) {
		const struct audited_profile *profile = &audit->profiles[i];
		const struct ground *ground = &profile->ground;

		*arena_push(arena, &table) = (struct row){ {
			{ text_plain(arena, profile->name), COLOR_PLAIN },
			{ !ground->path	      ? "no"
			  : profile->outgrown ? "grown"
					      : "yes",
			  ground->path && !profile->outgrown ? COLOR_GOOD : COLOR_BAD },
			{ ground_words(arena, ground), COLOR_PLAIN },
		} };
	}
	putchar('\n');
	table_print(&table);
}

static void print_change(struct arena *arena, const char *what,
			 const struct difference *change, enum grants_detail detail)
{
	if (difference_empty(change))
		return;
	printf("    %s since then:\n", what);
	grants_print(arena, change, 6, detail);
}

/* Approvals are for a container, so this is told with each. */
static void print_approvals(struct arena *arena, const struct audited_profile *asked)
{
	const struct approvals *approvals = &asked->approvals;

	if (!approvals->count)
		return;
	printf("\n  %s: approved\n", text_plain(arena, asked->name));
	for (size_t i = 0; i < approvals->count; i++) {
		const struct approval *approval = &approvals->items[i];

		printf("    by %s on %s (%s)%s%s\n", text_plain(arena, approval->who),
		       text_plain(arena, approval->when),
		       ground_words(arena, &approval->ground),
		       approval->why.length ? ": " : "",
		       text_shown(arena, approval->why));
	}
	if (difference_empty(&asked->since.added) &&
	    difference_empty(&asked->since.gone)) {
		puts("    unchanged since then");
		return;
	}
	print_change(arena, "new", &asked->since.added, GRANTS_WHOLE);
	print_change(arena, "gone", &asked->since.gone, GRANTS_WHOLE);
	print_change(arena, "unchanged", &asked->unchanged, GRANTS_BRIEF);
}

static bool told_before(const struct audited *audits, size_t now, struct text name)
{
	for (size_t i = 0; i < now; i++)
		for (size_t j = 0; j < audits[i].count; j++)
			if (text_eq(audits[i].profiles[j].name, name))
				return true;
	return false;
}

/* What each profile grants, told at its first container. */
static void print_grants_of(struct arena *arena, const struct options *options,
			    const struct audited *audits, size_t now)
{
	if (options->brief && audits[now].count)
		putchar('\n');
	for (size_t i = 0; i < audits[now].count; i++) {
		const struct audited_profile *asked = &audits[now].profiles[i];
		struct difference whole = grants_whole(&asked->profile.policy);

		if (told_before(audits, now, asked->name))
			continue;
		fputs(options->brief ? "  " : "\n  ", stdout);
		print_colored(COLOR_BOLD, text_plain(arena, asked->name));
		if (asked->missing) {
			printf(": %s\n", asked->missing);
			continue;
		}
		/* Its author's words, which are a line (profiles/profile.c). */
		printf(": %s\n", text_shown(arena, text_of(asked->profile.summary)));
		if (!options->brief)
			grants_print(arena, &whole, 4, GRANTS_WORDS);
	}
}

/* The command that allows a container to just whom it was asked about. */
static void print_approve(struct arena *arena, const struct options *options,
			  const struct audited *audit)
{
	const struct subject *subject = &audit->candidate->request.subject;
	struct text source = text_of(options->source);

	if (text_is(source, "-"))
		fputs("  to approve, from a file: powerbox approve", stdout);
	else
		fputs("  to approve: powerbox approve", stdout);
	if (options->namespace && text_is(subject->namespace, options->namespace))
		printf(" --namespace %s", text_plain(arena, subject->namespace));
	for (size_t i = 0; i < options->labels.count; i++) {
		const struct label *label = &options->labels.items[i];

		printf("%s%s=%s", i ? "," : " --nodes ", text_plain(arena, label->name),
		       text_plain(arena, label->value));
	}
	/* What could be a profile's name is taken for one. */
	printf(" %s%s\n", profile_name_valid(source) ? "./" : "",
	       text_is(source, "-") ? "FILE" : text_plain(arena, source));
}

static void print_comparison(struct arena *arena, const struct options *options,
			     const struct audited *audit)
{
	const struct settings *settings = &audit->candidate->settings;

	if (audit->incomparable) {
		printf("\n  what the engine would give can't be told: %s\n",
		       audit->incomparable);
		return;
	}
	printf("\n  %s would give beyond that%s:\n", settings->from,
	       options->brief ? "" : " (* under conditions)");
	grants_print(arena, &audit->beyond, 4,
		     options->brief ? GRANTS_SHORT : GRANTS_BRIEF);
	if (settings->filter == FILTER_UNKNOWN)
		puts("    and whatever system calls its own filter lets through");
	if (difference_empty(&audit->adding))
		return;
	puts("\n  approving it would add:");
	grants_print(arena, &audit->adding, 4,
		     options->brief ? GRANTS_SHORT : GRANTS_WORDS);
	print_approve(arena, options, audit);
}

static void print_all(struct arena *arena, const struct options *options,
		      const struct audited *audits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			putchar('\n');
		print_head(arena, options, &audits[i]);
		print_profiles(arena, &audits[i]);
		print_grants_of(arena, options, audits, i);
		for (size_t j = 0; j < audits[i].count; j++)
			print_approvals(arena, &audits[i].profiles[j]);
		print_comparison(arena, options, &audits[i]);
	}
}

static bool run(struct arena *arena, int argc, char **argv, struct error *err)
{
	struct progress progress = progress_start("comparing containers");
	struct buffer json = { .arena = arena };
	struct options options = { 0 };
	struct candidates candidates;
	struct audited *audits;
	bool refused = false, good = true;
	struct gate gate;

	if (!parse(arena, argc, argv, &options, err) || !cli_gate(arena, &gate, err) ||
	    !source_read(arena, &gate, options.source, &candidates, err))
		return false;
	if (options.other_node)
		gate.node.labels = options.labels;
	if (options.namespace)
		name_namespaces(&options, &gate, &candidates);
	audits = arena_new(arena, struct audited, candidates.count);
	for (size_t i = 0; good && i < candidates.count; i++) {
		progress_steps(&progress, i, candidates.count);
		good = audit_make(arena, &gate, &candidates.items[i], &audits[i], err);
		refused = refused || audits[i].refusal;
	}
	progress_end(&progress);
	if (!good)
		return false;
	if (options.json) {
		audit_json(&json, options.source, &gate.node.labels, audits,
			   candidates.count);
		fputs(json.bytes, stdout);
	} else {
		print_all(arena, &options, audits, candidates.count);
	}
	return !refused || error_set(err, ERR_DENIED, "%s", "");
}

const struct command command_audit = {
	.name = "audit",
	.arguments = "[OPTION...] SOURCE",
	.summary = "Show what a workload asks for, and whether it is allowed here",
	.help = "\nSOURCE is a bundle, a config.json, an OCI image (layout or archive), "
		"or a\n"
		"manifest of Kubernetes (JSON or YAML); \"-\" is standard input. Shows "
		"for each\n"
		"container what its profiles grant, which line of the ACL allows them, "
		"what the\n"
		"engine would give by itself, and what approving would add. Exit status "
		"1: a\n"
		"container would be refused.\n\n"
		"  --node LABELS     ask for a node that has these labels, not this "
		"one's\n"
		"  --namespace NAME  the namespace of manifests that name none\n"
		"  --short           of system calls only how many of which kind\n"
		"  --json            for programs (" POWERBOX_DATADIR
		"/schema/audit.json)\n",
	.run = run,
};
