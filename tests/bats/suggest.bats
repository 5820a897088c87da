#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox suggest: from what an engine gives to the profiles that cover it. That no smaller
# choice would do is tests/unit/test_smallest.c.
#
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2154 # variables of admin.bash

bats_require_minimum_version 1.5.0
load admin.bash

# config CAPABILITIES NO_NEW_PRIVILEGES SYSCALLS: as an engine would write it.
config()
{
	echo "{\"ociVersion\": \"1.0.2\", \"process\": {\"noNewPrivileges\": $2,
		\"capabilities\": {\"bounding\": $1, \"effective\": $1, \"permitted\": $1}},
		\"linux\": {\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\",
			\"syscalls\": $3}}}" >"$folder/config.json"
}

@test "the fewest profiles, what they need and what is left" {
	profile one '{"version": 1, "summary": "One", "syscalls": [{"names": ["swapon"]}]}'
	profile both '{"version": 1, "summary": "Both",
		"syscalls": [{"names": ["swapon", "swapoff"]}]}'
	file /etc/powerbox/acl.json '{"rules": [{"allow": ["both"]}]}'
	config '["CAP_CHOWN"]' true '[{"names": ["swapon", "swapoff", "uselib"],
		"action": "SCMP_ACT_ALLOW"}]'
	powerbox suggest config.json
	quiet 0
	says '  the fewest profiles for what its config.json gives:' \
		'  both +2 calls +allowed, /etc/powerbox/acl.json:1' \
		'  to ask for it: dev.powerbox.profiles="both"' '  not covered .*' \
		'    CAP_CHOWN +give files to other users' '        uselib' \
		'  some of it file-owner, .* would cover, which grant .*'
	lacks '  one |to allow it'
	file /etc/powerbox/acl.json '{"rules": [{"allow": ["default"]}]}'
	powerbox suggest config.json
	says '  both +2 calls +not allowed here' '  to allow it: powerbox approve both'
}

@test "conditions count: no profile that grants a part stands for the whole" {
	profile low '{"version": 1, "summary": "Low", "syscalls": [{"names": ["swapon"],
		"args": [{"index": 0, "value": 8, "op": "SCMP_CMP_LT"}]}]}'
	profile high '{"version": 1, "summary": "High", "syscalls": [{"names": ["swapon"],
		"args": [{"index": 0, "value": 4, "op": "SCMP_CMP_GE"}]}]}'
	config '[]' true '[{"names": ["swapon"], "action": "SCMP_ACT_ALLOW"}]'
	powerbox suggest config.json
	says '  to ask for it: dev.powerbox.profiles="high low"'
	config '[]' true '[{"names": ["swapon"], "action": "SCMP_ACT_ALLOW",
		"args": [{"index": 0, "value": 9, "op": "SCMP_CMP_EQ"}]}]'
	powerbox suggest config.json
	says '  to ask for it: dev.powerbox.profiles="high"'
	inside rm /etc/powerbox/profiles.d/high.json
	config '[]' true '[{"names": ["swapon"], "action": "SCMP_ACT_ALLOW"}]'
	powerbox suggest config.json
	says '  to ask for it: dev.powerbox.profiles="low"' '        swapon\*'
}

@test "nothing is suggested that has a capability more, or new privileges" {
	profile more '{"version": 1, "summary": "More", "capabilities": ["CAP_KILL"],
		"syscalls": [{"names": ["swapon"]}]}'
	profile setuid '{"version": 1, "summary": "Setuid", "newPrivileges": true,
		"syscalls": [{"names": ["swapon"]}]}'
	config '[]' true '[{"names": ["swapon"], "action": "SCMP_ACT_ALLOW"}]'
	powerbox suggest config.json
	says "  no profile of this node covers any of what its config.json gives" \
		'  some of it setuid, more, privileged would cover, .*'
	config '["CAP_KILL"]' true '[{"names": ["swapon"], "action": "SCMP_ACT_ALLOW"}]'
	powerbox suggest config.json
	says '  to ask for it: dev.powerbox.profiles="more"'
	config '[]' false '[{"names": ["swapon"], "action": "SCMP_ACT_ALLOW"}]'
	powerbox suggest config.json
	says '  to ask for it: dev.powerbox.profiles="setuid"'
}

@test "what real engines give, and as JSON by its schema" {
	local engine

	for engine in docker podman containerd crio podman-privileged runc-spec crun-spec; do
		cp "$SRCDIR/tests/golden/$engine/config.json" "$folder/"
		powerbox suggest config.json
		quiet 0
		powerbox suggest --json config.json
		quiet 0
		valid suggest
		jq -e '.containers[0] | .fewest and (.profiles | length > 1) and
			(.beyond.capabilities == [])' "$out"
	done
	# What is chosen covers all but what is told as uncovered.
	cp "$SRCDIR/tests/golden/podman/config.json" "$folder/"
	powerbox suggest --json config.json
	jq -e '.containers[0] | (.holds.capabilities - .uncovered.capabilities | length > 5)
		and ([.profiles[].name] | contains(["minimal"]))' "$out"
}

@test "no filter: no profile is chosen for calls that nobody asked for" {
	profile swap '{"version": 1, "summary": "Swap", "syscalls": [{"names": ["swapon"]}]}'
	profile more '{"version": 1, "summary": "More", "capabilities": ["CAP_SYS_TTY_CONFIG"],
		"syscalls": [{"names": ["swapon"]}]}'
	echo '{"ociVersion": "1.0.2", "process": {"noNewPrivileges": true, "capabilities":
		{"bounding": ["CAP_NET_BIND_SERVICE"], "effective": ["CAP_NET_BIND_SERVICE"],
		"permitted": ["CAP_NET_BIND_SERVICE"]}}, "linux": {}}' >"$folder/config.json"
	powerbox suggest config.json
	quiet 0
	says '  to ask for it: dev.powerbox.profiles="minimal net-bind"' \
		'  to allow it: powerbox approve net-bind' \
		'  it has no filter, so it holds every call; .*' \
		'    every other system call, those of later kernels with them'
	lacks 'would cover'
	powerbox suggest --json config.json
	valid suggest
	jq -e '.containers[0] | .uncovered.everyCall and .leftOut == []' "$out"
	# Capabilities are still a reason; what is allowed here stands first.
	echo '{"kind": "Pod", "metadata": {"name": "web"},
		"spec": {"containers": [{"name": "a",
			"securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}]}}' >"$folder/pod.json"
	powerbox suggest pod.json
	says '  to ask for it: dev.powerbox.profiles="minimal default ptrace"'
}

@test "a grant is one thing: its schema is that of audit" {
	local name

	for name in profileName ground capabilities grant; do
		diff <(jq ".\"\$defs\".$name" "$SRCDIR/doc/schema/audit.json") \
			<(jq ".\"\$defs\".$name" "$SRCDIR/doc/schema/suggest.json")
	done
}

@test "of a manifest, by its securityContext" {
	cat >"$folder/pod.yaml" <<-'END'
	kind: Pod
	metadata: {name: web}
	spec:
	  containers:
	  - name: a
	    securityContext:
	      capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
	      seccompProfile: {type: RuntimeDefault}
	  - {name: b, securityContext: {seccompProfile: {type: Localhost}}}
	END
	powerbox suggest pod.yaml
	quiet 0
	says "pod.yaml: Pod 'web', container 'a'" \
		'  to ask for it: dev.powerbox.profiles=".*minimal .*net-bind.*"' \
		"pod.yaml: Pod 'web', container 'b'" '  its filter is a file of some node: .*'
}

@test "64, 65, 66: what can't be read" {
	powerbox suggest
	is 64 --help
	powerbox suggest a b
	is 64
	powerbox suggest --what a
	is 64 "'--what'"
	powerbox suggest nowhere
	is 66 nowhere
	echo '{' >"$folder/bad.json"
	powerbox suggest bad.json
	is 65 bad.json
}
