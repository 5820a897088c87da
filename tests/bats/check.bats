#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox check: what is wrong with a node, each by its line, and nothing that is right.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

bats_require_minimum_version 1.5.0

load node.bash

setup_file()
{
	# Without the engines that this machine has.
	inside_begin 'node_overlay /usr/sbin; mount -t tmpfs tmpfs /usr/local'
}

setup()
{
	inside bash -eu -c '
		. "$SRCDIR/tests/live/inside.bash"
		rm -rf /etc/powerbox /etc/containerd /etc/crio /etc/docker /etc/containers
		rm -f /usr/{bin,sbin}/{podman,containerd,crio,dockerd}
		mkdir -m 755 -p /etc/powerbox/{acl.d,profiles.d} /etc/containers/containers.conf.d
		install -m 644 "$SRCDIR"/packaging/{acl,node}.json /etc/powerbox/
		install -m 644 "$SRCDIR"/profiles/data/*.json /usr/share/powerbox/profiles.d/
		install "$BUILDDIR/powerbox-runtime" /usr/bin/
		install "$BUILDDIR"/powerbox-{hook,prove} /usr/libexec/powerbox/
		rm -rf /usr/share/containers/oci'
	says_of runc 'runc version 1.1.5+x\nspec: 1.0.2-dev\n'
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/fake-runc"}'
}

# file PATH TEXT [MODE]: as root's file of the node.
file()
{
	inside bash -c 'mkdir -p "${1%/*}" && printf "%s\n" "$2" >"$1" && chmod "$3" "$1"' \
		file "$1" "$2" "${3:-644}"
}

# says_of KIND WORDS: what /usr/bin/fake-KIND says to --version.
says_of()
{
	file "/usr/bin/fake-$1" "#!/bin/sh
[ \"\$1\" = --version ] && printf '$2'" 755
}

# check STATUS: and $output, without what is on standard error.
check()
{
	status=0
	output=$(inside timeout 20 powerbox check 2>"$BATS_TEST_TMPDIR/err") || status=$?
	echo "check: $status"
	[[ $status == "$1" ]] || {
		echo "$output"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

# line PATTERN...: a finding that is this, as a regular expression.
line()
{
	local pattern

	for pattern; do
		grep -qxE -e "$pattern" <<<"$output" || {
			echo "no line $pattern in:"
			echo "$output"
			return 1
		}
	done
}

@test "a good node has nothing to mend" {
	check 0
	line 'ok    folder /etc/powerbox and what is above it \(/, /etc\): root.s alone' \
		'ok    /etc/powerbox/acl.json' 'ok    runtime /usr/bin/fake-runc, runc 1.1.5' \
		'ok    .*/runtime-runc.json was measured with this version' \
		'ok    program /usr/libexec/powerbox/powerbox-prove'
	[[ $output != *BAD* && ! -s $BATS_TEST_TMPDIR/err ]]
}

@test "each file and folder that others could write, all in one run" {
	inside chmod 775 /usr/share/powerbox
	inside chmod 757 /etc/powerbox/acl.d
	file /etc/powerbox/acl.d/10-a.json '{}' 664
	inside chown 7 /usr/libexec/powerbox/powerbox-prove
	check 78
	line 'BAD   /usr/share/powerbox: writable by group .*chmod 0755 /usr/share/powerbox' \
		'BAD   /etc/powerbox/acl.d: writable by others .*' \
		'BAD   /usr/libexec/powerbox/powerbox-prove: owned by uid 7.*chown root .*'
	inside chmod 755 /usr/share/powerbox /etc/powerbox/acl.d
	check 78
	line 'BAD   /etc/powerbox/acl.d/10-a.json: writable by group .*chmod 0644 .*'
}

@test "each file of the ACL by its line, whatever is wrong with the others" {
	file /etc/powerbox/acl.json '{ "rules": [
	{ "alow": [] } ] }'
	file /etc/powerbox/acl.d/10-a.json '{ "rules": [ }'
	file /etc/powerbox/acl.d/20-b.json '{ "default": ["typo"] }'
	file /etc/powerbox/acl.d/30-c.json '{ "default": ["minimal"] }'
	check 78
	line "BAD   /etc/powerbox/acl.json: line 2: unknown member 'alow'; powerbox-acl\(5\) has all" \
		'BAD   /etc/powerbox/acl.d/10-a.json: byte .*line 1.*; mend the JSON there; .*' \
		'ok    /etc/powerbox/acl.d/20-b.json' 'ok    /etc/powerbox/acl.d/30-c.json'
	file /etc/powerbox/acl.json '{ "mode": "warn" }'
	file /etc/powerbox/acl.d/10-a.json '{ "mode": "enforce" }'
	check 78
	line 'BAD   /etc/powerbox/acl.d/10-a.json: line 1: another file sets the other mode'
	inside rm /etc/powerbox/acl.d/10-a.json
	check 78
	line 'BAD   /etc/powerbox/acl.d/20-b.json:1: there is no profile .typo. .*' \
		'note  mode warn: powerbox protects nothing; .*'
}

@test "a folder above the ACL that others can write: that, and not that there is no ACL" {
	inside chmod 775 /etc
	check 78
	line 'BAD   /etc: writable by group .*; mend with: chmod 0755 /etc'
	[[ $(grep -c '^BAD' <<<"$output") == 1 ]]
	inside chmod 755 /etc
	inside chmod 777 /etc/powerbox
	check 78
	line 'BAD   /etc/powerbox: writable by .*; mend with: chmod 0755 /etc/powerbox'
	[[ $(grep -c '^BAD' <<<"$output") == 1 ]]
	inside rm -rf /etc/powerbox
	check 78
	line 'BAD   .*/etc/powerbox: No such file.*; without it there is no ACL, .*'
	[[ $(grep -c '^BAD' <<<"$output") == 1 ]]
	inside mkdir -m 755 /etc/powerbox
	check 78
	line 'BAD   there is no ACL on this node: write /etc/powerbox/acl.json .*'
}

@test "an ACL without a default is told what that means" {
	file /etc/powerbox/acl.json '{ "rules": [] }'
	check 0
	line 'note  the ACL names no "default": a container .*libc.s words.*'
}

@test "rules that open a node: mode warn, annotations, restore and mounts for all" {
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/fake-runc", "engine": "containerd",
		"labels": {"pool": "edge"}}'
	file /etc/powerbox/acl.d/w.json '{ "rules": [
		{ "namespaces": ["web"],
			"mode": "warn", "annotations": ["*"], "restore": true } ] }'
	check 0
	line 'ok    the ACL in /etc/powerbox, mode enforce' \
		'note  .*/acl.d/w.json:3: mode warn for namespace web: powerbox protects nothing there; .*'
	[[ $(grep -c 'w.json:' <<<"$output") == 1 ]]
	file /etc/powerbox/acl.d/w.json '{ "rules": [
		{ "mode": "warn", "nodes": { "pool": "edge" } },
		{ "annotations": ["*"] },
		{ "restore": true },
		{ "mounts": true, "restore": false, "annotations": [] },
		{ "mode": "warn", "restore": true, "nodes": { "pool": "core" } } ] }'
	check 0
	line 'ok    the ACL in /etc/powerbox, mode warn' \
		'note  .*/acl.d/w.json:2: mode warn for every container: .*' \
		'note  .*/acl.d/w.json:3: "annotations" for every container: .*' \
		'note  .*/acl.d/w.json:4: "restore" for every container: .*' \
		'note  .*/acl.d/w.json:5: "mounts" for every container: .*'
	[[ $(grep -c 'w.json:' <<<"$output") == 4 ]]
	inside powerbox list 2>&1 >/dev/null | grep -q 'note: mode warn: every container starts'
	inside rm /etc/powerbox/acl.d/w.json
	[[ -z $(inside powerbox list 2>&1 >/dev/null) ]]
}

@test "rules that select by what nobody tells" {
	file /etc/powerbox/acl.d/w.json '{ "rules": [
		{ "mode": "warn", "namespaces": ["web"] },
		{ "nodes": {}, "images": ["*"] },
		{ "containers": ["c"], "nodes": { "pool": "core" } } ] }'
	check 0
	line 'note  .*/acl.d/w.json:2: "namespaces" matches nothing here, .*names no engine .*' \
		'note  .*/acl.d/w.json:3: "images" matches nothing here, .*'
	[[ $(grep -c 'w.json:' <<<"$output") == 2 ]]
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/fake-runc", "engine": "podman"}'
	check 0
	line 'note  .*/acl.d/w.json:2: "namespaces" matches nothing here, .*: podman, .*'
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/fake-runc", "engine": "containerd"}'
	check 0
	run ! grep 'matches nothing' <<<"$output"
	file /etc/powerbox/acl.d/w.json '{ "rules": [
		{ "allow": ["minimal"], "images": ["nginx", "*nginx*", "quay.io/x:1"] },
		{ "allow": ["minimal"],
			"images": ["team/x:*"], "nodes": {} } ] }'
	check 0
	line "note  .*/acl.d/w.json:2: engines tell the whole name of an image, and 'nginx' is not like one: say 'docker.io/library/nginx:latest'" \
		"note  .*/acl.d/w.json:4: .*'team/x:\*' is not like one: say 'docker.io/team/x:\*'"
	[[ $(grep -c 'is not like one' <<<"$output") == 2 ]]
	# An engine is missed by nobody whose rules need none.
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/fake-runc"}'
	inside rm /etc/powerbox/acl.d/w.json
	check 0
	run ! grep -i 'names no engine' <<<"$output"
}

@test "an approval that its profile has outgrown" {
	local approved='"allow": ["own"], "approved": {"who": "root", "when": "2026-11-20T10:00:00Z",
		"what": {"own": {"capabilities": ["CAP_CHOWN"]}}}'

	file /etc/powerbox/acl.d/50-approved.json "{\"rules\": [{ $approved }]}"
	file /etc/powerbox/profiles.d/own.json '{"summary": "own", "capabilities": ["CAP_CHOWN"]}'
	check 0
	file /etc/powerbox/profiles.d/own.json \
		'{"summary": "own", "capabilities": ["CAP_CHOWN", "CAP_KILL"]}'
	check 78
	line 'BAD   .*/acl.d/50-approved.json:1: profile "own" grants more than was approved there \(CAP_KILL\), .*'
	# It is no matter of this node's.
	file /etc/powerbox/acl.d/50-approved.json \
		"{\"rules\": [{ \"nodes\": {\"pool\": \"core\"}, $approved }]}"
	check 0
}

@test "what is not read is named" {
	local name

	for name in acl.jsn node.json~ acl.d/20-a.json.dpkg-new acl.d/.30.json \
		profiles.d/Net.json profiles.d/net.json.swp; do
		file "/etc/powerbox/$name" '{'
	done
	file $'/etc/powerbox/acl.d/a\e\n.json' '{'
	check 0
	line "note  '/etc/powerbox/acl.d/a.x1b.x0a.json' is not read: .*rename it, or take it away"
	for name in acl.jsn node.json~ acl.d/20-a.json.dpkg-new acl.d/.30.json \
		profiles.d/Net.json profiles.d/net.json.swp; do
		line "note  '/etc/powerbox/$name' is not read: .*rename it, or take it away"
	done
	[[ $(grep -c 'is not read' <<<"$output") == 7 ]]
}

@test "profiles: a broken one, one that is shadowed, and one that is broken and shadowed" {
	file /etc/powerbox/profiles.d/own.json '{"summary": "a\u001bb"}'
	file /etc/powerbox/profiles.d/ptrace.json '{"summary": "mine"}'
	file /etc/powerbox/profiles.d/minimal.json '{"summary": "mine"}'
	file /usr/share/powerbox/profiles.d/minimal.json '{"sumary": "theirs"}'
	check 78
	line 'BAD   /etc/powerbox/profiles.d/own.json: line 1: the summary must be one line .*' \
		'ok    /etc/powerbox/profiles.d/ptrace.json' \
		'note  /usr/share/powerbox/profiles.d/ptrace.json is not used: .*' \
		"BAD   /usr/share/powerbox/profiles.d/minimal.json: line 1: unknown member 'sumary'.*"
}

@test "the runtime: missing, none, silent, hanging, another kind, powerbox itself" {
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/nothing"}'
	check 78
	line 'BAD   .*/usr/bin/nothing: No such file.*; install it, or name runc or crun .*'
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/true"}'
	check 78
	line 'BAD   /usr/bin/true is no runtime that is known here: .*"runtime" in .*node.json'
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/fake-runc"}'
	says_of runc 'runc version 1.1.5\n'
	check 78
	line 'BAD   /usr/bin/fake-runc is no runtime .*'
	says_of runc 'kata version 1.1.5\nspec: 1.0.2\n'
	check 78
	line "BAD   /usr/bin/fake-runc is no runtime .*'kata version 1.1.5'.*"
	says_of runc 'crun version 1.8.1\nspec: 1.0.2\n'
	check 78
	line 'BAD   runtime /usr/bin/fake-runc says that it is crun, .*"runtimeKind": "crun" there'
	file /usr/bin/fake-runc '#!/bin/sh
exec sleep 60' 755
	check 78
	line 'BAD   .*/usr/bin/fake-runc did not answer within 2 seconds; name runc or crun .*'
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/powerbox-runtime"}'
	check 78
	line 'BAD   /usr/bin/powerbox-runtime is powerbox itself; name runc or crun as .*'
}

@test "--probe: of a runtime that is none, in a line" {
	local words

	file /usr/bin/fake-other 'no program' 644
	while IFS='|' read -r path want words; do
		echo "# $path"
		status=0
		inside timeout 20 powerbox check --probe --runtime "$path" \
			>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
		cat "$BATS_TEST_TMPDIR/err"
		[[ $status == "$want" && ! -s $BATS_TEST_TMPDIR/out ]]
		[[ $(wc -l <"$BATS_TEST_TMPDIR/err") == 1 ]]
		grep -q -e "$words" "$BATS_TEST_TMPDIR/err"
	done <<-'END'
	/usr/bin/nothing|66|/usr/bin/nothing: No such file.*; install it, or give --runtime the path of runc or crun$
	/usr/bin|69|; give --runtime the path of runc or crun$
	/usr/bin/fake-other|69|; give --runtime the path of runc or crun$
	/usr/bin/true|69|/usr/bin/true is no runtime .*; give --runtime the path of runc or crun$
	/usr/bin/powerbox-runtime|69|/usr/bin/powerbox-runtime is powerbox itself; give --runtime
	runc|64|--runtime takes an absolute path
	END
	file /etc/powerbox/node.json '{"runtime": "/usr/bin/true"}'
	status=0
	inside powerbox check --probe 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[[ $status == 69 && $(<"$BATS_TEST_TMPDIR/err") == *"; name runc or crun with --runtime" ]]
}

@test "a version that the runtime's profile was not measured with" {
	says_of runc 'runc version 1.3.6\nspec: 1.2.0\n'
	check 0
	line 'note  .*/runtime-runc.json was measured with runc 1.1.5, not with 1.3.6; .*--probe.*'
	file /etc/powerbox/profiles.d/runtime-runc.json \
		'{"summary": "s", "syscalls": [{"names": ["execve"]}], "measured": ["1.3.6"]}'
	check 0
	line 'ok    /etc/powerbox/profiles.d/runtime-runc.json was measured with this version'
}

@test "programs that are missing" {
	inside rm /usr/libexec/powerbox/powerbox-prove /usr/bin/powerbox-runtime
	check 78
	line 'BAD   .*/powerbox-prove: No such file.*install powerbox again' \
		'BAD   .*/powerbox-runtime: No such file.*install powerbox again'
}

@test "engines that are not installed are not spoken of" {
	file /etc/containerd/config.toml 'BinaryName = 7'
	check 0
	run ! grep -E 'podman|containerd (has|hands)|CRI-O (has|hands)|Docker' <<<"$output"
}

@test "podman: not at all, on demand, as the rule, by the hook" {
	local conf=/etc/containers/containers.conf.d/50-powerbox.conf

	file /usr/bin/podman '' 755
	check 0
	line 'note  podman does not know the runtime powerbox; install .*'
	inside bash -c '. "$SRCDIR/tests/live/inside.bash"
		inside_template containers.conf.d/50-powerbox.conf /etc/containers/containers.conf.d'
	check 0
	line "ok    podman knows the runtime powerbox \($conf:[0-9]+\)" \
		'note  podman takes powerbox only where --runtime powerbox is said; .*/60-local.conf'
	inside sed -i -e 's/^#runtime/runtime/' -e 's/^#hooks_dir/hooks_dir/' "$conf"
	check 0
	line "ok    podman starts every container with powerbox \($conf:[0-9]+\)" \
		'ok    podman calls powerbox.s precreate hook .*' \
		'ok    podman calls powerbox.s verify hook .*'
	# The last file counts.
	file /etc/containers/containers.conf.d/90-other.conf '[engine]
  runtime = "crun" # not "powerbox"
hooks_dir = [
	"/usr/share/containers/oci/hooks.d",
	"/usr/share/powerbox/oci-hooks.d"
]'
	check 0
	line 'note  podman takes powerbox only .*' \
		'ok    podman calls powerbox.s verify hook \(/etc/containers/.*/90-other.conf:3\)'
	run ! grep -q 'precreate hook' <<<"$output"
}

@test "podman: by the hook alone, exec is not held" {
	local conf=/etc/containers/containers.conf.d/60-local.conf
	local note='note  podman.s hook does not hold exec: .*; to hold them: runtime = "powerbox" .*/60-local.conf'

	file /usr/bin/podman '' 755
	file "$conf" '[engine]
hooks_dir = ["/usr/share/powerbox/hooks.d", "/usr/share/powerbox/oci-hooks.d"]'
	check 0
	line "ok    podman calls powerbox.s precreate hook \($conf:2\)" "$note" \
		'ok    podman calls powerbox.s verify hook .*'
	run ! grep -E 'podman (takes|does)' <<<"$output"
	# Who knows the runtime as well need not start with it.
	inside bash -c '. "$SRCDIR/tests/live/inside.bash"
		inside_template containers.conf.d/50-powerbox.conf /etc/containers/containers.conf.d'
	check 0
	line "$note"
	run ! grep 'podman takes' <<<"$output"
	file "${conf%local.conf}z.conf" 'runtime = "powerbox"'
	check 0
	run ! grep -E 'does not hold exec|podman takes' <<<"$output"
}

@test "podman: another runtime than the one behind powerbox" {
	local conf=/etc/containers/containers.conf.d/60-local.conf

	file /usr/bin/podman '' 755
	file "$conf" 'runtime = "crun" # its own'
	check 0
	line "note  podman starts with the runtime \"crun\" \($conf:1\), powerbox with /usr/bin/fake-runc; .*"
	for own in powerbox fake-runc /usr/bin/fake-runc; do
		file "$conf" "runtime = \"$own\""
		check 0
		run ! grep 'podman starts with the runtime' <<<"$output"
	done
}

@test "containerd, CRI-O and Docker" {
	file /usr/bin/containerd '' 755
	file /usr/bin/crio '' 755
	file /usr/bin/dockerd '' 755
	check 0
	line 'note  containerd has no runtime handler with powerbox; add one .*/doc/powerbox/integration/containerd.md .*' \
		'note  CRI-O has no runtime handler .*/doc/powerbox/integration/crio.md .*' \
		'note  Docker does not know the runtime powerbox; add .*'
	file /etc/containerd/config.toml '[x]
		# BinaryName = "/usr/bin/powerbox-runtime"
		BinaryName = "/usr/sbin/runc"
		BinaryName = "/usr/bin/powerbox-runtime"'
	file /etc/crio/crio.conf.d/50-powerbox.conf 'runtime_path = "/usr/bin/powerbox-runtime"'
	file /etc/docker/daemon.json '{"runtimes": {"pb": {"path": "/usr/bin/powerbox-runtime"}}}'
	check 0
	line 'ok    containerd has a runtime handler with powerbox \(/etc/containerd/config.toml:4\)' \
		'note  containerd hands no request of a pod on, .*' 'ok    CRI-O has .*' \
		"ok    Docker knows powerbox as the runtime 'pb' .*" \
		'note  Docker takes it only where --runtime is said; .*'
	# What the page has.
	file /etc/containerd/config.toml 'BinaryName = "/usr/bin/powerbox-runtime"
		pod_annotations = ["dev.powerbox*", "dev.powerbox*/*"]'
	check 0
	line 'ok    containerd hands a pod.s request on .*:2\)' \
		'ok    containerd hands a container.s own request on .*:2\)'
	file /etc/containerd/config.toml 'BinaryName = "/usr/bin/powerbox-runtime"
		pod_annotations = ["a", "dev.powerbox.profile?"]'
	check 0
	line 'ok    containerd hands a pod.s request on .*' \
		'note  containerd hands no container.s own request on, .*"dev.powerbox\*/\*".*'
	file /etc/containerd/config.toml 'BinaryName = "/usr/bin/powerbox-runtime"
		pod_annotations = ["dev.powerbox", "*/*"'
	check 0
	line 'note  containerd hands no request of a pod on, .*'
	file /etc/docker/daemon.json '{'
	check 0
	line 'note  /etc/docker/daemon.json can.t be read: .*'
}

@test "a precreate hook where CRI-O and buildah look" {
	file /usr/share/containers/oci/hooks.d/1.json '{"stages": ["precreate"]}'
	check 78
	line 'BAD   /usr/share/containers/oci/hooks.d/1.json has the stage precreate, .*take it away.*'
	# What was put aside is read by nobody.
	inside mv /usr/share/containers/oci/hooks.d/1.json{,.off}
	check 0
}

@test "--json: the same findings, in the form of the schema" {
	file /etc/powerbox/acl.d/10-a.json '{'
	status=0
	inside powerbox check --json >"$BATS_TEST_TMPDIR/json" 2>"$BATS_TEST_TMPDIR/err" ||
		status=$?
	[[ $status == 78 && $(wc -l <"$BATS_TEST_TMPDIR/err") == 1 ]]
	/usr/bin/python3 -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))' \
		"$SRCDIR/doc/schema/check.json" "$BATS_TEST_TMPDIR/json"
	check 78
	cmp <(jq -r '.findings[] | .kind + " " + .text' "$BATS_TEST_TMPDIR/json") \
		<(sed -E 's/^ok +/ok /; s/^note +/note /; s/^BAD +/bad /' <<<"$output")
	[[ $(jq .bad "$BATS_TEST_TMPDIR/json") == 1 ]]
}
