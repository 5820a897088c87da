#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox: what an administrator asks, and that what he is told is what a container gets.
#
# shellcheck disable=SC2016 # scripts and filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2034,SC2154 # variables of admin.bash

bats_require_minimum_version 1.5.0

load admin.bash

setup_file()
{
	shims_begin
}

setup()
{
	bundle=$BATS_TEST_TMPDIR/bundle
	folder=$bundle
	config=$bundle/config.json
	mkdir "$bundle" "$BATS_TEST_TMPDIR/out"
	inside bash -c '
		rm -rf /etc/powerbox
		mkdir -m 755 /etc/powerbox /etc/powerbox/acl.d /etc/powerbox/profiles.d
		ln -sfn "$1" /run/stub/out' setup "$BATS_TEST_TMPDIR/out"
	file /etc/powerbox/node.json '{"runtime": "/run/stub/runc"}'
	file /etc/powerbox/acl.json '{ "default": ["minimal"],
		"rules": [{"allow": ["minimal", "net-bind", "network-server", "default"]},
			{"allow": ["ptrace"], "namespaces": ["debug"]}] }'
	ask minimal
}

ask()
{
	echo "{ \"process\": {}, \"annotations\": {\"dev.powerbox.profiles\": \"$1\"} }" >"$config"
}

sections()
{
	jq -S '{capabilities: .process.capabilities, noNewPrivileges: .process.noNewPrivileges,
		seccomp: .linux.seccomp}' "$1"
}

@test "help and version" {
	local word

	for word in --help -h help; do
		powerbox $word
		is 0
		says '  (check|explain|list|show|union) .*'
	done
	powerbox --help
	grep -oE '^  [a-z]+' "$out" >"$BATS_TEST_TMPDIR/commands"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/commands") -ge 5 ]]
	while read -r word; do
		powerbox "$word" --help
		is 0
		says "powerbox $word ?.*"
		powerbox "$word" -h
		is 0
	done <"$BATS_TEST_TMPDIR/commands"
	# However one asks.
	for word in 'help show' '--help show' 'show minimal --help' 'show -h x'; do
		# shellcheck disable=SC2086 # words
		powerbox $word
		is 0
		says 'powerbox show NAME.*'
	done
	powerbox help --help
	is 0
	says '  show .*'
	powerbox approve --reason x kmod --help
	is 0
	inside test ! -e /etc/powerbox/acl.d/50-approved.json
	powerbox --version
	is 0
	says 'powerbox [0-9]+\.[0-9]+\.[0-9]+'
	powerbox -V
	is 0
}

@test "64: what is not understood, with where to look" {
	local line

	while read -r line; do
		# shellcheck disable=SC2086 # words
		powerbox $line
		is 64 --help
		[[ ! -s $out ]]
	done <<-'END'

	what
	--what
	list what
	check what
	show
	show a b
	show --all
	explain
	explain a b
	union --what
	union --profile-dir
	union --runtime
	union --runtime youki
	union Minimal
	union ../minimal
	union minimal --
	END
	# Who takes it for the runtime.
	while read -r line; do
		# shellcheck disable=SC2086 # words
		powerbox $line
		is 64 "the runtime is powerbox-runtime: name /usr/bin/powerbox-runtime to the engine"
	done <<-'END'
	create --bundle /b c1
	run c1
	exec c1 ls
	start c1
	state c1
	kill c1 9
	delete --force c1
	features
	--root /run/runc --log /l --log-format json create --bundle /b c1
	--systemd-cgroup exec --process p c1
	END
	powerbox what create
	is 64 "no subcommand 'what'"
	powerbox help what
	is 64 "no subcommand 'what'"
	# shellcheck disable=SC2046 # words
	powerbox union $(printf 'p%d ' {1..33})
	is 64 32
	powerbox $'\x1b[2J\n'
	is 64 '\x1b[2J\x0a'
}

@test "union: exactly what a bundle gets" {
	local names kind runtime

	for kind in runc crun; do
		file /etc/powerbox/node.json "{\"runtime\": \"/run/stub/$kind\"}"
		for names in '' minimal default 'net-bind minimal' 'network-server net-bind minimal' \
			'default minimal network-server net-bind'; do
			ask "$names"
			[[ $names ]] || names=minimal
			inside powerbox-runtime create --bundle "$bundle" c1
			sections "$config" >"$BATS_TEST_TMPDIR/got"
			for runtime in '' "--runtime $kind" "--runtime=$kind"; do
				# shellcheck disable=SC2086 # words
				powerbox union $runtime $names
				is 0
				jq -S . "$out" | cmp - "$BATS_TEST_TMPDIR/got"
				[[ $(wc -l <"$out") == 1 ]]
			done
		done
	done
}

@test "the ACL is not asked where it has no part" {
	file /etc/powerbox/acl.json '{ "rules": 1 }'
	powerbox list
	is 78
	powerbox union minimal
	is 0
	powerbox show minimal
	is 0
	powerbox diff minimal minimal
	is 0
	powerbox lint minimal
	is 0
}

@test "union: of nothing, of one, twice, in any order, with and without the runtime's" {
	powerbox union --runtime none
	is 0
	jq -e '.noNewPrivileges and .seccomp.syscalls == [] and
		.seccomp.defaultAction == "SCMP_ACT_ERRNO" and .seccomp.defaultErrnoRet == 1 and
		([.capabilities[] | length] == [0, 0, 0, 0, 0])' "$out"
	powerbox union minimal net-bind network-server
	cp "$out" "$BATS_TEST_TMPDIR/one"
	powerbox union network-server minimal net-bind minimal
	cmp "$out" "$BATS_TEST_TMPDIR/one"
	powerbox union --runtime none minimal
	cp "$out" "$BATS_TEST_TMPDIR/without"
	powerbox union --runtime crun minimal
	run ! cmp -s "$out" "$BATS_TEST_TMPDIR/without"
	jq -e --slurpfile less "$BATS_TEST_TMPDIR/without" '
		([.seccomp.syscalls[] | select(.action == "SCMP_ACT_ALLOW" and (.args | not)) | .names[]]) as $all |
		[$less[0].seccomp.syscalls[] | select(.action == "SCMP_ACT_ALLOW" and (.args | not)) |
			.names[]] - $all == []' "$out"
	powerbox union no-such
	is 78 no-such /etc/powerbox/profiles.d
}

@test "union: --profile-dir looks at a folder of anybody's first, for looking alone" {
	local mine=$BATS_TEST_TMPDIR/mine form

	mkdir "$mine"
	echo '{"summary":"s","capabilities":["CAP_KILL"]}' >"$mine/net-bind.json"
	echo '{"summary":"s","capabilities":["CAP_SYS_TIME"]}' >"$mine/new.json"
	chown -R 1000 "$mine"
	chmod -R a+w "$mine"
	for form in "--profile-dir $mine" "--profile-dir=$mine" "--profile-dir ../mine"; do
		# shellcheck disable=SC2086 # words
		powerbox union $form net-bind new --runtime none
		is 0
		[[ $(jq -c .capabilities.bounding "$out") == '["CAP_KILL","CAP_SYS_TIME"]' ]]
	done
	powerbox union --profile-dir "$mine" default --runtime none
	is 0
	powerbox union --profile-dir /nowhere default
	is 66 /nowhere
	powerbox union --profile-dir "$mine/new.json" default
	is 66 new.json
	powerbox union net-bind --runtime none
	[[ $(jq -c .capabilities.bounding "$out") == '["CAP_NET_BIND_SERVICE"]' ]]
	echo '{' >"$mine/new.json"
	powerbox union --profile-dir "$mine" new
	is 78 "$mine/new.json" line
	rm "$mine/new.json"
	mkfifo "$mine/new.json"
	powerbox union --profile-dir "$mine" new
	is 74 new.json
}

@test "list: every profile, sorted, once, and what anybody may use" {
	powerbox list
	is 0
	says 'minimal +allowed +.+' 'net-bind +allowed .+' 'ptrace +- +.+' 'privileged +- +.+'
	[[ $(wc -l <"$out") == $(find "$SRCDIR/profiles/data" -name '*.json' | wc -l) ]]
	cut -d' ' -f1 "$out" | LC_ALL=C sort -cu
	profile aaa '{"summary":"an own one"}'
	profile minimal '{"summary":"in its place"}'
	file /etc/powerbox/profiles.d/.hidden.json '{'
	file /etc/powerbox/profiles.d/Odd.json '{'
	file /etc/powerbox/profiles.d/minimal.json~ '{'
	powerbox list
	is 0
	says 'aaa +- +an own one' 'minimal +allowed +in its place'
	[[ $(grep -c minimal "$out") == 1 ]]
	# Without an ACL there is something to look at, and nothing that is allowed.
	inside rm /etc/powerbox/acl.json
	powerbox list
	is 0
	run ! grep -qw allowed "$out"
	profile aaa '{"sumary":""}'
	profile bbb '{'
	powerbox list
	is 78 aaa.json line
	says 'aaa +broken +.*/aaa.json: line 1: .*' 'bbb +broken +.*/bbb.json: .*' 'privileged +- +.+'
}

@test "list: an approval that its profile has outgrown is no permission" {
	local approval='"approved": {"who": "root", "when": "2026-11-20T10:00:00Z",
		"what": {"own": {"capabilities": ["CAP_CHOWN"]}}}'

	file /etc/powerbox/acl.d/50-approved.json "{\"rules\": [{\"allow\": [\"own\"], $approval}]}"
	profile own '{"summary": "own", "capabilities": ["CAP_CHOWN"]}'
	powerbox list
	is 0
	says 'own +allowed +own'
	profile own '{"summary": "own", "capabilities": ["CAP_CHOWN", "CAP_KILL"]}'
	powerbox list
	is 0
	says 'own +grown +own'
	# Nobody in particular has another's rule.
	file /etc/powerbox/acl.d/50-approved.json \
		"{\"rules\": [{\"allow\": [\"own\"], \"namespaces\": [\"a\"], $approval}]}"
	powerbox list
	says 'own +- +own'
}

@test "show: a profile in a file, which no node has yet" {
	echo '{"summary": "talk", "capabilities": ["CAP_KILL"]}' >"$bundle/talk.json"
	chmod 666 "$bundle/talk.json"
	powerbox show ./talk.json
	is 0
	says './talk.json: talk' '  CAP_KILL .*'
	powerbox show talk.json
	is 0
	echo '{"sumary": ""}' >"$bundle/talk.json"
	powerbox show ./talk.json
	is 78 talk.json line
	powerbox show ./none.json
	is 66 none.json
}

@test "show: each shipped profile, in words" {
	local name

	for name in "$SRCDIR"/profiles/data/*.json; do
		name=$(basename "$name" .json)
		powerbox show "$name"
		is 0
		says "$name: .+" "/usr/share/powerbox/profiles.d/$name.json" 'capabilities:' \
			'new privileges by execve: (yes|no)' 'system calls:'
	done
	powerbox show net-bind
	says '  CAP_NET_BIND_SERVICE .* \(any user\)'
	powerbox show privileged
	says '  all that this node has' '  all' 'new privileges by execve: yes'
	powerbox show network-server
	says '  socket if arg0 == 1'
	profile odd '{"summary":"o","syscalls":[{"names":["ioctl"],"args":[
		{"index":1,"value":4294967295,"valueTwo":21505,"op":"SCMP_CMP_MASKED_EQ"},
		{"index":0,"value":3,"op":"SCMP_CMP_LE"}]}],
		"refuse":[{"names":["clone3"],"errno":"ENOSYS"}]}'
	powerbox show odd
	is 0
	says '  none' '  ioctl if arg0 <= 3 and arg1 & 0xffffffff == 0x5401' '  clone3: ENOSYS'
	powerbox show no-such
	is 78 no-such
	powerbox show ../../acl
	[[ $status != 0 && ! -s $out ]]
}

@test "check: a good node" {
	powerbox check
	is 0
	says 'ok +/etc/powerbox/node.json.*' 'ok +runtime /run/stub/runc, .*' 'ok +the ACL .*' \
		'ok +/usr/share/powerbox/profiles.d/default.json'
	run ! grep -q ^BAD "$out"
}

@test "check: what is bad, each by its line, and how much there is of it" {
	file /etc/powerbox/node.json '{"runtime": "/run/stub/nothing"}'
	powerbox check
	is 78 "1 finding to mend"
	says 'BAD +.*/run/stub/nothing.*'
	file /etc/powerbox/node.json '{"runtiem": "/run/stub/runc"}'
	profile bad '{"summary":"s","capabilities":["CAP_NET"]}'
	profile open '{"summary":"s"}'
	inside chmod 666 /etc/powerbox/profiles.d/open.json
	file /etc/powerbox/acl.json '{"default": ["minimal"],
		"rules": [{"allow": ["typo"]}]}'
	powerbox check
	is 78 "findings to mend"
	says "BAD +/etc/powerbox/node.json: line 1: unknown member 'runtiem'.*" \
		'BAD +/etc/powerbox/profiles.d/bad.json: line 1: .*CAP_NET.*' \
		'BAD +/etc/powerbox/profiles.d/open.json: writable by .*chmod 0644.*' \
		'BAD +/etc/powerbox/acl.json:2: .*typo.*'
	[[ $err == *" $(grep -c ^BAD "$out") findings"* ]]
	file /etc/powerbox/acl.json '{"rules": [}'
	powerbox check
	is 78
	says 'BAD +/etc/powerbox/acl.json.*line 1.*'
	inside rm /etc/powerbox/acl.json
	powerbox check
	is 78
	says 'BAD +there is no ACL on this node.*'
}

@test "explain: what a container asks for, gets, and why; nothing is changed" {
	local sum form

	ask net-bind,minimal
	sum=$(sha256sum "$config")
	for form in "$bundle" "$config" . config.json ./config.json; do
		powerbox explain "$form"
		is 0
		says "asks for: minimal, net-bind \(annotation 'dev.powerbox.profiles'\)" \
			'gets: minimal, by /etc/powerbox/acl.json:2' \
			'gets: net-bind, by /etc/powerbox/acl.json:2' 'gets: runtime-runc, as every container does: .*' \
			'new privileges by execve: no' \
			'  CAP_NET_BIND_SERVICE +from net-bind, for any user' '  from minimal:'
	done
	[[ $(sha256sum "$config") == "$sum" ]]
	[[ ! -e $BATS_TEST_TMPDIR/out/argv ]]
	echo '{"process":{}}' >"$config"
	powerbox explain .
	is 0
	says "asks for: nothing, so it gets the ACL's default" \
		'gets: minimal, by /etc/powerbox/acl.json:1' '  none'
	echo '{"process":{},"annotations":{"io.kubernetes.cri.container-type":"sandbox"}}' \
		>"$config"
	powerbox explain .
	is 0
	says "asks for: nothing, being a pod's sandbox" 'gets: pause, .*'
}

@test "explain: a container that is given nothing to begin with" {
	local note='note: no program can begin with that; .* ask for "minimal" as well'

	echo '{"process":{}}' >"$config"
	powerbox explain .
	is 0
	run ! grep ^note: "$out"
	file /etc/powerbox/acl.json '{"rules": [{"allow": ["minimal", "net-bind"]}]}'
	powerbox explain .
	is 0
	says 'gets: nothing' "$note" 'gets: runtime-runc, as every container does: it holds what the runtime itself needs'
	ask net-bind
	powerbox explain .
	is 0
	says "$note" 'gets: net-bind, .*'
	run ! grep '^gets: nothing' "$out"
	ask net-bind,minimal
	powerbox explain .
	run ! grep ^note: "$out"
	# A program of its own kind, and what is only tried.
	echo '{"process":{},"annotations":{"io.kubernetes.cri.container-type":"sandbox"}}' \
		>"$config"
	powerbox explain .
	run ! grep ^note: "$out"
	file /etc/powerbox/acl.json '{"mode": "warn", "rules": [{"allow": ["net-bind"]}]}'
	ask net-bind
	powerbox explain .
	is 0
	run ! grep ^note: "$out"
}

@test "explain: ends as the container's start would" {
	local bad

	ask minimal,ptrace
	powerbox explain .
	is 1 '"ptrace" is not allowed' "allowed here: default, minimal, net-bind, network-server"
	says 'asks for: minimal, ptrace .*'
	for bad in '{' '{"process":{},"process":{}}' '{"process":{"Capabilities":{}}}' '{}'; do
		echo "$bad" >"$config"
		powerbox explain .
		is 65 config.json
	done
	ask 'Bad!'
	powerbox explain .
	is 65 dev.powerbox.profiles
	powerbox explain /nowhere
	is 66
	rm "$config"
	powerbox explain .
	is 66 config.json
	mkfifo "$config"
	powerbox explain .
	is 74
	powerbox explain config.json
	is 74
	rm "$config"
	ask minimal
	inside chmod 666 /etc/powerbox/acl.json
	powerbox explain .
	is 77 /etc/powerbox/acl.json
}

@test "a broken node says what is wrong with it, whatever is asked" {
	local command

	for command in list "show default" "union default" "explain $bundle"; do
		file /etc/powerbox/node.json '{"runtime": 7}'
		# shellcheck disable=SC2086 # words
		powerbox $command
		is 78 /etc/powerbox/node.json "line 1"
		file /etc/powerbox/node.json '{}' 646
		# shellcheck disable=SC2086
		powerbox $command
		is 77 /etc/powerbox/node.json "mend with: chmod 0644"
		file /etc/powerbox/node.json '{"runtime": "/run/stub/runc"}'
		inside bash -c 'cp -p /etc/powerbox/acl.json /run/acl && echo "{" >/etc/powerbox/acl.json'
		# shellcheck disable=SC2086
		powerbox $command
		case $command in
		# What profiles grant has nothing to do with it.
		show* | union*) [[ $status == 0 ]] ;;
		*) is 78 /etc/powerbox/acl.json ;;
		esac
		inside cp -p /run/acl /etc/powerbox/acl.json
	done
}

@test "anybody may ask, who can read the files" {
	local command

	inside install -D -m 644 "$config" /run/bundle/config.json
	for command in list check "show default" "union default" "explain /run/bundle"; do
		# shellcheck disable=SC2086 # words
		run -0 inside setpriv --reuid 65534 --regid 65534 --clear-groups powerbox $command
	done
}

@test "stdout that can't be written to is 74" {
	local command

	for command in list check "show default" "union default" --help "explain $bundle"; do
		run -74 inside bash -c "powerbox $command >/dev/full"
		run -74 inside bash -c "powerbox $command >&-"
	done
}
