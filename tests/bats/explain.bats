#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox explain: of a container that runs, and why it lacks something. What it says of a
# bundle is in cli.bats.
#
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2154 # variables of admin.bash and stub.bash

bats_require_minimum_version 1.5.0
load admin.bash
load stub.bash

# The wrapper's tests have another is() for the wrapper.
is()
{
	local want=$1 word

	shift
	[[ $status == "$want" ]] || return
	((want != 0)) || return 0
	[[ $err == "powerbox: "* && $err != *$'\n'* ]] || return
	for word; do
		[[ $err == *"$word"* ]] || return
	done
}

bundle()
{
	bundle=$folder/$1
	bundle_with ".annotations[\"dev.powerbox.profiles\"] = \"$2\""
}

# started ID [ROOT [BUNDLE]]: as an engine would, with a stub in the runtime's place.
started()
{
	inside powerbox-runtime --root "${2:-/run/runc}" create --bundle "${3:-$bundle}" "$1"
}

begin()
{
	file /etc/powerbox/acl.json '{ "default": ["minimal"], "rules":
		[{"allow": ["minimal", "net-bind"]}, {"allow": ["ptrace"], "images": ["x"]}] }'
	inside rm -rf /run/powerbox
	stub runc
	bundle web "minimal net-bind"
}

@test "a container by its ID, or enough of it" {
	begin
	started abcdef0123456789
	powerbox explain abcdef0123456789
	is 0
	says "container abcdef0123456789 of /run/runc, bundle $bundle" \
		'asks for: minimal, net-bind .*' 'by the ACL sha256:[0-9a-f]{64}' \
		'gets: net-bind, by /etc/powerbox/acl.json:2' \
		'  CAP_NET_BIND_SERVICE +from net-bind, for any user' 'in effect: just that'
	powerbox explain abcdef
	is 0
	says 'container abcdef0123456789 .*'
	powerbox explain zzz
	is 66 "no bundle or config.json 'zzz'" "knows of no container 'zzz'"
	powerbox explain /nonexistent
	is 66 "there is no bundle or config.json '/nonexistent'"
	powerbox explain ''
	is 66
	# A name that begins another is still exact.
	bundle other minimal
	started abcdef
	powerbox explain abcdef
	is 0
	says 'container abcdef of .*' 'asks for: minimal .*'
	powerbox explain abc
	is 64 '2 containers are called' --root
	# A path goes before an ID.
	mkdir "$folder/abcdef"
	echo '{"process": {}}' >"$folder/abcdef/config.json"
	powerbox explain abcdef
	is 0
	says "asks for: nothing.*"
	powerbox explain --root /run/runc abcdef
	is 0
	says 'container abcdef of .*'
}

@test "of several roots: --root tells which" {
	begin
	inside mkdir -p '/run/odd-ro ot/100%'
	started same
	bundle other minimal
	started same '/run/odd-ro ot/100%'
	powerbox explain same
	is 64 '2 containers'
	powerbox explain --root '/run/odd-ro ot/100%' same
	is 0
	says "container same of '/run/odd-ro ot/100%', .*" 'asks for: minimal .*'
	powerbox explain --root=/run/runc same
	is 0
	says 'asks for: minimal, net-bind .*'
	powerbox explain --root /run/crun same
	is 66 "under '/run/crun'"
}

@test "in effect since the start, beside what a start now would give" {
	begin
	started web1
	file /etc/powerbox/profiles.d/net-bind.json '{"version": 1, "summary": "Other",
		"capabilities": ["CAP_KILL"], "syscalls": [{"names": ["kill"]}]}'
	powerbox explain web1
	is 0
	says 'in effect since its start, and no more given at a start now:' \
		'  CAP_NET_BIND_SERVICE +bind ports .*' '      bind listen' \
		'given at a start now, and not in effect:' '  CAP_KILL +send signals .*'
	lacks 'was changed'
	# The file is not the one that it was started with.
	jq '.process.capabilities.bounding += ["CAP_SYS_TIME"]' "$bundle/config.json" \
		>"$folder/new"
	cat "$folder/new" >"$bundle/config.json"
	powerbox explain web1
	is 0
	says 'its config.json was changed since powerbox left it there: .*'
	# And what is not allowed any more is told as a start would tell it.
	file /etc/powerbox/acl.json '{"rules": [{"allow": ["minimal"]}]}'
	powerbox explain web1
	is 1 net-bind
	says 'container web1 .*'
}

@test "a link that root alone can't have made is none" {
	begin
	started web1
	inside chown -h 1 /run/powerbox/run-runc/web1
	powerbox explain web1
	is 66
	inside chown -h 0 /run/powerbox/run-runc/web1
	powerbox explain web1
	is 0
	inside chmod 777 /run/powerbox/run-runc
	powerbox explain web1
	is 66
	inside chmod 777 /run/powerbox
	powerbox explain web1
	is 77 /run/powerbox
}

@test "--why-not: what would give it, the smallest first, and how to allow that" {
	begin
	powerbox explain --why-not CAP_SYS_PTRACE web
	quiet 1
	says 'CAP_SYS_PTRACE: not given \(trace .*\)' \
		'  ptrace +1 capability, [0-9]+ calls +always +powerbox approve ptrace' \
		'  privileged +every capability, every call +always +powerbox approve privileged'
	[[ $(grep -n ' ptrace ' "$out" | cut -d: -f1) -lt $(grep -n ' privileged ' "$out" | cut -d: -f1) ]]
	powerbox explain --why-not 'socket 16 3 9' web
	quiet 1
	says 'socket 16 3 9: not given, the call ends with EPERM' '  audit-write .* always .*'
	lacks network-client
	powerbox explain --why-not 'socket 1' web
	says '  network-client .* always +powerbox approve network-client'
	lacks audit-write
	powerbox explain --why-not 'socket(0x10)' web
	says '  audit-write .* socket if arg2 == 9 .*'
	powerbox explain --why-not socket web
	says '  network-client .* socket if arg0 == 1, or others .*'
	powerbox explain --why-not clone3 web
	says 'clone3: not given, the call ends with ENOSYS'
	profile tiny '{"version": 1, "summary": "Nothing much"}'
	powerbox explain --why-not CAP_MAC_ADMIN web
	quiet 1
	says '  privileged .*'
	lacks tiny
}

@test "--why-not: what it has, by which profile and line" {
	begin
	powerbox explain --why-not CAP_NET_BIND_SERVICE web
	quiet 0
	says 'CAP_NET_BIND_SERVICE: given' '  by net-bind, which /etc/powerbox/acl.json:2 allows'
	powerbox explain --why-not 'clone 0 0' web
	quiet 0
	says 'clone 0 0: given' '  by minimal, .*'
	powerbox explain --why-not 'clone 0x10000000' web
	quiet 1
	says 'clone 0x10000000: not given, .*'
	powerbox explain --why-not clone web
	quiet 1
	says 'clone: given under conditions .*' '  by minimal, .*: clone if arg0 .*'
}

@test "--why-not: for this subject on this node" {
	begin
	node "\"runtime\": \"$runtime\", \"engine\": \"containerd\""
	bundle_with '.annotations = {"io.kubernetes.cri.image-name": "x",
		"io.kubernetes.cri.sandbox-namespace": "shop"}'
	powerbox explain --why-not CAP_SYS_PTRACE web
	quiet 1
	says '  ptrace .* yes, /etc/powerbox/acl.json:2' \
		'  privileged .* powerbox approve privileged --namespace shop'
	bundle_with '.annotations["io.kubernetes.cri.sandbox-namespace"] = "a b; reboot"
		| .annotations["io.kubernetes.cri.image-name"] = "y"'
	powerbox explain --why-not CAP_SYS_PTRACE web
	says '  ptrace .* powerbox approve, with its config.json'
	lacks reboot
	# An approval that has been outgrown allows nothing.
	bundle_with .
	file /etc/powerbox/acl.d/50-approved.json '{"rules": [{"allow": ["ptrace"],
		"approved": {"who": "root", "when": "2026-11-20T10:00:00Z", "why": "",
		"what": {"ptrace": {}}}}]}'
	powerbox explain --why-not CAP_SYS_PTRACE web
	says '  ptrace .* powerbox approve ptrace'
	# A container that would be refused is told that first.
	bundle refused kmod
	powerbox explain --why-not CAP_SYS_PTRACE refused
	quiet 1
	says 'as it is it would not start: .*kmod.*' 'CAP_SYS_PTRACE: not given .*'
}

@test "--why-not: in mode warn the engine's word holds, and that is said" {
	begin
	powerbox explain --why-not CAP_SYS_ADMIN web
	quiet 1
	lacks 'mode warn'
	file /etc/powerbox/acl.d/60-warn.json '{ "mode": "warn" }'
	powerbox explain --why-not CAP_SYS_ADMIN web
	inside rm /etc/powerbox/acl.d/60-warn.json
	quiet 1
	says 'note: in mode warn it starts as its engine made it.*' 'CAP_SYS_ADMIN: not given .*'
}

@test "64: what is no capability, call or argument" {
	begin
	powerbox explain --why-not CAP_MAYBE web
	is 64 "'CAP_MAYBE'"
	powerbox explain --why-not 'socket one' web
	is 64 "'one' is no number"
	powerbox explain --why-not 'socket -1' web
	is 64 "'-1'"
	powerbox explain --why-not 'socket 1 2 3 4 5 6 7' web
	is 64 "'7'"
	powerbox explain --why-not 'CAP_KILL 1' web
	is 64 'no argument'
	powerbox explain --why-not '' web
	is 64
	powerbox explain --why-not CAP_KILL
	is 64 --help
	powerbox explain --frob web
	is 64 "'--frob'"
	powerbox explain web web
	is 64
}
