#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox approve, revoke and approvals: what is approved is what is granted, and what a
# profile comes to grant behind that is not.
#
# shellcheck disable=SC2016 # scripts and filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2034,SC2154 # variables of stub.bash

bats_require_minimum_version 1.5.0

load stub.bash

file=/etc/powerbox/acl.d/50-approved.json

setup()
{
	bundle=$BATS_TEST_TMPDIR/bundle
	inside bash -c 'rm -rf /run/powerbox /etc/powerbox
		mkdir -m 755 /etc/powerbox /etc/powerbox/{acl.d,profiles.d}'
	stub runc
	node "\"runtime\": \"$runtime\", \"engine\": \"containerd\", \"labels\": {\"pool\": \"edge\"}"
	acl '"default": ["minimal"], "rules": [{"allow": ["minimal"]}]'
	profile one '"capabilities": ["CAP_CHOWN"], "syscalls": [{"names": ["chown", "kill"]}]'
}

profile()
{
	inside bash -c 'echo "$2" >/etc/powerbox/profiles.d/$1.json' profile "$1" \
		"{\"version\": 1, \"summary\": \"$1\", $2}"
}

# Who asks for PROFILES, as containerd's container web of the image in NAMESPACE.
asks()
{
	bundle_with ".annotations = {\"dev.powerbox.profiles\": \"$1\",
		\"io.kubernetes.cri.sandbox-namespace\": \"${2-shop}\",
		\"io.kubernetes.cri.container-name\": \"web\",
		\"io.kubernetes.cri.image-name\": \"registry.example/web:1\"}"
}

powerbox()
{
	run inside powerbox "$@"
	echo "powerbox $*: $status $output"
}

starts()
{
	wrapper create --bundle "$bundle" c1
	is 0
}

refused()
{
	local word

	wrapper create --bundle "$bundle" c1
	for word; do
		is 1 "$word" || return
	done
}

member()
{
	inside jq -r "$@" $file
}

@test "what a refusal ends with allows the container, for its namespace alone" {
	local command

	asks one
	refused 'for namespace '\''shop'\' '; to allow: powerbox approve one --namespace shop'
	command=${output##*; to allow: }
	[[ $output == *"$command" ]]
	read -ra words <<<"$command"
	run inside "${words[@]}"
	[[ $status == 0 && ${lines[0]} == "one: one" && ${lines[1]} == "  for namespace shop" ]]
	[[ $output == *CAP_CHOWN*chown*kill*"written to $file" ]]
	starts
	asks one other
	refused 'not allowed'
	[[ $(inside stat -c '%a %u' $file) == "644 0" ]]
	[[ $(inside ls -A /etc/powerbox/acl.d) == 50-approved.json ]]
}

@test "a profile that comes to grant more is refused with what is new, and less is not" {
	asks one
	powerbox approve one --reason 'a "reason"' --namespace shop
	starts
	profile one '"capabilities": ["CAP_CHOWN", "CAP_NET_ADMIN"],
		"syscalls": [{"names": ["chown", "kill", "bpf"]},
			{"names": ["socket"], "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}]}]'
	refused "profile \"one\" grants more than '$(member '.rules[0].approved.who')' approved on $(date -u +%Y-%m-%d) ($file:5): CAP_NET_ADMIN, bpf, socket if arg0 == 16; to allow: powerbox approve one --namespace shop"
	powerbox explain "$bundle"
	[[ $status == 1 && $output == *"grants more than"* ]]
	# As written otherwise, and less.
	for less in '"capabilities": ["CAP_CHOWN"], "syscalls": [{"names": ["chown"]}]' \
		'"syscalls": [{"names": ["kill"], "args": [{"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]}]' \
		'"capabilities": ["CAP_CHOWN"], "syscalls": [{"names": ["kill"]}, {"names": ["chown"]}], "refuse": [{"names": ["bpf"], "errno": "ENOSYS"}]'; do
		profile one "$less"
		starts
	done
	# Another value of an argument is more.
	profile one '"syscalls": [{"names": ["kill"]}]'
	powerbox approve one --namespace shop
	[[ $output == *"grants no more:"*CAP_CHOWN*chown* ]]
	profile one '"ambient": ["CAP_KILL"], "capabilities": ["CAP_KILL"], "newPrivileges": true,
		"syscalls": "all"'
	refused 'CAP_KILL, CAP_KILL for any user, new privileges by execve, all system calls; to'
	[[ $(member '.rules | length') == 1 ]]
	acl '"rules": [{"allow": ["one"], "namespaces": ["shop"]}]'
	starts
}

@test "a refusal stays one bounded line, whatever is new" {
	powerbox approve one
	profile one "$(printf '"syscalls": [{"names": ["chown", "kill"%s]}]' "$(printf ', "%s"' \
		accept bpf bind connect listen mount openat ptrace reboot read write socket setns)")"
	asks one
	refused "accept, bind, bpf" " setns and 2 more (--dry-run shows all); to allow: powerbox approve one"
	((${#output} < 500))
	# Names as long as they may be, and many of them.
	name=$(printf 'a%.0s' {1..63})
	profile "$name" '"syscalls": []'
	asks "$name"
	refused "; to allow: powerbox approve $name --namespace shop"
	names=
	for i in {10..41}; do
		profile "${name:2}$i" '"syscalls": []'
		names+=",${name:2}$i"
	done
	asks "${names#,}"
	refused "and 31 more are not allowed" "; to allow: powerbox approve, with its config.json"
	asks "$name" 'a b'
	refused "; to allow: powerbox approve, with its config.json"
}

@test "nothing is known of a subject: nothing is said of it" {
	node "\"runtime\": \"$runtime\""
	asks one
	refused 'allowed here: minimal; to allow: powerbox approve one'
	[[ $output == *"approve one" ]]
}

@test "all that keeps a container from starting is in the command" {
	profile two '"syscalls": []'
	powerbox approve one
	profile one '"syscalls": "all"'
	asks minimal,one,two
	refused '"two" is not allowed' 'powerbox approve two --namespace shop'
	powerbox approve two
	refused 'profile "one" grants more' 'powerbox approve one'
	[[ $output == *"approve one" ]]
}

@test "a name that nobody has is said first" {
	asks onee,minimal
	refused "there is no profile 'onee' in /etc/powerbox/profiles.d or " "; did you mean one?"
	asks quite-another
	refused "there is no profile 'quite-another' in "
	[[ $output != *"did you mean"* ]]
	powerbox approve no-such one
	[[ $status == 78 && $output == *"there is no profile 'no-such'"* ]]
	inside test ! -e $file
}

@test "who, when, why and what" {
	run inside env SUDO_USER=alice powerbox approve one --reason 'ticket 12'
	[[ $status == 0 ]]
	login=$(</proc/self/loginuid)
	if [[ $login == 4294967295 ]]; then
		[[ $(member '.rules[0].approved.who') == alice ]]
	else
		[[ $(member '.rules[0].approved.who') == "$(id -nu "$login")" ]]
	fi
	[[ $(member '.rules[0].approved.when') =~ ^20[0-9-]{8}T[0-9:.]+Z$ ]]
	[[ $(member '.rules[0].approved.why') == "ticket 12" ]]
	[[ $(member -c '.rules[0].approved.what') == '{"one":{"version":1,"capabilities":["CAP_CHOWN"],"syscalls":[{"names":["chown","kill"]}]}}' ]]
	powerbox approve one
	[[ $(member '.rules[0].approved.why') == null && $output == *"grants what was approved before"* ]]
	[[ $(member '.rules | length') == 1 ]]
}

@test "who is said in a way that can be written" {
	run inside env SUDO_USER=$'\xff' powerbox approve one
	[[ $status == 0 && $(member '.rules[0].approved.who') =~ ^[a-z] ]]
}

@test "selections: what is given is what it is for" {
	powerbox approve one --namespace shop --namespace=blog --image 'registry.example/*' \
		--container web --nodes pool=edge,zone=a
	[[ $status == 0 && ${lines[1]} == "  for namespace blog, or shop, container web, image registry.example/*, nodes pool=edge, zone=a" ]]
	[[ $(member -c '.rules[0] | del(.approved)') == '{"allow":["one"],"nodes":{"pool":"edge","zone":"a"},"namespaces":["blog","shop"],"containers":["web"],"images":["registry.example/*"]}' ]]
	asks one
	refused 'not allowed'
	powerbox approve one --image registry.example/web:1 --nodes pool=edge
	starts
	# The same in another order renews it.
	powerbox approve --nodes zone=a,pool=edge one --namespace blog --container web \
		--image 'registry.example/*' --namespace shop
	[[ $(member '.rules | length') == 2 ]]
	for wrong in --nodes=pool --nodes==x --nodes=a=1,a=2 --namespace= --nothing --namespace; do
		powerbox approve one "$wrong"
		[[ $status == 64 ]]
	done
	powerbox approve --namespace shop
	[[ $status == 64 ]]
}

@test "a source: what each container asks for, for whom it says it is" {
	asks minimal,one
	powerbox approve "$bundle/config.json"
	[[ $status == 0 && $output == *"minimal: allowed by /etc/powerbox/acl.json:1, whatever it grants"* ]]
	[[ $(member -c '.rules[] | del(.approved)') == '{"allow":["one"],"namespaces":["shop"],"containers":["web"],"images":["registry.example/web:1"]}' ]]
	starts
	powerbox approve "$bundle" --namespace other --dry-run
	[[ $status == 0 && $output == *"for namespace other, container web, image registry.example/web:1"* ]]
	asks minimal
	powerbox approve "$bundle/config.json"
	[[ $status == 0 && $output == *"nothing to approve" ]]
	powerbox approve "$BATS_TEST_TMPDIR/nothing.json"
	[[ $status == 66 ]]
}

@test "an approval that no namespace narrows down says so" {
	warning='  warning: in every namespace, whoever'"'"'s it is; --namespace N narrows it down'
	asks minimal,one ''
	for dry in --dry-run ''; do
		# shellcheck disable=SC2086 # an option or none
		powerbox approve "$bundle/config.json" $dry
		[[ $status == 0 && ${lines[2]} == "  for container web, image registry.example/web:1" ]]
		[[ ${lines[3]} == "$warning" ]]
	done
	powerbox approve "$bundle/config.json" --dry-run --namespace shop
	[[ $status == 0 && $output != *warning* ]]
	powerbox approve one --image x --dry-run
	[[ $status == 0 && ${lines[2]} == "$warning" ]]
	# Every container is no narrower than it is said to be; podman knows no namespaces.
	powerbox approve one --dry-run
	[[ $status == 0 && $output != *warning* ]]
	node '"engine": "podman"'
	powerbox approve one --image x --dry-run
	[[ $status == 0 && $output != *"in every namespace"* ]]
}

@test "what can't be written is said before anything is" {
	for option in namespace container image reason; do
		powerbox approve one "--$option" $'\xff'
		[[ $status == 64 && $output != *one:* && $output != *$'\xff'* ]]
	done
	powerbox approve one --nodes $'a=\xff'
	[[ $status == 64 ]]
	inside test ! -e $file
}

@test "--dry-run shows the same and writes nothing" {
	powerbox approve one --dry-run
	[[ $status == 0 && $output == *CAP_CHOWN*"nothing is written: --dry-run" ]]
	inside test ! -e $file
	powerbox approve one
	sum=$(inside sha256sum $file)
	powerbox revoke one --dry-run
	[[ $status == 0 && $output == *"one: for every container"*"nothing is written"* ]]
	[[ $(inside sha256sum $file) == "$sum" ]]
}

@test "revoke: by number, ID, name and selection, all or nothing" {
	profile two '"syscalls": []'
	powerbox approve one two
	powerbox approve one two --namespace shop
	powerbox approve one --namespace blog --nodes pool=edge
	asks one
	starts
	powerbox revoke 1 no-such
	[[ $status == 66 && $output == *"no such approval: 'no-such' in $file"* ]]
	[[ $(member '.rules | length') == 5 ]]
	powerbox revoke one --namespace blog
	[[ $status == 0 && $output == "one: for namespace blog, nodes pool=edge"* ]]
	[[ $(member '.rules | length') == 4 ]]
	powerbox revoke 1 4
	[[ $(member -c '[.rules[] | [.allow[0], .namespaces]]') == '[["two",null],["one",["shop"]]]' ]]
	id=$(inside powerbox approvals --json | jq -r '.[1].id')
	[[ $id =~ ^@[0-9a-f]{8}$ ]]
	powerbox revoke "$id"
	[[ $(member -c '[.rules[].allow[0]]') == '["two"]' ]]
	asks one
	refused 'not allowed'
	powerbox revoke "$id"
	[[ $status == 66 ]]
	powerbox revoke two
	[[ $(member -c .) == '{"version":1,"rules":[]}' ]]
	powerbox revoke
	[[ $status == 64 ]]
	powerbox revoke --nodes pool=x
	[[ $status == 66 ]]
}

@test "approvals: what there is and what has become of it" {
	powerbox approvals
	[[ $status == 0 && $output == "nothing is approved; powerbox approve does that" ]]
	for name in less more gone; do
		profile $name '"capabilities": ["CAP_CHOWN"], "syscalls": []'
	done
	powerbox approve one less more gone --namespace shop --reason 'because so'
	profile less '"syscalls": []'
	profile more '"capabilities": ["CAP_CHOWN", "CAP_KILL"], "syscalls": []'
	inside rm /etc/powerbox/profiles.d/gone.json
	inside bash -c 'jq "{version, rules: [.rules[0] | .namespaces = [\"fleet\"]]}" '$file' >/etc/powerbox/acl.d/40-fleet.json'
	powerbox approvals
	[[ $status == 0 && $output == *"  - @"*"one  for namespace fleet"*"in /etc/powerbox/acl.d/40-fleet.json:"* ]]
	[[ $output == *"  1 @"*"one  for namespace shop"*"as approved"*" by "*"because so"* ]]
	[[ $output == *"less  for"*"grants less now"*"more  for"*"grants more now, so it is refused: CAP_KILL"*"gone  for"*"there is no such profile now"* ]]
	[[ $output != *$'\e'* ]]
	[[ $(inside powerbox approvals --json | jq -c '[.[] | [.number, .profile, .state, .more]]') == '[[null,"one","same",null],[1,"one","same",null],[2,"less","less",null],[3,"more","more","CAP_KILL"],[4,"gone","missing",null]]' ]]
	[[ $(inside powerbox approvals --json | jq -r '.[1] | .file, .why, .namespaces[0]') == "$file"$'\nbecause so\nshop' ]]
	# Elsewhere is not ours to change, but counts.
	powerbox revoke one
	asks one fleet
	starts
}

@test "what others wrote in the file stays, to the byte; rules of several are parted" {
	inside bash -c 'cat >'$file <<-'END'
	{"version": 1,   "default" : [ "minimal" ],
	 "rules":[ {"allow" :  ["minimal"], "restore":true},
	  {"allow": ["one", "two"], "namespaces": ["b","a"], "approved": {"when": "2026-01-02T03:04:05+01:00",
	    "who": "me \u001b", "what": {"two": {"syscalls": []}, "one": {"capabilities": ["CAP_CHOWN"], "syscalls": [{"names":["kill","chown"]}]}}}} ] }
	END
	profile two '"syscalls": []'
	asks one,two a
	starts
	powerbox revoke two --namespace a
	[[ $status == 0 ]]
	run inside cat $file
	[[ $output == '{"version": 1,   "default" : [ "minimal" ],'* ]]
	[[ $output == *'{"allow" :  ["minimal"], "restore":true}'* ]]
	[[ $(member -c '.rules[1] | [.allow, .namespaces, .approved.when, .approved.who]') == '[["one"],["a","b"],"2026-01-02T03:04:05+01:00","me \u001b"]' ]]
	asks one a
	starts
	asks one,two a
	refused '"two" is not allowed'
	powerbox approvals
	[[ $output != *$'\e'* ]]
}

@test "what a rule says beside an approval stays when the approval changes or goes" {
	local what='"who": "me", "when": "2026-01-02T03:04:05Z", "what"'

	inside bash -c 'cat >'$file <<-END
	{"version": 1, "rules": [
	  {"allow": ["one"], "mode": "warn", "restore": true, "nodes": {"pool": "edge"}, "namespaces": ["a"],
	    "approved": {$what: {"one": {"syscalls": []}}}},
	  {"allow": ["one", "minimal"], "mounts": true, "annotations": ["x*"], "namespaces": ["b"],
	    "approved": {$what: {"one": {"syscalls": []}, "minimal": {"syscalls": []}}}} ] }
	END
	asks nobody a
	starts
	powerbox approve one --namespace a --nodes pool=edge
	[[ $status == 0 ]]
	powerbox revoke --namespace b
	[[ $status == 0 ]]
	powerbox revoke one
	[[ $status == 0 ]]
	[[ $(member -c '.rules[]') == '{"mode":"warn","restore":true,"nodes":{"pool":"edge"},"namespaces":["a"]}
{"mounts":true,"annotations":["x*"],"namespaces":["b"]}' ]]
	starts
	asks nobody b
	refused "'nobody'"
}

# fits SCHEMA: the JSON on standard input.
fits()
{
	/usr/bin/python3 -c '
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(json.load(sys.stdin))' "$SRCDIR/doc/schema/$1.json"
}

@test "what is written and listed has the form of the schemas" {
	profile two '"syscalls": "all", "capabilities": "all", "newPrivileges": true'
	powerbox approve one two --namespace a --image b --container c --nodes d=e,f=g --reason h
	powerbox approve one
	profile one '"capabilities": "all"'
	inside cat $file | fits acl
	inside powerbox approvals --json | fits approvals
	inside cat $file | jq '.rules[0].approved.when = 1' >"$BATS_TEST_TMPDIR/wrong"
	run ! fits acl <"$BATS_TEST_TMPDIR/wrong"
}

@test "twenty at once lose nothing" {
	local i pids=() pid

	for i in {1..20}; do
		inside powerbox approve one --namespace "n$i" >"$BATS_TEST_TMPDIR/out.$i" 2>&1 &
		pids+=($!)
		inside powerbox approvals 2>&1 >/dev/null | cat >"$BATS_TEST_TMPDIR/check.$i" &
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	wait
	[[ $(member '[.rules[].namespaces[0]] | sort | unique | length') == 20 ]]
	[[ $(inside ls -A /etc/powerbox/acl.d) == 50-approved.json ]]
	cat "$BATS_TEST_TMPDIR"/check.*
	[[ -z $(cat "$BATS_TEST_TMPDIR"/check.*) ]]
	for i in {1..20}; do
		inside powerbox revoke --namespace "n$i" >/dev/null 2>&1 &
	done
	wait
	[[ $(member '.rules | length') == 0 ]]
}

# traced NAMESPACE OPTION...: approve under strace: $status.
traced()
{
	local namespace=$1

	shift
	status=0
	inside timeout 20 strace -f -qq -o "$BATS_TEST_TMPDIR/trace" "$@" \
		powerbox approve one --namespace "$namespace" \
		>/dev/null 2>"$BATS_TEST_TMPDIR/stderr" || status=$?
}

# The calls that write, each as "name which": up to there nothing can be different.
calls()
{
	sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$BATS_TEST_TMPDIR/trace" | awk '
	{ seen[$1]++ }
	$1 == "flock" { locked = 1 }
	$1 == "getrandom" && locked { writes = 1 }
	writes && !/^(exit_group|brk|mmap|munmap)$/ { print $1, seen[$1] }'
}

# The namespaces that are approved.
stands()
{
	member -c '[.rules[].namespaces[0]]'
}

# disturbed WHAT: an approval with each of its calls disturbed so. The file is the old one
# or, if it says so, the new one; and nothing is in the way of the next.
disturbed()
{
	local what=$1 name which before after all=0 done=0

	while read -r name which; do
		before=$(stands)
		traced "${what%%=*}$all" -e "inject=$name:$what:when=$which"
		after=$(stands)
		echo "$what $name $which: $status $(<"$BATS_TEST_TMPDIR/stderr")"
		if [[ $after == "$before" ]]; then
			((status != 0))
		else
			[[ $after == "${before%]},\"${what%%=*}$all\"]" ]]
			((status == 0 || status == 137)) ||
				grep -q 'is written\|written to' "$BATS_TEST_TMPDIR/stderr"
			done=$((done + 1))
		fi
		((status == 137)) || (($(wc -l <"$BATS_TEST_TMPDIR/stderr") == (status != 0)))
		all=$((all + 1))
	done <"$BATS_TEST_TMPDIR/calls"
	# Some were undone, some not.
	((all > 10 && done < all && done > 0))
	powerbox approve one --namespace last
	[[ $status == 0 && $(stands) == *',"last"]' ]]
	powerbox revoke one --namespace last
}

@test "killed at each of its calls, or with each failing: the old file or the new one" {
	command -v strace >/dev/null || skip "strace is not installed"
	powerbox approve one --namespace first
	traced warm
	calls >"$BATS_TEST_TMPDIR/calls"
	[[ $status == 0 ]]
	grep -q renameat2 "$BATS_TEST_TMPDIR/calls"
	disturbed signal=KILL
	disturbed error=EIO
	# The first of all, too.
	inside rm $file
	traced first
	calls >"$BATS_TEST_TMPDIR/calls"
	while read -r name which; do
		for what in signal=KILL error=ENOSPC; do
			inside rm -f $file
			traced first -e "inject=$name:$what:when=$which"
			echo "$what $name $which: $status $(<"$BATS_TEST_TMPDIR/stderr")"
			inside test ! -e $file || [[ $(stands) == '["first"]' ]]
		done
	done < <(grep -E '^(write|fchmod|fsync|linkat|unlinkat)' "$BATS_TEST_TMPDIR/calls")
	asks one first
	powerbox approve one --namespace first
	starts
}

@test "what is written is called so, whatever fails behind that" {
	run -74 inside bash -c "powerbox approve one >/dev/full"
	[[ $output == "powerbox: written to $file; only this output is lost" ]]
	[[ $(member '.rules | length') == 1 ]]
	run -74 inside bash -c "powerbox revoke one >/dev/full"
	[[ $output == "powerbox: revoked in $file; only this output is lost" ]]
	[[ $(member '.rules | length') == 0 ]]
	command -v strace >/dev/null || skip "strace is not installed"
	traced first
	calls=$(grep -c 'fsync(' "$BATS_TEST_TMPDIR/trace")
	traced second -e "inject=fsync:error=EIO:when=$calls"
	[[ $status == 74 && $(stands) == '["first","second"]' ]]
	[[ $(<"$BATS_TEST_TMPDIR/stderr") == *"50-approved.json is written, and counts, but may be gone after a power cut: sync its folder: Input/output error" ]]
}

@test "who can't write it is told so, and nothing changes" {
	chmod 755 "$BATS_TEST_TMPDIR"
	run inside setpriv --reuid 1000 --regid 1000 --clear-groups powerbox approve one
	[[ $status == 77 && $output == *"only root can change what is allowed here; --dry-run shows"* ]]
	run inside setpriv --reuid 1000 --regid 1000 --clear-groups powerbox approve one --dry-run
	[[ $status == 0 && $output == *CAP_CHOWN* ]]
	run inside setpriv --reuid 1000 --regid 1000 --clear-groups powerbox revoke one
	[[ $status == 77 ]]
	powerbox approve one
	sum=$(inside sha256sum $file)
	inside unshare --mount bash -c '
		mount --bind /etc/powerbox/acl.d /etc/powerbox/acl.d
		mount -o remount,bind,ro /etc/powerbox/acl.d
		powerbox approve one --namespace x' >"$BATS_TEST_TMPDIR/told" 2>&1 && false
	[[ $(tail -n 1 "$BATS_TEST_TMPDIR/told") == "powerbox: /etc/powerbox/acl.d: create a file beside 50-approved.json: Read-only file system" ]]
	inside chmod 777 /etc/powerbox/acl.d
	powerbox approve one
	[[ $status == 77 && $output == *"chmod 0755 /etc/powerbox/acl.d" ]]
	inside chmod 755 /etc/powerbox/acl.d
	inside bash -c 'echo "{" >'$file
	powerbox approve one
	[[ $status == 78 && $output == *"$file: "* ]]
	inside bash -c 'mv '$file' /etc/powerbox/there && ln -s ../there '$file
	inside bash -c 'echo "{\"version\": 1}" >/etc/powerbox/there'
	powerbox approve one
	[[ $status == 78 && $output == *"is a link; change it where it is made" ]]
	inside bash -c 'rm -r /etc/powerbox/acl.d'
	powerbox approve one
	[[ $status == 0 && $(member '.rules | length') == 1 ]]
}

@test "an approval that is broken refuses, and by its line" {
	powerbox approve one
	asks one
	for broken in 's/"CAP_CHOWN"/"CAP_CHOW"/' 's/"names"/"nums"/' 's/"capabilities"/"caps"/' \
		's/"who"/"whom"/' 's/"version": 1,$/"version": 1, "action": "x",/'; do
		inside cp $file /etc/powerbox/keep
		inside sed -i "$broken" $file
		wrapper create --bundle "$bundle" c1
		is 78 "$file: line "
		inside cp /etc/powerbox/keep $file
	done
	starts
}

@test "an image by its short name is the one that engines tell" {
	asks one
	jq '.annotations["io.kubernetes.cri.image-name"] = "docker.io/library/nginx:latest"' \
		"$bundle/config.json" >"$BATS_TEST_TMPDIR/config"
	powerbox approve one --namespace shop --image nginx
	[[ $status == 0 && ${lines[1]} == "  for namespace shop, image docker.io/library/nginx:latest" ]]
	cp "$BATS_TEST_TMPDIR/config" "$bundle/config.json"
	starts
	powerbox revoke --image nginx
	[[ $status == 0 ]]
	cp "$BATS_TEST_TMPDIR/config" "$bundle/config.json"
	refused 'not allowed'
	powerbox approve one --image 'nginx:l*' --image '*/team/web:1'
	[[ $(member -c '.rules[0].images') == '["*/team/web:1","docker.io/library/nginx:l*"]' ]]
	starts
}

@test "a selection that this node's engine tells nothing of is warned of" {
	local warning='warning: never applies on this node, where "images" matches nothing: '

	powerbox approve one --image a/b:1 --dry-run
	[[ $status == 0 && $output != *"never applies"* ]]
	node "\"runtime\": \"$runtime\", \"engine\": \"podman\""
	powerbox approve one --image a/b:1 --dry-run
	[[ $status == 0 && $output == *"$warning"'podman, '* ]]
	powerbox approve one --image a/b:1 --nodes pool=other --dry-run
	[[ $status == 0 && $output != *"never applies"* ]]
	node "\"runtime\": \"$runtime\""
	powerbox approve one --image a/b:1 --dry-run
	[[ $status == 0 && $output == *"$warning"*' names no engine '* ]]
	powerbox approve one --dry-run
	[[ $status == 0 && $output != *"never applies"* ]]
}
