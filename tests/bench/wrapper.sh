#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What powerbox-runtime does before it becomes the real runtime: instructions of its own
# and system calls, at the first create after a boot, at the next ones, with the decision
# log, and at kill; against a program that only becomes another one.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
set -euo pipefail
: "${SRCDIR:=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}"
: "${BUILDDIR:=$SRCDIR/build}"
export SRCDIR BUILDDIR

if ((EUID != 0)) || ! command -v valgrind >/dev/null || ! command -v strace >/dev/null; then
	echo "wrapper: it takes root, valgrind and strace: nothing is measured"
	exit 0
fi

# Inside of the node.
measure()
{
	local scratch

	. "$SRCDIR/tests/live/node.sh"
	. "$SRCDIR/tests/live/inside.bash"
	inside_install
	scratch=$(mktemp -d -p /run)
	printf 'int main(void) { return 0; }' | "${CC:-gcc}" -O2 -static -x c -o /usr/bin/stub-runc -
	printf '#include <unistd.h>\nint main(int c, char **v) { (void)c; return execv("/usr/bin/stub-runc", v); }' |
		"${CC:-gcc}" -O2 -static -x c -o "$scratch/floor" -
	node_json '{"version": 1, "runtime": "/usr/bin/stub-runc"}'
	node_acl '{"version": 1, "default": ["default"], "rules": []}'
	mkdir -p "$scratch/bundle/rootfs"
	cd "$scratch"
	printf '{"ociVersion": "1.0.2", "process": {"args": ["sh"], "cwd": "/",
		"user": {"uid": 0, "gid": 0}}, "root": {"path": "rootfs"}, "linux": {}}' >config
	cp config bundle/config.json
	line "exec and nothing else" main ./floor
	# Of a container that the runtime has.
	mkdir -p /run/runc/c0
	: >/run/runc/c0/state.json
	line "kill" runtime_exec powerbox-runtime kill c0
	line "create, the first of a boot" runtime_exec powerbox-runtime create --bundle bundle c1
	line "create" runtime_exec powerbox-runtime create --bundle bundle c2
	node_json '{"version": 1, "runtime": "/usr/bin/stub-runc", "audit": "log"}'
	line "create, with its line in the log" runtime_exec powerbox-runtime create --bundle bundle c3
}

# line WHAT FUNCTION COMMAND...: instructions up to the function that executes the runtime.
line()
{
	local what=$1 last=$2 count calls boot=

	shift 2
	[[ $what != *first* ]] || boot=yes
	[[ -z $boot ]] || rm -rf /run/powerbox
	cp config bundle/config.json
	strace -o calls -c -- "$@" >/dev/null 2>&1 || true
	calls=$(awk '$NF == "total" { print $4 }' calls)
	[[ -z $boot ]] || rm -rf /run/powerbox
	cp config bundle/config.json
	rm -f out.*
	valgrind --tool=callgrind --callgrind-out-file=out --dump-before="$last" \
		"$(command -v "$1")" "${@:2}" >/dev/null 2>&1 || true
	count=$(sed -n 's/^\(summary\|totals\): //p' out.1 2>/dev/null | head -n 1)
	printf '%-32s %10s instructions %5s system calls\n' "$what" "${count:-?}" "$calls"
}

. "$SRCDIR/tests/live/bundle.sh"
live_namespace bash -euc "$(declare -f measure line); measure"
