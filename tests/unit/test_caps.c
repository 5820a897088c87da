/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/caps.h"

#include <string.h>

#include "tests/tap.h"

static struct arena arena;

static const char *written(uint64_t caps, uint64_t ambient)
{
	struct buffer out = { .arena = &arena };

	caps_write(&out, (struct capset){ caps }, (struct capset){ ambient });
	return out.bytes;
}

/* The union of what a section's five sets say. */
static bool reads(const char *text, struct capset *ret, struct error *err)
{
	struct fields fields = { .arena = &arena, .text = text_of(text) };
	struct json *root;

	return json_parse(&arena, fields.text, &root, err) &&
	       caps_read(&fields, root, ret, err);
}

static void test_write(void)
{
	static const struct {
		uint64_t caps, ambient;
		const char *want;
	} cases[] = {
		{ 0, 0,
		  "{\"bounding\":[],\"effective\":[],\"inheritable\":[],"
		  "\"permitted\":[],\"ambient\":[]}" },
		{ 1, 0,
		  "{\"bounding\":[\"CAP_CHOWN\"],\"effective\":[\"CAP_CHOWN\"],"
		  "\"inheritable\":[],\"permitted\":[\"CAP_CHOWN\"],\"ambient\":[]}" },
		{ 0x21, 0x20,
		  "{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"effective\":[\"CAP_"
		  "CHOWN\",\"CAP_KILL\"],\"inheritable\":[\"CAP_KILL\"],\"permitted\":["
		  "\"CAP_CHOWN\",\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\"]}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = written(cases[i].caps, cases[i].ambient);

		ok(!strcmp(got, cases[i].want), "%s", got);
	}
	ok(!strcmp(written(1, UINT64_MAX), written(1, 1)),
	   "what is not granted is not ambient");
	ok(!strcmp(written(0, UINT64_MAX), written(0, 0)), "however much of it");
	ok(!strcmp(written(UINT64_MAX, 0), written((UINT64_C(1) << CAPSET_NAMED) - 1, 0)),
	   "of all capabilities, those that have a name are written");
}

static void test_round(void)
{
	bool same = true;

	for (unsigned i = 0; i < CAPSET_NAMED; i++)
		for (unsigned j = 0; j < CAPSET_NAMED; j++) {
			uint64_t bits = UINT64_C(1) << i | UINT64_C(1) << j;
			struct capset set = { 0 };
			struct error err;

			same = same && reads(written(bits, bits), &set, &err) &&
			       set.bits == bits;
		}
	ok(same, "every two capabilities read back as they were written");
}

static void test_read(void)
{
	static const struct {
		const char *text;
		uint64_t want;
	} cases[] = {
		{ "null", 0 },
		{ "{}", 0 },
		{ "{\"bounding\":null}", 0 },
		{ "{\"bounding\":[\"CAP_CHOWN\"]}", 1 },
		{ "{\"ambient\":[\"CAP_KILL\"],\"inheritable\":[\"CAP_CHOWN\"]}", 0x21 },
		{ "{\"effective\":[\"CAP_KILL\",\"CAP_KILL\"]}", 0x20 },
		{ "{\"permitted\":[\"CAP_CHECKPOINT_RESTORE\"]}", UINT64_C(1) << 40 },
	};
	/* crun reads some of these as capabilities, runc as nothing. */
	static const char *const wrong[] = {
		"[\"cap_chown\"]",
		"[\"CHOWN\"]",
		"[\"CAP_CHOWN \"]",
		"[\"21\"]",
		"[21]",
		"[null]",
		"[\"CAP_CHOWN,CAP_BPF\"]",
		"[\"CAP_NOTHING\"]",
		"[\"\"]",
		"[\"all\"]",
		"[\"CAP_CHOWN\",\"ALL\"]",
		"[[\"CAP_CHOWN\"]]",
	};
	struct fields fields = { .arena = &arena };
	struct capset set = { 1 };
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(reads(cases[i].text, &set, &err) && set.bits == cases[i].want,
		   "%s grants %llx", cases[i].text, (unsigned long long)cases[i].want);
	set.bits = 1;
	ok(caps_read(&fields, NULL, &set, &err) && !set.bits, "no section grants none");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *text = arena_printf(
			&arena, "{\"bounding\":[],\n\"effective\":%s}", wrong[i]);

		set.bits = 77;
		err = (struct error){ 0 };
		ok(!reads(text, &set, &err) && set.bits == 77 &&
			   strstr(err.msg, "line 2: "),
		   "%s is refused: %s", wrong[i], err.msg);
	}
}

int main(void)
{
	test_write();
	test_round();
	test_read();
	arena_free(&arena);
	return tap_done();
}
