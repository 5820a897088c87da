/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/unsafe.h"

#include "tests/tap.h"

static struct annotation classify(const char *key, const char *value)
{
	const struct json member = { .kind = JSON_STRING,
				     .key = text_of(key),
				     .text = text_of(value) };

	return annotation_classify(&member);
}

static void test_named(void)
{
	static const struct {
		const char *key, *word;
		bool named;
	} cases[] = {
		{ "bundle", "bundle", true },	  { "bundle", "bundl", false },
		{ "bundle", "bundles", false },	  { "run.oci.x", "run.oci.", true },
		{ "run.oci.", "run.oci.", true }, { "run.oci", "run.oci.", false },
		{ "run.ocix", "run.oci", false }, { "", "", true },
		{ "Bundle", "bundle", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(annotation_named(text_of(cases[i].key), text_of(cases[i].word)) ==
			   cases[i].named,
		   "'%s' by '%s'", cases[i].key, cases[i].word);
}

static void test_values(void)
{
	static const struct {
		const char *key, *value;
		enum annotation_kind kind;
	} cases[] = {
		{ "org.systemd.property.After", "['crio.service']", ANNOTATION_HARMLESS },
		{ "org.systemd.property.After", "['x.service']", ANNOTATION_UNSAFE },
		{ "org.systemd.property.KillSignal", "9", ANNOTATION_HARMLESS },
		{ "org.systemd.property.KillSignal", "'x'", ANNOTATION_UNSAFE },
		{ "org.systemd.property.TimeoutStopUSec", "uint64 1",
		  ANNOTATION_HARMLESS },
		{ "org.systemd.property.TimeoutStopUSec",
		  "uint64 1000000000000000000000000000000000000000000000000000000000",
		  ANNOTATION_UNSAFE },
		{ "org.systemd.property.Delegate", "true", ANNOTATION_HARMLESS },
		{ "org.systemd.property.Delegate", "['cpu']", ANNOTATION_UNSAFE },
		{ "run.oci.mount_context_type", "rootcontext", ANNOTATION_HARMLESS },
		{ "run.oci.mount_context_type", "context", ANNOTATION_UNSAFE },
		{ "run.oci.mount_context_type", "", ANNOTATION_UNSAFE },
		{ "dev.powerbox.profiles", "x", ANNOTATION_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ok(classify(cases[i].key, cases[i].value).kind == cases[i].kind, "%s: %s",
		   cases[i].key, cases[i].value);
}

int main(void)
{
	const char *key;

	test_named();
	test_values();
	for (size_t n = 0; (key = annotation_unsafe_at(n)); n++)
		ok(classify(key, "").kind == ANNOTATION_UNSAFE &&
			   classify(key, "").effect,
		   "%s", key);
	return tap_done();
}
