#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# doc/schema: what the schemas take and refuse is what the program takes and refuses, for
# every example of the papers, every shipped file, and a table of files that are wrong
# (tests/schema/bad.jsonl).

bats_require_minimum_version 1.5.0

load node.bash

setup_file()
{
	/usr/bin/python3 -c 'import jsonschema' || skip "python3-jsonschema is not installed"
	inside_begin
	/usr/bin/python3 "$SRCDIR/tests/schema/examples.py" "$SRCDIR" >"$BATS_FILE_TMPDIR/good"
	# By its line.
	jq -c '. + {where: ("bad.jsonl:" + (input_line_number | tostring))}' \
		"$SRCDIR/tests/schema/bad.jsonl" >"$BATS_FILE_TMPDIR/bad"
}

# all ANSWER WHAT WHO...: the same answer for every line of a file.
all()
{
	local answer=$1 file=$BATS_FILE_TMPDIR/$2

	shift 2
	"$@" <"$file" >"$BATS_TEST_TMPDIR/said"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/said") == "$(wc -l <"$file")" ]]
	run ! grep -v "^$answer " "$BATS_TEST_TMPDIR/said"
}

judge()
{
	/usr/bin/python3 "$SRCDIR/tests/schema/judge.py" "$SRCDIR/doc/schema"
}

program()
{
	inside /usr/bin/python3 "$SRCDIR/tests/schema/program.py"
}

@test "there are examples of every file, in papers and pages" {
	local name

	for name in acl decision node profile; do
		grep -q "\"schema\": \"$name\"" "$BATS_FILE_TMPDIR/good"
		grep -q "\"where\": \"doc/man/powerbox-$name" "$BATS_FILE_TMPDIR/good"
	done
	grep -q '"where": "README.md' "$BATS_FILE_TMPDIR/good"
	for name in "$SRCDIR"/profiles/data/*.json; do
		grep -q "\"where\": \"profiles/data/${name##*/}\"" "$BATS_FILE_TMPDIR/good"
	done
}

@test "the schemas take every example" {
	all yes good judge
}

@test "the program takes every example of a file that it reads" {
	grep -E '"schema": "(acl|decision|node|profile)"' "$BATS_FILE_TMPDIR/good" >"$BATS_FILE_TMPDIR/read"
	all yes read program
}

@test "the schemas refuse what is wrong" {
	all no bad judge
}

@test "the program refuses what is wrong" {
	all no bad program
}

@test "the schemas have every capability and architecture by name" {
	diff <(jq -r '."$defs".capability.enum[]' "$SRCDIR/doc/schema/profile.json" |
		LC_ALL=C sort) \
		<(grep -oE '"CAP_[A-Z_]+"' "$SRCDIR/policy/capset.c" | tr -d '"' | LC_ALL=C sort)
	diff <(jq -r '.properties.architectures.items.enum[]' "$SRCDIR/doc/schema/node.json" |
		LC_ALL=C sort) \
		<(grep -oE '"SCMP_ARCH_[A-Z0-9_]+"' "$SRCDIR/policy/archs.c" | tr -d '"' |
			LC_ALL=C sort -u)
}
