#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An approved profile on the real runc and on the real crun: refused, approved, started;
# refused by name of what is new once the profile grants more; started with less.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2154 # variables of runtimes.bash

bats_require_minimum_version 1.5.0

load runtimes.bash

setup()
{
	bundle_config "$bundle" --caps CAP_SYS_ADMIN --annotations '{
		"dev.powerbox.profiles": "minimal own",
		"io.kubernetes.cri.sandbox-namespace": "web",
		"io.kubernetes.cri.container-name": "server" }' -- /bin/probe status
	inside bash -c 'cd /etc/powerbox && rm -rf acl.d && mkdir acl.d &&
		echo "{\"version\": 1, \"rules\": [{\"allow\": [\"minimal\"]}]}" >acl.json'
}

profile()
{
	inside bash -c 'echo "$1" >/etc/powerbox/profiles.d/own.json' profile \
		"{\"version\": 1, \"summary\": \"own\", $1}"
}

start()
{
	run inside powerbox-runtime --root /run/live run --bundle "$bundle" "a$RANDOM"
}

# holds MASK: what runs holds these capabilities and no more.
holds()
{
	start
	[[ $status == 0 ]] && grep -qE "^CapBnd:[[:blank:]]*$1\$" <<<"$output"
}

refused()
{
	start
	[[ $status == 1 && ${#lines[@]} == 1 && $output == *"$1" ]]
}

# approved RUNTIME
approved()
{
	local chown='"names": ["chown", "fchownat"]' more

	inside bash -c 'echo "$1" >/etc/powerbox/node.json' node \
		"{\"version\": 1, \"runtime\": \"$1\", \"engine\": \"containerd\"}"
	profile "\"capabilities\": [\"CAP_CHOWN\"], \"syscalls\": [{$chown}]"
	refused "; to allow: powerbox approve own --namespace web"
	inside powerbox approve own --namespace web --reason 'a server'
	holds 0000000000000001
	more="\"capabilities\": [\"CAP_CHOWN\", \"CAP_NET_ADMIN\"], \"syscalls\": [{$chown}]"
	profile "$more"
	refused "(/etc/powerbox/acl.d/50-approved.json:5): CAP_NET_ADMIN; to allow: powerbox approve own --namespace web"
	profile "\"capabilities\": [\"CAP_CHOWN\"], \"syscalls\": [{$chown}, {\"names\": [\"bpf\"]}]"
	refused ": bpf; to allow: powerbox approve own --namespace web"
	# Less, and the same in other words, need nobody.
	profile '"syscalls": [{"names": ["chown"]}]'
	holds 0000000000000000
	profile "\"capabilities\": [\"CAP_CHOWN\"], \"syscalls\": [{\"names\": [\"fchownat\"]},
		{\"names\": [\"chown\"], \"args\": []}]"
	holds 0000000000000001
	# Approved anew, and taken back.
	profile "$more"
	inside powerbox approve own --namespace web
	holds 0000000000001001
	inside powerbox revoke own
	refused "; to allow: powerbox approve own --namespace web"
	# What is written by hand asks nobody.
	inside bash -c 'echo "{\"rules\": [{\"allow\": [\"own\"]}]}" >/etc/powerbox/acl.d/own.json'
	holds 0000000000001001
}

@test "an approved profile on runc" {
	approved "$(command -v runc)"
}

@test "an approved profile on crun" {
	approved "$(command -v crun)"
}

@test "an exec into a container whose profile has grown is held to what it got" {
	for kind in runc crun; do
		inside bash -c 'echo "$1" >/etc/powerbox/node.json' node \
			"{\"version\": 1, \"runtime\": \"$(command -v $kind)\", \"engine\": \"containerd\"}"
		profile '"capabilities": ["CAP_CHOWN"], "syscalls": [{"names": ["chown", "nanosleep", "clock_nanosleep"]}]'
		inside powerbox approve own
		bundle_config "$bundle" --annotations '{"dev.powerbox.profiles": "default own"}' -- /bin/sleep 60
		inside bash -c 'echo "{\"rules\": [{\"allow\": [\"default\"]}]}" >/etc/powerbox/acl.d/default.json'
		inside powerbox-runtime --root /run/live run --detach --bundle "$bundle" "e$kind" </dev/null >/dev/null 2>&1
		profile '"capabilities": "all", "syscalls": "all"'
		run inside powerbox-runtime --root /run/live exec "e$kind" /bin/probe status
		granted=$(jq -c '.process.capabilities.bounding | index("CAP_SYS_ADMIN")' "$bundle/config.json")
		inside powerbox-runtime --root /run/live delete --force "e$kind"
		echo "$kind: $status $output"
		[[ $status == 0 && $granted == null ]]
		grep -qE '^CapBnd:[[:blank:]]*00000000a80425fb$' <<<"$output"
		inside powerbox revoke own
	done
}
