#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mutated configs of real engines: what powerbox accepts of them has no more than the
# union on the real runtimes (differential.py). CONFIGS=N runs N on each (100), SEED=N the
# same ones again.
#
# shellcheck disable=SC2154 # variables of runtimes.bash

bats_require_minimum_version 1.5.0

load runtimes.bash

setup_file()
{
	command -v python3 >/dev/null || skip "python3 is not installed"
	runtimes_begin
	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
}

# differential RUNTIME
differential()
{
	[[ $1 ]] || skip "it is not installed"
	inside bash -c 'echo "{\"runtime\": \"$1\"}" >/etc/powerbox/node.json' node "$1"
	run inside env PYTHONDONTWRITEBYTECODE=1 python3 "$SRCDIR/tests/live/differential.py" \
		"$1" "$bundle/rootfs" --count "${CONFIGS:-100}" \
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
