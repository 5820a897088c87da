#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The other doors: mounts of powerbox's own files, update, crun's mounts, restore. The
# runtime is a stub that notes how it was called.
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
		# Beneath these there are other mounts; and the last lead through a process.
		[[ $source != / && $source != /usr && $source != /proc/* ]] || continue
		for options in '["rbind", "ro"]' '["bind", "rw", "ro"]' '["rbind", "rro"]'; do
			mounted "$source" "$options"
			is 0
		done
	done
}

@test "crun: relative paths begin at the bundle, wherever --config is" {
	local elsewhere=$BATS_TEST_TMPDIR/elsewhere folder

	mkdir "$elsewhere"
	ln -sfn /etc "$bundle/x"
	mkdir -p "$elsewhere/x/powerbox"
	stub crun
	for filter in '.mounts = [{"destination": "/x", "type": "bind", "source": "x/powerbox", "options": ["bind"]}]' \
		'.root.path = "x/powerbox"'; do
		bundle_with "$filter"
		mv "$bundle/config.json" "$elsewhere/c.json"
		wrapper create --bundle "$bundle" --config "$elsewhere/c.json" c1
		is 1 "lets the container write to /etc/powerbox"
		run inside env -C "$bundle" powerbox-runtime create --config "$elsewhere/c.json" c1
		is 1 "lets the container write to /etc/powerbox"
		wrapper create --bundle "$elsewhere" --config "$elsewhere/c.json" c1
		is 0
	done
	# And both by their real paths.
	ln -sfn "$elsewhere" "$BATS_TEST_TMPDIR/link"
	rm -f "$said/calls"
	wrapper create --bundle "$BATS_TEST_TMPDIR/link" --config "$BATS_TEST_TMPDIR/link/c.json" c1
	is 0
	[[ $(called) == "create --bundle=$elsewhere --config=$elsewhere/c.json -- c1 " ]]
}

# Not knowing where a path leads is no reason to let it pass.
@test "a path that can't be looked at is refused" {
	command -v strace >/dev/null || skip "strace is not installed"
	bundle_with '.mounts = [{"destination": "/x", "type": "bind", "source": "/etc/powerbox", "options": ["rbind"]}]'
	inside strace -qq -o "$BATS_TEST_TMPDIR/trace" powerbox-runtime create --bundle "$bundle" c1 || true
	looks=$(grep -cE '^statx\(' "$BATS_TEST_TMPDIR/trace")
	((looks > 10))
	for ((look = 1; look <= looks; look++)); do
		rm -f "$said/calls"
		run inside strace -qq -o /dev/null -e "inject=statx:error=EIO:when=$look" \
			powerbox-runtime create --bundle "$bundle" c1
		[[ $status == 1 || $status == 74 ]]
		[[ -z $(called) ]]
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
		for options in '["bind", "ro"]' '["bind", "private", "ro"]' '["bind", "rprivate", "rro"]'; do
			mounted "$source" "$options"
			is 0
		done
		# To crun these bind what is beneath, too.
		for propagation in rprivate rslave rshared runbindable; do
			mounted "$source" "[\"bind\", \"ro\", \"$propagation\"]"
			[[ $source == / ]] || is 0
			[[ $source != / ]] || is 1 "or with nothing beneath it (bind, private)"
		done
	done
	inside umount /etc/powerbox/acl.d
}

@test "an entry that remounts makes no read-only mount safe" {
	mounted /etc '["rbind", "ro"]' '.mounts += [{"destination": "/x", "options": ["remount", "bind", "rw"]}]'
	is 1 "the mount at '/x'"
}

# The runtime may go another way than its letters say, or another one may be there by then.
@test "a mount whose source can't be told yet is refused" {
	mkdir -p "$bundle/rootfs/host"
	ln -sfn /etc/powerbox "$bundle/link"
	ln -sfn "$bundle/rootfs/host/powerbox" "$bundle/dangling"
	ln -sfn "$bundle/rootfs/host" "$bundle/inside"
	ln -sfn /proc/self/cwd "$bundle/process"
	local host='.mounts = [{"destination": "/host", "type": "bind", "source": "/etc", "options": ["bind", "ro"]}] + .mounts'
	for source in "$bundle/rootfs/host" "$bundle/rootfs/host/powerbox" rootfs/host/powerbox rootfs \
		rootfs/proc/1/root/etc/powerbox "$bundle/inside/powerbox" ./inside/../host/powerbox; do
		for options in '["bind", "nosuid"]' '["rbind", "rrw"]' '["ro"]'; do
			mounted "$source" "$options" "$host"
			is 1 "the mount at '/x' is of something in the container's own rootfs"
			[[ -z $(called) ]]
		done
	done
	mounted "$bundle/dangling" '["bind"]' "$host"
	is 1 "a link that leads nowhere"
	for source in /proc/self/cwd/link /proc/self/fd/77/../../etc /proc/thread-self/cwd/link \
		"$bundle/process/link" "/proc/$INSIDE_PID/root/opt" process/link; do
		mounted "$source" '["bind"]'
		is 1 "leads through a process in /proc"
		[[ -z $(called) ]]
	done
	for source in nothing/../../../../../../../../../../../etc/powerbox /opt/nothing/../../etc; do
		mounted "$source" '["bind"]'
		is 1 "lets the container write to "
	done
	bundle_with '.root.path = "nothing/../../../../../../../../../../../etc"'
	wrapper create --bundle "$bundle" c1
	is 1 "the rootfs lets the container write to "
	mounted "$(printf './%.0s' {1..2100})" '["bind"]'
	is 74 "File name too long"
}

# As many names as fit, each with its own beginning, and as long as a path can be.
@test "names that are not there cost no time" {
	bundle_with '.mounts = [range(400) | {"destination": "/x\(.)", "type": "bind",
		"source": "/n\(.)\([range(1900) | "/a"] | add)"}]'
	run inside timeout 20 powerbox-runtime create --bundle "$bundle" c1
	is 0
}

@test "a path of config.json can't write to a terminal or a log" {
	long=$(printf 'x%.0s' {1..300})
	for source in "/\\n\\u001b[2J$long" "/tmp/../\\n\\u001b[2J$long" "/proc/self/\\n\\u001b[2J"; do
		mounted "$source" '["bind"]'
		[[ $status == 1 || $status == 74 ]]
		((${#lines[@]} == 1))
		[[ $output == *'\x0a\x1b[2J'* && $output != *$'\e'* ]]
	done
}

@test "what is read-only counts as writable where another part of config.json undoes that" {
	mkdir -p "$bundle/rootfs"
	for rest in "{\"destination\": \"/y\", \"type\": \"bind\", \"source\": \"$bundle\", \"options\": [\"rbind\", \"ro\"]}" \
		'{"destination": "/y", "type": "bind", "source": ".", "options": ["rbind", "rrw"]}'; do
		mounted /etc '["bind", "ro"]' ".mounts += [$rest]"
		is 1 "a later mount has the container's rootfs in it"
		mounted /opt '["bind", "ro"]' ".mounts += [$rest]"
		is 0
		mounted /etc '["bind", "ro"]' ".mounts = [$rest] + .mounts"
		is 0
		mounted /etc '["bind", "ro"]' ".mounts += [$rest] | .mounts[1].options = [\"rbind\", \"rro\"]"
		is 0
		mounted /etc '["bind", "ro"]' ".mounts += [$rest] | .mounts[1].options = [\"bind\"]"
		is 0
	done
	for propagation in shared rshared; do
		mounted /etc '["bind", "ro"]' ".linux.rootfsPropagation = \"$propagation\""
		is 1 "rootfsPropagation is shared"
		mounted /opt '["rbind", "rshared"]' ".linux.rootfsPropagation = \"$propagation\""
		is 0
	done
	for propagation in rslave private; do
		mounted /etc '["bind", "ro"]' ".linux.rootfsPropagation = \"$propagation\""
		is 0
	done
}

@test "a mount namespace that is there already is not joined" {
	bundle_with '.linux.namespaces = [{"type": "pid", "path": "/proc/1/ns/pid"}, {"type": "mount", "path": "/proc/1/ns/mnt"}]'
	wrapper create --bundle "$bundle" c1
	is 1 "joins a mount namespace"
	for path in null '""'; do
		bundle_with ".linux.namespaces = [{\"type\": \"pid\", \"path\": \"/proc/1/ns/pid\"}, {\"type\": \"mount\", \"path\": $path}]"
		wrapper create --bundle "$bundle" c1
		is 0
	done
}

@test "an overlay's options, however they are divided and escaped" {
	for options in '["lowerdir=/a,upperdir=/etc/powerbox,workdir=/tmp/w"]' \
		'["lowerdir=/a,upperdir=/opt", "x,workdir=/etc/powerbox"]' \
		'["lowerdir=/a", "upperdir=/et\\c/powerbo\\x", "workdir=/tmp/w"]' \
		'["lowerdir=/a\\,upperdir=/etc/powerbox"]'; do
		mounted overlay "$options" '.mounts[0].type = "overlay"'
		is 1 "lets the container write to /etc/powerbox"
		[[ -z $(called) ]]
	done
	mounted overlay '["lowerdir=/a", "upperdir=/opt/b\\,c"]' '.mounts[0].type = "overlay"'
	is 1 "a comma in its name"
	mounted overlay '["upperdir=rootfs/host/powerbox"]' '.mounts[0].type = "overlay"'
	is 1 "in the container's own rootfs"
	mounted overlay '["lowerdir=/a\\:b\\,c,upperdir=/opt,workdir=/tmp"]' '.mounts[0].type = "overlay"'
	is 0
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

@test "the disk that a file is on is a way to it" {
	local disk=$BATS_TEST_TMPDIR/disk

	# shellcheck disable=SC2046 # two numbers
	mknod "$disk" b $(stat -c '%Hd %Ld' /usr/sbin/chroot)
	mounted "$disk" '[]' '.mounts[0].type = "ext4"'
	is 0
	node '"runtime": "/usr/sbin/chroot"'
	mounted "$disk" '[]' '.mounts[0].type = "ext4"'
	is 1 "the mount at '/x' lets the container write to /usr/sbin/chroot"
	mounted "$disk" '["ro"]' '.mounts[0].type = "ext4"'
	[[ $output != *"lets the container"* ]]
}

@test "in mode warn such a mount is let through" {
	acl '"mode": "warn"'
	mounted / '["rbind"]'
	is 0
}

# ---- update and mounts ----

# updated TEXT [file]: give crun these resources, by standard input or in a file.
updated()
{
	printf '%s' "$1" >"$BATS_TEST_TMPDIR/resources"
	: >"$said/update.stdin"
	if [[ ${2-} == file ]]; then
		wrapper update --resources "$BATS_TEST_TMPDIR/resources" c1
	else
		run inside powerbox-runtime update -r - c1 <"$BATS_TEST_TMPDIR/resources"
	fi
}

@test "update: crun gets the resources that were read, and no devices" {
	stub crun
	bundle_with '.linux.resources.devices = [{"allow": false, "access": "rwm"},
		{"allow": true, "type": "c", "major": 1, "minor": 3, "access": "rwm"}]'
	wrapper create --bundle "$bundle" c1
	for way in file stdin; do
		for text in '{}' '{"pids": {"limit": 7}}' '{"devices": null}' '{"devices": []}' \
			'{"devices":[{"access":"rwm","allow":false},{"type":"c","major":1,"minor":3,"access":"rwm","allow":true}]}'; do
			updated "$text" $way
			is 0
			[[ $(called | tail -n 1) == "update --resources=- -- c1 " ]]
			[[ $(<"$said/update.stdin") == "$text" ]]
		done
		rm "$said/calls"
		for text in '{"devices": [{"allow": true, "access": "rwm"}]}' '{"devices": {}}' '{"devices": 1}' \
			'{"devices": [{"allow": false, "access": "rwm"}]}' \
			'{"devices":[{"access":"rwm","allow":false},{"type":"c","major":1,"minor":5,"access":"rwm","allow":true}]}' \
			'{"devices":[{"access":"rwm","allow":false},{"type":"b","major":1,"minor":3,"access":"rwm","allow":true}]}' \
			'{"devices":[{"access":"rwm","allow":true},{"type":"c","major":1,"minor":3,"access":"rwm","allow":true}]}'; do
			updated "$text" $way
			is 1 "the resources name devices that are not those"
		done
		for text in '{' '' '{"devices": [], "devices": [1]}' '{"Devices": []}' '{"device\u017f": []}' '/**/{}'; do
			updated "$text" $way
			is 65 "resources: "
		done
		[[ $(called) != *update* ]]
	done
	updated "$(printf '%1100000s' '{}')"
	is 65 "standard input is longer than"
	# Closed, it is no file of powerbox's own.
	run inside bash -c 'exec powerbox-runtime update -r - c1 <&-'
	is 65 "resources: byte 0 (line 1): premature EOF"
	wrapper update --resources "$BATS_TEST_TMPDIR/none" c1
	is 66
	wrapper update --pids-limit 5 c1
	is 0
	updated '{"devices": [1]}'
	is 1
	wrapper delete c1
	updated '{"devices": [1]}'
	is 66 "the resources name devices: the runtime knows no such container"
}

@test "update: runc ignores devices and keeps its standard input" {
	wrapper create --bundle "$bundle" c1
	updated '{"devices": [1]}'
	is 0
	[[ $(<"$said/update.stdin") == '{"devices": [1]}' && $(called | tail -n 1) == "update --resources=- -- c1 " ]]
	updated '{"devices": [1]}' file
	[[ $(called | tail -n 1) == "update --resources=$BATS_TEST_TMPDIR/resources -- c1 " ]]
}

@test "update: in mode warn the resources pass as they are" {
	stub crun
	acl '"mode": "warn"'
	for text in '{"devices": [1]}' '{'; do
		updated "$text"
		is 0
		[[ $(<"$said/update.stdin") == "$text" ]]
	done
}

@test "mounts: refused unless a rule that applies says so, and then not of own files" {
	stub crun
	wrapper create --bundle "$bundle" c1
	echo '[{"destination": "/x", "source": "/tmp", "options": ["bind"]}]' >"$BATS_TEST_TMPDIR/mounts"
	for rules in '' '{"mounts": false}' '{"mounts": true, "nodes": {"a": "b"}}' '{"restore": true}'; do
		acl "\"default\": [\"minimal\"], \"rules\": [$rules]"
		for verb in add remove; do
			wrapper mounts $verb c1 "$BATS_TEST_TMPDIR/mounts"
			is 1 'mounts are not allowed on this node'
		done
	done
	[[ $(called) != *mounts* ]]
	acl '"default": ["minimal"], "rules": [{"mounts": true}]'
	wrapper mounts add c1 "$BATS_TEST_TMPDIR/mounts"
	is 0
	[[ $(called | tail -n 1) == "mounts -- add c1 $BATS_TEST_TMPDIR/mounts " ]]
	echo '[{"destination": "/x", "source": "/etc", "options": ["bind"]}]' >"$BATS_TEST_TMPDIR/mounts"
	wrapper mounts add c1 "$BATS_TEST_TMPDIR/mounts"
	is 1 "the mount at '/x'"
	wrapper mounts add c2 "$BATS_TEST_TMPDIR/mounts"
	is 66
	# crun begins at the working directory, not at the bundle.
	echo '[{"destination": "/x", "source": "./powerbox", "options": ["bind"]}]' >"$BATS_TEST_TMPDIR/mounts"
	run inside env -C /etc powerbox-runtime mounts add c1 "$BATS_TEST_TMPDIR/mounts"
	is 1 "the mount at '/x'"
	wrapper mounts add c1 "$BATS_TEST_TMPDIR/mounts"
	is 0
	# By the path of what was opened.
	ln -sfn "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/self"
	run inside env -C "$BATS_TEST_TMPDIR" powerbox-runtime mounts add c1 self/mounts
	is 0
	[[ $(called | tail -n 1) == "mounts -- add c1 $BATS_TEST_TMPDIR/mounts " ]]
	for text in '[{"destination": "/x", "Source": "/etc"}]' '[{"source": 1}]' '{}' 'null' '[null]' '[] []'; do
		echo "$text" >"$BATS_TEST_TMPDIR/mounts"
		wrapper mounts add c1 "$BATS_TEST_TMPDIR/mounts"
		is 65 mounts
	done
	acl '"mode": "warn"'
	wrapper mounts add c1 "$BATS_TEST_TMPDIR/mounts"
	is 0
}

# ---- restore ----

@test "restore: refused unless a rule that applies says so, and then as create" {
	for kind in runc crun; do
		stub "$kind"
		for rules in '' '{"restore": false}' '{"restore": true, "nodes": {"a": "b"}}' '{"mounts": true}'; do
			acl "\"default\": [\"minimal\"], \"rules\": [$rules]"
			bundle_with .
			sum=$(sha256sum "$bundle/config.json")
			wrapper restore --bundle "$bundle" c1
			is 1 "restore is not allowed on this node"
			[[ -z $(called) && $(sha256sum "$bundle/config.json") == "$sum" ]]
			run ! inside readlink "/run/powerbox/run-$kind/c1"
		done
		acl '"default": ["minimal"], "rules": [{"restore": true}]'
		wrapper restore --bundle "$bundle" c1
		is 0
		[[ $(jq -c .process.capabilities.bounding "$bundle/config.json") == "[]" ]]
		[[ $(inside readlink "/run/powerbox/run-$kind/c1") == "$bundle" ]]
		rm "$said/calls"
	done
}
