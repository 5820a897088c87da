#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox check --probe: the runtime's own profile, found by trial on the installed
# runtimes, is enough to start containers with, and trials leave nothing behind.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2154 # variables of runtimes.bash

bats_require_minimum_version 1.5.0

load runtimes.bash

setup()
{
	write /etc/powerbox/acl.json '{"version": 1, "rules": [{"allow": ["minimal"]}]}'
	inside rm -f /etc/powerbox/profiles.d/runtime-{runc,crun}.json
}

# left: what trials may have left on this machine.
left()
{
	find /sys/fs/cgroup -name 'powerbox-probe*' 2>/dev/null || true
	pgrep -f '^/program' || true
	inside bash -c 'ls /tmp | grep -E "^trial[0-9]+$"' || true
}

# names FILE: the calls of a profile.
names()
{
	jq -r '.syscalls[].names[]' "$1" | LC_ALL=C sort
}

# contains KIND: a container under minimal starts, is executed in, and ends.
contains()
{
	local id=probe$RANDOM

	bundle_config "$bundle" --annotations '{"dev.powerbox.profiles": "minimal"}' -- \
		/bin/busybox echo started
	run -0 inside powerbox-runtime --root /run/live run --bundle "$bundle" "$id"
	[[ $output == started ]]
	bundle_config "$bundle" --annotations '{"dev.powerbox.profiles": "minimal"}' -- \
		/bin/busybox sleep 60
	inside powerbox-runtime --root /run/live create --bundle "$bundle" "$id" \
		</dev/null >/dev/null 2>&1
	inside powerbox-runtime --root /run/live start "$id"
	run -0 inside powerbox-runtime --root /run/live exec "$id" /bin/busybox echo executed
	[[ $output == executed ]]
	inside powerbox-runtime --root /run/live delete --force "$id"
}

# finds KIND: probe, write, and use it.
finds()
{
	local kind=$1 path=/etc/powerbox/profiles.d/runtime-$1.json

	write /etc/powerbox/node.json "{\"version\": 1, \"runtime\": \"$(command -v "$kind")\"}"
	run -0 inside powerbox check --probe --write
	[[ -z $output ]]
	inside cat "$path" >"$BATS_TEST_TMPDIR/found.json"
	[[ $(inside stat -c '%u %a' "$path") == '0 644' ]]
	[[ $(jq -c .measured "$BATS_TEST_TMPDIR/found.json") == \
		"[\"$("$kind" --version | sed -n '1s/.* \([0-9.]*\).*/\1/p')\"]" ]]
	# No more than what is known and could be missing here, and execve is in it.
	names "$BATS_TEST_TMPDIR/found.json" | grep -qx execve
	(($(names "$BATS_TEST_TMPDIR/found.json" | wc -l) < 60))
	run inside powerbox check
	[[ $output == *"ok    $path was measured with this version"* ]]
	contains "$kind"
	cp "$BATS_TEST_TMPDIR/found.json" "$BATS_FILE_TMPDIR/$kind.json"
	[[ -z $(left) ]]
}

@test "what is found for runc starts containers" {
	finds runc
}

@test "what is found for crun starts containers" {
	finds crun
}

# The search is by halves, so what is known and not missing costs nothing.
@test "what the known profile lacks is found" {
	local path

	path=$(command -v crun)
	[[ -e $BATS_FILE_TMPDIR/crun.json ]] || skip "machine: crun found nothing"
	names "$BATS_FILE_TMPDIR/crun.json" >"$BATS_TEST_TMPDIR/all"
	jq '.syscalls = [{names: [.syscalls[].names[]] | to_entries
		| map(select(.key % 9 != 0).value)}]' "$BATS_FILE_TMPDIR/crun.json" \
		>"$BATS_TEST_TMPDIR/some.json"
	write /etc/powerbox/profiles.d/runtime-crun.json "$(<"$BATS_TEST_TMPDIR/some.json")"
	inside powerbox check --probe --runtime "$path" --output /run/found.json
	inside cat /run/found.json >"$BATS_TEST_TMPDIR/found.json"
	# Of two calls that stand in for each other either may be found.
	comm -13 <(names "$BATS_TEST_TMPDIR/found.json") "$BATS_TEST_TMPDIR/all" \
		>"$BATS_TEST_TMPDIR/missing"
	(($(wc -l <"$BATS_TEST_TMPDIR/missing") <= 2))
}

@test "signals end it, and nothing is left" {
	local signal pid tries

	for signal in INT TERM KILL; do
		inside powerbox check --probe --runtime "$(command -v crun)" \
			>"$BATS_TEST_TMPDIR/out" 2>/dev/null 3>&- &
		sleep 1
		pid=$(pgrep -n -P $! || echo $!)
		kill -$signal "$pid"
		wait $! || true
		for ((tries = 0; tries < 20; tries++)); do
			[[ -n $(left) ]] || break
			sleep 0.1
		done
		left
		cat "$BATS_TEST_TMPDIR/out"
		[[ -z $(left) && ! -s $BATS_TEST_TMPDIR/out ]]
	done
}

@test "a runtime that starts nothing, and one that is none" {
	write /run/fake '#!/bin/sh
[ "$1" = --version ] && printf "runc version 9.9.9\nspec: 1.0.2\n" && exit
while [ $# -gt 0 ]; do [ "$1" = --log ] && echo "words of its own" >"$2"; shift; done
exit 3'
	inside chmod 755 /run/fake
	run -69 inside powerbox check --probe --runtime /run/fake
	echo "$output"
	[[ $output == "powerbox: a container with every system call does not start: run: run ended with status 3; the runtime says 'words of its own'" ]]
	run -69 inside powerbox check --probe --runtime /bin/true
	[[ $output == *"/bin/true is no runtime that is known here"* ]]
	run -66 inside powerbox check --probe --runtime /nowhere
	run -64 inside powerbox check --probe --runtime runc
	run -64 inside powerbox check --probe --json
	run -64 inside powerbox check --write
	run -64 inside powerbox check --probe --write --output x
	run -64 inside setpriv --reuid 65534 --clear-groups powerbox check --probe
	[[ $output == *"run it as root" ]]
}
