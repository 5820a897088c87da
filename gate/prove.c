/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/prove.h"

#include <string.h>
#include <unistd.h>

#include "gate/rundir.h"
#include "lib/ask.h"
#include "lib/trust.h"
#include "profiles/profile.h"

/* A second of work at the most, on a node that has other things to do. */
#define PATIENCE_MS 10000
#define PROVER POWERBOX_LIBEXECDIR "/powerbox-prove"
/* The folders of links begin with no dot. */
#define FOLDER ".proofs"
#define SIZE_MAX_OF_PROOF ((size_t)4 << 20)
#define ANSWER_SIZE_MAX ((size_t)4096)

/*
 * What the prover says of a section that is as granted, before the library's path and, on
 * a line of its own, what identified the library when it began.
 */
#define PROVEN "proven by "

/* The question, as text: what was granted, in the words of a profile, and the section. */
static struct text question_text(struct arena *arena, const struct policy *policy,
				 struct archs archs, struct text section)
{
	struct profile profile = { .summary = "union", .policy = *policy };
	struct buffer out = { .arena = arena };

	/* What is proven is the filter. */
	profile.policy.caps = profile.policy.ambient = (struct capset){ 0 };
	buffer_puts(&out, "{\"architectures\":[");
	for (unsigned i = 0; archs_name(archs, i); i++)
		buffer_printf(&out, "%s\"%s\"", i ? "," : "", archs_name(archs, i));
	buffer_puts(&out, "],\"granted\":");
	profile_write(&out, &profile);
	buffer_puts(&out, ",\"seccomp\":");
	buffer_add(&out, section.bytes, section.length);
	buffer_puts(&out, "}\n");
	return buffer_text(&out);
}

/*
 * The name of a proof's file. Two questions that share a place take turns: a proof is
 * compared as a whole.
 */
static const char *place(struct arena *arena, struct text question)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < question.length; i++)
		hash = (hash ^ (unsigned char)question.bytes[i]) *
		       UINT64_C(0x100000001b3);
	return arena_printf(arena, "%u", (unsigned)((hash ^ hash >> 32) % PROOFS));
}

/* The proof's text: the files that it depends on, a line each, and the question. */
static bool proof_text(struct arena *arena, const char *library, struct text question,
		       struct text *ret, struct error *err)
{
	struct buffer out = { .arena = arena };
	struct text prover_now, library_now;

	if (!rundir_identify(arena, PROVER, &prover_now, err) ||
	    !rundir_identify(arena, library, &library_now, err))
		return false;
	buffer_printf(&out, "%s\n%s\n%s\n", library, prover_now.bytes, library_now.bytes);
	buffer_add(&out, question.bytes, question.length);
	*ret = buffer_text(&out);
	return true;
}

/* Whatever is wrong with what was kept, it can be proven again. */
static bool recall(struct arena *arena, int dir, struct text question)
{
	struct error ignored;
	struct text proof;
	struct file file;
	const char *end;

	if (!trust_read(arena, dir, POWERBOX_RUNDIR "/" FOLDER, place(arena, question),
			SIZE_MAX_OF_PROOF, &file, &ignored))
		return false;
	end = memchr(file.text.bytes, '\n', file.text.length);
	return end &&
	       proof_text(arena,
			  arena_copy(arena, file.text.bytes,
				     (size_t)(end - file.text.bytes)),
			  question, &proof, &ignored) &&
	       text_eq(proof, file.text);
}

/* What a proof was made with: the prover as it was before, the library as it tells. */
struct makers {
	const char *library; /* its path */
	struct text prover, library_then;
};

/* Nothing that another prover or another library than those that are there now has made.
 */
static void keep(struct arena *arena, int dir, const struct makers *makers,
		 struct text question)
{
	struct text proof, then;
	struct error ignored;

	then = text_of(arena_printf(arena, "%s\n%s\n%s\n", makers->library,
				    makers->prover.bytes, makers->library_then.bytes));
	if (proof_text(arena, makers->library, question, &proof, &ignored) &&
	    proof.length > then.length && !memcmp(proof.bytes, then.bytes, then.length))
		(void)!rundir_write(arena, dir, place(arena, question), proof, &ignored);
}

static bool inquire(struct arena *arena, struct text input, struct makers *ret,
		    struct error *err)
{
	char name[] = "powerbox-prove";
	char *const argv[] = { name, NULL }, *const environment[] = { NULL };
	struct question question = { .path = PROVER,
				     .argv = argv,
				     .environment = environment,
				     .input = input,
				     .limit = ANSWER_SIZE_MAX,
				     .patience_ms = PATIENCE_MS };
	size_t words = strlen(PROVEN);
	struct answered answer;
	struct makers makers = { 0 };
	struct text text;
	const char *line;
	CLOSE int fd = -1;

	if (!trust_open_program(arena, PROVER, &fd, err) ||
	    !rundir_identify(arena, PROVER, &makers.prover, err) ||
	    !ask(arena, &question, &answer, err)) {
		err->code = ERR_INEXACT;
		return false;
	}
	text = answer.text;
	if (text.length && text.bytes[text.length - 1] == '\n')
		text.length--;
	if (!answer.well || text.length <= words ||
	    memcmp(text.bytes, PROVEN, words) != 0)
		return error_set(err, ERR_INEXACT, "%s",
				 text.length ? text_quote(arena, text)
				 : answer.status == ERR_MEMORY
					 ? "it takes more memory than " PROVER " may have"
					 : PROVER " ended without an answer");
	text = (struct text){ text.bytes + words, text.length - words };
	line = memchr(text.bytes, '\n', text.length);
	makers.library = arena_copy(arena, text.bytes,
				    line ? (size_t)(line - text.bytes) : text.length);
	makers.library_then =
		text_of(line ? arena_copy(arena, line + 1,
					  (size_t)(text.bytes + text.length - line - 1))
			     : "");
	*ret = makers;
	return true;
}

bool prove(struct arena *arena, const struct policy *policy, struct archs archs,
	   struct text section, struct error *err)
{
	struct text question = question_text(arena, policy, archs, section);
	struct makers makers = { 0 };
	struct error ignored;
	CLOSE int dir = -1;

	if (rundir_open_folder(arena, FOLDER, &dir, &ignored) &&
	    recall(arena, dir, question))
		return true;
	if (!inquire(arena, question, &makers, err))
		return error_in(err, "the filter can't be proven to be what the profiles "
				     "grant together, so nothing is started; ask for "
				     "fewer of them");
	if (dir >= 0)
		keep(arena, dir, &makers, question);
	return true;
}
