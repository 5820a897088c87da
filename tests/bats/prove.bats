#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The proof that a filter is what was granted: powerbox-prove by itself, and what a start
# makes of its answers. The runtime is a stub.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2034,SC2154 # variables of stub.bash

bats_require_minimum_version 1.5.0

load stub.bash

setup()
{
	prover=/usr/libexec/powerbox/powerbox-prove
	bundle=$BATS_TEST_TMPDIR/bundle
	inside rm -rf /run/powerbox
	inside install "$BUILDDIR/powerbox-prove" $prover
	stub runc
	acl '"default": ["intricate"], "rules": [{"allow": ["intricate", "minimal"]}]'
	# Neither equalities and masks alone, nor one condition each.
	intricate 9
	bundle_with .
}

# intricate NUMBER: the node's profile of that name.
intricate()
{
	inside bash -c 'echo "$1" >/etc/powerbox/profiles.d/intricate.json' profile \
		'{"version": 1, "summary": "s", "syscalls": [
		{"names": ["quotactl"], "args": [{"index": 0, "op": "SCMP_CMP_NE", "value": '"$1"'},
			{"index": 1, "op": "SCMP_CMP_EQ", "value": 0}]},
		{"names": ["quotactl"], "args": [{"index": 0, "op": "SCMP_CMP_NE", "value": '"$1"'},
			{"index": 2, "op": "SCMP_CMP_EQ", "value": 2}]}]}'
}

# prover SCRIPT: stand something else in its place, which notes that it was called.
prover()
{
	printf '#!/bin/sh\necho >>%q\n%s\n' "$BATS_TEST_TMPDIR/asked" "$1" >"$BATS_TEST_TMPDIR/prover"
	inside install "$BATS_TEST_TMPDIR/prover" $prover
}

asked()
{
	[[ $(wc -l <"$BATS_TEST_TMPDIR/asked") == "$1" ]]
}

proofs()
{
	[[ $(inside sh -c 'ls -A /run/powerbox/.proofs 2>/dev/null' | wc -l) == "$1" ]]
}

# question ARGS: prctl under a condition, asked of powerbox-prove.
question()
{
	local granted='"names": ["prctl"], "args": [{"index": 0, "op": "SCMP_CMP_LT", "value": 9}]'

	[[ -z ${granted_also-} ]] || granted+="}, {$granted_also"

	printf '{"architectures": ["SCMP_ARCH_X86_64"'"${also-}"'], "granted": {"version": 1,
		"summary": "s", "syscalls": [{%s}]}, "seccomp": {"defaultAction": "SCMP_ACT_ERRNO",
		"defaultErrnoRet": 1, "architectures": ["SCMP_ARCH_X86_64"'"${also-}"'],
		"syscalls": ['"${more-}"'{"names": ["prctl"],
		"action": "SCMP_ACT_ALLOW", "args": [%s]}]}}' "$granted" "$1" |
		"$BUILDDIR/powerbox-prove"
}

@test "powerbox-prove says what it used, or where a filter is wrong" {
	[[ $(uname -m) == x86_64 ]] || skip "machine: the question is for x86_64"
	run -0 question '{"index": 0, "op": "SCMP_CMP_LE", "value": 8}'
	[[ $output == "proven by /"*libseccomp* ]]
	run -70 question '{"index": 0, "op": "SCMP_CMP_LE", "value": 9}'
	[[ $output == "prctl: the filter answers 0x7fff0000, not 0x50001, to (0x9, "* ]]
	run -70 question '{"index": 0, "op": "SCMP_CMP_LT", "value": 8}'
	[[ $output == "prctl: the filter answers 0x50001, not 0x7fff0000, to (0x8, "* ]]
	run -65 "$BUILDDIR/powerbox-prove" </dev/null
	run -65 "$BUILDDIR/powerbox-prove" <<<'{}'
}

@test "powerbox-prove tells people whose it is, and takes no other words" {
	run -0 "$BUILDDIR/powerbox-prove" --help </dev/null
	[[ $output == "usage: powerbox-prove "*"see powerbox-runtime(8)" ]]
	run -0 "$BUILDDIR/powerbox-prove" --version </dev/null
	[[ $output =~ ^powerbox-prove\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	for words in -h question "--help x"; do
		# shellcheck disable=SC2086 # words
		run -64 "$BUILDDIR/powerbox-prove" $words </dev/null
		[[ $output == "usage: powerbox-prove "* ]]
	done
}

@test "powerbox-prove has a limit to its memory" {
	command -v strace >/dev/null || skip "strace is not installed"
	strace -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=prlimit64 "$BUILDDIR/powerbox-prove" \
		<<<'{}' >/dev/null || true
	grep -q 'RLIMIT_DATA, {rlim_cur=524288\*1024, rlim_max=524288\*1024}' "$BATS_TEST_TMPDIR/trace"
	# Which ends it with a status that is known.
	run -71 prlimit --data=300000 "$BUILDDIR/powerbox-prove" <<<'{}'
}

@test "powerbox-prove knows what the kernel shows of other architectures" {
	[[ $(uname -m) == x86_64 ]] || skip "machine: the question is for x86_64"
	# Of x32 the upper halves of arguments, which its filters do not see.
	also=', "SCMP_ARCH_X32"'
	run -70 question '{"index": 0, "op": "SCMP_CMP_LE", "value": 8}'
	[[ $output == "prctl: the filter answers 0x7fff0000, not 0x50001, to (0x"*"00000000, "* ]]
	# Of x86 the numbers of what socketcall carries.
	also=', "SCMP_ARCH_X86"' granted_also='"names": ["socket", "sendmmsg", "shmget"]'
	more='{"names": ["socket", "sendmmsg", "shmget"], "action": "SCMP_ACT_ALLOW"}, '
	run -0 question '{"index": 0, "op": "SCMP_CMP_LE", "value": 8}'
	granted_also='"names": ["socket", "sendmmsg"]'
	run -70 question '{"index": 0, "op": "SCMP_CMP_LE", "value": 8}'
	[[ $output == "shmget: the filter answers 0x7fff0000, not 0x50001, to "* ]]
}

@test "a union is proven once, and then known until something changes" {
	wrapper create --bundle "$bundle" c1
	is 0
	proofs 1
	sum=$(inside sh -c 'cat /run/powerbox/.proofs/*')
	inside install "$BUILDDIR/powerbox-prove" $prover
	wrapper create --bundle "$bundle" c2
	is 0
	proofs 1
	# Another prover has not proven it.
	[[ $(inside sh -c 'cat /run/powerbox/.proofs/*') != "$sum" ]]
	# Another union is another question.
	intricate 10
	wrapper create --bundle "$bundle" c3
	is 0
	proofs 2
}

@test "a union that was proven is not asked about again" {
	prover 'exec '"$BUILDDIR"'/powerbox-prove'
	for id in c1 c2 c3; do
		wrapper create --bundle "$bundle" $id
		is 0
	done
	asked 1
	# What was kept counts only to the letter, and only if nobody else could write it.
	inside bash -c 'for f in /run/powerbox/.proofs/*; do sed -i s/quotactl/write/ "$f"; done'
	wrapper create --bundle "$bundle" c4
	is 0
	asked 2
	inside bash -c 'chmod 666 /run/powerbox/.proofs/*'
	wrapper create --bundle "$bundle" c5
	is 0
	asked 3
}

@test "what is replaced while it proves has proven nothing for what is there then" {
	local say

	touch "$BATS_TEST_TMPDIR/lib"
	say='printf "proven by %s\n%s\n" '"$BATS_TEST_TMPDIR/lib"' \
		"$(stat -c "%n %d:%i %s %.9Y %.9Z" '"$BATS_TEST_TMPDIR/lib"')"'
	prover "$say; echo >$BATS_TEST_TMPDIR/lib"
	wrapper create --bundle "$bundle" c1
	is 0
	proofs 0
	prover "$say; touch $prover"
	wrapper create --bundle "$bundle" c2
	is 0
	proofs 0
	prover "echo proven by $BATS_TEST_TMPDIR/lib"
	wrapper create --bundle "$bundle" c3
	is 0
	proofs 0
	prover "$say"
	wrapper create --bundle "$bundle" c4
	is 0
	proofs 1
}

@test "what is exact by its form is not asked about" {
	acl '"default": ["default", "net-bind", "userns"], "rules": []'
	prover 'exit 1'
	bundle_with .
	wrapper create --bundle "$bundle" c1
	is 0
	[[ ! -e $BATS_TEST_TMPDIR/asked ]]
}

@test "a call number that libseccomp loads on one of two architectures alone" {
	[[ $(uname -m) == x86_64 ]] || skip "machine: the calls are those of x86_64"
	# Plain, but for the runtime's own profile, which has calls that both have.
	inside bash -c 'echo "$1" >/etc/powerbox/profiles.d/x86.json' profile \
		'{"version": 1, "summary": "s", "syscalls": [{"names": ["arch_prctl"]},
		{"names": ["personality"], "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 8}]}]}'
	acl '"default": ["x86"], "rules": []'
	node "\"runtime\": \"$runtime\", \"architectures\": [\"SCMP_ARCH_AARCH64\"]"
	prover 'exec '"$BUILDDIR"'/powerbox-prove'
	wrapper create --bundle "$bundle" c1
	is 0
	[[ ! -e $BATS_TEST_TMPDIR/asked ]]
	bundle_with .
	inside bash -c 'echo "$1" >/etc/powerbox/profiles.d/runtime-runc.json' profile \
		'{"version": 1, "summary": "s", "syscalls": [{"names": ["iopl"]}]}'
	wrapper create --bundle "$bundle" c2
	is 70 "personality: the filter answers 0x50001, not 0x7fff0000"
	inside rm /etc/powerbox/profiles.d/runtime-runc.json
}

@test "a proof that fails, is no answer, or takes too long refuses" {
	sum=$(sha256sum "$bundle/config.json")
	prover 'echo "prctl: the filter answers otherwise"; exit 70'
	wrapper create --bundle "$bundle" c1
	is 70 "prctl: the filter answers otherwise"
	prover 'exit 0'
	wrapper create --bundle "$bundle" c1
	is 70 "without an answer"
	prover 'echo "proven by /x"; exit 1'
	wrapper create --bundle "$bundle" c1
	is 70 "can't be proven"
	prover 'exit 71'
	wrapper create --bundle "$bundle" c1
	is 70 "more memory than"
	prover 'kill -SEGV $$'
	wrapper create --bundle "$bundle" c1
	is 70 "without an answer"
	prover 'sleep 60'
	SECONDS=0
	wrapper create --bundle "$bundle" c1
	is 70 "did not answer"
	((SECONDS < 20))
	inside rm $prover
	wrapper create --bundle "$bundle" c1
	is 70 "powerbox-prove"
	[[ $(sha256sum "$bundle/config.json") == "$sum" && $(called) != *create* ]]
	proofs 0
}

@test "the prover gets no environment and nothing of the node" {
	prover 'env >'"$BATS_TEST_TMPDIR"'/env; exec '"$BUILDDIR"'/powerbox-prove'
	run inside env LD_PRELOAD=/x.so SECRET=1 powerbox-runtime create --bundle "$bundle" c1
	[[ $status == 0 ]]
	run ! grep -E 'LD_PRELOAD|SECRET' "$BATS_TEST_TMPDIR/env"
}
