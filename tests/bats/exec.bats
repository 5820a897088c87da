#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The links from running containers to their bundles, and exec. The runtime is a stub that
# notes how it was called; tests/live/exec.bats has the real ones.
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
		run ! link_of "run-$kind/-c1"
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

@test "the runtime is noted beside the link, for when node.json can't be read" {
	local broken command

	inside rm -f /usr/bin/stub-crun
	for kind in crun runc; do
		stub "$kind"
		inside rm -rf /run/powerbox
		wrapper --root /run/x create --bundle "$bundle" c1
		is 0
		wrapper create --bundle "$bundle" c2
		is 0
		[[ $(link_of "run-x/-c1") == "$kind:/usr/bin/stub-$kind" ]]
		for broken in 'chmod 664' 'truncate -s 5' 'chown 1000' 'ln -sfn nowhere'; do
			stub "$kind"
			rm -f "$said/calls"
			# shellcheck disable=SC2086
			inside $broken /etc/powerbox/node.json
			for command in "--root /run/x create --bundle $bundle c1" "--root /run/x exec c1 sh"; do
				# shellcheck disable=SC2086
				wrapper $command
				[[ $status != 0 && $output == *"/etc/powerbox/"* && -z $(called) ]]
			done
			for command in "--root /run/x state c1" "--root=/run/x kill c1 KILL" "start c2" \
				"--root /run/x delete --force c1" "delete c2"; do
				# shellcheck disable=SC2086
				wrapper $command
				is 0
			done
			[[ $(called | wc -l) == 5 && $(called) == *"delete c2"* ]]
			run ! link_of run-x/c1
			run ! link_of run-x/-c1
			# Now nobody knows them; what can do no harm passes to the one compiled in.
			rm -f "$said/calls"
			for command in "--root /run/x delete --force c1" "delete c2" "delete -f c3" "delete --regex ."; do
				# shellcheck disable=SC2086
				wrapper $command
				echo "$kind $broken: $command: $status $output"
				[[ $status != 0 && $output == *"/etc/powerbox/"* && $output != *$'\n'* ]]
			done
			wrapper create --bundle "$bundle" c1
			[[ $status != 0 && $output == *"/etc/powerbox/"* ]]
			wrapper --root /run/x state c1
			[[ $output != *powerbox* && -z $(called) ]]
			inside rm /etc/powerbox/node.json
			stub "$kind"
			wrapper --root /run/x create --bundle "$bundle" c1
			wrapper create --bundle "$bundle" c2
		done
		# Nor is a line that the one compiled in doesn't understand blamed for it.
		inside chmod 664 /etc/powerbox/node.json
		wrapper --cgroup-manager=disabled --criu=/x create --bundle "$bundle" c1
		is 77 "/etc/powerbox/node.json: writable"
		inside chmod 644 /etc/powerbox/node.json
		# A note of another kind's is none.
		inside ln -sfn "kata:/usr/bin/stub-$kind" /run/powerbox/run-x/-c1
		inside chmod 664 /etc/powerbox/node.json
		wrapper --root /run/x delete c1
		is 77 "nobody knows the container's runtime: /etc/powerbox/node.json: writable"
		inside chmod 644 /etc/powerbox/node.json
	done
}

@test "a container stays its runtime's when node.json names one of the other kind" {
	local other root folder option

	for kind in runc crun; do
		other=crun option=--systemd-cgroup
		[[ $kind == runc ]] || other=runc option=--cgroup-manager=disabled
		for root in "" --root=/run/x; do
			folder=${root:+/run/x}
			folder=${folder:-/run/$kind}
			stub "$kind"
			inside rm -rf /run/powerbox /run/x "/run/$kind"
			wrapper ${root:+"$root"} create --bundle "$bundle" c1
			is 0
			kept c1
			[[ -z $root ]] || inside mv "/run/$kind" /run/x
			if [[ $kind == runc ]]; then
				inside rm "$folder/c1/status"
			else
				inside rm "$folder/c1/state.json"
			fi
			# What is not there can't have been called.
			stub "$other"
			inside rm "/usr/bin/stub-$other"
			rm -f "$said/calls"
			process
			for command in "exec --process $process c1" "state c1" "kill c1 KILL" "start c1"; do
				# shellcheck disable=SC2086
				wrapper ${root:+"$root"} $option $command
				is 0
			done
			held
			[[ $(called | grep -c -- "$option.* c1") == 4 ]]
			# New ones are the other's, also those of the same name.
			wrapper ${root:+"$root"} create --bundle "$bundle" c1
			is 69 "/usr/bin/stub-$other"
			# And so is what is gone: the note may be older.
			inside mv "$folder/c1" "$folder/gone"
			wrapper ${root:+"$root"} kill c1 KILL
			is 69 "/usr/bin/stub-$other"
			inside mv "$folder/gone" "$folder/c1"
			wrapper ${root:+"$root"} delete --force c1
			is 0
			[[ $(called) == *"delete --force"* && -z $(inside find /run/powerbox -type l) ]]
			inside rm -r "$folder"
		done
	done
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
	kept c1
	wrapper exec --process "$process" c1
	is 0
	held
	inside rm -r /run/powerbox /run/runc
}

@test "without a link: only the config.json that the container was created from" {
	local change

	acl '"rules": [{"allow": ["minimal", "net-bind", "default"]}]'
	for kind in runc crun; do
		stub "$kind"
		bundle_with '.annotations = {"dev.powerbox.profiles": "minimal", "a": "b"}'
		wrapper create --bundle "$bundle" c1
		is 0
		kept c1
		inside rm -r /run/powerbox
		process .
		wrapper exec --process "$process" c1
		is 0
		held
		# What an engine wrote, and powerbox never did.
		cp "$bundle/config.json" "$BATS_TEST_TMPDIR/decided"
		jq -c '.process.noNewPrivileges = false' "$BATS_TEST_TMPDIR/decided" >"$bundle/config.json"
		kept c1
		wrapper exec c1 sh
		is 1 "powerbox did not create this container, so"
		cp "$BATS_TEST_TMPDIR/decided" "$bundle/config.json"
		kept c1
		# The bundle is another container's by now, decided on and all.
		for change in '"dev.powerbox.profiles": "minimal,net-bind", "a": "b"' \
			'"dev.powerbox.profiles": "default", "a": "b"' \
			'"dev.powerbox.profiles": "minimal", "a": "c"' \
			'"dev.powerbox.profiles": "minimal", "c": "b"' \
			'"dev.powerbox.profiles": "minimal"'; do
			bundle_with ".annotations = {$change}"
			wrapper create --bundle "$bundle" c2
			is 0
			process .
			wrapper exec --process "$process" c1
			is 1 "powerbox did not create this container from the config.json that its bundle has now"
			[[ $(jq -c .noNewPrivileges "$process") == false ]]
		done
		inside rm -r "/run/$kind"
	done
}

@test "without a link: what runc keeps is compared member by member" {
	local kept=/run/runc/c1/state.json filter

	wrapper create --bundle "$bundle" c1
	inside rm -r /run/powerbox
	for filter in '.config.capabilities.Bounding = ["CAP_KILL"]' \
		'.config.capabilities.Effective = ["CAP_KILL"]' \
		'.config.capabilities.Permitted = ["CAP_KILL"]' \
		'.config.capabilities.Inheritable = ["CAP_KILL"]' \
		'.config.capabilities.Ambient = ["CAP_KILL"]' 'del(.config.no_new_privileges)' \
		'.config.seccomp = null' '.config.labels += ["x=y"]'; do
		kept c1
		wrapper exec c1 sh
		is 0
		inside cat "$kept" | jq "$filter" >"$BATS_TEST_TMPDIR/new"
		inside cp "$BATS_TEST_TMPDIR/new" "$kept"
		wrapper exec c1 sh
		is 1 "powerbox did not create this container from"
	done
	inside rm -r /run/runc
}

@test "crun: the file of --config, or none" {
	local other=$BATS_TEST_TMPDIR/other.json

	stub crun
	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	bundle_with '.annotations = {"dev.powerbox.profiles": "minimal"}'
	mv "$bundle/config.json" "$other"
	bundle_with '.annotations = {"dev.powerbox.profiles": "minimal,net-bind"}'
	wrapper create --bundle "$bundle" c2
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/wide"
	wrapper create --bundle "$bundle" --config "$other" c1
	is 0
	cp "$other" "$bundle/config.json"
	kept c1
	cp "$BATS_TEST_TMPDIR/wide" "$bundle/config.json"
	process .
	wrapper exec --process "$process" c1
	is 0
	[[ $(jq -c .capabilities.bounding "$process") == "[]" ]]
	# Touched, it is not powerbox's any more; what is in the bundle never was c1's.
	touch "$other"
	process .
	wrapper exec --process "$process" c1
	is 1 "powerbox did not create this container from"
	# A link that was left behind does not lead to what crun was given past powerbox.
	wrapper create --bundle "$bundle" c3
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/kept"
	kept c3
	wrapper exec c3 sh
	is 0
	inside cp "$other" /run/crun/c3/config.json
	wrapper exec c3 sh
	is 1 "powerbox did not create this container from"
	inside rm -r /run/crun
}

@test "crun: containers are where XDG_RUNTIME_DIR says" {
	local xdg=$BATS_TEST_TMPDIR/xdg

	stub crun
	run inside env XDG_RUNTIME_DIR="$xdg" powerbox-runtime create --bundle "$bundle" c1
	is 0
	root=${xdg#/}/crun
	root=${root//-/%2D}
	[[ $(link_of "${root//\//-}/c1") == "$bundle" ]]
	mkdir -p "$xdg/crun/c1"
	touch "$xdg/crun/c1/status"
	run inside env XDG_RUNTIME_DIR="$xdg" powerbox-runtime create --bundle "$bundle" c1
	is 64 "a container of this id already"
	run inside env XDG_RUNTIME_DIR= powerbox-runtime create --bundle "$bundle" c1
	is 0
	[[ $(link_of run-crun/c1) == "$bundle" ]]
	stub runc
	run inside env XDG_RUNTIME_DIR="$xdg" powerbox-runtime create --bundle "$bundle" c1
	is 0
	[[ $(link_of run-runc/c1) == "$bundle" ]]
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
	# By the path of what was opened.
	ln -s "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/self"
	wrapper exec --process "$BATS_TEST_TMPDIR/self//process.json" c1
	is 0
	[[ $(called | tail -n 1) == "exec --process=$process -- c1 " ]]
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
	for kind in runc crun; do
		stub "$kind"
		wrapper create --bundle "$bundle" c1
		is 0
		inside mkdir -p "/run/$kind/c1"
		inside cp "$bundle/config.json" "/run/$kind/c1/config.json"
		jq -n --arg b "$bundle" '{config: {labels: ["a=b", "bundle=\($b)", "bundle=/x"]}}' |
			inside tee "/run/$kind/c1/state.json" >/dev/null
		jq -n --arg b "$bundle" '{bundle: $b}' | inside tee "/run/$kind/c1/status" >/dev/null
		rm "$said/calls"
		process .
		wrapper exec --process "$process" c1
		is 0
		held
		[[ $(called) != *state* ]]
		# And an id that is taken is not created again.
		wrapper create --bundle "$bundle" c1
		is 64 "a container of this id already"
		[[ $(called) != *create* ]]
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

@test "exec: what the mode is asked of is what is entered, read once" {
	command -v strace >/dev/null || skip "strace is not installed"
	acl '"default": ["minimal"], "rules": [{"allow": ["minimal"], "mode": "warn", "nodes": {"a": "b"}}]'
	process .
	wrapper create --bundle "$bundle" c1
	is 0
	kept c1
	inside strace -qq -o "$BATS_TEST_TMPDIR/trace" powerbox-runtime exec --process "$process" c1
	inside rm -r /run/runc/c1
	for name in "config.json" "/run/runc/c1/state.json"; do
		[[ $(grep -c "^openat(.*\"$name\"" "$BATS_TEST_TMPDIR/trace") == 1 ]]
	done
}

# Between the step that replaces it and the link stands the line for syslog.
@test "exec: a file that was touched before its link was made is not believed" {
	command -v strace >/dev/null || skip "strace is not installed"
	jq -n --arg b "$bundle" '{bundle: $b}' >"$said/state"
	process .
	acl '"default": ["minimal"]'
	inside strace -qq -o /dev/null -e inject=socket:delay_enter=3000000 \
		powerbox-runtime create --bundle "$bundle" c1 &
	for ((tries = 0; tries < 100; tries++)); do
		! grep -q SCMP_ACT_ERRNO "$bundle/config.json" || break
		sleep 0.02
	done
	chmod 0600 "$bundle/config.json"
	wait $!
	inside test -L /run/powerbox/run-runc/c1
	acl '"rules": []'
	wrapper exec --process "$process" c1
	is 1 "powerbox did not create this container"
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
	SECONDS=0
	wrapper exec --process "$process" c1
	is 69 "did not answer"
	((SECONDS < 50))
	[[ $(sha256sum "$process") == "$sum" ]]
	run ! grep exec "$said/calls"
}

@test "exec: the state is asked for as the runtime will look for it" {
	jq -n --arg b "$bundle" '{bundle: $b}' >"$said/state"
	wrapper --root /run/x --systemd-cgroup --log "$BATS_TEST_TMPDIR/log" exec c1 sh
	is 1
	[[ $(called | grep state) == "--root=/run/x state -- c1 " ]]
}

