#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox-hook as engines call it: bytes in, bytes out, exit status. The containers are
# processes with mounts as the runtimes make them; tests/live/podman.bats has real ones.
#
# shellcheck disable=SC2016 # scripts and filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

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

# mounted SCRIPT: a process in its own mount namespace, with a rootfs that is a mount and
# whatever the script mounts beneath it ($R).
mounted()
{
	local tries pid=$BATS_TEST_TMPDIR/pid

	# shellcheck disable=SC2016 # expanded by the inner shell
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

@test "usage: what is not understood ends with 64 and the usage line" {
	local words

	for words in "" "nothing" "precreate x" "verify x" "deny" "--help x" "-h"; do
		# shellcheck disable=SC2086 # words
		run inside "$hook" $words </dev/null
		[[ $status == 64 && $output == "powerbox: usage: "* ]]
	done
	run inside "$hook" --help
	[[ $status == 0 && $output == "usage: powerbox-hook "* ]]
	run inside "$hook" --version
	[[ $status == 0 && $output =~ ^powerbox-hook\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "deny: the reason on stderr, in one line of printable bytes, and 1" {
	run inside "$hook" deny 'profile "a"' $'is\x1b[2J not\nallowed\xc3'
	[[ $status == 1 && $output == 'powerbox: profile "a" is?[2J not?allowed?' ]]
}

@test "precreate: the sections change and no other byte" {
	ask '{"dev.powerbox.profiles": "minimal,net-bind"}'
	precreate
	is 0
	[[ $(jq -c '.process.capabilities.bounding' "$out") == '["CAP_NET_BIND_SERVICE"]' ]]
	[[ $(jq -r '.process.noNewPrivileges' "$out") == true ]]
	[[ $(jq -r '.linux.seccomp.defaultAction' "$out") == SCMP_ACT_ERRNO ]]
	python3 - "$BATS_TEST_TMPDIR/in" "$out" <<-'END'
	import re, sys
	old, new = (open(name, "rb").read() for name in sys.argv[1:])
	old = re.sub(rb'"capabilities": \{.*?\}', b"@", old, flags=re.S)
	new = re.sub(rb'"capabilities": \{.*?\}', b"@", new, flags=re.S)
	new = re.sub(rb'"noNewPrivileges":true,', b"", new)
	new = re.sub(rb'"seccomp":.*,( "namespaces")', rb"\1", new, flags=re.S)
	assert old == new, (old, new)
	END
}

@test "precreate: what went through it goes through it unchanged" {
	precreate
	cp "$out" "$BATS_TEST_TMPDIR/once"
	precreate "$BATS_TEST_TMPDIR/once"
	is 0
	cmp "$out" "$BATS_TEST_TMPDIR/once"
}

@test "precreate: a refusal is a config that can't start and grants nothing" {
	local deny

	ask '{"dev.powerbox.profiles": "minimal,ptrace"}'
	precreate
	[[ $status == 0 && $err == 'powerbox: profile "ptrace" is not allowed '* ]]
	jq -e '.hooks.createRuntime | length == 2' "$out"
	[[ $(jq -r '.hooks.createRuntime[0].path' "$out") == \
		"$hook/refused: ${err#powerbox: }" ]]
	run inside test -e "$(jq -r '.hooks.createRuntime[0].path' "$out")"
	[[ $status != 0 ]]
	mapfile -t deny < <(jq -r '.hooks.createRuntime[1] | .path, .args[1:][]' "$out")
	run inside "${deny[@]}"
	[[ $status == 1 && $output == "$err" ]]
	jq -e '[.hooks[][] | .env] | all(. == [])' "$out"
	jq -e '[.process.capabilities[] | length] | length == 5 and add == 0' "$out"
	jq -e '.process.noNewPrivileges == true' "$out"
	jq -e '.linux.seccomp | .defaultAction == "SCMP_ACT_ERRNO"' "$out"
	jq -e '[.linux.seccomp.syscalls[]? | select(.action != "SCMP_ACT_ERRNO")] == []' "$out"
}

@test "precreate: a refusal keeps the hooks that are there, behind its own" {
	local hooks

	for hooks in null '{}' '{ "createRuntime": [] }' '{ "createRuntime": null }' \
		'{"poststop":[{"path":"/p"}]}' \
		'{"createRuntime": [ {"path":"/a"}, {"path":"/b"} ], "poststop":[{"path":"/p"}]}'; do
		ask '{"dev.powerbox.profiles": "ptrace"}' "$hooks"
		precreate
		echo "$hooks: $status $err"
		[[ $status == 0 ]]
		jq -e '.hooks.createRuntime[0].path | contains("/refused: ")' "$out"
		jq -e --argjson old "$hooks" \
			'.hooks.createRuntime[2:] == ($old.createRuntime // [])' "$out"
		jq -e --argjson old "$hooks" '.hooks.poststop == $old.poststop' "$out"
	done
}

@test "precreate: no ACL, a broken one and one that others can write are refusals" {
	inside rm /etc/powerbox/acl.json
	precreate
	[[ $status == 0 && $err == *"there is no ACL"* ]]
	jq -e '.hooks.createRuntime[0].path | contains("there is no ACL")' "$out"
	acl '"rules": ['
	precreate
	[[ $status == 0 && $err == *"/etc/powerbox/acl.json"* ]]
	jq -e '.hooks.createRuntime | length == 2' "$out"
	acl '"default": ["minimal"]'
	inside chmod 666 /etc/powerbox/acl.json
	precreate
	[[ $status == 0 ]]
	jq -e '.hooks.createRuntime[0].path | contains("chmod")' "$out"
	acl '"default": ["minimal"]'
	inside bash -c 'echo "{\"version\":2}" >/etc/powerbox/node.json'
	precreate
	jq -e '.hooks.createRuntime[0].path | contains("node.json")' "$out"
}

@test "precreate: what is no config.json gets no answer, 65 and one line" {
	local bad in=$BATS_TEST_TMPDIR/bad

	for bad in '' 'null' '[]' '{' '{}' '"x"' '{"process":{}} {}' '{"process":{},}' \
		'\xef\xbb\xbf{"process":{}}' '/* */{"process":{}}' '{"process":{},"process":{}}' \
		'{"process":{"\\u0000":1}}' '{"process":{}}\x00' '{"process":{"a":"\xc0\xaf"}}' \
		'{"process":{"a":"\\ud800"}}' '{"process":7}'; do
		printf '%b' "$bad" >"$in"
		precreate "$in"
		echo "$bad"
		is 65
		[[ ! -s $out ]]
	done
	# 16 MiB and a byte; and a depth that would end a recursive reader.
	{ printf '{"process":{},"x":"'; head -c 16777216 /dev/zero | tr '\0' x; printf '"}'; } >"$in"
	precreate "$in"
	is 65
	[[ ! -s $out ]]
	{ printf '{"process":{},"x":'; head -c 1000000 /dev/zero | tr '\0' '['; } >"$in"
	precreate "$in"
	is 65
	[[ ! -s $out ]]
}

@test "precreate: no prefix of a config is one" {
	local size at

	size=$(stat -c %s "$BATS_TEST_TMPDIR/in")
	for ((at = 0; at < size - 1; at += 7)); do
		head -c "$at" "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/part"
		precreate "$BATS_TEST_TMPDIR/part"
		[[ $status == 65 && ! -s $out ]]
	done
}

@test "precreate: an answer that can't be written is 74" {
	status=0
	err=$(inside bash -c "$hook precreate <'$BATS_TEST_TMPDIR/in' 2>&1 >/dev/full") || status=$?
	is 74
}

@test "precreate: mode warn changes no byte and refuses nothing" {
	acl '"mode": "warn", "rules": []'
	ask '{"dev.powerbox.profiles": "ptrace"}'
	precreate
	is 0
	cmp "$BATS_TEST_TMPDIR/in" "$out"
}

@test "closed descriptors: none of ours gets in the place of the first three" {
	local closed

	for closed in '<&-' '2>&-' '<&- >&-' '<&- 2>&-' '<&- >&- 2>&-'; do
		run inside bash -c "$hook verify $closed"
		echo "$closed: $status $output"
		[[ $status == 65 ]]
		[[ $closed == *'2>&-'* || $output == "powerbox: "* ]]
	done
	run inside bash -c "$hook precreate <'$BATS_TEST_TMPDIR/in' 2>&-"
	[[ $status == 0 && $output == "{ "* ]]
	for closed in '>&-' '>&- 2>&-'; do
		run inside bash -c "$hook precreate <'$BATS_TEST_TMPDIR/in' $closed"
		[[ -z $output ]]
	done
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
	/usr/bin /usr/bin/powerbox-runtime
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

@test "out of memory: 71 and one line" {
	[[ -z ${INSTRUMENTATION-} ]] || skip "machine: a sanitizer needs more memory"
	{ printf '{"process":{},"x":"'; head -c 16000000 /dev/zero | tr '\0' x; printf '"}'; } \
		>"$BATS_TEST_TMPDIR/big"
	status=0
	err=$(inside prlimit --as=30000000 "$hook" precreate 2>&1 >/dev/null \
		<"$BATS_TEST_TMPDIR/big") || status=$?
	is 71
}
