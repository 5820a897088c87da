# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2154 # variables of bats
#
# For bats files that stand a stub in the real runtime's place, on a node of their own:
#
#	stub KIND		make it the node's runtime, as "runc" or "crun"
#	acl TEXT		the ACL: what stands behind "version": 1
#	bundle_with FILTER	$bundle/config.json: what an engine would write, edited with jq
#	wrapper ARG...		run powerbox-runtime: $status, $output
#	kept ID			what the real runtime would keep of a container of $bundle
#	called			the command lines that the stub was called with
#	is STATUS [TEXT]	how the wrapper ended, and what it said
#
# The stub notes each call as a line of $said/calls and prints $said/COMMAND, if there is
# such a file, else nothing; it ends with the status in $said/COMMAND.status, else 0.

load node.bash

stub()
{
	runtime=/usr/bin/stub-$1
	said=$BATS_TEST_TMPDIR/said
	mkdir -p "$said"
	printf '#!/bin/bash\nsaid=%q\n%s\n' "$said" '
		printf "%q " "${@}" >>"$said/calls"
		echo >>"$said/calls"
		for word; do
			case $word in
			--help | features | state | create | run | exec | delete | update | mounts | restore)
				[[ ! -e $said/$word ]] || cat "$said/$word"
				[[ ! -e $said/$word.stdin ]] || cat >"$said/$word.stdin"
				echo $$ >"$said/$word.pid"
				[[ ! -e $said/$word.sleep ]] || exec sleep "$(<"$said/$word.sleep")"
				[[ ! -e $said/$word.status ]] || exit "$(<"$said/$word.status")"
				exit 0
				;;
			esac
		done' >"$BATS_TEST_TMPDIR/stub"
	inside install -m 0755 "$BATS_TEST_TMPDIR/stub" "$runtime"
	node "\"runtime\": \"$runtime\""
}

node()
{
	inside bash -c 'echo "$1" >/etc/powerbox/node.json' node "{\"version\": 1, $1}"
}

acl()
{
	inside bash -c 'echo "$1" >/etc/powerbox/acl.json' acl "{\"version\": 1, $1}"
}

bundle_with()
{
	bundle=${bundle:-$BATS_TEST_TMPDIR/bundle}
	mkdir -p "$bundle/rootfs"
	jq "${1:-.}" >"$bundle/config.json" <<-'END'
	{ "ociVersion": "1.0.2",
	  "process": { "args": ["sh"], "cwd": "/", "user": {"uid": 0, "gid": 0},
	    "capabilities": {"bounding": ["CAP_SYS_ADMIN"], "effective": ["CAP_SYS_ADMIN"],
	      "permitted": ["CAP_SYS_ADMIN"]} },
	  "root": {"path": "rootfs"},
	  "mounts": [],
	  "annotations": {},
	  "linux": { "namespaces": [{"type": "mount"}] } }
	END
}

wrapper()
{
	run inside powerbox-runtime "$@"
}

kept()
{
	local folder=/run/${runtime##*-}/$1

	inside mkdir -p "$folder"
	inside cp "$bundle/config.json" "$folder/config.json"
	jq -n --arg b "$bundle" '{bundle: $b}' | inside tee "$folder/status" >/dev/null
	jq --arg b "$bundle" '{config: {
		capabilities: (.process.capabilities // {} |
			with_entries(.key |= (.[:1] | ascii_upcase) + .[1:])),
		no_new_privileges: .process.noNewPrivileges,
		seccomp: .linux.seccomp,
		labels: ([.annotations // {} | to_entries[] | "\(.key)=\(.value)"] +
			["bundle=\($b)"])}}' "$bundle/config.json" |
		inside tee "$folder/state.json" >/dev/null
}

called()
{
	[[ ! -e $said/calls ]] || cat "$said/calls"
}

is()
{
	echo "status $status: $output"
	[[ $status == "$1" ]] || return
	if (($1 == 0)); then
		[[ $output != *powerbox* ]]
	else
		[[ $output == "powerbox: "* && $output != *$'\n'* && $output == *"${2-}"* ]]
	fi
}
