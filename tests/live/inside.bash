# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For bats files: a node of its own (node.sh) in a mount namespace of its own, which goes
# with its last process. Only absolute paths mean the same on both sides.
#
#	inside_begin [SCRIPT]	make it, or skip; the script adds to it, from within
#	inside COMMAND...	run a command there
#	inside_end		end it
#	page_block PAGE NAME	the block behind <!-- NAME --> of doc/integration/PAGE, so that
#				what the page tells administrators is what is tested
#
# Besides what node_begin makes there are the hook in its place under /usr/libexec, the
# hook files, podman's drop-in and the first acl.json and node.json, all as installed.

: "${SRCDIR:=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}"
: "${BUILDDIR:=${BUILD:-$SRCDIR/build}}"
export SRCDIR BUILDDIR

# Standing for config.status, with the places that Debian's package would have.
inside_template()
{
	sed -e 's|@bindir@|/usr/bin|g' -e 's|@libexecdir@|/usr/libexec|g' \
		-e 's|@pkgdatadir@|/usr/share/powerbox|g' -e 's|@sysconfdir@|/etc|g' \
		"$SRCDIR/packaging/$1.in" >"$2/${1##*/}"
}

inside_install()
{
	local share=/usr/share/powerbox

	node_begin && node_overlay /usr/bin && node_overlay /usr/libexec || return
	mkdir -p /usr/libexec/powerbox $share/hooks.d $share/oci-hooks.d \
		/etc/containers/containers.conf.d
	install "$BUILDDIR"/powerbox-{hook,prove} /usr/libexec/powerbox/ || return
	install "$BUILDDIR"/powerbox{,-runtime} /usr/bin/ || return
	install -m 0644 "$SRCDIR"/packaging/{acl,node}.json /etc/powerbox/
	inside_template hooks.d/10-powerbox-precreate.json $share/hooks.d
	inside_template oci-hooks.d/90-powerbox-verify.json $share/oci-hooks.d
	inside_template containers.conf.d/50-powerbox.conf /etc/containers/containers.conf.d
}

inside_begin()
{
	local tries pid=$BATS_FILE_TMPDIR/inside.pid log=$BATS_FILE_TMPDIR/inside.log

	((EUID == 0)) || skip "machine: a node of its own needs root"
	# shellcheck source=tests/live/bundle.sh
	. "$SRCDIR/tests/live/bundle.sh"
	# shellcheck disable=SC2016 # expanded by the inner shell
	live_namespace bash -eu -c '
		. "$SRCDIR/tests/live/node.sh"
		. "$SRCDIR/tests/live/inside.bash"
		inside_install
		eval "$1"
		echo $$ >"$2.new"
		mv "$2.new" "$2"
		exec sleep 3600' inside "${1-}" "$pid" </dev/null >"$log" 2>&1 3>&- &
	for ((tries = 0; tries < 200; tries++)); do
		if [[ -e $pid ]]; then
			INSIDE_PID=$(<"$pid")
			export INSIDE_PID
			return
		fi
		sleep 0.05
	done
	cat "$log" >&2
	return 1
}

inside()
{
	nsenter --target "$INSIDE_PID" --mount -- "$@" 3>&-
}

inside_end()
{
	[[ -z ${INSIDE_PID-} ]] || kill "$INSIDE_PID" 2>/dev/null || true
}

page_block()
{
	awk -v mark="<!-- $2 -->" '
	$0 == mark { armed = 1 }
	armed && /^```/ && within { found = 1; exit }
	within { print }
	armed && /^```/ { within = 1 }
	END { exit !found }' "$SRCDIR/doc/integration/$1"
}
