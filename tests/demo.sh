#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# demo.sh [BUILD]: two real containers on two real runtimes, and what powerbox gives them.
# Works in BUILD/demo and in a mount namespace of its own; both are gone afterwards.
set -euo pipefail

build=$(cd "${1:-$BUILDDIR}" && pwd)
here=$(cd "${0%/*}" && pwd)
# shellcheck source=tests/live/bundle.sh
. "$here/live/bundle.sh"
# shellcheck source=tests/live/node.sh
. "$here/live/node.sh"

work=$build/demo

acl='{
  "version": 1,
  "default": ["minimal"],
  "rules": [
    { "allow": ["minimal", "network-server"] },
    { "allow": ["net-bind"] }
  ]
}'

# container PROFILES ARG...: run it; its output, and powerbox's, on stdout.
container()
{
	local profiles=$1

	shift
	bundle_config "$work/bundle" --caps "CAP_SYS_ADMIN CAP_NET_ADMIN" \
		--annotations "{\"dev.powerbox.profiles\": \"$profiles\"}" -- "$@"
	"$build/powerbox-runtime" --root "$work/state" run --bundle "$work/bundle" demo 2>&1 || true
}

# inside NAME: the value of a line of /proc/self/status, without zeros in front.
inside()
{
	sed -nE "s/^$1:[[:space:]]*0*([0-9a-f])/\1/p" "$work/status"
}

show()
{
	local runtime=$1 asked=minimal,network-server,net-bind

	node_runtime "$runtime"
	printf '\n%s, started by powerbox-runtime\n' "$("$runtime" --version | head -n 1)"
	echo "  the engine says: CAP_SYS_ADMIN, CAP_NET_ADMIN, and no filter"
	container "$asked" /bin/probe status >"$work/status"
	"$build/powerbox" explain "$work/bundle" >"$work/explained"
	echo "  it asks for:     $asked"
	sed -n 's/^gets: \(.*\), by /  it gets:         \1, by /p' "$work/explained"
	sed -n '/^capabilities:/,/^[a-z]/s/^ *\(CAP_[A-Z_]*\) .*/  and so it has:   \1/p' \
		"$work/explained"
	echo "  seen inside:     CapEff $(inside CapEff), CapBnd $(inside CapBnd)," \
		"NoNewPrivs $(inside NoNewPrivs), Seccomp $(inside Seccomp)"
	echo "  bind port 80:    $(container "$asked" /bin/probe cap CAP_NET_BIND_SERVICE)"
	echo "  without net-bind: $(container minimal,network-server \
		/bin/probe cap CAP_NET_BIND_SERVICE)"
	echo "  asking for net-admin as well, it is not started:"
	container "$asked,net-admin" /bin/probe status
}

if [[ ${2-} != inside ]]; then
	live_namespace "$0" "$build" inside
	exit
fi
trap 'bundle_remove "$work"' EXIT
mkdir -p "$work/state"
bundle_probe "$work/probe"
bundle_make "$work/bundle" "$work/probe"
node_begin
node_acl "$acl"
echo "What this node allows, in /etc/powerbox/acl.json (the demo's; yours is not touched):"
nl -ba -w2 -s' ' <<<"$acl"
show "$(command -v runc)"
show "$(command -v crun)"
printf '\n%s\n' "Next: doc/walkthrough.md, with podman; ./dev install puts powerbox on this machine."
