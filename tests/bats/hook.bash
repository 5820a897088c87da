# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For the bats files of powerbox-hook: a node (tests/live/inside.bash), an ACL, and the
# config.json of a container that asks.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2119,SC2120 # the tests pass arguments

load node.bash

setup()
{
	hook=/usr/libexec/powerbox/powerbox-hook
	bundle=$BATS_TEST_TMPDIR/bundle
	rootfs=$bundle/rootfs
	mkdir -p "$rootfs/x" "$rootfs/y"
	container=
	acl '"default": ["minimal"], "rules": [{"allow": ["minimal", "net-bind"]}]'
	inside bash -c 'echo "{\"version\":1}" >/etc/powerbox/node.json'
	ask
}

teardown()
{
	[[ -z $container ]] || kill "$container" 2>/dev/null || true
}

acl()
{
	inside bash -c 'echo "$1" >/etc/powerbox/acl.json; chmod 644 /etc/powerbox/acl.json' \
		acl "{\"version\": 1, $1}"
}

# ask [ANNOTATIONS [HOOKS]]: the config.json that an engine would write, with odd blanks
# and a member that nobody knows.
ask()
{
	local annotations=${1-} hooks=${2-}

	[[ -z $hooks ]] || hooks="\"hooks\": $hooks,"
	cat >"$BATS_TEST_TMPDIR/in" <<-END
	{ "ociVersion": "1.0.2",
	  "process": { "args": ["sh"], "cwd": "/", "user": {"uid":0,"gid":0},
	    "capabilities": {"bounding": ["CAP_SYS_ADMIN"], "effective": ["CAP_SYS_ADMIN"],
	      "permitted": ["CAP_SYS_ADMIN"]} },
	  "root": {"path": "rootfs"},  "x-unknown": [1.50, "\u00e9"],
	  "mounts": [],
	  "annotations": ${annotations:-"{}"},
	  $hooks
	  "linux": { "namespaces": [{"type":"mount"}] } }
	END
}

# precreate [FILE]: config to $out, messages to $BATS_TEST_TMPDIR/err.
precreate()
{
	out=$BATS_TEST_TMPDIR/out
	status=0
	inside "$hook" precreate <"${1:-$BATS_TEST_TMPDIR/in}" >"$out" \
		2>"$BATS_TEST_TMPDIR/err" || status=$?
	err=$(<"$BATS_TEST_TMPDIR/err")
}

# is STATUS [TEXT]: the status, and one line on stderr with the text if it is not 0.
is()
{
	echo "status $status: $err"
	[[ $status == "$1" ]] || return
	if (($1 == 0)); then
		[[ -z $err ]]
	else
		[[ $err == "powerbox: "* && $err != *$'\n'* && $err == *"${2-}"* ]]
	fi
}

# mounted SCRIPT: a process in its own mount namespace, with a rootfs that is a mount and
# whatever the script mounts beneath it ($R).
mounted()
{
	local tries pid=$BATS_TEST_TMPDIR/pid

	inside unshare -m --propagation private bash -eu -c '
		R=$1
		mount --bind "$R" "$R"
		eval "$3"
		echo $$ >"$2.new"
		mv "$2.new" "$2"
		exec sleep 600' mounted "$rootfs" "$pid" "${1:-:}" </dev/null \
		>"$BATS_TEST_TMPDIR/mounted.log" 2>&1 3>&- &
	for ((tries = 0; tries < 200; tries++)); do
		if [[ -e $pid ]]; then
			container=$(<"$pid")
			return
		fi
		sleep 0.05
	done
	cat "$BATS_TEST_TMPDIR/mounted.log"
	return 1
}

# granted [FILTER]: the bundle has what precreate makes of the request, edited with jq.
granted()
{
	precreate
	jq "${1:-.}" <"$out" >"$bundle/config.json"
}

state()
{
	printf '{"ociVersion":"1.0.2","id":"c1","status":"creating","pid":%s,"bundle":"%s"}' \
		"${1:-$container}" "${2:-$bundle}"
}
