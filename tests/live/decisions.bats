#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# From mode warn to enforce with real containers on the real runc and the real crun: what
# warn leaves as it is, what the report says of it, and what the rule that it gives makes
# of the same bundle.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2154 # variables of runtimes.bash

bats_require_minimum_version 1.5.0

load runtimes.bash

setup()
{
	file=/var/log/powerbox/decisions.jsonl
}

# container ID: what is asked for, an engine's configuration and a program that tells.
container()
{
	bundle_config "$bundle" --caps "CAP_SYS_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE" \
		--annotations '{"dev.powerbox.profiles": "default net-bind",
			"io.kubernetes.cri.image-name": "r/web:1"}' -- \
		sh -c 'grep CapEff /proc/self/status; hostname new 2>&1'
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	run inside powerbox-runtime --root /run/live run --bundle "$bundle" "$1"
	echo "$1: $status $output"
}

@test "warn, report, paste, enforce" {
	local kind rule

	for kind in runc crun; do
		inside rm -rf /var/log/powerbox /etc/powerbox/acl.d/pasted.json
		write /etc/powerbox/node.json "{\"runtime\": \"$(command -v $kind)\",
			\"engine\": \"containerd\", \"audit\": \"required\"}"
		write /etc/powerbox/acl.json '{"mode": "warn", "rules": [{"allow": ["default"]}]}'
		container "w-$kind"
		# CAP_SYS_ADMIN is the engine's gift, and stays: the host name is set.
		[[ $status == 0 && $output == *0000000000202400 ]]
		cmp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
		run inside powerbox report
		echo "$output"
		[[ $output == *"image r/web:1: 1 decision"* && $output == *$':\n    net-bind\n'* ]]
		[[ $output == *"    CAP_SYS_ADMIN "* && $output != *"    CAP_NET_BIND_SERVICE "* ]]
		rule=$(sed -n 's/^    {/{/p' <<<"$output")

		write /etc/powerbox/acl.json '{"mode": "enforce", "rules": [{"allow": ["default"]}]}'
		container "r-$kind"
		[[ $status == 1 && $output == *net-bind*"not allowed"* ]]
		cmp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
		write /etc/powerbox/acl.d/pasted.json "{\"version\": 1, \"rules\": [$rule]}"
		container "e-$kind"
		[[ $output == *"CapEff:"* && $output != *0000000000202400* ]]
		[[ $output == *"hostname:"* ]]
		diff <(inside cat "$file" | jq -r '[.id, .status, .operation] | join(" ")') - <<-END
		w-$kind warned run
		r-$kind refused run
		e-$kind granted run
		END
	done
}

@test "a real container's exec, kill and delete" {
	local kind

	for kind in runc crun; do
		inside rm -rf /var/log/powerbox /etc/powerbox/acl.d/pasted.json
		write /etc/powerbox/node.json "{\"runtime\": \"$(command -v $kind)\", \"audit\": \"required\"}"
		write /etc/powerbox/acl.json '{"rules": [{"allow": ["default"]}]}'
		bundle_config "$bundle" --caps CAP_SYS_ADMIN \
			--annotations '{"dev.powerbox.profiles": "default"}' -- sleep 600
		inside powerbox-runtime --root /run/live run --detach --bundle "$bundle" "x-$kind" \
			</dev/null >/dev/null 2>&1
		run inside powerbox-runtime --root /run/live exec "x-$kind" true
		echo "$output"
		[[ $status == 0 ]]
		inside powerbox-runtime --root /run/live state "x-$kind" >/dev/null
		# A node whose log can't be written starts nothing, and can stop and clean.
		inside bash -c 'mkfifo "$1"' fifo "$file.new"
		inside mv "$file" "$file.old"
		inside mv "$file.new" "$file"
		run inside timeout 5 powerbox-runtime --root /run/live exec "x-$kind" true
		[[ $status == 77 && $output == *'"audit": "required"'* ]]
		inside powerbox-runtime --root /run/live kill "x-$kind" KILL
		inside powerbox-runtime --root /run/live delete --force "x-$kind"
		diff <(inside cat "$file.old" | jq -r '[.id, .status, .operation] | join(" ")') - <<-END
		x-$kind granted run
		x-$kind granted exec
		END
	done
}
