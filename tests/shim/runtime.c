/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Stands where the real runtime would, and starts nothing. Into the folder
 * /run/stub/out it writes `argv`, a line each; `config`, the bytes of the config.json
 * that a create or run with these arguments is about; and `state`, what it has inherited
 * (state.h). It ends with the status in out/exit, by that signal if it is over 1000; 0
 * without such a file; 98 if it can't write. With out/no-state it leaves the state out,
 * and with out/again it becomes powerbox-runtime: a wrapper that goes in a circle. With
 * out/child it starts that as a child.
 */

#include <signal.h>
#include <stdbool.h>
#include <sys/auxv.h>
#include <sys/wait.h>

#include "tests/shim/state.h"

#define OUT "/run/stub/out/"

static void give_up(void)
{
	_exit(98);
}

static FILE *create(const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		give_up();
	return file;
}

static void finish(FILE *file)
{
	if (fclose(file))
		give_up();
}

/* The last value of "--name=value" before "--". */
static const char *value(char **argv, const char *name)
{
	const char *found = NULL;
	size_t length = strlen(name);

	for (; *argv && strcmp(*argv, "--") != 0; argv++)
		if (!strncmp(*argv, name, length))
			found = *argv + length;
	return found;
}

static void copy_config(char **argv)
{
	const char *bundle = value(argv, "--bundle="), *config = value(argv, "--config=");
	char path[8192], bytes[65536];
	FILE *from, *to;
	size_t n;

	if (config && strcmp(config, "config.json") != 0)
		snprintf(path, sizeof(path), "%s", config);
	else
		snprintf(path, sizeof(path), "%s/config.json", bundle ? bundle : ".");
	from = fopen(path, "re");
	if (!from)
		return;
	to = create(OUT "config");
	while ((n = fread(bytes, 1, sizeof(bytes), from)))
		if (fwrite(bytes, 1, n, to) != n)
			give_up();
	fclose(from);
	finish(to);
}

static bool writes_state(int *ret_status)
{
	FILE *file = fopen(OUT "exit", "re");

	if (file && fscanf(file, "%d", ret_status) != 1)
		give_up();
	if (file)
		fclose(file);
	return access(OUT "no-state", F_OK) != 0;
}

static int say_version(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN);
	bool crun = strstr(path, "crun") != NULL;

	printf("%s version %s\nspec: 1.0.2\n", crun ? "crun" : "runc",
	       crun ? "1.8.1" : "1.1.5+stub");
	return 0;
}

static void become_powerbox(char **argv)
{
	int status = 0;
	const char *depth = getenv("DEPTH");
	char deeper[] = "0";
	pid_t child;

	/* Should it not be noticed, it ends at last. */
	if (depth && *depth == '9')
		give_up();
	deeper[0] = depth ? (char)(*depth + 1) : '0';
	setenv("DEPTH", deeper, 1);
	child = access(OUT "child", F_OK) ? 0 : fork();
	if (!child)
		execv("/usr/bin/powerbox-runtime", argv);
	if (child <= 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		give_up();
	_exit(WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	int status = 0;
	FILE *out;

	/*
	 * powerbox itself wants to know something: the stub has a version, and a help
	 * that lists no commands.
	 */
	if (argc > 1 && !strcmp(argv[0], "runtime")) {
		if (!strcmp(argv[1], "--version"))
			return say_version();
		return strcmp(argv[1], "--help") != 0;
	}
	/* First of all: what is opened here must not change it. */
	if (writes_state(&status)) {
		out = create(OUT "state");
		state_write(out);
		finish(out);
	}
	if (!access(OUT "again", F_OK))
		become_powerbox(argv);
	if (argc > 1)
		copy_config(argv + 1);
	out = create(OUT "argv");
	for (int i = 0; i < argc; i++)
		state_text(out, "arg", argv[i]);
	finish(out);
	if (status > 1000) {
		signal(status - 1000, SIG_DFL);
		raise(status - 1000);
	}
	return status;
}
