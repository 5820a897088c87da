#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox-runtime in front of a runtime that only writes down how it was started
# (tests/shim/runtime.c): what it is handed, what is refused, and what the caller sees.
# tests/live has the real runtimes, tests/argv.sh the command lines.
#
# shellcheck disable=SC2016 # scripts and filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

bats_require_minimum_version 1.5.0

load node.bash

setup_file()
{
	make -s -C "$BUILDDIR" tests/shim/odd
	shims_begin
}

setup()
{
	out=$BATS_TEST_TMPDIR/out
	bundle=$BATS_TEST_TMPDIR/bundle
	config=$bundle/config.json
	mkdir "$out" "$bundle"
	inside bash -c '
		rm -rf /etc/powerbox
		mkdir -m 755 /etc/powerbox /etc/powerbox/acl.d /etc/powerbox/profiles.d
		chmod 755 /etc /usr/share/powerbox/profiles.d
		ln -sfn "$1" /run/stub/out' setup "$out"
	acl '"default": ["minimal"], "rules": [{"allow": ["minimal", "net-bind"]}]'
	node runc
	ask
}

# file PATH TEXT [MODE]: of the node.
file()
{
	inside bash -c 'printf %s "$2" >"$1" && chmod "$3" "$1"' file "$1" "$2" "${3:-644}"
}

acl()
{
	file /etc/powerbox/acl.json "{ \"version\": 1, $1 }"
}

# node KIND|PATH
node()
{
	local path=$1

	[[ $path == /* ]] || path=/run/stub/$1
	file /etc/powerbox/node.json "{\"version\": 1, \"runtime\": \"$path\"}"
}

profile()
{
	file "/etc/powerbox/profiles.d/$1.json" "$2"
}

# ask [NAMES [MEMBERS]]: the config.json that an engine would write, with odd blanks and
# members that nobody knows. Without names there is no request.
ask()
{
	local annotations={}

	[[ -z ${1-} ]] || annotations="{\"dev.powerbox.profiles\":\"$1\"}"
	cat >"$config" <<-END
	{ "ociVersion": "1.0.2",
	  "process": { "args": ["sh"], "cwd": "/", "user": {"uid":0,"gid":0},
	    "capabilities": {"bounding": ["CAP_SYS_ADMIN"], "effective": ["CAP_SYS_ADMIN"],
	      "permitted": ["CAP_SYS_ADMIN"]} },
	  "root": {"path": "rootfs"},  "x-unknown": [1.50, 1e999, "\u00e9"],
	  "mounts": [],	"annotations": $annotations,${2:+
	  $2,}
	  "linux": { "namespaces": [{"type":"mount"}],"seccomp" : {"defaultAction":"SCMP_ACT_ALLOW"} } }
	END
}

# wrapper ARGUMENT...: in the folder $cwd, with the words of $before in front.
cwd=/
before=()
wrapper()
{
	rm -f "$out"/{argv,state,config}
	cp -a "$config" "$BATS_TEST_TMPDIR/old" 2>/dev/null || true
	status=0
	inside env -C "$cwd" timeout 5 "${before[@]}" powerbox-runtime "$@" </dev/null \
		>"$BATS_TEST_TMPDIR/said" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	err=$(<"$BATS_TEST_TMPDIR/err")
	echo "powerbox-runtime $*: $status $err"
}

# started ARG...: the runtime was started with exactly these behind its name, and nobody
# said anything.
started()
{
	diff <(printf 'arg %s\n' "$@") <(tail -n +2 "$out/argv")
	[[ $status == 0 && -z $err && ! -s $BATS_TEST_TMPDIR/said ]]
}

# refused STATUS WORD...: with one line that has these words, nothing started, nothing
# changed, nothing left behind.
refused()
{
	local want=$1 word

	shift
	[[ $status == "$want" && $err == "powerbox: "* ]] || return
	[[ $err != *$'\n'* && ${#err} -lt 700 ]] || return
	for word; do
		[[ $err == *"$word"* ]] || {
			echo "no \"$word\" in: $err"
			return 1
		}
	done
	[[ ! -e $out/argv && ! -s $BATS_TEST_TMPDIR/said ]] || return
	[[ ! -f $config || -L $config ]] || cmp "$BATS_TEST_TMPDIR/old" "$config" || return
	[[ ! $(compgen -G "$bundle/.config*") ]]
}

caps()
{
	jq -c '.process.capabilities.bounding' "${1:-$config}"
}

# ---- what a create does ----

@test "create and run, however the bundle is named, on both grammars" {
	local kind verb form n=0

	ask net-bind
	cp "$config" "$BATS_TEST_TMPDIR/wide"
	for kind in runc crun; do
		node $kind
		for verb in create run; do
			for form in "--bundle $bundle" "--bundle=$bundle" "-b $bundle" \
				"--bundle /nowhere --bundle $bundle" ""; do
				cp "$BATS_TEST_TMPDIR/wide" "$config"
				cwd=/
				[[ $form ]] || cwd=$bundle
				# shellcheck disable=SC2086 # words
				wrapper $verb $form c1
				started $verb ${form:+"--bundle=$bundle"} -- c1
				[[ $(head -1 "$out/argv") == "arg $kind" ]]
				[[ $(caps) == '["CAP_NET_BIND_SERVICE"]' ]]
				cmp "$config" "$out/config"
				n=$((n + 1))
			done
		done
	done
	[[ $n == 20 ]]
	# A relative path, one through links, and one that ends in slashes: the runtime gets
	# the path of what was opened, for a link may be changed meanwhile.
	ln -s bundle "$BATS_TEST_TMPDIR/link"
	ln -s "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/self"
	for form in ../bundle "$BATS_TEST_TMPDIR/link" "$BATS_TEST_TMPDIR/self/link/" "$bundle///" "$bundle/." .; do
		cp "$BATS_TEST_TMPDIR/wide" "$config"
		cwd=$bundle
		wrapper create --bundle "$form" c1
		started create "--bundle=$bundle" -- c1
		[[ $(caps "$out/config") == '["CAP_NET_BIND_SERVICE"]' ]]
	done
}

@test "crun's --config: the file that crun will read is the one that is rewritten" {
	local form

	node crun
	ask net-bind
	mv "$config" "$bundle/other.json"
	ask
	cp "$config" "$BATS_TEST_TMPDIR/wide"
	cwd=$bundle
	ln -s bundle "$BATS_TEST_TMPDIR/link"
	for form in "--config=other.json" "-f other.json" "--conf $bundle/other.json" \
		"--bundle /tmp -fother.json" "--config ../link/other.json"; do
		ask net-bind
		mv "$config" "$bundle/other.json"
		cp "$BATS_TEST_TMPDIR/wide" "$config"
		# shellcheck disable=SC2086
		wrapper create $form c1
		[[ $status == 0 && -z $err ]]
		grep -Fx "arg --config=$bundle/other.json" "$out/argv"
		cmp "$bundle/other.json" "$out/config"
		[[ $(caps "$out/config") == '["CAP_NET_BIND_SERVICE"]' ]]
		cmp "$config" "$BATS_TEST_TMPDIR/wide"
	done
	wrapper create --config=config.json --bundle "$bundle" c1
	[[ $status == 0 && $(caps) == '[]' ]]
	# runc has no such option.
	node runc
	ask
	wrapper create --config=other.json c1
	refused 64 --config
}

@test "only the sections change, and no other byte" {
	ask minimal,net-bind
	cp "$config" "$BATS_TEST_TMPDIR/in"
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
	[[ $(caps) == '["CAP_NET_BIND_SERVICE"]' ]]
	jq -e '.process.noNewPrivileges and
		.linux.seccomp.defaultAction == "SCMP_ACT_ERRNO"' "$config"
	python3 - "$BATS_TEST_TMPDIR/in" "$config" <<-'END'
	import re, sys
	old, new = (open(name, "rb").read() for name in sys.argv[1:])
	old = re.sub(rb'"capabilities": \{.*?\}', b"@", old, flags=re.S)
	new = re.sub(rb'"capabilities": \{.*?\}', b"@", new, flags=re.S)
	new = re.sub(rb'"noNewPrivileges":true,', b"", new)
	old = re.sub(rb'"seccomp" : \{.*?\} \} \}\n$', b"@", old, flags=re.S)
	new = re.sub(rb'"seccomp" : \{.*\} \} \}\n$', b"@", new, flags=re.S)
	assert old == new, (old, new)
	END
}

@test "what went through it goes through it again without being written" {
	local before_

	wrapper create --bundle "$bundle" c1
	before_=$(stat -c '%i %Z %Y %X' "$config")
	chmod 555 "$bundle"
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
	[[ $(stat -c '%i %Z %Y' "$config") == "${before_% *}" ]]
	# Nor does it need to be able to.
	wrapper run --bundle "$bundle" c1
	started run "--bundle=$bundle" -- c1
}

@test "owner, mode, POSIX ACL and the other names of a file stay as they are" {
	local owner mode

	for owner in 0:0 1000:1001 4294967294:7; do
		for mode in 600 640 444 000 4755; do
			ask net-bind
			chown "$owner" "$config"
			chmod "$mode" "$config"
			ln -f "$config" "$BATS_TEST_TMPDIR/second"
			wrapper create --bundle "$bundle" c1
			started create "--bundle=$bundle" -- c1
			[[ $(stat -c %u:%g:0%a "$config") == "$owner:0$((10#$mode))" ]]
			cmp "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/second"
			[[ $(caps) == '["CAP_NET_BIND_SERVICE"]' ]]
			rm -f "$config"
		done
	done
	ask net-bind
	python3 - "$config" set <<-'END' || skip "machine: no POSIX ACLs on this file system"
	import os, struct, sys
	entry = lambda tag, bits, who: struct.pack("<HHI", tag, bits, who)
	none = 0xffffffff
	acl = struct.pack("<I", 2) + entry(1, 6, none) + entry(2, 4, 1234) + \
		entry(4, 4, none) + entry(16, 4, none) + entry(32, 0, none)
	os.setxattr(sys.argv[1], "system.posix_acl_access", acl)
	END
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
	python3 - "$config" "$BATS_TEST_TMPDIR/old" <<-'END'
	import os, sys
	name = "system.posix_acl_access"
	acls = [os.getxattr(path, name) for path in sys.argv[1:]]
	assert acls[0] == acls[1] and len(acls[0]) == 44, acls
	END
	[[ $(caps) == '["CAP_NET_BIND_SERVICE"]' ]]
}

@test "the runtime inherits what the caller had, to the last descriptor" {
	local seed odd=$BUILDDIR/tests/shim/odd

	for seed in 1 2 3 4 5 6 7 8; do
		before=("$odd" "$seed" "$BATS_TEST_TMPDIR/given")
		ask net-bind
		# By its path: PATH is odd, too.
		rm -f "$out"/{argv,state,config}
		inside env -C "$bundle" timeout 5 "${before[@]}" /usr/bin/powerbox-runtime \
			create c1 </dev/null >/dev/null
		diff "$BATS_TEST_TMPDIR/given" "$out/state" | head
		cmp -s "$BATS_TEST_TMPDIR/given" "$out/state"
		grep -q '^fd 2 ' "$out/state"
		[[ $(grep -c '^fd ' "$out/state") -gt 150 ]]
		[[ $(caps "$out/config") == '["CAP_NET_BIND_SERVICE"]' ]]
		# And where nothing is decided.
		inside env -C "$bundle" timeout 5 "${before[@]}" /usr/bin/powerbox-runtime \
			kill c1 </dev/null >/dev/null
		diff "$BATS_TEST_TMPDIR/given" "$out/state" | head
		cmp -s "$BATS_TEST_TMPDIR/given" "$out/state"
	done
}

@test "the exit status is the runtime's" {
	local want

	touch "$out/no-state"
	for want in 0 1 2 64 125 126 127 137 255; do
		echo $want >"$out/exit"
		wrapper create --bundle "$bundle" c1
		[[ $status == "$want" && -z $err && -e $out/argv ]]
	done
	for want in 9 15 6 11; do
		echo $((1000 + want)) >"$out/exit"
		wrapper create --bundle "$bundle" c1
		[[ $status == $((128 + want)) && -e $out/argv ]]
	done
}

@test "every other subcommand passes, as it was written" {
	local line kind

	rm "$config"
	inside rm /etc/powerbox/acl.json
	for kind in runc crun; do
		node $kind
		while read -r line; do
			# shellcheck disable=SC2086
			wrapper $line
			# shellcheck disable=SC2086
			started $line
		done <<-'END'
		start c1
		state c1
		kill c1 KILL
		kill --all c1 9
		delete c1
		delete --force c1
		delete -f c1
		list
		list --format json -q
		ps c1
		ps --format json c1 -ef
		pause c1
		resume c1
		spec
		checkpoint --image-path=/x c1
		features
		delete --what-is-this c1 and more
		END
		wrapper --root=/run/r --log=/dev/null --log-format=json state c1
		started --root=/run/r --log=/dev/null --log-format=json state c1
		wrapper --version
		started --version
		wrapper --help
		started --help
		wrapper
		[[ $status == 0 && $(<"$out/argv") == "arg $kind" ]]
	done
}

@test "an ACL alone is enough: the runtime is the one compiled in" {
	local default

	default=$(sed -n 's/^#define DEFAULT_RUNTIME "\(.*\)"/\1/p' "$BUILDDIR/config.h")
	[[ -f $default ]] || skip "machine: there is no $default"
	inside rm /etc/powerbox/node.json
	inside rmdir /etc/powerbox/acl.d /etc/powerbox/profiles.d
	before=(unshare --mount bash -c 'mount --bind /run/stub/runc "$0" && exec "$@"' "$default")
	ask net-bind
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
	[[ $(caps) == '["CAP_NET_BIND_SERVICE"]' ]]
}

@test "mode warn: everything starts, and nothing changes" {
	acl '"mode": "warn", "rules": []'
	ask ptrace
	cp "$config" "$BATS_TEST_TMPDIR/in"
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
	cmp "$config" "$BATS_TEST_TMPDIR/in"
}

# ---- what is refused, status by status ----

@test "1: profiles that the ACL does not allow" {
	ask minimal,ptrace
	wrapper create --bundle "$bundle" c1
	refused 1 "container 'c1'" '"ptrace" is not allowed' \
		"allowed here: minimal, net-bind; to allow: powerbox approve ptrace"
	ask ptrace,bpf,minimal
	wrapper run --bundle "$bundle" c1
	refused 1 '"bpf", "ptrace" are not allowed'
	acl '"rules": []'
	ask minimal
	wrapper create --bundle "$bundle" c1
	refused 1 "allowed here: nothing"
	# What allowing would not mend is said first.
	ask no-such-profile,ptrace
	wrapper create --bundle "$bundle" c1
	refused 1 "there is no profile 'no-such-profile' in /etc/powerbox/profiles.d or "
	[[ $err != *approve* ]]
	ask ptrcae
	wrapper create --bundle "$bundle" c1
	refused 1 "there is no profile 'ptrcae'" "; did you mean ptrace?"
	acl '"rules": [{"allow": ["minimal"]}]'
	ask minimal
	wrapper restore --bundle "$bundle" c1
	refused 1 restore '"restore": true'
	acl '"rules": [{"allow": ["minimal"], "restore": true}]'
	wrapper restore --bundle "$bundle" c1
	started restore "--bundle=$bundle" -- c1
}

@test "64: a command line that is not understood" {
	local kind line

	for kind in runc crun; do
		node $kind
		while read -r line; do
			# shellcheck disable=SC2086
			wrapper $line
			refused 64
		done <<-END
		create
		create --bundle $bundle
		create --bundle $bundle c1 c2
		create --what $bundle c1
		create --bundle $bundle --
		create --bundle= c1
		create --bundle $bundle ../c1
		create --bundle $bundle -- -c1
		--what create c1
		what c1
		run --detach=what c1
		END
		wrapper create --bundle "$bundle" ''
		refused 64
	done
}

@test "65: a config.json that readers read differently, byte by byte" {
	local bad n=0

	while IFS= read -r bad; do
		printf '%b' "$bad" >"$config"
		wrapper create --bundle "$bundle" c1
		refused 65 config.json || {
			echo "given: $bad"
			return 1
		}
		n=$((n + 1))
	done <<-'END'

	null
	[]
	"x"
	7
	{
	{}
	{"process":{}
	{"process":{}}}
	{"process":{}} {}
	{"process":{}}x
	{"process":{}}\x00
	{"process":{},}
	\xef\xbb\xbf{"process":{}}
	\xff\xfe{\x00}\x00
	/* */{"process":{}}
	{"process":{}} // x
	{"process":{}} # x
	{'process':{}}
	{"process":{},"process":{}}
	{"process":{},"x":{"a":1,"a":1}}
	{"process":{},"Process":{}}
	{"process":{},"PROCESS":null}
	{"proce\xc5\xbf\xc5\xbf":{},"process":{}}
	{"process":{"capabilitie\xc5\xbf":{}}}
	{"process":{"Capabilities":{}}}
	{"process":{"capabilities":{"Bounding":[]}}}
	{"process":{},"linux":{"Seccomp":null}}
	{"process":{},"linux":{"seccomp":{"Syscalls":[]}}}
	{"process":{},"\xe2\x84\xaa":1,"\xe2\x84\xaa":1}
	{"process":{"\\u0000":1}}
	{"process\\u0000x":{},"process":{}}
	{"process":{"args":["a\\u0000b"]}}
	{"process":{"args":["a\x00b"]}}
	{"process":{"a":"\xc0\xaf"}}
	{"process":{"a":"\xed\xa0\x80"}}
	{"process":{"a":"\xf4\x90\x80\x80"}}
	{"process":{"a":"\x80"}}
	{"process":{"a":"\\ud800"}}
	{"process":{"a":"\\udc00\\ud800"}}
	{"process":{"a":"\\ud83d\\u0041"}}
	{"process":{"a":"\x1b"}}
	{"process":{"a":"\t"}}
	{"process":{\x0b}}
	{"process":{"a":01}}
	{"process":{"a":NaN}}
	{"process":{"a":+1}}
	{"process":{"a":.5}}
	{"process":null}
	{"process":7}
	{"process":[]}
	{"process":{"capabilities":[]}}
	{"process":{"capabilities":"x"}}
	{"process":{"capabilities":{"bounding":"CAP_KILL"}}}
	{"process":{"noNewPrivileges":1}}
	{"process":{"noNewPrivileges":"true"}}
	{"process":{"user":{"uid":-1}}}
	{"process":{"user":{"uid":1e3}}}
	{"process":{"user":{"uid":4294967296}}}
	{"process":{"user":{"uid":"0"}}}
	{"process":{},"linux":[]}
	{"process":{},"linux":{"seccomp":[]}}
	{"process":{},"annotations":[]}
	{"process":{},"annotations":{"a":null}}
	{"process":{},"annotations":{"a":1}}
	{"process":{},"annotations":{"a=b":"c"}}
	{"process":{},"annotations":{"dev.powerbox.profiles":["minimal"]}}
	END
	[[ $n == 67 ]]
}

@test "65: too long, too deep, too much" {
	{ printf '{"process":{},"x":"'; head -c 16777216 /dev/zero | tr '\0' x; printf '"}'; } \
		>"$config"
	wrapper create --bundle "$bundle" c1
	refused 65 16777216
	{ printf '{"process":{},"x":'; head -c 1000000 /dev/zero | tr '\0' '['; } >"$config"
	wrapper create --bundle "$bundle" c1
	refused 65 byte
	{ printf '{"process":{},"x":[0'; head -c 6000000 /dev/zero | sed 's/\x00/,0/g'; printf ']}'; } \
		>"$config"
	wrapper create --bundle "$bundle" c1
	refused 65
	# A sparse file costs nothing to make.
	truncate -s 1T "$config"
	rm -f "$out"/{argv,state,config}
	run -65 inside timeout 5 powerbox-runtime create --bundle "$bundle" c1
	[[ ${#lines[@]} == 1 ]]
	# As long as may be, to the byte.
	printf '{"process":{},"x":"' >"$config"
	head -c $((16777216 - $(stat -c %s "$config") - 2)) /dev/zero | tr '\0' x >>"$config"
	printf '"}' >>"$config"
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
}

@test "65: no beginning of a config.json is one" {
	local size at

	ask net-bind
	cp "$config" "$BATS_TEST_TMPDIR/whole"
	# Without the line feed behind it.
	size=$(($(stat -c %s "$config") - 1))
	for ((at = 0; at < size; at += 29)); do
		head -c "$at" "$BATS_TEST_TMPDIR/whole" >"$config"
		wrapper create --bundle "$bundle" c1
		refused 65 config.json
	done
	head -c $((size - 1)) "$BATS_TEST_TMPDIR/whole" >"$config"
	wrapper create --bundle "$bundle" c1
	refused 65 config.json
}

@test "65: a request that is none" {
	local names

	for names in Minimal 'minimal,' ,minimal minimal,,net-bind -minimal minimal- ../minimal \
		minimal/x minimal.json '*' 'minimal;net-bind' minimal\\tnet-bind \
		$'\u00e9' "$(printf 'a%.0s' {1..64})" "$(printf 'p%d,' {1..32})p33" \
		'\u001b[2J' 'minimal\u000anet-bind'; do
		ask "$names"
		wrapper create --bundle "$bundle" c1
		refused 65 dev.powerbox.profiles byte
	done
	for names in "$(printf 'a%.0s' {1..63})" "$(printf 'p%d,' {1..31})p32"; do
		ask "$names"
		wrapper create --bundle "$bundle" c1
		refused 1
	done
}

@test "66: what is needed is missing" {
	wrapper create --bundle /nowhere/bundle c1
	refused 66 "/nowhere/bundle" "No such file"
	wrapper create --bundle "$config" c1
	refused 66 "Not a directory"
	mv "$config" "$BATS_TEST_TMPDIR/config"
	wrapper create --bundle "$bundle" c1
	refused 66 "$bundle" config.json
	mv "$BATS_TEST_TMPDIR/config" "$config"
	inside rm /etc/powerbox/acl.json
	wrapper create --bundle "$bundle" c1
	refused 66 "no ACL" /etc/powerbox/acl.json
	inside bash -c 'rm -r /etc/powerbox'
	wrapper create --bundle "$bundle" c1
	refused 66 /etc/powerbox/acl.json
}

@test "69: a runtime that can't be" {
	local path

	inside bash -c '
		cd /run/stub
		cp runc plain; chmod 644 plain
		mkdir -p folder
		cp runc hers; chown 1000 hers
		cp runc theirs; chmod 775 theirs
		printf "#!/nowhere\n" >script; chmod 755 script
		printf "x\n" >nonsense; chmod 755 nonsense
		mkfifo -m 755 fifo
		ln -sf nothing dangling
		ln -sf loop loop
		ln -sf hers link
		mkdir -p open; chmod 777 open; cp runc open/'
	for path in nothing plain folder script nonsense fifo dangling loop; do
		node /run/stub/$path
		wrapper create --bundle "$bundle" c1
		if [[ $path == loop ]]; then
			refused 74 /run/stub/loop node.json
		else
			refused 69 /run/stub/ runtime
		fi
	done
	for path in hers theirs link open/runc; do
		node /run/stub/$path
		wrapper create --bundle "$bundle" c1
		refused 77 /run/stub "mend with: ch" node.json
	done
	node runc
	ask
	profile net-raw '{"version":1,"summary":"x","capabilities":["CAP_NET_RAW"]}'
	acl '"default": ["net-raw"]'
	before=(setpriv --bounding-set -net_raw)
	wrapper create --bundle "$bundle" c1
	refused 69 CAP_NET_RAW
}

@test "69: a runtime that is powerbox: itself, a link, another name, a copy, an altered one" {
	local path verb

	inside bash -c '
		cp -f /usr/bin/powerbox-runtime /run/stub/copy
		ln -sf /usr/bin/powerbox-runtime /run/stub/link
		ln -f /run/stub/copy /run/stub/hard
		ln -sf /run/stub/link /run/stub/links
		cp -f /run/stub/copy /run/stub/longer
		printf x >>/run/stub/longer
		strip -s -o /run/stub/stripped /run/stub/copy
		printf "#!/bin/sh\nexec /usr/bin/powerbox-runtime \"\$@\"\n" >/run/stub/script
		printf "#!/bin/sh\n/usr/bin/powerbox-runtime \"\$@\"\n" >/run/stub/forking
		chmod 755 /run/stub/script /run/stub/forking'
	for path in /usr/bin/powerbox-runtime /run/stub/{copy,link,hard,links,longer,stripped,script,forking}; do
		node "$path"
		for verb in "create --bundle $bundle c1" "run --bundle $bundle c1" "state c1" --version; do
			# shellcheck disable=SC2086
			wrapper $verb
			refused 69 "$path" powerbox node.json
		done
	done
	# The copy, started as such, is as wary.
	node /usr/bin/powerbox-runtime
	rm -f "$out/argv"
	run -69 inside timeout 5 /run/stub/copy create --bundle "$bundle" c1
	[[ ${#lines[@]} == 1 && ! -e $out/argv ]]
}

@test "64: a program that gives rights of its own" {
	local give program

	for program in powerbox-runtime powerbox /usr/libexec/powerbox/powerbox-hook; do
		for give in 'chmod 4755' 'chmod 2755' 'setcap cap_dac_override+ep'; do
			inside bash -c 'cp "$(command -v "$1")" /run/stub/given && $2 /run/stub/given' \
				give "$program" "$give"
			rm -f "$out/argv"
			run -64 inside setpriv --reuid 1000 --regid 1000 --clear-groups /run/stub/given --version
			[[ $output == *"must not be setuid"*"have file capabilities"* ]]
			[[ ! -e $out/argv ]]
			inside rm /run/stub/given
		done
	done
}

@test "69: a wrapper between powerbox and powerbox" {
	local script

	touch "$out/again"
	wrapper state c1
	refused 69 /run/stub/runc "starts powerbox again"
	# As a child; what is behind that is found when it is three deep.
	touch "$out/child"
	wrapper state c1
	[[ $status == 69 && $err == *"starts powerbox again"* && $(wc -l <<<"$err") == 1 ]]
	rm "$out/again" "$out/child"
	# Scripts that do not say so.
	inside ln -sf /usr/bin/powerbox-runtime /run/stub/other
	# shellcheck disable=SC2043 # is run twice
	# What is not found ends at last.
	for script in 'exec /run/stub/other "$@"' '/run/stub/other "$@"; exit $?' \
		'(/run/stub/other "$@"; true) || exit 1; exit 69' 'timeout 4 /run/stub/other "$@"'; do
		file /run/stub/script "#!/bin/sh -u
		DEPTH=x\${DEPTH-}; export DEPTH; [ \${#DEPTH} -lt 30 ] || exit 98
		$script" 755
		node /run/stub/script
		for verb in "create --bundle $bundle c1" "state c1" --version; do
			ask
			# shellcheck disable=SC2086
			wrapper $verb
			[[ $status == 69 && $err == "powerbox: "*"/run/stub/script starts powerbox again"* ]]
			[[ ! -e $out/argv && $(wc -l <<<"$err") == 1 ]]
			# The first one has rewritten it by then, to what it will be next time.
			[[ $verb != create* || $(caps) == '[]' ]]
		done
	done
	# One that starts a runtime is none, nor is a hook that asks powerbox.
	file /run/stub/script '#!/bin/sh
	if [ -n "${DEPTH-}" ]; then exec /run/stub/runc "$@"; fi
	DEPTH=1 /run/stub/other "$@"' 755
	wrapper state c1
	[[ $status == 0 && -z $err && -e $out/argv ]]
}

@test "70: a union that can't be said exactly" {
	[[ $(uname -m) == x86_64 ]] || skip "machine: needs an architecture with a 32 bit twin"
	file /etc/powerbox/node.json \
		'{"runtime": "/run/stub/runc", "architectures": ["SCMP_ARCH_X86"]}'
	acl '"rules": [{"allow": ["network-server"]}]'
	ask network-server
	wrapper create --bundle "$bundle" c1
	refused 70 network-server socket node.json
}

@test "71: out of memory" {
	{ printf '{"process":{},"x":"'; head -c 16000000 /dev/zero | tr '\0' x; printf '"}'; } \
		>"$config"
	before=(prlimit --as=12000000)
	wrapper create --bundle "$bundle" c1
	refused 71 memory
}

@test "74: what is no file is not read, and nobody waits for it" {
	local device

	rm "$config"
	mkfifo "$config"
	wrapper create --bundle "$bundle" c1
	refused 74 "not a regular file"
	rm "$config"
	mkdir "$config"
	wrapper create --bundle "$bundle" c1
	refused 74 "not a regular file"
	rmdir "$config"
	for device in zero null tty; do
		mknod "$config" c $(($(stat -c '0x%t' /dev/$device))) $(($(stat -c '0x%T' /dev/$device)))
		wrapper create --bundle "$bundle" c1
		refused 74 config.json
		rm "$config"
	done
	python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind("config.json")' 2>/dev/null \
		|| (cd "$bundle" && python3 -c \
			'import socket; socket.socket(socket.AF_UNIX).bind("config.json")')
	rm -f config.json
	if [[ -S $config ]]; then
		wrapper create --bundle "$bundle" c1
		refused 74 config.json
		rm "$config"
	fi
	for device in /dev/zero nowhere config.json "$BATS_TEST_TMPDIR/real"; do
		ln -s "$device" "$config"
		wrapper create --bundle "$bundle" c1
		refused 74 "symbolic link"
		rm "$config"
	done
}

@test "74: a bundle that can't be written to" {
	inside bash -c 'mkdir -p /run/ro && mount -t tmpfs tmpfs /run/ro && cp "$1" /run/ro/ &&
		mount -o remount,ro /run/ro' ro "$config"
	wrapper create --bundle /run/ro c1
	refused 74 config.json "Read-only file system"
	inside umount /run/ro
	inside bash -c 'mount -t tmpfs -o size=4k tmpfs /run/ro && cp "$1" /run/ro/' full "$config"
	wrapper create --bundle /run/ro c1
	refused 74 config.json "No space left"
	[[ $(inside ls -A /run/ro) == config.json ]]
	inside cmp /run/ro/config.json "$config"
	inside umount /run/ro
	before=(prlimit --fsize=100)
	wrapper create --bundle "$bundle" c1
	refused 74 config.json "File too large"
	before=(prlimit --nofile=3)
	wrapper create --bundle "$bundle" c1
	refused 74 "Too many open files"
}

@test "77: files and folders that somebody other than root could change" {
	local path mend

	profile net-bind '{"version":1,"summary":"x"}'
	file /etc/powerbox/acl.d/more.json '{"version":1}'
	ask net-bind
	for path in acl.json acl.d/more.json node.json profiles.d/net-bind.json \
		acl.d profiles.d .; do
		for mend in "chown 1000" "chmod g+w" "chmod o+w" "chmod a+w"; do
			# shellcheck disable=SC2086
			inside $mend "/etc/powerbox/$path"
			wrapper create --bundle "$bundle" c1
			refused 77 "/etc/powerbox${path:+/$path}" "mend with: ${mend%% *}" ||
				[[ $path == . && $err == *" /etc/powerbox" ]] ||
				return
			# What it says mends it.
			inside bash -c "${err##*mend with: }"
			wrapper create --bundle "$bundle" c1
			started create "--bundle=$bundle" -- c1
		done
	done
	inside chmod g+w /etc
	wrapper create --bundle "$bundle" c1
	refused 77 "/etc: " "mend with: chmod 0755 /etc"
	inside chmod 755 /etc
	inside chmod o+w /usr/share/powerbox/profiles.d
	wrapper create --bundle "$bundle" c1
	refused 77 "/usr/share/powerbox/profiles.d"
	inside chmod 755 /usr/share/powerbox/profiles.d
}

@test "77: in a user namespace, where nothing is root's, it is said that it is one" {
	local map

	# As unshare leaves it, and as a rootless engine has it.
	for map in '' '0 500000 65536'; do
		mkfifo "$BATS_TEST_TMPDIR/go"
		run inside bash -c 'unshare --user bash -c "read -r <\"\$1\"; exec powerbox-runtime create \
				--bundle \"\$2\" c1" unshared "$1" "$2" &
			until [[ $(readlink "/proc/$!/ns/user") != $(readlink /proc/self/ns/user) ]]; do
				sleep 0.01
			done
			[[ -z $3 ]] || echo "$3" >"/proc/$!/uid_map"
			echo >"$1"
			wait $!' outer "$BATS_TEST_TMPDIR/go" "$bundle" "$map"
		rm "$BATS_TEST_TMPDIR/go"
		echo "$map: $status $output"
		[[ $status == 77 && $output == "powerbox: in a user namespace, as of rootless podman"* ]]
		[[ $output != *chown* && ! -e $out/argv ]]
	done
}

@test "77: a link in the place of the ACL counts by where it leads and who made it" {
	inside bash -c '
		mkdir -p /run/hers /run/ours
		chmod 755 /run/hers /run/ours
		mv /etc/powerbox/acl.json /run/ours/acl.json
		cp /run/ours/acl.json /run/hers/acl.json
		chown -R 1000 /run/hers'
	inside ln -s /run/ours/acl.json /etc/powerbox/acl.json
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
	ask
	inside chown -h 1000 /etc/powerbox/acl.json
	wrapper create --bundle "$bundle" c1
	refused 77 /etc/powerbox/acl.json "chown -h"
	inside ln -sfn /run/hers/acl.json /etc/powerbox/acl.json
	wrapper create --bundle "$bundle" c1
	refused 77 /run/hers
	inside chown root /run/hers
	wrapper create --bundle "$bundle" c1
	refused 77 /run/hers/acl.json
	inside ln -sfn nowhere /etc/powerbox/acl.json
	wrapper create --bundle "$bundle" c1
	refused 78 /etc/powerbox/nowhere "a link leads nowhere"
	inside ln -sfn acl.json /etc/powerbox/acl.json
	wrapper create --bundle "$bundle" c1
	refused 74 /etc/powerbox/acl.json
	inside bash -c 'rm /etc/powerbox/acl.json; mkfifo /etc/powerbox/acl.json'
	wrapper create --bundle "$bundle" c1
	refused 74 /etc/powerbox/acl.json "not a regular file"
	inside bash -c 'rm /etc/powerbox/acl.json; mkdir /etc/powerbox/acl.json'
	wrapper create --bundle "$bundle" c1
	refused 74 /etc/powerbox/acl.json
}

@test "78: a link that leads nowhere is not absence, nor is a file for a folder" {
	local path

	# Without it the shipped profile of that name, or the compiled-in runtime, would hold.
	ask minimal
	for path in profiles.d/minimal.json profiles.d acl.d acl.d/more.json node.json; do
		inside mv "/etc/powerbox/$path" /run/stub/kept 2>/dev/null || true
		inside ln -s nowhere "/etc/powerbox/$path"
		wrapper create --bundle "$bundle" c1
		refused 78 /nowhere "a link leads nowhere"
		if [[ $path == *.d ]]; then
			inside bash -c 'rm "$1"; touch "$1"' touch "/etc/powerbox/$path"
			wrapper create --bundle "$bundle" c1
			refused 78 "/etc/powerbox/$path" "Not a directory"
		fi
		inside rm "/etc/powerbox/$path"
		inside mv /run/stub/kept "/etc/powerbox/$path" 2>/dev/null || true
	done
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
}

@test "78: an ACL that says what it can't" {
	local bad

	while IFS= read -r bad; do
		file /etc/powerbox/acl.json "$bad"
		wrapper create --bundle "$bundle" c1
		refused 78 /etc/powerbox/acl.json line
	done <<-'END'

	{
	null
	[]
	{"version":2}
	{"version":"1"}
	{"versoin":1}
	{"rules":{}}
	{"rules":[7]}
	{"rules":[{"alow":["minimal"]}]}
	{"rules":[{"allow":"minimal"}]}
	{"rules":[{"allow":["Minimal"]}]}
	{"rules":[{"allow":["minimal"],"namespaces":[]}]}
	{"rules":[{"allow":["minimal"],"nodes":{"a":1}}]}
	{"default":["minimal"],"default":[]}
	{"mode":"off"}
	{"default":["../minimal"]}
	{} {}
	END
	head -c 1048577 /dev/zero | tr '\0' ' ' >"$BATS_TEST_TMPDIR/long"
	inside cp "$BATS_TEST_TMPDIR/long" /etc/powerbox/acl.json
	wrapper create --bundle "$bundle" c1
	refused 78 /etc/powerbox/acl.json 1048576
	acl '"default": ["minimal"]'
	file /etc/powerbox/acl.d/20-b.json '{"rules":[{"allow":["net-bind"]}]}'
	file /etc/powerbox/acl.d/30-c.json $'{"rules":\n[}'
	ask net-bind
	wrapper create --bundle "$bundle" c1
	refused 78 /etc/powerbox/acl.d/30-c.json "line 2"
	# What editors leave behind does not count.
	inside mv /etc/powerbox/acl.d/30-c.json /etc/powerbox/acl.d/30-c.json~
	file /etc/powerbox/acl.d/.30-c.json.swp '{'
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
}

@test "78: a profile that is not there, is malformed, or shadows a good one" {
	local bad

	acl '"default": ["no-such"]'
	wrapper create --bundle "$bundle" c1
	refused 78 no-such /etc/powerbox/profiles.d /usr/share/powerbox/profiles.d
	acl '"default": ["net-bind"]'
	while IFS= read -r bad; do
		profile net-bind "$bad"
		wrapper create --bundle "$bundle" c1
		refused 78 /etc/powerbox/profiles.d/net-bind.json line
	done <<-'END'

	{
	{"summary":"s","capabilities":["CAP_NET_BIND"]}
	{"summary":"s","syscalls":[{"names":["reed"]}]}
	{"summary":"s","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}
	{"summary":"s","allow":[]}
	{"version":1}
	END
	profile net-bind '{"summary":"s","capabilities":["CAP_KILL"]}'
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
	[[ $(caps) == '["CAP_KILL"]' ]]
	# The runtime's own is one, too.
	ask
	profile runtime-runc '{'
	wrapper create --bundle "$bundle" c1
	refused 78 runtime-runc.json
}

@test "78: a broken node.json keeps containers from starting, and lets them be stopped" {
	local bad default

	default=$(sed -n 's/^#define DEFAULT_RUNTIME "\(.*\)"/\1/p' "$BUILDDIR/config.h")
	while IFS= read -r bad; do
		file /etc/powerbox/node.json "$bad"
		wrapper create --bundle "$bundle" c1
		refused 78 /etc/powerbox/node.json line
		wrapper exec c1 sh
		refused 78 /etc/powerbox/node.json
		wrapper update c1
		refused 78 /etc/powerbox/node.json
	done <<-'END'
	{
	{"version":2}
	{"runtime":"runc"}
	{"runtime":""}
	{"runtime":null}
	{"runtimeKind":"youki"}
	{"engine":"lxc"}
	{"labels":{"a":1}}
	{"architectures":["x86"]}
	{"arch":[]}
	END
	[[ -f $default ]] || skip "machine: there is no $default"
	before=(unshare --mount bash -c 'mount --bind /run/stub/runc "$0" && exec "$@"' "$default")
	for bad in "kill c1 KILL" "delete --force c1" "state c1" "start c1" "list" "--version"; do
		# shellcheck disable=SC2086
		wrapper $bad
		# shellcheck disable=SC2086
		started $bad
	done
	# The runtime that it names, if that much can be read.
	before=()
	file /etc/powerbox/node.json '{"runtime":"/run/stub/crun","labels":{"a":1}}'
	wrapper delete --force c1
	started delete --force c1
	[[ $(head -1 "$out/argv") == "arg crun" ]]
	wrapper create --bundle "$bundle" c1
	refused 78 /etc/powerbox/node.json
	before=(unshare --mount bash -c 'mount --bind /run/stub/runc "$0" && exec "$@"' "$default")
	file /etc/powerbox/node.json '{}' 666
	wrapper kill c1 KILL
	started kill c1 KILL
	wrapper create --bundle "$bundle" c1
	refused 77 /etc/powerbox/node.json
}

# ---- what the caller is told ----

# last FILE: its last line, which is a refusal in JSON, as text.
last()
{
	tail -n 1 "$1" | jq -er 'select(.level == "error" and (.time | test("^[-0-9T:]+Z$"))) | .msg'
}

@test "--log: the last line is the refusal, in the format that was asked for" {
	local log=$BATS_TEST_TMPDIR/log kind

	for kind in runc crun; do
		node $kind
		ask ptrace
		rm -f "$log"
		wrapper --log "$log" --log-format json create --bundle "$bundle" c1
		refused 1 ptrace
		[[ $(wc -l <"$log") == 1 && $(last "$log") == "$err" ]]
		wrapper --log="$log" --log-format=json create --bundle /nowhere c1
		refused 66
		[[ $(wc -l <"$log") == 2 && $(last "$log") == "$err" ]]
		wrapper --log "$log" --log-format json create --what c1
		refused 64
		[[ $(last "$log") == "$err" ]]
		wrapper --log "$log" --log-format text create --bundle "$bundle" c1
		refused 1
		[[ $(tail -n 1 "$log") == time=\"*\"\ level=error\ msg=\"*\" ]]
		[[ $(tail -n 1 "$log" | sed 's/.*level=error msg=//' | jq -r .) == "$err" ]]
		# As the runtimes do, without a format as text.
		wrapper --log "$log" create --bundle "$bundle" c1
		[[ $(tail -n 1 "$log") == time=* ]]
		[[ $(wc -l <"$log") == 5 ]]
		# A start that goes well writes nothing there.
		ask
		rm "$log"
		wrapper --log "$log" create --bundle "$bundle" c1
		[[ $status == 0 && ! -e $log ]]
	done
}

@test "--log: a place that can't be written to changes nothing" {
	local log

	ask ptrace
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	for log in /nowhere/log /dev/full "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/fifo" '' /dev/null; do
		wrapper --log="$log" --log-format json create --bundle "$bundle" c1
		refused 1 ptrace
	done
}

@test "what others wrote is escaped and bounded wherever it is shown" {
	local log=$BATS_TEST_TMPDIR/log text key members

	for text in 'a\u000ab' '\u001b[2J' '\u009b' '\u202e' '\u007f' "'" '\"' '\\' \
		"$(head -c 1048576 /dev/zero | tr '\0' 'A')"; do
		ask "$text"
		wrapper --log "$log" --log-format json create --bundle "$bundle" c1
		refused 65 dev.powerbox.profiles
		[[ $(last "$log") == "$err" && $err != *[^[:print:]]* ]]
		LC_ALL=C grep -qv '[^ -~]' "$log"
	done
	file /etc/powerbox/node.json '{"runtime":"/run/stub/runc","engine":"containerd"}'
	for text in 'a\u000ab' '\u001b[2J' "$(head -c 1048576 /dev/zero | tr '\0' 'A')"; do
		ask ptrace
		members=
		for key in sandbox-namespace container-name image-name; do
			members+=",\"io.kubernetes.cri.$key\":\"$text\""
		done
		printf '{"process":{},"annotations":{"dev.powerbox.profiles":"ptrace"%s}}' \
			"$members" >"$config"
		wrapper --log "$log" --log-format json create --bundle "$bundle" c1
		refused 1 ptrace "to allow: powerbox approve, with its config.json"
		[[ $(last "$log") == "$err" && $err != *[^[:print:]]* ]]
	done
	# The container's name and the path of the bundle are the engine's.
	ask ptrace
	wrapper --log "$log" --log-format json create --bundle "$bundle" $'c\n\x1b[1m'
	[[ $status == 1 || $status == 64 ]]
	refused "$status"
	wrapper --log "$log" --log-format json create --bundle $'/no\nwhere\x1b' c1
	refused 66
	[[ $(last "$log") == "$err" && $err != *[^[:print:]]* ]]
	wrapper --log "$log" --log-format json create --bundle "/$(printf 'a%.0s' {1..3000})" c1
	refused 74
}

@test "the first three descriptors closed, in all combinations" {
	local closed

	for closed in '' '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		ask ptrace
		cp "$config" "$BATS_TEST_TMPDIR/old"
		run -1 inside timeout 5 bash -c \
			"powerbox-runtime create --bundle '$bundle' c1 $closed"
		cmp "$config" "$BATS_TEST_TMPDIR/old"
		[[ $closed == *'2>&-'* || $output == *ptrace* ]]
		[[ ! -e $out/argv && $(ls -A "$bundle") == config.json ]]
		ask net-bind
		run -0 inside timeout 5 bash -c \
			"powerbox-runtime create --bundle '$bundle' c1 $closed"
		[[ -z $output && $(caps "$out/config") == '["CAP_NET_BIND_SERVICE"]' ]]
		# As they were: open ones open, closed ones closed.
		[[ $(grep -c '^fd [012] ' "$out/state") == \
			$((3 - $(tr -cd '&' <<<"$closed" | wc -c))) ]]
		rm "$out/argv"
	done
}

@test "closed descriptors where there is no /dev/null to stand for them" {
	local closed command

	for closed in '<&-' '2>&-' '<&- >&- 2>&-'; do
		for command in "delete c1" "kill c1 KILL" "create --bundle '$bundle' c1"; do
			ask net-bind
			rm -f "$out/argv"
			run -0 inside timeout 5 unshare --mount bash -c \
				"mount -t tmpfs tmpfs /dev && powerbox-runtime $command $closed"
			[[ -z $output && -e $out/argv ]]
		done
	done
}

@test "stderr that can't be written to: full, closed at the other end, nobody reading, too long" {
	ask ptrace
	for script in \
		'powerbox-runtime create --bundle "$1" c1 2>/dev/full' \
		'powerbox-runtime create --bundle "$1" c1 2> >(exec true)' \
		'mkfifo -m 600 "$2"; exec 3<>"$2"; head -c 65536 /dev/zero >&3
			powerbox-runtime create --bundle "$1" c1 2>"$2"' \
		'prlimit --fsize=1 powerbox-runtime create --bundle "$1" c1 2>"$2.file"' \
		'echo full >"$2.file"
			prlimit --fsize=1 powerbox-runtime create --bundle "$1" c1 2>>"$2.file"'; do
		status=0
		inside timeout 5 bash -c "$script" say "$bundle" "$BATS_TEST_TMPDIR/pipe" ||
			status=$?
		echo "$script: $status"
		[[ $status == 1 ]]
		[[ ! -e $out/argv ]]
	done
}

@test "syslog that nobody reads does not hold up a container" {
	# A daemon that hangs: its socket takes a few messages and then no more.
	before=(unshare --mount bash -c '
		mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3
		exec 3<"$1"; shift
		exec "$@"' hang "$bundle")
	cat >"$BATS_TEST_TMPDIR/hang.py" <<-'END'
	import os, socket, sys
	log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	log.bind("/dev/log")
	full = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	full.setblocking(False)
	try:
	    while True:
	        full.sendto(b"x", "/dev/log")
	except BlockingIOError:
	    pass
	os.set_inheritable(log.fileno(), True)
	os.execv(sys.argv[1], sys.argv[1:])
	END
	before+=(python3 "$BATS_TEST_TMPDIR/hang.py" /usr/bin/env)
	wrapper create --bundle "$bundle" c1
	started create "--bundle=$bundle" -- c1
	ask ptrace
	wrapper create --bundle "$bundle" c1
	refused 1 ptrace
}

@test "no argument at all, not even a name" {
	status=0
	inside timeout 5 "$BUILDDIR/tests/shim/odd" argc0 - /usr/bin/powerbox-runtime \
		2>"$BATS_TEST_TMPDIR/err" || status=$?
	# Kernels from 5.18 on put an empty name there.
	[[ $status == 64 ]] || [[ $status == 0 && $(<"$out/argv") == "arg runc" ]]
}

@test "nothing in the environment changes a decision" {
	local variable

	ask net-bind
	cp "$config" "$BATS_TEST_TMPDIR/in"
	wrapper create --bundle "$bundle" c1
	cp "$config" "$BATS_TEST_TMPDIR/want"
	for variable in POWERBOX_SYSCONFDIR=/nowhere POWERBOX_RUNTIME=/bin/true HOME=/nowhere \
		XDG_CONFIG_HOME=/tmp TMPDIR=/nowhere LANG=tr_TR.UTF-8 LC_ALL=xx TZ=:/etc/passwd \
		MALLOC_PERTURB_=77 GLIBC_TUNABLES=glibc.malloc.check=3 LD_PRELOAD=/nowhere.so \
		IFS=x PATH= RUN_OCI_SECCOMP_RECEIVER=/x; do
		cp "$BATS_TEST_TMPDIR/in" "$config"
		before=(env "$variable")
		[[ $variable != PATH= ]] || before=(env)
		wrapper create --bundle "$bundle" c1
		[[ $status == 0 ]]
		cmp "$config" "$BATS_TEST_TMPDIR/want"
	done
	before=(env -i /usr/bin/env)
	cp "$BATS_TEST_TMPDIR/in" "$config"
	wrapper create --bundle "$bundle" c1
	cmp "$config" "$BATS_TEST_TMPDIR/want"
}

@test "many at once on one bundle" {
	local n pids=()

	touch "$out/no-state"
	ask net-bind
	for ((n = 0; n < 32; n++)); do
		inside timeout 20 powerbox-runtime create --bundle "$bundle" "c$n" \
			2>"$BATS_TEST_TMPDIR/err.$n" &
		pids+=($!)
	done
	for n in "${!pids[@]}"; do
		wait "${pids[n]}" || {
			cat "$BATS_TEST_TMPDIR/err.$n"
			return 1
		}
	done
	[[ $(caps) == '["CAP_NET_BIND_SERVICE"]' && $(ls -A "$bundle") == config.json ]]
}
