/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/argv.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define WORDS_MAX 64

/* A line in words, "_" for an empty one, and its normal form, or "" if it is refused. */
struct sample {
	const char *line;
	enum effect effect;
	const char *normal;
};

static const struct sample runc_samples[] = {
	{ "create --bundle X id", EFFECT_CREATES, "create --bundle=X -- id" },
	{ "create -b X id", EFFECT_CREATES, "create --bundle=X -- id" },
	{ "create -b=X id", EFFECT_CREATES, "create --bundle=X -- id" },
	{ "create -bundle=X id", EFFECT_CREATES, "create --bundle=X -- id" },
	{ "create --b X id", EFFECT_CREATES, "create --bundle=X -- id" },
	{ "create id --bundle X", EFFECT_CREATES, "create --bundle=X -- id" },
	{ "create -b X --no-pivot -- id", EFFECT_CREATES,
	  "create --bundle=X --no-pivot -- id" },
	{ "create -b X -b Y id", EFFECT_CREATES, "create --bundle=X --bundle=Y -- id" },
	{ "create -bX id", EFFECT_CREATES, "" },
	{ "create -b X --bundle Y id", EFFECT_CREATES, "" },
	{ "create --bundl X id", EFFECT_CREATES, "" },
	{ "create --config X id", EFFECT_CREATES, "" },
	{ "create --bundle -d id", EFFECT_CREATES, "" },
	{ "create --bundle=-d id", EFFECT_CREATES, "create --bundle=-d -- id" },
	{ "create ---bundle X id", EFFECT_CREATES, "" },
	{ "create --=X id", EFFECT_CREATES, "" },
	{ "create -=X id", EFFECT_CREATES, "" },
	{ "create --bundle", EFFECT_CREATES, "" },
	{ "create --bundle= id", EFFECT_CREATES, "" },
	{ "create --bundle _ id", EFFECT_CREATES, "" },
	{ "create id --", EFFECT_CREATES, "" },
	{ "create id --root R", EFFECT_CREATES, "" },
	{ "create id jd", EFFECT_CREATES, "" },
	{ "create", EFFECT_CREATES, "" },
	{ "create -- -id", EFFECT_CREATES, "" },
	{ "create _", EFFECT_CREATES, "" },
	{ "create .", EFFECT_CREATES, "" },
	{ "create ..", EFFECT_CREATES, "" },
	{ "create a/b", EFFECT_CREATES, "" },
	{ "create -", EFFECT_CREATES, "" },
	{ "run -d id", EFFECT_CREATES, "run --detach -- id" },
	{ "run -d -- id", EFFECT_CREATES, "run --detach -- id" },
	{ "run id -d", EFFECT_CREATES, "run --detach -- id" },
	{ "run -d id -b X", EFFECT_CREATES, "" },
	{ "run -d=T --detach=0 id", EFFECT_CREATES, "" },
	{ "run -d=T -d=0 id", EFFECT_CREATES, "run --detach --detach=false -- id" },
	{ "run --detach=yes id", EFFECT_CREATES, "" },
	{ "run --detach= id", EFFECT_CREATES, "" },
	{ "run -no-subreaper id", EFFECT_CREATES, "run --no-subreaper -- id" },
	{ "run --help -b X id", EFFECT_NONE, "run --help" },
	{ "run -b X id -h", EFFECT_NONE, "run --help" },
	{ "run --help=true id", EFFECT_CREATES, "" },
	{ "run --help --bogus id", EFFECT_CREATES, "" },
	{ "--root=/r --debug=1 --systemd-cgroup=f create id", EFFECT_CREATES,
	  "--root=/r --debug --systemd-cgroup=false create -- id" },
	{ "-root /r -- create id", EFFECT_CREATES, "--root=/r create -- id" },
	{ "--root= create id", EFFECT_CREATES, "" },
	{ "--root -x create id", EFFECT_CREATES, "" },
	{ "--log - create id", EFFECT_CREATES, "--log=- create -- id" },
	{ "--rootless true create id", EFFECT_CREATES, "--rootless=true create -- id" },
	{ "restore --image-path I -b B id", EFFECT_RESTORES,
	  "restore --image-path=I --bundle=B -- id" },
	{ "exec -e A -e B id ls -l --", EFFECT_EXECS,
	  "exec --env=A --env=B -- id ls -l --" },
	{ "exec -t -- id -- ls", EFFECT_EXECS, "exec --tty -- id -- ls" },
	{ "exec id --process F", EFFECT_EXECS, "exec -- id --process F" },
	{ "exec", EFFECT_EXECS, "" },
	{ "update --resources - id", EFFECT_UPDATES, "update --resources=- -- id" },
	{ "update id --memory-swap -1", EFFECT_UPDATES, "update --memory-swap=-1 -- id" },
	{ "state id", EFFECT_NONE, "state id" },
	{ "state --bogus", EFFECT_NONE, "state --bogus" },
	{ "--root X --debug=t kill id -a -- 9", EFFECT_NONE,
	  "--root=X --debug kill id -a -- 9" },
	{ "help create", EFFECT_NONE, "help create" },
	{ "--debug bogus -h", EFFECT_NONE, "--debug help bogus" },
	{ "bogus --help", EFFECT_NONE, "help bogus" },
	{ "bogus --help x", EFFECT_NONE, "" },
	{ "--version create id", EFFECT_NONE, "--version" },
	{ "-v --help create id", EFFECT_NONE, "--help" },
	{ "--version=false create id", EFFECT_NONE, "" },
	{ "", EFFECT_NONE, "" },
	{ "--debug", EFFECT_NONE, "--debug" },
	{ "mounts add id F", EFFECT_NONE, "" },
	{ "init", EFFECT_NONE, "" },
	{ "_ create id", EFFECT_NONE, "" },
	{ "- create id", EFFECT_NONE, "" },
	{ "--generate-bash-completion create id", EFFECT_NONE, "" },
};

static const struct sample crun_samples[] = {
	{ "create --bundle X id", EFFECT_CREATES, "create --bundle=X -- id" },
	{ "create -bX id", EFFECT_CREATES, "create --bundle=X -- id" },
	{ "create -b=X id", EFFECT_CREATES, "create --bundle==X -- id" },
	{ "create -bundle id", EFFECT_CREATES, "create --bundle=undle -- id" },
	{ "create --bu X --conf=F id", EFFECT_CREATES,
	  "create --bundle=X --config=F -- id" },
	{ "create --bundle -- id", EFFECT_CREATES, "create --bundle=-- -- id" },
	{ "create -b -d id", EFFECT_CREATES, "create --bundle=-d -- id" },
	{ "run -db X id", EFFECT_CREATES, "run --detach --bundle=X -- id" },
	{ "run -dfX -- id", EFFECT_CREATES, "run --detach --config=X -- id" },
	{ "run -dZ id", EFFECT_CREATES, "" },
	{ "run -df", EFFECT_CREATES, "" },
	{ "run --co X id", EFFECT_CREATES, "" },
	{ "run --no id", EFFECT_CREATES, "" },
	{ "run --=X id", EFFECT_CREATES, "" },
	{ "run --detach=true id", EFFECT_CREATES, "" },
	{ "run --help=1 id", EFFECT_CREATES, "" },
	{ "run id -d", EFFECT_CREATES, "" },
	{ "run -- -id", EFFECT_CREATES, "" },
	{ "run -", EFFECT_CREATES, "" },
	{ "run ..", EFFECT_CREATES, "" },
	{ "run", EFFECT_CREATES, "" },
	{ "run -d? id", EFFECT_NONE, "run --help" },
	{ "run --he --bogus", EFFECT_NONE, "run --help" },
	{ "run --us", EFFECT_NONE, "run --usage" },
	{ "run --bogus --help", EFFECT_CREATES, "" },
	{ "run --program-name=x id", EFFECT_CREATES, "" },
	{ "run --HANG id", EFFECT_CREATES, "" },
	{ "run --bundle= id", EFFECT_CREATES, "" },
	{ "run --config _ id", EFFECT_CREATES, "" },
	{ "--root _ run id", EFFECT_CREATES, "" },
	{ "--roo R run id", EFFECT_CREATES, "" },
	{ "--rootless 1 run id", EFFECT_CREATES, "" },
	{ "--rootless 1 state id", EFFECT_NONE, "--rootless=1 state id" },
	{ "--log F --log-f json run id", EFFECT_CREATES,
	  "--log=F --log-format=json run -- id" },
	{ "--cgroup-manager disabled --sys -- run id", EFFECT_CREATES,
	  "--cgroup-manager=disabled --systemd-cgroup run -- id" },
	{ "exec -tno -eA id ls -- -l", EFFECT_EXECS,
	  "exec --tty=no --env=A -- id ls -- -l" },
	{ "exec --tty -td id ls", EFFECT_EXECS, "exec --tty --tty=d -- id ls" },
	{ "restore --network-lock nft id", EFFECT_RESTORES,
	  "restore --network-lock nft -- id" },
	{ "restore --network-lock=nft id", EFFECT_RESTORES, "" },
	{ "restore id jd", EFFECT_RESTORES, "" },
	{ "update -r - id", EFFECT_UPDATES, "update --resources=- -- id" },
	{ "mounts add id F", EFFECT_MOUNTS, "mounts -- add id F" },
	{ "mounts add id", EFFECT_MOUNTS, "" },
	{ "delete --force id", EFFECT_NONE, "delete --force id" },
	{ "--debug --vers run id", EFFECT_NONE, "--debug --version" },
	{ "-v run id", EFFECT_NONE, "--version" },
	{ "-? run id", EFFECT_NONE, "--help" },
	{ "", EFFECT_NONE, "" },
	{ "events id", EFFECT_NONE, "" },
	{ "init", EFFECT_NONE, "" },
};

static int split(struct arena *arena, const char *line, char **argv)
{
	char *copy = arena_copy(arena, line, strlen(line)), *rest = NULL, *word;
	int argc = 0;

	argv[argc++] = arena_copy(arena, "argv0", 5);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = strcmp(word, "_") ? word : arena_copy(arena, "", 0);
	argv[argc] = NULL;
	return argc;
}

static bool parse(struct arena *arena, enum runtime_kind kind, const char *line,
		  struct invocation *ret, struct error *err)
{
	char **argv = arena_new(arena, char *, WORDS_MAX);
	int argc = split(arena, line, argv);

	return invocation_parse(arena, kind, argc, argv, ret, err);
}

static const char *join(struct arena *arena, char **argv)
{
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "");
	for (size_t i = 1; argv[i]; i++)
		buffer_printf(&out, "%s%s", i > 1 ? " " : "", argv[i]);
	return out.bytes;
}

static void test_samples(enum runtime_kind kind, const struct sample *samples,
			 size_t count)
{
	const char *name = grammar_of(kind)->runtime;

	for (size_t i = 0; i < count; i++) {
		const struct sample *sample = &samples[i];
		struct arena arena = { 0 };
		struct invocation invocation;
		struct error err = { 0 };
		bool read = parse(&arena, kind, sample->line, &invocation, &err);
		const char *got = "";

		if (read)
			got = join(&arena, invocation_argv(&arena, &invocation, "argv0"));
		ok(!strcmp(got, sample->normal) &&
			   (!read || invocation.effect == sample->effect) &&
			   (read || err.code == ERR_USAGE),
		   "%s %s: '%s' %s", name, sample->line, got, read ? "" : err.msg);
		arena_free(&arena);
	}
}

static void test_answers(void)
{
	struct arena arena = { 0 };
	struct invocation got;
	struct error err = { 0 };

	ok(parse(&arena, RUNTIME_RUNC,
		 "--root r --root s run -b X -d -d=false id -b Y --no-pivot", &got, &err),
	   "parsed");
	ok(!strcmp(got.id, "id"), "id");
	ok(!strcmp(invocation_global(&got, "root"), "s"), "the last root");
	ok(!strcmp(invocation_option(&got, "bundle"), "Y"), "the last bundle");
	ok(!invocation_option(&got, "pid-file"), "an option that is not there");
	ok(!invocation_flag(&got, "detach"), "a flag that is taken back");
	ok(invocation_flag(&got, "no-pivot"), "a flag");
	ok(!invocation_flag(&got, "keep"), "no flag");
	ok(!strcmp(invocation_option(&got, "no-pivot"), ""), "a flag has no value");
	ok(parse(&arena, RUNTIME_CRUN, "delete -fr i.*", &got, &err) && !got.id,
	   "a pattern is no id");
	ok(parse(&arena, RUNTIME_CRUN, "delete -f id", &got, &err) && got.id &&
		   invocation_flag(&got, "force"),
	   "the id of a command without effect");
	ok(parse(&arena, RUNTIME_RUNC, "kill id -a 9", &got, &err) && !got.id,
	   "no id where arguments change places");
	arena_free(&arena);
}

static void test_edit(void)
{
	struct arena arena = { 0 };
	struct invocation got;
	struct error err = { 0 };

	ok(parse(&arena, RUNTIME_RUNC, "exec -c A -p F -c B --cap C -t id x", &got,
		 &err) == false,
	   "both names of an option");
	ok(parse(&arena, RUNTIME_RUNC, "exec -c A -p F -c B -t id x", &got, &err),
	   "parsed");
	invocation_drop(&got, "cap");
	invocation_set(&arena, &got, "process", "/proc/self/fd/7");
	invocation_set(&arena, &got, "no-new-privs", NULL);
	ok(!strcmp(join(&arena, invocation_argv(&arena, &got, "runc")),
		   "exec --tty --process=/proc/self/fd/7 --no-new-privs -- id x"),
	   "dropped and set");
	arena_free(&arena);
}

static void test_log(void)
{
	static const struct {
		enum runtime_kind kind;
		const char *line, *log, *format;
	} cases[] = {
		{ RUNTIME_RUNC, "--log F --log-format json --bogus x", "F", "json" },
		{ RUNTIME_RUNC, "--log F create --bogus x", "F", NULL },
		{ RUNTIME_RUNC, "--log file:F state x", "file:F", NULL },
		{ RUNTIME_RUNC, "--log= state x", NULL, NULL },
		{ RUNTIME_CRUN, "--log file:F bogus", "F", NULL },
		{ RUNTIME_CRUN, "--log=syslog:F bogus", NULL, NULL },
		{ RUNTIME_CRUN, "--log=journald: bogus", NULL, NULL },
		{ RUNTIME_CRUN, "--log=a:b bogus", NULL, NULL },
		{ RUNTIME_CRUN, "--log-format=json --log F run", "F", "json" },
		{ RUNTIME_CRUN, "run id", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena arena = { 0 };
		struct invocation got;
		struct error err = { 0 };
		const char *log, *format;

		if (!parse(&arena, cases[i].kind, cases[i].line, &got, &err))
			err.code = ERR_USAGE;
		log = invocation_log(&got);
		format = invocation_log_format(&got);
		ok(!strcmp(log ? log : "-", cases[i].log ? cases[i].log : "-") &&
			   !strcmp(format ? format : "-",
				   cases[i].format ? cases[i].format : "-"),
		   "log of: %s", cases[i].line);
		arena_free(&arena);
	}
}

static char *word(struct arena *arena, const char *string)
{
	return arena_copy(arena, string, strlen(string));
}

/* urfave/cli v3 would trim what is attached. */
static void test_spaces(void)
{
	static const char *const ends[] = { " ", "\t", "\xc2\xa0", "\xe3\x80\x80" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct arena arena = { 0 };
		char *argv[] = {
			word(&arena, "runc"), word(&arena, "create"),
			word(&arena, "-b"),   arena_printf(&arena, "X%s", ends[i]),
			word(&arena, "id"),   NULL
		};
		struct invocation got;
		struct error err = { 0 };
		char **line;

		ok(invocation_parse(&arena, RUNTIME_RUNC, 5, argv, &got, &err), "parsed");
		line = invocation_argv(&arena, &got, "runc");
		ok(!strcmp(line[2], "--bundle") && !strcmp(line[3], argv[3]) &&
			   !strcmp(line[4], "--"),
		   "a value that ends in a space stands alone");
		arena_free(&arena);
	}
}

static void test_extremes(void)
{
	enum { MANY = 100000 };
	struct arena arena = { 0 };
	char **argv = arena_new(&arena, char *, MANY + 4);
	struct invocation got;
	struct error err = { 0 };

	argv[0] = NULL;
	ok(!invocation_parse(&arena, RUNTIME_RUNC, 0, argv, &got, &err) &&
		   err.code == ERR_USAGE && !invocation_log(&got),
	   "argc 0");
	argv[0] = word(&arena, "x");
	argv[1] = word(&arena, "exec");
	for (size_t i = 2; i < MANY; i++)
		argv[i] = word(&arena, "--env=A=B");
	argv[MANY] = word(&arena, "id");
	argv[MANY + 1] = word(&arena, "cmd");
	argv[MANY + 2] = NULL;
	for (int kind = RUNTIME_RUNC; kind <= RUNTIME_CRUN; kind++) {
		ok(invocation_parse(&arena, (enum runtime_kind)kind, MANY + 2, argv, &got,
				    &err) &&
			   got.options.count == MANY - 2,
		   "100000 options");
		ok(!strcmp(invocation_argv(&arena, &got, "x")[MANY + 1], "id"),
		   "and the id");
	}
	for (size_t i = 2; i < MANY; i++)
		argv[i] = word(&arena, "-");
	ok(!invocation_parse(&arena, RUNTIME_RUNC, MANY, argv, &got, &err) || !got.id,
	   "100000 arguments");
	arena_free(&arena);
}

int main(void)
{
	test_samples(RUNTIME_RUNC, runc_samples, ARRAY_SIZE(runc_samples));
	test_samples(RUNTIME_CRUN, crun_samples, ARRAY_SIZE(crun_samples));
	test_answers();
	test_edit();
	test_log();
	test_spaces();
	test_extremes();
	return tap_done();
}
