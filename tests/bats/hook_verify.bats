#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox-hook as runtimes call it when a container is set up. The containers are
# processes with mounts as the runtimes make them; tests/live/podman.bats has real ones.
#
# shellcheck disable=SC2016 # scripts and filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2154 # hook.bash sets them

load hook.bash

# verify [TEXT]
verify()
{
	printf '%s' "${1-$(state)}" >"$BATS_TEST_TMPDIR/state"
	status=0
	inside "$hook" verify <"$BATS_TEST_TMPDIR/state" >"$BATS_TEST_TMPDIR/said" \
		2>"$BATS_TEST_TMPDIR/err" || status=$?
	err=$(<"$BATS_TEST_TMPDIR/err")
	[[ ! -s $BATS_TEST_TMPDIR/said ]]
}

@test "verify: what precreate wrote passes, in any layout, and so does less" {
	mounted
	granted
	verify
	is 0
	cp "$out" "$bundle/config.json"
	verify
	is 0
	precreate
	cp "$out" "$bundle/config.json"
	verify
	is 0
	granted 'del(.linux.seccomp.syscalls[0])'
	verify
	is 0
	acl '"default": ["minimal", "net-bind"]'
	verify
	is 0
}

@test "verify: more than the union is refused, whatever it is" {
	local filter what

	mounted
	while IFS='|' read -r filter what; do
		granted "$filter"
		verify
		echo "$filter"
		is 1 "$what"
		[[ $err == *"container 'c1'"* ]]
	done <<-'END'
	.process.capabilities.bounding = ["CAP_KILL"]|CAP_KILL
	.process.capabilities.effective = ["CAP_KILL"]|CAP_KILL
	.process.capabilities.permitted = ["CAP_KILL"]|CAP_KILL
	.process.capabilities.inheritable = ["CAP_KILL"]|CAP_KILL
	.process.capabilities.ambient = ["CAP_KILL"]|CAP_KILL
	del(.process.capabilities)|capabilities
	.process.noNewPrivileges = false|new privileges
	del(.process.noNewPrivileges)|new privileges
	del(.linux.seccomp)|system calls
	.linux.seccomp.defaultAction = "SCMP_ACT_ALLOW"|system calls
	.linux.seccomp.defaultAction = "SCMP_ACT_LOG"|system calls
	.linux.seccomp.syscalls += [{"names":["mount"],"action":"SCMP_ACT_NOTIFY"}]|system calls
	.linux.seccomp.syscalls += [{"names":["mount"],"action":"SCMP_ACT_TRACE"}]|system calls
	.linux.seccomp.syscalls += [{"names":["mount"],"action":"SCMP_ACT_ALLOW"}]|system calls
	.linux.seccomp.syscalls += [{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}]|system calls
	.linux.seccomp.architectures += ["SCMP_ARCH_S390"]|architecture
	END
	acl '"default": ["minimal", "net-bind"]'
	granted '.process.capabilities.ambient = ["CAP_NET_BIND_SERVICE"]'
	acl '"default": ["minimal"]'
	verify
	is 1 "CAP_NET_BIND_SERVICE"
}

@test "verify: more than everything there is not" {
	mounted
	acl '"default": ["privileged"]'
	cp "$BATS_TEST_TMPDIR/in" "$bundle/config.json"
	verify
	is 0
	granted
	verify
	is 0
}

@test "verify: a container that asks for what it may not have is refused" {
	mounted
	granted '.annotations["dev.powerbox.profiles"] = "ptrace"'
	verify
	is 1 'profile "ptrace" is not allowed'
}

@test "verify: writable mounts that reach powerbox are refused" {
	local source what

	while read -r source what; do
		mounted "mount --bind $source \$R/y"
		granted
		verify
		echo "$source"
		is 1 "$what"
		[[ $err == *"'/y'"* ]]
		kill "$container"
		rm "$BATS_TEST_TMPDIR/pid"
	done <<-END
	/etc /etc/powerbox
	/etc/powerbox /etc/powerbox
	/etc/powerbox/acl.d /etc/powerbox
	/usr/share /usr/share/powerbox
	/usr/share/powerbox/profiles.d /usr/share/powerbox
	/usr/libexec /usr/libexec/powerbox
	/usr/libexec/powerbox /usr/libexec/powerbox
	/usr/bin /usr/bin/powerbox
	END
	granted
	inside touch "$rootfs/file"
	for source in /etc/powerbox/acl.json /usr/bin/powerbox-runtime \
		"$(inside readlink -f /usr/sbin/runc)"; do
		mounted "mount --bind $source \$R/file"
		verify
		echo "$source"
		is 1 "'/file'"
		kill "$container"
		rm "$BATS_TEST_TMPDIR/pid"
	done
}

@test "verify: a runtime that is a link is protected at both ends" {
	inside mkdir -p /usr/share/links
	inside ln -sf /usr/sbin/runc /usr/share/links/runc
	inside bash -c 'echo "{\"version\":1,\"runtime\":\"/usr/share/links/runc\"}" \
		>/etc/powerbox/node.json'
	granted
	touch "$rootfs/file"
	mounted 'mount --bind /usr/share/links $R/y'
	verify
	is 1 "'/y'"
	kill "$container"
	rm "$BATS_TEST_TMPDIR/pid"
	mounted 'mount --bind /usr/sbin/runc $R/file'
	verify
	is 1 "'/file'"
}

@test "verify: read-only mounts and others pass" {
	local script

	for script in 'mount --bind /etc/powerbox $R/y; mount -o remount,bind,ro $R/y' \
		'mount --bind /etc/containers $R/y' 'mount -t tmpfs none $R/y' \
		'mount --bind /etc/powerbox /mnt'; do
		mounted "$script"
		granted
		verify
		echo "$script"
		is 0
		kill "$container"
		rm "$BATS_TEST_TMPDIR/pid"
	done
}

@test "verify: a recursive bind is judged by what is mounted beneath it, too" {
	mounted 'mount --rbind / $R/y; mount -o remount,bind,ro $R/y'
	granted
	verify
	is 1 "'/y/etc'"
}

# crun 1.8.1 makes mounts read-only after its hooks have run.
@test "verify: a mount that config.json says will be read-only passes, in no doubt only" {
	local ro='{"destination":"/y","source":"/etc/powerbox","options":["rbind","ro"]}'

	mounted 'mount --bind /etc/powerbox $R/y'
	granted ".mounts = [$ro]"
	verify
	is 0
	for ro in "${ro/ro/rw}" "${ro/'"ro"'/'"ro","rw"'}" "${ro/\/y/\/yy}" \
		"${ro/\/etc\/powerbox/\/etc}" "${ro/\/etc\/powerbox/powerbox}" "$ro,$ro" \
		"$ro,${ro/'"ro"'/'"rw"'}" '{"destination":"/y","source":"/etc/powerbox"}' \
		'{"destination":"/y","options":["ro"]}'; do
		granted ".mounts = [$ro]"
		verify
		echo "$ro"
		is 1 "'/y'"
	done
}

@test "verify: of two mounts at one place neither will be read-only" {
	mounted 'mount --bind /etc/containers $R/y; mount --bind /etc/powerbox $R/y'
	granted '.mounts = [{"destination":"/y","source":"/etc/powerbox","options":["ro"]}]'
	verify
	is 1 "'/y'"
}

@test "verify: a rootfs that holds powerbox is a mount like any other" {
	mounted
	granted '.root.path = "/usr/lib"'
	verify
	is 1 "not in its mount table"
	kill "$container"
	rm "$BATS_TEST_TMPDIR/pid"
	rootfs=/etc mounted
	granted '.root.path = "/etc"'
	verify
	is 1 "'/'"
	granted '.root = {"path":"/etc","readonly":true}'
	verify
	is 1 "'/'"
}

@test "verify: a container in the node's own mount namespace is refused" {
	granted
	verify "$(state "$INSIDE_PID")"
	is 1 "no mount namespace of its own"
}

@test "verify: mode warn refuses nothing" {
	acl '"mode": "warn", "default": ["minimal"]'
	mounted 'mount --bind /etc/powerbox $R/y'
	granted '.process.capabilities.bounding = ["CAP_KILL"]'
	verify
	is 0
	granted '.annotations["dev.powerbox.profiles"] = "ptrace"'
	verify
	is 0
}

@test "verify: a state that can't be read is refused, and names no container" {
	local bad

	mounted
	granted
	while read -r bad; do
		verify "$(printf '%b' "$bad")"
		echo "$bad"
		is 65
	done <<-END
	{}
	[]
	null
	{"id":"c1","bundle":"$bundle"}
	{"id":"c1","bundle":"$bundle","pid":0}
	{"id":"c1","bundle":"$bundle","pid":-1}
	{"id":"c1","bundle":"$bundle","pid":"$container"}
	{"id":"c1","bundle":"$bundle","pid":4294967296}
	{"id":"c1","pid":$container}
	{"id":"c1","pid":$container,"bundle":""}
	{"id":"c1","pid":$container,"bundle":"relative"}
	{"id":7,"pid":$container,"bundle":"$bundle"}
	{"pid":$container,"bundle":"$bundle"}
	{"id":"c1","id":"c2","pid":$container,"bundle":"$bundle"}
	{"id":"c1","pid":$container,"bundle":"$bundle"
	{"id":"c1","pid":$container,"bundle":"$bundle\\\\u0000"}
	END
	verify ""
	is 65
	verify "$(state | jq -c --arg x "$(head -c 1048576 /dev/zero | tr '\0' x)" '.x = $x' 2>/dev/null ||
		{ printf '{"x":"'; head -c 1048576 /dev/zero | tr '\0' x; printf '"}'; })"
	is 65
}

@test "verify: untrusted words come out in one line" {
	mounted
	granted
	verify "$(printf '{"id":"a\\nb\\u001b","pid":%s,"bundle":"/no\\nwhere"}' "$container")"
	is 66 "container 'a\\x0ab\\x1b'"
}

@test "verify: each fault has its exit status" {
	mounted
	granted
	verify "$(state "$container" /nowhere)"
	is 66 "/nowhere"
	verify "$(state 4194303)"
	is 66 "/proc/4194303"
	echo '{' >"$bundle/config.json"
	verify
	is 65 "$bundle/config.json"
	granted
	inside rm /etc/powerbox/acl.json
	verify
	is 66 "there is no ACL"
	acl '"nonsense": 1'
	verify
	is 78 "/etc/powerbox/acl.json"
	acl '"default": ["minimal"]'
	inside chmod 666 /etc/powerbox/acl.json
	verify
	is 77 "/etc/powerbox/acl.json"
	acl '"default": ["no-such-profile"]'
	verify
	is 78 "no-such-profile"
	acl '"default": ["net-raw"]'
	state >"$BATS_TEST_TMPDIR/state"
	status=0
	err=$(inside setpriv --bounding-set -net_raw "$hook" verify \
		2>&1 <"$BATS_TEST_TMPDIR/state") || status=$?
	is 69 CAP_NET_RAW
	if [[ $(uname -m) == x86_64 ]]; then
		acl '"default": ["network-server"]'
		inside bash -c 'echo "{\"version\":1,\"architectures\":[\"SCMP_ARCH_X86\"]}" \
			>/etc/powerbox/node.json'
		verify
		is 70 network-server
	fi
}
