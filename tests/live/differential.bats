#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mutated configs of real engines: what powerbox accepts of them has no more than the
# union on the real runtimes (differential.py). CONFIGS=N runs N on each (100), SEED=N the
# same ones again.

bats_require_minimum_version 1.5.0

setup_file()
{
	((EUID == 0)) || skip "machine: containers need root"
	command -v python3 >/dev/null || skip "python3 is not installed"
	# shellcheck source=tests/live/inside.bash
	. "$BATS_TEST_DIRNAME/inside.bash"
	inside_begin '
		echo "{\"rules\": [{\"allow\": [\"minimal\", \"net-bind\"]}]}" >/etc/powerbox/acl.json'
	bundle_probe "$BATS_FILE_TMPDIR/probe"
	bundle_make "$BATS_FILE_TMPDIR/bundle" "$BATS_FILE_TMPDIR/probe"
}

teardown_file()
{
	. "$BATS_TEST_DIRNAME/inside.bash"
	inside_end
}

# differential RUNTIME
differential()
{
	. "$BATS_TEST_DIRNAME/inside.bash"
	[[ $1 ]] || skip "it is not installed"
	inside bash -c 'echo "{\"runtime\": \"$1\"}" >/etc/powerbox/node.json' node "$1"
	run inside env PYTHONDONTWRITEBYTECODE=1 python3 "$SRCDIR/tests/live/differential.py" \
		"$1" "$BATS_FILE_TMPDIR/bundle/rootfs" --count "${CONFIGS:-100}" \
		${SEED:+--seed "$SEED"}
	echo "$output"
	[[ ! ${CONFIGS-} ]] || echo "# ${lines[-1]}" >&3
	((status == 0))
}

@test "what is accepted of mutated configs has no more than the union on runc" {
	differential "$(command -v runc)"
}

@test "what is accepted of mutated configs has no more than the union on crun" {
	differential "$(command -v crun)"
}
