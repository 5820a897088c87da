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

show()
{
	local runtime=$1 asked=minimal,network-server,net-bind

	node_runtime "$runtime"
	printf '%s\n' "$("$runtime" --version | head -n 1), started by powerbox-runtime"
	echo "  engine's config.json: CAP_SYS_ADMIN, CAP_NET_ADMIN, no seccomp"
	container "$asked" /bin/probe status >"$work/status"
	"$build/powerbox" explain "$work/bundle" | sed -n 's/^asks.*/  &/p; s/^gets: /    /p' |
		sed 's/, by / by /'
	echo "  inside: $(sed -nE 's/^((Cap|NoNew|Seccomp)[A-Za-z]*):[[:space:]]*(0*)/\1 /p' \
		"$work/status" | grep -v filters | paste -sd ' ')"
	echo "  bind port 80: $(container "$asked" /bin/probe cap CAP_NET_BIND_SERVICE)"
	echo "  without net-bind: $(container minimal,network-server \
		/bin/probe cap CAP_NET_BIND_SERVICE)"
	echo "  and asking for net-admin:"
	container minimal,net-admin /bin/probe status | fold -s -w 84 | sed 's/^/    /'
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
echo "/etc/powerbox/acl.json:"
nl -ba -w2 -s' ' <<<"$acl"
show "$(command -v runc)"
show "$(command -v crun)"
