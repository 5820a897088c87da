#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox-hook as podman calls it before a container is made: bytes in, bytes out, exit
# status. hook_verify.bats has the other stage.
#
# shellcheck disable=SC2016 # filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2154 # hook.bash sets them

load hook.bash

@test "usage: what is not understood ends with 64 and the usage line" {
	local words

	for words in "" "nothing" "precreate x" "verify x" "deny" "--help x" "-h"; do
		# shellcheck disable=SC2086 # words
		run inside "$hook" $words </dev/null
		[[ $status == 64 && $output == "powerbox: usage: "* ]]
	done
	run inside "$hook" --help
	[[ $status == 0 && $output == "usage: powerbox-hook "*"see powerbox-hook(8)" ]]
	run inside "$hook" --version
	[[ $status == 0 && $output =~ ^powerbox-hook\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "deny: the reason on stderr, in one line of printable bytes, and 1" {
	run inside "$hook" deny 'profile "a"' $'is\x1b[2J not\nallowed\xc3'
	[[ $status == 1 && $output == 'powerbox: profile "a" is?[2J not?allowed?' ]]
}

@test "precreate: the sections change and no other byte" {
	ask '{"dev.powerbox.profiles": "minimal,net-bind"}'
	precreate
	is 0
	[[ $(jq -c '.process.capabilities.bounding' "$out") == '["CAP_NET_BIND_SERVICE"]' ]]
	[[ $(jq -r '.process.noNewPrivileges' "$out") == true ]]
	[[ $(jq -r '.linux.seccomp.defaultAction' "$out") == SCMP_ACT_ERRNO ]]
	python3 - "$BATS_TEST_TMPDIR/in" "$out" <<-'END'
	import re, sys
	old, new = (open(name, "rb").read() for name in sys.argv[1:])
	old = re.sub(rb'"capabilities": \{.*?\}', b"@", old, flags=re.S)
	new = re.sub(rb'"capabilities": \{.*?\}', b"@", new, flags=re.S)
	new = re.sub(rb'"noNewPrivileges":true,', b"", new)
	new = re.sub(rb'"seccomp":.*,( "namespaces")', rb"\1", new, flags=re.S)
	assert old == new, (old, new)
	END
}

@test "precreate: what went through it goes through it unchanged" {
	precreate
	cp "$out" "$BATS_TEST_TMPDIR/once"
	precreate "$BATS_TEST_TMPDIR/once"
	is 0
	cmp "$out" "$BATS_TEST_TMPDIR/once"
}

@test "precreate: a refusal is a config that can't start and grants nothing" {
	local deny

	ask '{"dev.powerbox.profiles": "minimal,ptrace"}'
	precreate
	[[ $status == 0 && $err == 'powerbox: profile "ptrace" is not allowed '* ]]
	jq -e '.hooks.createRuntime | length == 2' "$out"
	[[ $(jq -r '.hooks.createRuntime[0].path' "$out") == \
		"$hook/refused: ${err#powerbox: }" ]]
	run inside test -e "$(jq -r '.hooks.createRuntime[0].path' "$out")"
	[[ $status != 0 ]]
	mapfile -t deny < <(jq -r '.hooks.createRuntime[1] | .path, .args[1:][]' "$out")
	run inside "${deny[@]}"
	[[ $status == 1 && $output == "$err" ]]
	jq -e '[.hooks[][] | .env] | all(. == [])' "$out"
	jq -e '[.process.capabilities[] | length] | length == 5 and add == 0' "$out"
	jq -e '.process.noNewPrivileges == true' "$out"
	jq -e '.linux.seccomp | .defaultAction == "SCMP_ACT_ERRNO"' "$out"
	jq -e '[.linux.seccomp.syscalls[]? | select(.action != "SCMP_ACT_ERRNO")] == []' "$out"
}

@test "precreate: a refusal keeps the hooks that are there, behind its own" {
	local hooks

	for hooks in null '{}' '{ "createRuntime": [] }' '{ "createRuntime": null }' \
		'{"poststop":[{"path":"/p"}]}' \
		'{"createRuntime": [ {"path":"/a"}, {"path":"/b"} ], "poststop":[{"path":"/p"}]}'; do
		ask '{"dev.powerbox.profiles": "ptrace"}' "$hooks"
		precreate
		echo "$hooks: $status $err"
		[[ $status == 0 ]]
		jq -e '.hooks.createRuntime[0].path | contains("/refused: ")' "$out"
		jq -e --argjson old "$hooks" \
			'.hooks.createRuntime[2:] == ($old.createRuntime // [])' "$out"
		jq -e --argjson old "$hooks" '.hooks.poststop == $old.poststop' "$out"
	done
}

@test "precreate: no ACL, a broken one and one that others can write are refusals" {
	inside rm /etc/powerbox/acl.json
	precreate
	[[ $status == 0 && $err == *"there is no ACL"* ]]
	jq -e '.hooks.createRuntime[0].path | contains("there is no ACL")' "$out"
	acl '"rules": ['
	precreate
	[[ $status == 0 && $err == *"/etc/powerbox/acl.json"* ]]
	jq -e '.hooks.createRuntime | length == 2' "$out"
	acl '"default": ["minimal"]'
	inside chmod 666 /etc/powerbox/acl.json
	precreate
	[[ $status == 0 ]]
	jq -e '.hooks.createRuntime[0].path | contains("chmod")' "$out"
	acl '"default": ["minimal"]'
	inside bash -c 'echo "{\"version\":2}" >/etc/powerbox/node.json'
	precreate
	jq -e '.hooks.createRuntime[0].path | contains("node.json")' "$out"
}

@test "precreate: what is no config.json gets no answer, 65 and one line" {
	local bad in=$BATS_TEST_TMPDIR/bad

	for bad in '' 'null' '[]' '{' '{}' '"x"' '{"process":{}} {}' '{"process":{},}' \
		'\xef\xbb\xbf{"process":{}}' '/* */{"process":{}}' '{"process":{},"process":{}}' \
		'{"process":{"\\u0000":1}}' '{"process":{}}\x00' '{"process":{"a":"\xc0\xaf"}}' \
		'{"process":{"a":"\\ud800"}}' '{"process":7}'; do
		printf '%b' "$bad" >"$in"
		precreate "$in"
		echo "$bad"
		is 65
		[[ ! -s $out ]]
	done
	# 16 MiB and a byte; and a depth that would end a recursive reader.
	{ printf '{"process":{},"x":"'; head -c 16777216 /dev/zero | tr '\0' x; printf '"}'; } >"$in"
	precreate "$in"
	is 65
	[[ ! -s $out ]]
	{ printf '{"process":{},"x":'; head -c 1000000 /dev/zero | tr '\0' '['; } >"$in"
	precreate "$in"
	is 65
	[[ ! -s $out ]]
}

@test "precreate: no prefix of a config is one" {
	local size at

	size=$(stat -c %s "$BATS_TEST_TMPDIR/in")
	for ((at = 0; at < size - 1; at += 7)); do
		head -c "$at" "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/part"
		precreate "$BATS_TEST_TMPDIR/part"
		[[ $status == 65 && ! -s $out ]]
	done
}

@test "precreate: an answer that can't be written is 74" {
	status=0
	err=$(inside bash -c "$hook precreate <'$BATS_TEST_TMPDIR/in' 2>&1 >/dev/full") || status=$?
	is 74
}

@test "precreate: mode warn changes no byte and refuses nothing" {
	acl '"mode": "warn", "rules": []'
	ask '{"dev.powerbox.profiles": "ptrace"}'
	precreate
	is 0
	cmp "$BATS_TEST_TMPDIR/in" "$out"
}

@test "closed descriptors: none of ours gets in the place of the first three" {
	local closed

	for closed in '<&-' '2>&-' '<&- >&-' '<&- 2>&-' '<&- >&- 2>&-'; do
		run inside bash -c "$hook verify $closed"
		echo "$closed: $status $output"
		[[ $status == 65 ]]
		[[ $closed == *'2>&-'* || $output == "powerbox: "* ]]
	done
	run inside bash -c "$hook precreate <'$BATS_TEST_TMPDIR/in' 2>&-"
	[[ $status == 0 && $output == "{ "* ]]
	for closed in '>&-' '>&- 2>&-'; do
		run inside bash -c "$hook precreate <'$BATS_TEST_TMPDIR/in' $closed"
		[[ -z $output ]]
	done
}

@test "out of memory: 71 and one line" {
	[[ -z ${INSTRUMENTATION-} ]] || skip "machine: a sanitizer needs more memory"
	{ printf '{"process":{},"x":"'; head -c 16000000 /dev/zero | tr '\0' x; printf '"}'; } \
		>"$BATS_TEST_TMPDIR/big"
	status=0
	err=$(inside prlimit --as=30000000 "$hook" precreate 2>&1 >/dev/null \
		<"$BATS_TEST_TMPDIR/big") || status=$?
	is 71
}
