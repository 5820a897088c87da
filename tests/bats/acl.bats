#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the ACL says for some: rules in mode warn, at each door, and ACLs in the form of a
# Kubernetes ConfigMap. The runtime is a stub that notes how it was called.
#
# shellcheck disable=SC2016 # scripts and filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2034,SC2154 # variables of stub.bash

bats_require_minimum_version 1.5.0

load stub.bash

setup()
{
	bundle=$BATS_TEST_TMPDIR/bundle
	inside rm -rf /run/powerbox /etc/powerbox/acl.d /etc/powerbox/acl.json
	inside mkdir -m 755 /etc/powerbox/acl.d
	stub crun
	node "\"runtime\": \"$runtime\", \"engine\": \"containerd\", \"labels\": {\"pool\": \"edge\"}"
	acl '"rules": [{"allow": ["minimal"]}, {"mode": "warn", "namespaces": ["old"]}]'
}

# A container of NAMESPACE that asks for PROFILES.
of()
{
	bundle_with ".annotations = {\"dev.powerbox.profiles\": \"${2-ptrace}\",
		\"io.kubernetes.cri.sandbox-namespace\": \"$1\"} | ${3-.}"
	sum=$(sha256sum "$bundle/config.json")
}

unchanged()
{
	[[ $(sha256sum "$bundle/config.json") == "$sum" ]]
}

@test "create: a container of that namespace starts as it is, others are held to the ACL" {
	of old
	wrapper create --bundle "$bundle" c1
	is 0
	unchanged
	[[ $(called) == "create --bundle=$bundle -- c1 " ]]
	of old 'NOT A NAME'
	wrapper create --bundle "$bundle" c1
	is 0
	of old minimal
	wrapper create --bundle "$bundle" c1
	is 0
	unchanged
	for subject in new ''; do
		of "$subject"
		wrapper create --bundle "$bundle" c2
		is 1 'not allowed'
		unchanged
	done
	of new minimal
	wrapper create --bundle "$bundle" c2
	is 0
	run ! unchanged
	# Only what the node's engine says counts.
	node "\"runtime\": \"$runtime\", \"engine\": \"cri-o\""
	of old
	wrapper create --bundle "$bundle" c2
	is 1 'not allowed'
}

@test "a rule in mode warn selects like any other" {
	acl '"rules": [{"mode": "warn", "namespaces": ["old"], "nodes": {"pool": "other"}}]'
	of old
	wrapper create --bundle "$bundle" c1
	is 1 'not allowed'
	acl '"rules": [{"mode": "warn", "nodes": {"pool": "edge"}}]'
	wrapper create --bundle "$bundle" c1
	is 0
	acl '"rules": [{"mode": "enforce", "namespaces": ["old"]}]'
	wrapper create --bundle "$bundle" c1
	is 78 "/etc/powerbox/acl.json: line 1: rules only add, so a rule can't take back"
}

# What the runtime says of c1, which powerbox has not created.
running()
{
	echo "{\"id\": \"c1\", \"pid\": 1, \"status\": \"running\", \"bundle\": \"$bundle\"}" >"$said/state"
}

@test "exec, update and mounts: by the subject of the container" {
	resources=$BATS_TEST_TMPDIR/resources
	echo '{"devices": [{"allow": true, "access": "rwm"}]}' >"$resources"
	echo '[]' >"$BATS_TEST_TMPDIR/mounts"
	running
	of old
	kept c1
	for command in "exec c1 true" "exec --cap CAP_SYS_ADMIN c1 true" "update -r $resources c1"; do
		read -ra words <<<"$command"
		wrapper "${words[@]}"
		is 0
	done
	[[ $(called) == *"exec --cap=CAP_SYS_ADMIN -- c1 true "* ]]
	of new
	kept c1
	for command in "exec c1 true" "update -r $resources c1"; do
		read -ra words <<<"$command"
		wrapper "${words[@]}"
		is 1 "powerbox did not create this container"
	done
	acl '"rules": [{"allow": ["minimal"]}]'
	of old
	kept c1
	wrapper exec c1 true
	is 1 "powerbox did not create this container"
	# Nor is the mode another container's, whose config.json the bundle has by now.
	acl '"rules": [{"allow": ["minimal"]}, {"mode": "warn", "namespaces": ["old"]}]'
	of new
	kept c1
	of old
	wrapper exec c1 true
	is 1 "powerbox did not create this container"
	inside rm -r /run/crun
}

@test "the hooks: precreate and verify" {
	hook=/usr/libexec/powerbox/powerbox-hook
	of old
	run inside "$hook" precreate <"$bundle/config.json"
	[[ $status == 0 && $output == "$(<"$bundle/config.json")" ]]
	of new
	run inside "$hook" precreate <"$bundle/config.json"
	[[ $status == 0 && $output == *'refused: profile \"ptrace\" is not allowed'* ]]
	echo "{\"id\": \"c1\", \"pid\": $$, \"bundle\": \"$bundle\"}" >"$BATS_TEST_TMPDIR/state"
	run inside "$hook" verify <"$BATS_TEST_TMPDIR/state"
	[[ $status == 1 ]]
	of old
	run inside "$hook" verify <"$BATS_TEST_TMPDIR/state"
	[[ $status == 0 ]]
}

@test "a ConfigMap as acl.d: read through its links, exchanged in one step" {
	inside bash -c 'cd /etc/powerbox && rm acl.json && cd acl.d && mkdir ..2026_a ..2026_b
		echo "{\"rules\": [{\"allow\": [\"minimal\"]}]}" >..2026_a/fleet.json
		echo "{\"rules\": [{\"allow\": [\"ptrace\"]}]}" >..2026_b/fleet.json
		ln -s ..2026_a ..data && ln -s ..data/fleet.json fleet.json'
	of new minimal
	run inside powerbox explain "$bundle"
	[[ $status == 0 && $output == *"gets: minimal, by /etc/powerbox/acl.d/fleet.json:1"* ]]
	first=$(grep -o 'sha256:[0-9a-f]*' <<<"$output")
	[[ ${#first} == 71 ]]
	# The same bytes at the same path are the same digest.
	run inside powerbox explain "$bundle"
	[[ $output == *"by the ACL $first"* ]]
	inside bash -c 'cd /etc/powerbox/acl.d && ln -s ..2026_b ..tmp && mv -T ..tmp ..data'
	run inside powerbox explain "$bundle"
	[[ $status == 1 && $output == *"by the ACL sha256:"* && $output != *"$first"* ]]
	of new
	run inside powerbox explain "$bundle"
	[[ $status == 0 ]]
	# The kubelet's folder, as it is if nobody mends it; and what is somebody else's.
	inside chmod 777 /etc/powerbox/acl.d
	wrapper create --bundle "$bundle" c1
	is 77 "chmod 0755 /etc/powerbox/acl.d"
	inside chmod 755 /etc/powerbox/acl.d
	inside chown -h 1000 /etc/powerbox/acl.d/..data
	wrapper create --bundle "$bundle" c1
	is 77 "/etc/powerbox/acl.d/..data: owned by uid 1000"
	inside chown -h 0 /etc/powerbox/acl.d/..data
	inside chown -h 1000 /etc/powerbox/acl.d/fleet.json
	wrapper create --bundle "$bundle" c1
	is 77 "/etc/powerbox/acl.d/fleet.json: owned by uid 1000"
	inside chown -h 0 /etc/powerbox/acl.d/fleet.json
	inside chmod 775 /etc/powerbox/acl.d/..2026_b
	wrapper create --bundle "$bundle" c1
	is 77 "/etc/powerbox/acl.d/..2026_b: writable by group"
	# As a link of its own, too.
	inside bash -c 'chmod 755 /etc/powerbox/acl.d/..2026_b; mv /etc/powerbox/acl.d /etc/powerbox/map
		ln -s map/..data /etc/powerbox/acl.d'
	wrapper create --bundle "$bundle" c1
	is 0
}

@test "each file that is taken away from acl.d allows less, never more" {
	local i names=(10-minimal 20-ptrace 30-restore)

	inside bash -c 'rm /etc/powerbox/acl.json; cd /etc/powerbox/acl.d
		echo "{\"rules\": [{\"allow\": [\"minimal\"]}]}" >10-minimal.json
		echo "{\"rules\": [{\"allow\": [\"ptrace\"]}]}" >20-ptrace.json
		echo "{\"rules\": [{\"restore\": true}]}" >30-restore.json'
	of new minimal,ptrace
	wrapper restore --bundle "$bundle" c1
	is 0
	for i in 0 1 2; do
		inside mv "/etc/powerbox/acl.d/${names[i]}.json" "/etc/powerbox/kept"
		wrapper restore --bundle "$bundle" c1
		is 1
		inside mv "/etc/powerbox/kept" "/etc/powerbox/acl.d/${names[i]}.json"
	done
	inside bash -c 'rm /etc/powerbox/acl.d/*'
	wrapper create --bundle "$bundle" c1
	is 66 "there is no ACL on this node"
}
