#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The doors beside create's own sections: annotations that runtimes obey, links, exec,
# update, mounts, restore, and powerbox's own files. The runtime is a stub that notes how
# it was called; tests/live/exec.bats has the real ones.
#
# shellcheck disable=SC2016 # scripts and filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2034,SC2154 # variables of stub.bash

bats_require_minimum_version 1.5.0

setup_file()
{
	((EUID == 0)) || skip "machine: a node of its own needs root"
	load ../live/inside.bash
	inside_begin :
}

teardown_file()
{
	load ../live/inside.bash
	inside_end
}

setup()
{
	load ../live/inside.bash
	load stub.bash
	bundle=$BATS_TEST_TMPDIR/bundle
	inside rm -rf /run/powerbox
	stub runc
	acl '"default": ["minimal"], "rules": [{"allow": ["minimal"]}]'
	bundle_with .
}

# ---- annotations ----

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
	run ! pgrep -f 'sleep 61$'
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

# ---- links ----

link_of()
{
	inside readlink "/run/powerbox/$1"
}

# process FILTER: a process file that asks for too much.
process()
{
	process=$BATS_TEST_TMPDIR/process.json
	jq -c "${1:-.}" >"$process" <<<'{"args": ["sh"], "cwd": "/", "noNewPrivileges": false,
		"capabilities": {"bounding": ["CAP_SYS_ADMIN"], "effective": ["CAP_SYS_ADMIN"]}}'
}

# held: the process file has what the bundle has.
held()
{
	diff <(jq -c '.capabilities, .noNewPrivileges' "$process") \
		<(jq -c '.process | .capabilities, .noNewPrivileges' "$bundle/config.json")
}

@test "create leaves a link, by state root and id; delete removes it" {
	for kind in runc crun; do
		stub "$kind"
		wrapper create --bundle "$bundle" c1
		is 0
		[[ $(link_of "run-$kind/c1") == "$bundle" ]]
		wrapper --root "$BATS_TEST_TMPDIR" run --bundle "$bundle" c1
		is 0
		root=${BATS_TEST_TMPDIR#/}
		root=${root//-/%2D}
		[[ $(link_of "${root//\//-}/c1") == "$bundle" ]]
		wrapper --root /run/a-b/./c/.%/ create --bundle "$bundle" "x+y_z.1"
		is 0
		wrapper delete c1
		run ! link_of "run-$kind/c1"
		[[ $(link_of "${root//\//-}/c1") == "$bundle" ]]
	done
	# A refused container has no link, one in mode warn has.
	acl '"rules": []'
	bundle_with '.annotations = {"dev.powerbox.profiles": "minimal"}'
	wrapper create --bundle "$bundle" c2
	is 1
	run ! link_of run-crun/c2
	acl '"mode": "warn"'
	wrapper create --bundle "$bundle" c2
	is 0
	[[ $(link_of run-crun/c2) == "$bundle" ]]
}

@test "no two roots share a folder, and none is hidden" {
	for root in / /a/b /a-b /a%2Db /.features.json /ä "/a b" /run//x; do
		wrapper --root "$root" create --bundle "$bundle" c1
		is 0
	done
	[[ $(inside find /run/powerbox -name 'c1' | wc -l) == 8 ]]
	[[ -z $(inside find /run/powerbox -name '.?*') ]]
}

@test "a link that can't be made starts the container all the same; the older one is gone" {
	wrapper create --bundle "$bundle" c1
	inside bash -c 'rm -rf /run/powerbox && echo file >/run/powerbox'
	wrapper create --bundle "$bundle" c1
	is 0
	process .
	wrapper exec --process "$process" c1
	is 66 "the runtime knows no such container"
	jq -n --arg b "$bundle" '{bundle: $b}' >"$said/state"
	wrapper exec --process "$process" c1
	is 0
	held
	inside rm /run/powerbox
}

# ---- exec ----

@test "exec: what is handed on is in normal form, without --cap" {
	wrapper create --bundle "$bundle" c1
	process .
	rm "$said/calls"
	wrapper exec --process /dev/null -c CAP_KILL --no-new-privs -t --pid-file=/p -p "$process" c1 a -b
	is 64
	wrapper exec --process /dev/null --cap CAP_KILL --no-new-privs -t --pid-file=/p --process "$process" c1 a -b
	is 0
	[[ $(called | tail -n 1) == "exec --tty --pid-file=/p --process=$process -- c1 a -b " ]]
	held
	wrapper exec --cap CAP_KILL c1 sh -c x
	is 0
	[[ $(called | tail -n 1) == "exec --no-new-privs -- c1 sh -c x " ]]
	wrapper exec --process= c1
	is 64 "--process is empty"
	wrapper exec --help
	is 0
	stub crun
	wrapper create --bundle "$bundle" c1
	wrapper exec -cCAP_KILL --cap=CAP_CHOWN c1 sh
	is 0
	[[ $(called | tail -n 1) == "exec --no-new-privs -- c1 sh " ]]
}

@test "exec: a container with new privileges keeps them" {
	acl '"default": ["default"]'
	wrapper create --bundle "$bundle" c1
	wrapper exec --no-new-privs c1 sh
	is 0
	[[ $(called | tail -n 1) == "exec -- c1 sh " ]]
}

@test "exec: a link is believed only where the runtime agrees" {
	other=$BATS_TEST_TMPDIR/other
	mkdir "$other"
	wrapper create --bundle "$bundle" c1
	process .
	jq -n --arg b "$other" '{bundle: $b}' >"$said/state"
	jq '.process.capabilities = {}' "$bundle/config.json" >"$other/config.json"
	for kind in runc crun; do
		stub "$kind"
		wrapper create --bundle "$bundle" c1
		process .
		wrapper exec --process "$process" c1
		is 1 "powerbox did not create this container"
		[[ $(jq -c .noNewPrivileges "$process") == false ]]
	done
	# What the runtime keeps itself is read before it is asked.
	inside mkdir -p /run/runc/c1 /run/crun/c1
	jq -n --arg b "$bundle" '{config: {labels: ["a=b", "bundle=\($b)", "bundle=/x"]}}' |
		inside tee /run/runc/c1/state.json >/dev/null
	jq -n --arg b "$bundle" '{bundle: $b}' | inside tee /run/crun/c1/status >/dev/null
	for kind in runc crun; do
		stub "$kind"
		wrapper create --bundle "$bundle" c1
		rm "$said/calls"
		wrapper exec --process "$process" c1
		is 0
		held
		[[ $(called) != *state* ]]
	done
	# Broken, it is asked.
	inside bash -c 'echo "{" >/run/crun/c1/status'
	wrapper exec --process "$process" c1
	is 1 "powerbox did not create this container"
	inside rm -r /run/runc /run/crun
}

@test "exec: a link that others can have made is not believed" {
	jq -n --arg b "$bundle" '{bundle: $b}' >"$said/state"
	process .
	for mischief in 'chmod 0777 /run/powerbox' 'chown 1 /run/powerbox/run-runc' \
		'chown -h 1 /run/powerbox/run-runc/c1' 'touch -h /run/powerbox/run-runc/c1' \
		'ln -sfn relative /run/powerbox/run-runc/c1' 'rm /run/powerbox/run-runc/c1'; do
		acl '"default": ["minimal"]'
		inside rm -rf /run/powerbox
		wrapper create --bundle "$bundle" c1
		acl '"rules": []'
		[[ $mischief != chmod* ]] || {
			wrapper exec --process "$process" c1
			is 0
		}
		# shellcheck disable=SC2086 # words
		inside $mischief
		wrapper exec --process "$process" c1
		is 1 "powerbox did not create this container"
	done
}

@test "exec: a runtime that gives no state, or a strange one" {
	process .
	sum=$(sha256sum "$process")
	wrapper exec --process "$process" c1
	is 66 "the runtime knows no such container, and powerbox has created none"
	for answer in '{' '[]' '{"bundle": 1}' '{"bundle": "relative"}' '{"bundle": ""}' '{"Bundle": "/x"}' \
		'{"bundle": "/a", "bundle": "/b"}' '{} {}'; do
		echo "$answer" >"$said/state"
		wrapper exec --process "$process" c1
		is 65 "the runtime's state"
	done
	echo '{"bundle": "/nonexistent"}' >"$said/state"
	wrapper exec --process "$process" c1
	is 66 "/nonexistent"
	echo 61 >"$said/state.sleep"
	wrapper exec --process "$process" c1
	is 69 "did not answer"
	[[ $(sha256sum "$process") == "$sum" ]]
	run ! grep exec "$said/calls"
}

@test "exec: the state is asked for as the runtime will look for it" {
	jq -n --arg b "$bundle" '{bundle: $b}' >"$said/state"
	wrapper --root /run/x --systemd-cgroup --log "$BATS_TEST_TMPDIR/log" exec c1 sh
	is 1
	[[ $(called | grep state) == "--root=/run/x state -- c1 " ]]
}

# ---- powerbox's own files ----

# mounted SOURCE OPTIONS [FILTER]: a container with this mount at /x.
mounted()
{
	bundle_with ".mounts = [{\"destination\": \"/x\", \"type\": \"bind\", \"source\": \"$1\",
		\"options\": $2}] | ${3:-.}"
	rm -f "$said/calls"
	wrapper create --bundle "$bundle" c1
}

@test "mounts by which a container could write to powerbox's files are refused" {
	inside mkdir -p /run/powerbox
	ln -sfn /etc "$bundle/link"
	for source in / /etc /etc/powerbox /etc/powerbox/acl.json /etc/powerbox/profiles.d /usr /usr/share \
		/usr/share/powerbox /usr/bin /usr/bin/powerbox-runtime "$runtime" /usr/libexec \
		/run /run/powerbox /etc/../etc/./powerbox "$bundle/link" link /proc/self/root/etc /proc/self/root; do
		for options in '["rbind"]' '["bind", "rw"]' '["ro", "rbind", "rw"]' '["rbind", "rprivate"]' '[]'; do
			mounted "$source" "$options"
			is 1 "the mount at '/x' lets the container write to "
			[[ -z $(called) ]]
		done
		# Beneath these there are other mounts.
		[[ $source != / && $source != /proc/self/root && $source != /usr ]] || continue
		for options in '["rbind", "ro"]' '["bind", "rw", "ro"]' '["rbind", "rro"]'; do
			mounted "$source" "$options"
			is 0
		done
	done
}

@test "other mounts pass" {
	for source in /etc/hostname /usr/share/doc /tmp "$bundle" /dev /nonexistent proc /usr/bin/env; do
		mounted "$source" '["rbind", "rw"]'
		is 0
	done
}

@test "a mount beneath a read-only one stays writable, if it is not rro" {
	inside mount -t tmpfs -o mode=0755 tmpfs /etc/powerbox/acl.d
	for source in /etc /; do
		mounted "$source" '["rbind", "ro"]'
		[[ $source == / ]] || is 0
		[[ $source != / ]] || is 1 "read-only with all beneath it (rro)"
		mounted "$source" '["rbind", "rro"]'
		is 0
		mounted "$source" '["bind", "ro"]'
		is 0
	done
	inside umount /etc/powerbox/acl.d
}

@test "an entry that remounts makes no read-only mount safe" {
	mounted /etc '["rbind", "ro"]' '.mounts += [{"destination": "/x", "options": ["remount", "bind", "rw"]}]'
	is 1 "the mount at '/x'"
}

@test "overlays, the rootfs and disks count too" {
	bundle_with '.mounts = [{"destination": "/x", "type": "overlay", "source": "overlay",
		"options": ["lowerdir=/a", "upperdir=/etc/powerbox", "workdir=/tmp/w"]}]'
	wrapper create --bundle "$bundle" c1
	is 1 "the mount at '/x' lets the container write to /etc/powerbox"
	bundle_with '.mounts = [{"destination": "/x", "type": "overlay", "source": "overlay",
		"options": ["lowerdir=/etc/powerbox", "upperdir=/tmp", "workdir=/tmp"]}]'
	wrapper create --bundle "$bundle" c1
	is 0
	for path in / /usr /etc/powerbox ../../../../../../../../etc; do
		bundle_with ".root.path = \"$path\""
		wrapper create --bundle "$bundle" c1
		is 1 "the rootfs lets the container write to "
	done
	bundle_with '.root = {"path": "/usr", "readonly": true}'
	wrapper create --bundle "$bundle" c1
	is 1 "the rootfs lets"
	bundle_with '.root = {"path": "/usr/share", "readonly": true}'
	wrapper create --bundle "$bundle" c1
	is 0
}

@test "in mode warn such a mount is let through" {
	acl '"mode": "warn"'
	mounted / '["rbind"]'
	is 0
}
