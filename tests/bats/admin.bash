# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# shellcheck disable=SC2016 # scripts are expanded where they run
#
# For bats files about what an administrator asks: a node (tests/live/inside.bash) with the
# shipped profiles, whose files each test begins anew. Sources lie in $folder.
#
#	file PATH TEXT [MODE]	a file of the node
#	profile NAME TEXT	a profile of the administrator's
#	powerbox ARG...		$status, $out (a file), $err
#	is STATUS [WORD...]	with one line on stderr that has the words, none if it is 0
#	quiet STATUS		with nothing on stderr: the output has said it
#	says LINE...		stdout has these lines, as regular expressions
#	lacks PATTERN		stdout has no such line
#	valid SCHEMA		stdout is JSON of this schema

load node.bash

setup()
{
	folder=$BATS_TEST_TMPDIR/sources
	mkdir "$folder"
	inside bash -c '
		rm -rf /etc/powerbox
		mkdir -m 755 /etc/powerbox /etc/powerbox/acl.d /etc/powerbox/profiles.d'
	file /etc/powerbox/node.json '{"engine": "containerd"}'
	file /etc/powerbox/acl.json '{ "default": ["minimal"],
		"rules": [
			{"allow": ["minimal", "default"]},
			{"allow": ["net-bind"], "nodes": {"pool": "edge"}},
			{"allow": ["network-server"], "namespaces": ["shop"]}] }'
}

file()
{
	inside bash -c 'printf "%s\n" "$2" >"$1" && chmod "$3" "$1"' file "$1" "$2" "${3:-644}"
}

profile()
{
	file "/etc/powerbox/profiles.d/$1.json" "$2"
}

powerbox()
{
	out=$BATS_TEST_TMPDIR/stdout
	status=0
	inside env -C "$folder" timeout 20 powerbox "$@" </dev/null >"$out" \
		2>"$BATS_TEST_TMPDIR/stderr" || status=$?
	err=$(<"$BATS_TEST_TMPDIR/stderr")
	echo "powerbox $*: $status $err"
}

is()
{
	local want=$1 word

	shift
	[[ $status == "$want" ]] || return
	if ((want == 0)); then
		[[ -z $err ]]
		return
	fi
	[[ $err == "powerbox: "* && $err != *$'\n'* ]] || return
	for word; do
		[[ $err == *"$word"* ]] || {
			echo "no \"$word\" in: $err"
			return 1
		}
	done
}

quiet()
{
	[[ $status == "$1" && -z $err ]]
}

says()
{
	local line

	for line; do
		grep -qxE -e "$line" "$out" || {
			echo "no \"$line\" in:"
			cat "$out"
			return 1
		}
	done
}

lacks()
{
	! grep -E -e "$1" "$out"
}

valid()
{
	/usr/bin/python3 - "$SRCDIR/doc/schema" "$1" "$out" <<-'END'
	import json, sys
	import jsonschema

	folder, name, path = sys.argv[1:]
	schema = json.load(open(f"{folder}/{name}.json"))
	jsonschema.Draft202012Validator.check_schema(schema)
	jsonschema.validate(json.load(open(path)), schema)
	END
}
