#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is so for every subcommand of powerbox: its help is one screen, bash completes it,
# and what it prints into a pipe is plain.
#
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

bats_require_minimum_version 1.5.0

setup()
{
	BUILDDIR=${BUILDDIR:-$SRCDIR/build}
	PATH=$BUILDDIR:$PATH
	mapfile -t subcommands < <(powerbox --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
	((${#subcommands[@]} >= 9))
	# shellcheck source=packaging/completion/powerbox.bash
	. "$SRCDIR/packaging/completion/powerbox.bash"
}

# completes WORD...: what bash would offer for the last word, which may be empty.
completes()
{
	COMP_WORDS=(powerbox "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	# shellcheck disable=SC2317 # called by the completion
	compopt() { :; }
	_powerbox || true
	printf '%s\n' "${COMPREPLY[@]}"
}

# offers WANTED WORD...
offers()
{
	local wanted=$1

	shift
	completes "$@" | grep -qxF -e "$wanted" || {
		echo "powerbox $*: no $wanted"
		return 1
	}
}

@test "every help is one screen of 80 columns and 24 lines" {
	local name path

	for name in '' "${subcommands[@]}"; do
		# shellcheck disable=SC2086 # no word for powerbox itself
		run -0 powerbox $name --help
		((${#lines[@]} > 3))
		awk -v name="$name" '
			/ $/ { print name ": a space at the end of line " NR; bad = 1 }
			length($0) > 80 { print name ": line " NR " is " length($0) " wide"; bad = 1 }
			END { if (NR > 24) { print name ": " NR " lines"; bad = 1 }; exit bad }' \
			<<<"$output"
	done
	# The schemas that they name are those that are installed.
	for path in $(for name in "${subcommands[@]}"; do powerbox "$name" --help; done |
		grep -o '[^ (]*\.json)' | tr -d ')'); do
		[[ $path == /usr/share/powerbox/schema/* && -e $SRCDIR/doc/schema/${path##*/} ]]
	done
	# And each that a subcommand has is named, in its help and in the manual.
	for path in $(jq -r '.title | capture("^powerbox (?<name>[a-z]+) --json$").name' \
		"$SRCDIR"/doc/schema/*.json); do
		powerbox "$path" --help | grep -F "/usr/share/powerbox/schema/$path.json"
		grep -A 2 -xF ".Pa $path.json" "$SRCDIR/doc/man/powerbox.8" |
			grep -xF '.Pa /usr/share/powerbox/schema'
	done
	# The descriptions stand below each other.
	run -0 powerbox --help
	[[ $(grep -E '^  [a-z]+ ' <<<"$output" | sed -E 's/^(  [a-z]+ +).*/\1/' |
		awk '{ print length($0) }' | sort -u | wc -l) == 1 ]]
}

@test "completion: every subcommand, and every option of each" {
	local name option

	for name in "${subcommands[@]}"; do
		offers "$name" ''
		offers --help "$name" --
		for option in $(powerbox "$name" --help | grep -oE -e '--[a-z][a-z-]*'); do
			offers "$option" "$name" "${option:0:4}"
		done
	done
	offers --version --v
	[[ -z $(completes check nothing | tr -d '\n') ]]
	[[ -z $(completes nothing -- | tr -d '\n') ]]
}

@test "completion: values, files, and the profiles of the node" {
	cd "$BATS_TEST_TMPDIR" && mkdir folder && touch file folder/own.json folder/NOT.json
	offers runc union --runtime ''
	offers crun union --runtime = c
	offers folder union --profile-dir ''
	run ! offers file union --profile-dir ''
	offers own union --profile-dir folder ''
	offers own union --profile-dir = folder ''
	run ! offers NOT union --profile-dir folder ''
	offers docker import --caps ''
	offers SCMP_ARCH_S390X import --arch ''
	[[ -z $(completes import --summary '' | tr -d '\n') ]]
	offers file import ''
	offers file check --runtime ''
	offers file check --output f
	offers folder explain ''
	offers file lint ''
	offers file show ''
	run ! offers file union ''
}

@test "completion: powerbox help takes a subcommand" {
	offers help ''
	offers report help ''
	offers report help re
	run ! offers report help report ''
}

@test "completion: nothing of a file's name is executed" {
	cd "$BATS_TEST_TMPDIR" && mkdir 'd'
	touch 'd/$(touch pwned).json' 'd/`touch pwned`.json' '$(touch pwned)'
	completes union --profile-dir d ''
	completes import ''
	completes check --runtime '$(touch pwned)'
	completes '$(touch pwned)' ''
	completes union '--x.*$(touch pwned)' ''
	[[ ! -e pwned ]]
}

@test "into a pipe everything is plain, and nothing asks" {
	local name

	cd "$BATS_TEST_TMPDIR"
	for name in "${subcommands[@]}"; do
		timeout 20 powerbox "$name" </dev/null >out 2>err || true
		run ! grep -q $'\e' out err
		timeout 20 powerbox "$name" --help </dev/null >out 2>err
		run ! grep -q $'\e' out err
	done
}

@test "a file's name moves no terminal, whatever is wrong with the file" {
	local dir=$BATS_TEST_TMPDIR/$'a\e[31m\n' file=$BATS_TEST_TMPDIR/$'b\e[2J.json' line words

	mkdir "$dir"
	printf '{' >"$file"
	while read -r line; do
		for path in "$dir" "$file"; do
			read -ra words <<<"$line"
			echo "# ${words[*]}"
			timeout 20 powerbox "${words[@]/PATH/$path}" </dev/null >out 2>&1 || true
			[[ -s out ]]
			run ! grep -qP '[\x01-\x09\x0b-\x1f]' out
			[[ $(wc -l <out) -le 2 ]]
		done
	done <<-'END'
	audit PATH
	approve PATH
	suggest PATH
	explain PATH
	diff PATH minimal
	diff minimal PATH
	show PATH
	lint PATH
	import PATH
	log --file PATH
	metrics --file PATH --output /nowhere/x
	report --file PATH --what
	union --profile-dir PATH nope
	check PATH
	check --probe --runtime PATH
	END
}

@test "on a terminal there is colour, and none with NO_COLOR" {
	cd "$BATS_TEST_TMPDIR"
	command -v script >/dev/null || skip "machine: script is not installed"
	TERM=xterm script -qec 'powerbox check' /dev/null </dev/null >out || true
	grep -q $'\e\[' out
	TERM=xterm NO_COLOR=1 script -qec 'powerbox check' /dev/null </dev/null >out || true
	run ! grep -q $'\e\[' out
}
