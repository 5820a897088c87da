#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Annotations by which a runtime takes authority from elsewhere. The runtime is a stub that
# notes how it was called.
#
# shellcheck disable=SC2016 # scripts and filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2034,SC2154 # variables of stub.bash

bats_require_minimum_version 1.5.0

load stub.bash

setup()
{
	bundle=$BATS_TEST_TMPDIR/bundle
	inside rm -rf /run/powerbox
	stub runc
	acl '"default": ["minimal"], "rules": [{"allow": ["minimal"]}]'
	bundle_with .
}

annotated()
{
	bundle_with ".annotations = {$1: \"${2-1}\"}"
	sum=$(sha256sum "$bundle/config.json")
	wrapper create --bundle "$bundle" c1
}

@test "annotations that a runtime obeys are refused, by key and effect, on both" {
	while read -r key word; do
		for kind in runc crun; do
			stub "$kind"
			annotated "\"$key\""
			is 1 "annotation '$key' is not allowed on this node: it "
			[[ $output == *"$word"* && $output == *"{\"annotations\": [\"$key\"]} to the rules at /etc/powerbox/acl.json:1" ]]
			[[ -z $(called) && $(sha256sum "$bundle/config.json") == "$sum" ]]
		done
	done <<-END
	bundle another config.json (runc)
	run.oci.seccomp_bpf_data replaces the system call filter (crun)
	run.oci.seccomp.plugins loads libraries
	run.oci.seccomp.receiver socket of the node
	run.oci.hooks.stdout any file of the node
	run.oci.hooks.stderr any file of the node
	run.oci.keep_original_groups groups
	run.oci.handler something else
	run.oci.pidfd_receiver socket of the node
	run.oci.mount_context_type security label
	run.oci.systemd.force_cgroup_v1 cgroups
	run.oci.systemd.subgroup cgroup
	run.oci.delegate-cgroup cgroup
	run.oci.scheduler scheduling
	run.oci.timens_offset clocks
	run.oci.anything-else does not know
	krun.cpus virtual machine
	module.wasm.image/variant something else
	org.criu.config checkpoint
	org.systemd.property.DeviceAllow systemd unit
	org.systemd.property.TimeoutStopUSec systemd unit
	org.systemd.property.CollectMode systemd unit
	END
}

@test "annotations of engines in normal operation pass" {
	while IFS='	' read -r key value; do
		annotated "\"$key\"" "$value"
		is 0
	done <<-END
	org.systemd.property.CollectMode	'inactive-or-failed'
	org.systemd.property.TimeoutStopUSec	uint64 30000000
	org.systemd.property.DefaultDependencies	true
	org.systemd.property.After	['crio.service']
	org.systemd.property.KillSignal	37
	org.systemd.property.Delegate	true
	run.oci.mount_context_type	rootcontext
	run.oci.seccomp_fail_unknown_syscall	1
	io.kubernetes.cri.container-type	container
	io.container.manager	libpod
	bundles	x
	x.run.oci.handler	x
	END
}

@test "a rule that applies allows an annotation by its key; another's does not" {
	node "\"runtime\": \"$runtime\", \"engine\": \"containerd\""
	acl '"default": ["minimal"], "rules": [
		{"annotations": ["run.oci.handler", "org.systemd.property.*"], "namespaces": ["ci"]},
		{"annotations": ["krun.*"], "nodes": {"pool": "kvm"}}]'
	for namespace in ci prod; do
		for key in run.oci.handler org.systemd.property.MemoryMax run.oci.handlers krun.cpus; do
			bundle_with ".annotations = {\"$key\": \"x\",
				\"io.kubernetes.cri.sandbox-namespace\": \"$namespace\"}"
			wrapper create --bundle "$bundle" c1
			case $namespace:$key in
			ci:run.oci.handler | ci:org.*) is 0 ;;
			*) is 1 "annotation '$key' is not allowed" ;;
			esac
		done
	done
}

@test "in mode warn an annotation is let through" {
	acl '"mode": "warn"'
	annotated '"run.oci.handler"'
	is 0
	[[ $(sha256sum "$bundle/config.json") == "$sum" ]]
}

@test "what the runtime lists as unsafe is refused; it is asked once" {
	echo '{"potentiallyUnsafeConfigAnnotations": ["evil.key", "evil.prefix.", 1, "io.kubernetes.cri.container-type"]}' \
		>"$said/features"
	for key in evil.key evil.prefix.x; do
		annotated "\"$key\""
		is 1 "annotation '$key' is not allowed on this node: it is on the runtime's own list of unsafe ones (/usr/bin/stub-runc)"
	done
	for key in evil.keys evil.prefix io.kubernetes.cri.container-type other; do
		annotated "\"$key\"" sandbox
		is 0
	done
	[[ $(called | grep -c '^features') == 1 ]]
	acl '"default": ["minimal"], "rules": [{"annotations": ["evil.*"]}]'
	annotated '"evil.key"'
	is 0
	# Another file in its place may be another runtime.
	stub runc
	annotated '"other"'
	[[ $(called | grep -c '^features') == 2 ]]
	[[ $(inside stat -c '%a %u' /run/powerbox /run/powerbox/.features.json) == $'700 0\n600 0' ]]
}

@test "a runtime that is killed before it answers has not said that it has no list" {
	echo '{"potentiallyUnsafeConfigAnnotations": ["evil.key"]}' >"$said/features"
	inside sed -i '2i [[ $1 != features || -e $said/well ]] || kill -KILL $$' "$runtime"
	inside sed -i "2i said='$said'" "$runtime"
	annotated '"evil.key"'
	is 69 "which annotations are safe: $runtime was killed"
	run ! inside test -e /run/powerbox/.features.json
	touch "$said/well"
	annotated '"evil.key"'
	is 1 "evil.key"
}

@test "a runtime that fails has not said that it has no list, unless it knows no such command" {
	echo 1 >"$said/features.status"
	# As in the help of crun, and of runc.
	for help in $'COMMANDS:\n\tfeatures    - show' $'COMMANDS:\n   exec  run\n   features  show'; do
		echo "$help" >"$said/--help"
		annotated '"evil.key"'
		is 69 "which annotations are safe: $runtime features failed; try again"
		run ! inside test -e /run/powerbox/.features.json
	done
	printf 'COMMANDS:\n\texec - features\n+features\n\tfeatures-of x\n' >"$said/--help"
	echo 1 >"$said/--help.status"
	annotated '"evil.key"'
	is 69 "features failed"
	run ! inside test -e /run/powerbox/.features.json
	rm "$said/--help.status"
	annotated '"evil.key"'
	is 0
	inside test -e /run/powerbox/.features.json
}

@test "a list that was kept and is broken, or not root's alone, is asked for again" {
	echo '{"potentiallyUnsafeConfigAnnotations": ["evil.key"]}' >"$said/features"
	annotated '"evil.key"'
	is 1
	for script in ': >' 'sed -i s/evil/good/' 'chmod 666' 'sed -i s/stub/other/' 'chown 1:1'; do
		inside bash -c "$script /run/powerbox/.features.json"
		if [[ $script == *good* ]]; then
			inside chmod 666 /run/powerbox/.features.json
		fi
		annotated '"evil.key"'
		is 1 "evil.key"
	done
	[[ $(called | grep -c '^features') == 6 ]]
}

@test "the runtime is not asked about annotations that are known" {
	bundle_with '.annotations = {"dev.powerbox.profiles": "minimal", "dev.powerbox.profiles/a": "",
		"io.kubernetes.cri.sandbox-id": "x", "org.systemd.property.CollectMode": "'"'inactive-or-failed'"'"}'
	wrapper create --bundle "$bundle" c1
	is 0
	[[ $(called) == create\ * ]]
}

@test "a runtime without features lists none; one that does not answer refuses" {
	echo 1 >"$said/features.status"
	annotated '"other"'
	is 0
	annotated '"other"'
	is 0
	[[ $(called | grep -c '^features') == 1 ]]
	stub runc
	rm "$said/features.status"
	echo '{"potentiallyUnsafeConfigAnnotations": [' >"$said/features"
	annotated '"other"'
	is 69 "which annotations are safe: /usr/bin/stub-runc features: "
	echo 61 >"$said/features.sleep"
	annotated '"other"'
	is 69 "did not answer within"
	# The stub has become the sleep, and is gone.
	[[ -s $said/features.pid && ! -d /proc/$(<"$said/features.pid") ]]
}

@test "linux.seccomp keeps no member that powerbox does not write" {
	bundle_with '.linux.seccomp = {"defaultAction": "SCMP_ACT_NOTIFY", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
		"listenerPath": "/run/x", "listenerMetadata": "m", "syscalls": []}'
	wrapper create --bundle "$bundle" c1
	is 0
	[[ $(jq -c '.linux.seccomp | keys' "$bundle/config.json") == \
		'["architectures","defaultAction","defaultErrnoRet","syscalls"]' ]]
}

@test "the real config.json of every engine is accepted" {
	for config in "$SRCDIR"/tests/golden/engines/*.json; do
		cp "$config" "$bundle/config.json"
		wrapper create --bundle "$bundle" c1
		is 0 || {
			echo "$config"
			false
		}
	done
}

