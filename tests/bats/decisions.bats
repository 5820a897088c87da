#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The decision log: what is written to it, what happens when it can't be, and what powerbox
# log, metrics and report make of it. The runtime is a stub (stub.bash).
#
# shellcheck disable=SC2016 # scripts and filters are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2154 # stub.bash sets them

bats_require_minimum_version 1.5.0

load stub.bash

setup()
{
	file=/var/log/powerbox/decisions.jsonl
	hook=/usr/libexec/powerbox/powerbox-hook
	# A folder of each test's own: a file system that is mounted on it goes with it.
	inside bash -c 'while umount /var/log/powerbox 2>/dev/null; do :; done
		rm -rf /var/log/powerbox /etc/powerbox/acl.d /run/powerbox
		mkdir -m 755 /etc/powerbox/acl.d'
	stub crun
	audit log
	acl '"default": ["minimal"], "rules": [{"allow": ["minimal", "net-bind"]}]'
	bundle_with
}

teardown()
{
	[[ -z ${follower-} ]] || kill "$follower"
}

# audit [WORD [MEMBERS]]: whether node.json asks for the log.
audit()
{
	node "\"runtime\": \"$runtime\", \"engine\": \"containerd\"${1:+, \"audit\": \"$1\"}"
}

# ask PROFILES [IMAGE [FILTER]]: the request of $bundle.
ask()
{
	bundle_with ".annotations = {\"dev.powerbox.profiles\": \"$1\"} |
		.annotations[\"io.kubernetes.cri.image-name\"] = \"${2:-r/i:1}\" | ${3:-.}"
}

# lines: the log.
lines()
{
	inside cat "$file"
}

# last FILTER: of the last line.
last()
{
	lines | tail -n 1 | jq -c "$1"
}

# valid: every line is one of the schema.
valid()
{
	lines | fits decision
}

# fits SCHEMA: so is every line of standard input.
fits()
{
	/usr/bin/python3 -c '
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
check = jsonschema.Draft202012Validator(schema)
for line in sys.stdin:
    check.validate(json.loads(line))' "$SRCDIR/doc/schema/$1.json"
}

powerbox()
{
	run -"${want:-0}" --separate-stderr inside powerbox "$@"
}

# ---- what is written ----

@test "a line a decision, of each operation, as the schema has it" {
	ask net-bind
	wrapper create --bundle "$bundle" c1
	is 0
	ask "" r/i:1 'del(.linux, .process.capabilities)'
	wrapper run --bundle "$bundle" c2
	is 0
	wrapper exec c2 ls
	is 0
	ask minimal
	wrapper restore --bundle "$bundle" c3
	is 1 "restore is not allowed"
	printf '{"devices": [{"allow": true, "access": "rwm"}]}' >"$BATS_TEST_TMPDIR/r"
	wrapper update --resources "$BATS_TEST_TMPDIR/r" c1
	is 66 "knows no such container"
	printf '[]' >"$BATS_TEST_TMPDIR/m"
	wrapper mounts add c1 "$BATS_TEST_TMPDIR/m"
	is 66
	ask "net-bind net-admin" r/i:1 '.annotations["run.oci.handler"] = "x"'
	wrapper create --bundle "$bundle" c4
	is 1 net-admin
	inside $hook precreate <"$bundle/config.json" >/dev/null 2>&1
	echo "{" >"$BATS_TEST_TMPDIR/broken"
	run inside $hook precreate <"$BATS_TEST_TMPDIR/broken"
	is 65
	printf '{"id":"c5","pid":%s,"bundle":"%s"}' "$INSIDE_PID" "$bundle" >"$BATS_TEST_TMPDIR/state"
	run inside $hook verify <"$BATS_TEST_TMPDIR/state"
	is 1
	acl '"mode": "warn", "default": ["minimal"]'
	wrapper create --bundle "$bundle" c6
	is 0
	inside bash -c 'echo "{" >/etc/powerbox/acl.json'
	wrapper create --bundle "$bundle" c7
	is 78
	valid
	diff <(lines | jq -r '[.operation, .status, .id // "-"] | join(" ")') - <<-'END'
	create granted c1
	run granted c2
	exec granted c2
	restore refused c3
	update refused c1
	mounts refused c1
	create refused c4
	precreate refused -
	precreate refused -
	verify refused c5
	create warned c6
	create refused c7
	END
}

@test "what a line says" {
	local acl_digest

	ask net-bind r/i:1 '.annotations["io.kubernetes.cri.sandbox-namespace"] = "n" |
		.annotations["io.kubernetes.cri.container-name"] = "c"'
	wrapper create --bundle "$bundle" c1
	is 0
	valid
	[[ $(last .subject) == '{"namespace":"n","container":"c","image":"r/i:1"}' ]]
	[[ $(last '[.status, .mode, .id, .runtime, .config]') == \
		"[\"granted\",\"enforce\",\"c1\",\"$runtime\",\"$bundle/config.json\"]" ]]
	[[ $(last .requested) == '["net-bind"]' ]]
	[[ $(last .granted) == '[{"profile":"net-bind","by":"/etc/powerbox/acl.json:1"},{"profile":"runtime-crun","by":"runtime"}]' ]]
	# Digests can be made again: the union's of what powerbox union prints, a filter's of
	# its bytes in config.json.
	[[ $(last .policy) == "\"sha256:$(inside powerbox union net-bind | sha256sum | cut -d' ' -f1)\"" ]]
	[[ $(last .before.capabilities) == \
		'{"bounding":["CAP_SYS_ADMIN"],"effective":["CAP_SYS_ADMIN"],"permitted":["CAP_SYS_ADMIN"]}' ]]
	[[ $(last '[.before.filter, .before.noNewPrivileges]') == '[null,false]' ]]
	[[ $(last .after.capabilities.bounding) == '["CAP_NET_BIND_SERVICE"]' ]]
	[[ $(last .after.filter) == "\"sha256:$(jq -cj .linux.seccomp "$bundle/config.json" | sha256sum | cut -d' ' -f1)\"" ]]
	# The second time nothing changes.
	wrapper create --bundle "$bundle" c2
	is 0
	[[ $(last '.before == .after') == true ]]
	acl_digest=$(last .acl)
	wrapper create --bundle "$bundle" c3
	[[ $acl_digest == '"sha256:'* && $(last .acl) == "$acl_digest" ]]
	inside bash -c 'echo "{}" >/etc/powerbox/acl.d/a.json'
	wrapper create --bundle "$bundle" c4
	[[ $(last .acl) == '"sha256:'* && $(last .acl) != "$acl_digest" ]]
}

@test "what was refused and why, and in mode warn what would have been lost" {
	ask "net-bind net-admin" r/i:1 '.annotations["run.oci.handler"] = "x"'
	wrapper create --bundle "$bundle" c1
	is 1 net-admin
	[[ $(last .refused) == '{"profiles":["net-admin"],"annotations":["run.oci.handler"]}' ]]
	[[ $(last .why) == '"container '*net-admin* && $(last .granted) == null ]]
	acl '"mode": "warn", "rules": [{"allow": ["net-bind"]}]'
	ask net-bind r/i:1 '.linux.seccomp = {"defaultAction": "SCMP_ACT_ERRNO",
		"syscalls": [{"names": ["read", "write", "ptrace"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["personality"], "action": "SCMP_ACT_ALLOW",
		 "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]}]}'
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	wrapper create --bundle "$bundle" c2
	is 0
	cmp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	valid
	[[ $(last .lost) == '{"capabilities":["CAP_SYS_ADMIN"],"ambient":[],"newPrivileges":true,"everyOtherCall":false,"calls":["ptrace"],"callsInPart":["personality"]}' ]]
	[[ $(last '[.status, .mode, .why]') == '["warned","warn",null]' ]]
	# What nobody allows yet is taken as allowed: the rest is what is lost in any case.
	ask net-admin r/i:1 '.process.capabilities.bounding += ["CAP_NET_ADMIN"]'
	wrapper create --bundle "$bundle" c3
	is 0
	[[ $(last .lost.capabilities) == '["CAP_SYS_ADMIN"]' && $(last .why) == *net-admin* ]]
	[[ $(last .lost.everyOtherCall) == true ]]
}

@test "nobody asked: nothing is written; nor by what creates nothing" {
	local word

	for word in start state kill delete; do
		wrapper $word c1
		is 0
	done
	inside test ! -e /var/log/powerbox
	audit
	wrapper create --bundle "$bundle" c1
	is 0
	inside test ! -e /var/log/powerbox
	audit log
	wrapper create --bundle "$bundle" c1
	is 0
	[[ $(inside stat -c '%a %u %F' /var/log/powerbox "$file") == \
		$'700 0 directory\n600 0 regular file' ]]
	# Whatever stands there, what is there can be stopped.
	audit required
	inside bash -c "rm $file && mkfifo $file"
	for word in start state kill delete; do
		wrapper $word c1
		is 0
	done
}

@test "a container that does not start after all is refused by a line of its own" {
	ask net-bind
	inside chmod a-x "$runtime"
	wrapper create --bundle "$bundle" c1
	is 69
	[[ $(lines | wc -l) == 1 && $(last .status) == '"refused"' ]]
	inside bash -c "printf '#!/nonexistent\n' >$runtime && chmod 755 $runtime"
	wrapper create --bundle "$bundle" c1
	is 69
	[[ $(lines | jq -r .status | tail -n 2 | xargs) == "granted refused" ]]
	valid
}

@test "two hundred at once: two hundred whole lines" {
	local i

	ask net-bind
	for ((i = 0; i < 200; i++)); do
		mkdir "$BATS_TEST_TMPDIR/b$i"
		cp "$bundle/config.json" "$BATS_TEST_TMPDIR/b$i"
	done
	inside bash -c 'for ((i = 0; i < 200; i++)); do
		powerbox-runtime create --bundle "$1/b$i" "c$i" &
	done; wait' many "$BATS_TEST_TMPDIR"
	lines | sed '/^$/d' >"$BATS_TEST_TMPDIR/all"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/all") == 200 ]]
	[[ $(jq -r .id "$BATS_TEST_TMPDIR/all" | sort -u | wc -l) == 200 ]]
	[[ $(jq -r .status "$BATS_TEST_TMPDIR/all" | sort -u) == granted ]]
}

# ---- when it can't be written ----

# lost WHAT: with "log" the container starts, with "required" it does not, in time.
lost()
{
	echo "# $1"
	audit log
	ask net-bind
	run inside timeout 5 powerbox-runtime create --bundle "$bundle" c1
	is 0
	[[ $(called) == *create* && $(jq -c .process.capabilities.bounding "$bundle/config.json") == '["CAP_NET_BIND_SERVICE"]' ]]
	rm "$said/calls"
	audit required
	ask net-bind
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	run inside timeout 5 powerbox-runtime create --bundle "$bundle" c2
	echo "$output"
	((status == 74 || status == 77))
	is "$status" '"audit": "required"'
	[[ -z $(called) ]]
	cmp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	# The hook, the same way: a config that can't start.
	run inside bash -c "timeout 5 $hook precreate <$bundle/config.json 2>/dev/null"
	[[ $status == 0 && $(jq -r '.hooks.createRuntime[0].path' <<<"$output") == *required* ]]
	acl '"mode": "warn", "rules": []'
	run inside timeout 5 powerbox-runtime create --bundle "$bundle" c3
	echo "$output"
	[[ $status == 74 || $status == 77 ]]
	[[ -z $(called) ]]
	cmp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	acl '"default": ["minimal"], "rules": [{"allow": ["minimal", "net-bind"]}]'
}

@test "something else in its place: lost, or refused where the log is required" {
	inside mkdir -m 700 /var/log/powerbox
	inside mkfifo "$file"
	lost "a FIFO"
	inside rm "$file"
	inside mknod "$file" c 1 7
	lost "a device"
	inside rm "$file"
	inside ln -s /etc/powerbox/acl.json "$file"
	lost "a link"
	[[ $(inside cat /etc/powerbox/acl.json) != *sha256* ]]
	inside rm "$file"
	inside touch /var/log/other
	inside ln /var/log/other "$file"
	lost "a second name"
	inside bash -c 'rm /var/log/other; rm $1; touch $1; chmod 666 $1' - "$file"
	lost "a file that others can write"
	inside rm "$file"
	inside chmod 777 /var/log/powerbox
	lost "a folder that others can write"
	inside rm -rf /var/log/powerbox
	inside ln -s /etc/powerbox /var/log/powerbox
	lost "a link in the folder's place"
	inside test ! -e /etc/powerbox/decisions.jsonl
	inside rm /var/log/powerbox
}

@test "a full disk: lost, or refused; and what comes behind it is whole" {
	inside mkdir -m 700 /var/log/powerbox
	inside mount -t tmpfs -o size=64k,mode=700 tmpfs /var/log/powerbox
	audit log
	ask net-bind
	wrapper create --bundle "$bundle" c0
	is 0
	inside bash -c 'dd if=/dev/zero of=/var/log/powerbox/filler bs=4k 2>/dev/null; :'
	# What is left of the last page takes a line, and a part of the next one.
	for ((i = 0; i < 10; i++)); do
		cp "$bundle/config.json" "$BATS_TEST_TMPDIR/config"
		wrapper create --bundle "$bundle" "c$i"
		is 0
	done
	rm -f "$said/calls"
	lost "a full disk"
	inside rm /var/log/powerbox/filler
	audit required
	ask net-bind
	wrapper create --bundle "$bundle" again
	is 0
	[[ $(last .id) == '"again"' ]]
	powerbox log
	[[ $output == *" broken: "* && $output == *" again "* ]]
}

@test "a line of which only a part fits is none where the log is required" {
	inside mkdir -m 700 /var/log/powerbox
	inside mount -t tmpfs -o size=64k,mode=700 tmpfs /var/log/powerbox
	# A hundred bytes are left of the last page that there is.
	inside bash -c 'umask 077
		printf "%3995s\n" " " >"$1"
		dd if=/dev/zero of=/var/log/powerbox/filler bs=4k 2>/dev/null
		[[ $(stat -c %s "$1") == 3996 ]]' part "$file"
	audit required
	ask net-bind
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	wrapper create --bundle "$bundle" c1
	is 74 '"audit": "required"'
	[[ -z $(called) && $(inside stat -c %s "$file") == 4096 ]]
	cmp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	inside rm /var/log/powerbox/filler
	wrapper create --bundle "$bundle" c2
	is 0
	[[ $(last .id) == '"c2"' ]]
}

@test "a kill while it is written leaves what the next line does not touch" {
	local i

	ask net-bind
	for ((i = 0; i < 60; i++)); do
		inside bash -c 'powerbox-runtime create --bundle "$1" "k$2" & p=$!
			for ((n = 0; n < $3; n++)); do :; done
			kill -9 $p 2>/dev/null; wait' - "$bundle" $i $((i * 50)) 2>/dev/null || true
	done
	# As if it had been in the middle.
	inside bash -c 'printf "{\"time\":\"2026-" >>'$file
	ask net-bind
	wrapper create --bundle "$bundle" whole
	is 0
	[[ $(last .id) == '"whole"' ]]
	[[ $(lines | tail -n 2 | head -n 1) == *'{"time":"2026-' ]]
	want=0 powerbox log --container whole
	[[ $output == *whole* ]]
}

@test "a container that could write to the log is refused where it is required" {
	ask minimal r/i:1 '.mounts = [{"destination": "/log", "type": "bind",
		"source": "/var/log", "options": ["bind", "rw"]}]'
	wrapper create --bundle "$bundle" c1
	is 0
	audit required
	wrapper create --bundle "$bundle" c2
	is 1 /var/log/powerbox
	[[ $(last .status) == '"refused"' ]]
	jq '.mounts[0].options = ["bind", "ro"]' "$bundle/config.json" >"$BATS_TEST_TMPDIR/ro"
	cp "$BATS_TEST_TMPDIR/ro" "$bundle/config.json"
	wrapper create --bundle "$bundle" c3
	is 0
}

# ---- what is made of it ----

# some: three decisions of different times.
some()
{
	inside mkdir -p -m 700 /var/log/powerbox
	inside tee "$file" >/dev/null <<-'END'
	{"time":"2026-01-01T00:00:00.000000Z","status":"granted","mode":"enforce","operation":"create","id":"aaa1","runtime":"/r","subject":{"namespace":"n1","container":"web","image":"r/web:1"},"requested":["minimal"],"granted":[{"profile":"minimal","by":"/a:1"}]}
	{"time":"2026-01-02T00:00:00.000000Z","status":"refused","mode":"enforce","operation":"run","id":"bbb2","runtime":"/r","subject":{"namespace":"n2","container":"db","image":"r/db:1"},"requested":["net-admin"],"why":"no \u001b[2J","refused":{"profiles":["net-admin"],"annotations":[]}}
	{"time":"2026-01-03T00:00:00.000000Z","status":"warned","mode":"warn","operation":"exec","id":"ccc3","runtime":"/r","subject":{},"requested":[],"granted":[],"why":"x"}
	END
}

# ids: of the lines that powerbox log gave.
ids()
{
	powerbox log "$@"
	awk '$4 { sub(/:$/, "", $4); print $4 }' <<<"$output" | xargs
}

@test "powerbox log: shows, and picks" {
	some
	powerbox log
	diff <(echo "$output") - <<-'END'
	2026-01-01T00:00:00Z granted create    aaa1 (n1, web, r/web:1): minimal
	2026-01-02T00:00:00Z refused run       bbb2 (n2, db, r/db:1): no \x1b[2J
	2026-01-03T00:00:00Z warned  exec      ccc3: would be refused: x
	END
	[[ $(ids --since 2026-01-02) == "bbb2 ccc3" ]]
	[[ $(ids --since 2026-01-01T12:00:00+13:00) == "aaa1 bbb2 ccc3" ]]
	[[ $(ids --since=1d) == "" ]]
	[[ $(ids --container aa) == aaa1 && $(ids --container db) == bbb2 ]]
	[[ $(ids --namespace n2) == bbb2 && $(ids --image 'r/*') == "aaa1 bbb2" ]]
	[[ $(ids --status warned) == ccc3 && $(ids --status granted --namespace n2) == "" ]]
	powerbox log --json --status refused
	[[ $output == "$(lines | sed -n 2p)" ]]
	lines | inside powerbox log --file - --status warned | grep -q ccc3
	[[ -z $stderr ]]
	powerbox log --container $'n1\e' --status=refused
	[[ -z $output && $stderr == "powerbox: no decision of container 'n1\\x1b', status refused in $file" ]]
	want=64 powerbox log --status denied
	want=64 powerbox log --since yesterday
	want=64 powerbox log --follow --file -
	want=64 powerbox log c1
	for reader in log metrics report; do
		run -74 inside setpriv --reuid 1000 --regid 1000 --clear-groups powerbox $reader
		[[ $output == "powerbox: $file: Permission denied; run it as root" ]]
	done
	inside rm "$file"
	want=66 powerbox log
	[[ $stderr == *'"audit": "log"'* ]]
}

@test "powerbox log: the container once, and the runtime's own profile as such" {
	ask net-admin
	wrapper create --bundle "$bundle" c1
	is 1 "container 'c1': profile"
	ask net-bind
	wrapper create --bundle "$bundle" c2
	is 0
	powerbox log
	[[ ${lines[0]} == *" c1 (r/i:1): profile \"net-admin\" is not allowed "* ]]
	[[ ${lines[1]} == *" c2 (r/i:1): net-bind, runtime-crun (the runtime's own)" ]]
	# Another's name is no repetition.
	some
	inside sed -i "2s/no .u001b/container 'other': &/" "$file"
	powerbox log --container db
	[[ $output == *"db:1): container 'other': no "* ]]
}

@test "powerbox log: what programs lose that don't run as root is a loss" {
	some
	inside bash -c 'echo "{\"time\":\"2026-01-04T00:00:00.000000Z\",\"status\":\"warned\",\"operation\":\"run\",\"id\":\"low\",\"lost\":{\"capabilities\":[],\"ambient\":[\"CAP_CHOWN\"]}}" >>'$file
	powerbox log --container low
	[[ $output == *"would lose capabilities of programs that don't run as root" ]]
}

@test "powerbox log: broken lines and control characters never reach a terminal" {
	some
	inside bash -c 'printf "\033]0;x\007\n\n\xff\xfe\n{\"time\":\"2026-01-04T00:00:00.000000Z\",\"sta
{\"time\":\"2026-01-0{\"time\":\"2026-01-05T00:00:00.000000Z\",\"status\":\"granted\",\"operation\":\"run\",\"id\":\"glued\"}
{\"time\":\"2026-01-06T00:00:00.000000Z\",\"status\":\"a\303\251\302\233\177\",\"operation\":\"\\\\u001b\",\"id\":\"\\\\u009b\",\"why\":\"\\\\r\\\\n\"}
{\"time\":\"2026-01-07T00:00:00.000000Z\",\"status\":\"granted\",\"op" >>'$file
	for option in --since=1970-01-01 --json; do
		powerbox log $option
		echo "$output"
		is_plain "$output"
		is_plain "$stderr"
		[[ $output == *glued* ]]
	done
	jq . <<<"$output" >/dev/null
	[[ $(grep -c broken <<<"$stderr") == 5 ]]
	powerbox log
	[[ $(grep -c " broken: " <<<"$output") == 5 ]]
	powerbox metrics
	is_plain "${output//é/}"
	# The last line may be on its way.
	[[ $output == *$'\npowerbox_log_broken_lines 4\n'* ]]
	[[ $output == *'operation="\\x1b",status="aé\\xc2\\x9b\\x7f"'* ]]
}

# is_plain TEXT: lines of printable ASCII.
is_plain()
{
	[[ $(LC_ALL=C tr -d '\n -~' <<<"$1" | wc -c) == 0 ]]
}

# await TEXT: the one that follows has shown it.
await()
{
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		! grep -q "$1" "$BATS_TEST_TMPDIR/followed" || return 0
		sleep 0.05
	done
	cat "$BATS_TEST_TMPDIR/followed"
	return 1
}

@test "powerbox log --follow: over rotations, and without half lines" {
	some
	# Not through a function: what is to be killed is the program.
	nsenter --target "$INSIDE_PID" --mount -- powerbox log --follow --json \
		>"$BATS_TEST_TMPDIR/followed" 3>&- &
	follower=$!
	await ccc3
	ask net-bind
	wrapper create --bundle "$bundle" next
	await '"next"'
	inside bash -c "printf '%s' '{\"time\":\"2026-01-04T00:00:00.000000Z\",\"status\":\"granted\",\"operation\":' >>$file"
	sleep 0.2
	[[ $(<"$BATS_TEST_TMPDIR/followed") != *2026-01-04* ]]
	inside bash -c "echo '\"run\",\"id\":\"halves\"}' >>$file"
	await halves
	# As the packaging has it rotated.
	sed 's|@localstatedir@|/var|g' "$SRCDIR/packaging/logrotate.d/powerbox.in" >"$BATS_TEST_TMPDIR/rule"
	chmod 644 "$BATS_TEST_TMPDIR/rule"
	inside logrotate --force --state "$BATS_TEST_TMPDIR/state" "$BATS_TEST_TMPDIR/rule"
	inside test ! -e "$file"
	inside test -e "$file.1"
	wrapper create --bundle "$bundle" rotated
	await rotated
	[[ $(inside stat -c %a "$file") == 600 ]]
	inside bash -c ": >$file"
	wrapper create --bundle "$bundle" emptied
	await emptied
	kill $follower
	follower=
	[[ $(wc -l <"$BATS_TEST_TMPDIR/followed") == 7 ]]
}

@test "powerbox metrics: what Prometheus reads, in one step" {
	some
	inside bash -c 'echo "{\"time\":\"2026-01-09T00:00:00.500000Z\",\"status\":\"gran\\\"ted\",\"operation\":\"a\\\\b\\nc\",\"granted\":[{\"profile\":\"x\"}]}" >>'$file
	powerbox metrics
	echo "$output"
	[[ $output == *'powerbox_decisions_total{operation="create",status="granted",mode="enforce"} 1'* ]]
	[[ $output == *'powerbox_decisions_total{operation="a\\b\\x0ac",status="gran\"ted",mode=""} 1'* ]]
	[[ $output == *'powerbox_profiles_total{profile="net-admin",mode="enforce",allowed="false"} 1'* ]]
	[[ $output == *$'\npowerbox_log_last_decision_timestamp_seconds 1767916800.500000'* ]]
	[[ $(grep -c '^# TYPE powerbox_[a-z_]* \(counter\|gauge\)$' <<<"$output") == 5 ]]
	[[ $(grep -c '^# HELP ' <<<"$output") == 5 ]]
	[[ $(grep -cvE '^(# (HELP|TYPE) .*|[a-z_]+(\{([a-z]+="([^"\\]|\\["\\n])*",?)+\})? [0-9.]+)$' <<<"$output") == 0 ]]
	inside mkdir -p /run/textfile
	powerbox metrics --output /run/textfile/powerbox.prom
	[[ -z $output ]]
	inside powerbox metrics | inside cmp - /run/textfile/powerbox.prom
	[[ $(inside stat -c %a /run/textfile/powerbox.prom) == 644 ]]
	[[ $(inside ls -A /run/textfile) == powerbox.prom ]]
	want=66 powerbox metrics --output /nowhere/powerbox.prom
	inside mkfifo /run/textfile/fifo
	inside ln -s powerbox.prom /run/textfile/link
	for other in /run/textfile{,/fifo,/link}; do
		want=64 powerbox metrics --output "$other"
		[[ $stderr == *"is no plain file"* ]]
	done
	inside test -p /run/textfile/fifo -a -L /run/textfile/link
	# Names are others' choice: they can't make series without end.
	inside bash -c 'for ((i = 0; i < 1000; i++)); do
		echo "{\"time\":\"2026-01-09T00:00:00.000000Z\",\"status\":\"refused\",\"mode\":\"enforce\",\"operation\":\"run\",\"refused\":{\"profiles\":[\"p$i\"]}}"
	done >'$file
	powerbox metrics
	[[ $(grep -c '^powerbox_profiles_total' <<<"$output") == 257 ]]
	[[ $output == *'powerbox_profiles_total{profile="other",mode="other",allowed="other"} 744'* ]]
}

@test "powerbox report: the rule, once in acl.d, is what was missing" {
	local rule

	acl '"mode": "warn", "default": ["minimal"], "rules": [{"allow": ["minimal"]}]'
	ask "net-admin net-raw" 'r/[x]*:1' '.annotations["run.oci.handler"] = "x" |
		.annotations["io.kubernetes.cri.sandbox-namespace"] = "n\"\u001b" |
		.annotations["io.kubernetes.cri.container-name"] = "c"'
	cp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	wrapper create --bundle "$bundle" c1
	is 0
	wrapper create --bundle "$bundle" c2
	is 0
	cmp "$bundle/config.json" "$BATS_TEST_TMPDIR/as-it-was"
	ask minimal r/other:1 'del(.process.capabilities) | .process.noNewPrivileges = true |
		.process.capabilities = {} |
		.linux.seccomp = {"defaultAction": "SCMP_ACT_ERRNO"}'
	wrapper create --bundle "$bundle" c3
	is 0
	powerbox report
	echo "$output"
	is_plain "$output"
	[[ $output == *"2 decisions, "* && $output == *$'would be refused for its profiles:\n    net-admin net-raw\n'* ]]
	[[ $output == *"    CAP_SYS_ADMIN "* && $output == *"1 container would be refused, 0 would start with less, 0 with more; 1 decision "* ]]
	[[ $output == *"  once allowed, would lose, having it "* ]]
	rule=$(sed -n 's/^    {/{/p' <<<"$output")
	powerbox report --json
	jq -c . <<<"$output" | fits report
	[[ $(jq -c '.containers[0].rule' <<<"$output") == "$(jq -c . <<<"$rule")" ]]
	[[ $(jq -c '[.containers[0].count, .unharmed, .omitted, .brokenLines]' <<<"$output") == '[2,1,0,0]' ]]
	[[ $(jq -c '.containers[0].lost.capabilities' <<<"$output") == '["CAP_SYS_ADMIN"]' ]]

	# Enforced, it is refused without the rule, and granted with it: as it is pasted, and
	# as one file.
	acl '"mode": "enforce", "default": ["minimal"], "rules": [{"allow": ["minimal"]}]'
	cp "$BATS_TEST_TMPDIR/as-it-was" "$bundle/config.json"
	wrapper create --bundle "$bundle" c4
	is 1 net-admin
	inside bash -c 'echo "{\"version\": 1, \"rules\": [$1]}" >/etc/powerbox/acl.d/a.json' - "$rule"
	wrapper create --bundle "$bundle" c4
	is 0
	[[ $(last .status) == '"granted"' ]]
	inside bash -c 'powerbox report --acl >/etc/powerbox/acl.d/a.json'
	cp "$BATS_TEST_TMPDIR/as-it-was" "$bundle/config.json"
	wrapper create --bundle "$bundle" c5
	is 0
	# And for nobody else.
	ask net-admin r/x:1
	wrapper create --bundle "$bundle" c6
	is 1 net-admin
}

@test "powerbox report --acl: a rule that several containers lack is there once" {
	local id

	acl '"mode": "warn", "default": ["minimal"], "rules": [{"allow": ["minimal"]}]'
	for id in c1 c2 c3; do
		# An engine that names nothing: each is another container.
		ask "$([[ $id == c2 ]] && echo kmod || echo net-admin)" r/x:1 'del(.annotations["io.kubernetes.cri.image-name"])'
		wrapper create --bundle "$bundle" "$id"
		is 0
	done
	powerbox report
	[[ $(grep -c '^    {"allow"' <<<"$output") == 3 ]]
	powerbox report --acl
	[[ $(jq -c .rules <<<"$output") == '[{"allow":["net-admin"]},{"allow":["kmod"]}]' ]]
}

@test "powerbox report: a profile that there is not is in no rule" {
	acl '"mode": "warn", "default": ["minimal"], "rules": [{"allow": ["minimal"]}]'
	ask "nosuch net-admin" r/x:1
	wrapper create --bundle "$bundle" c1
	is 0
	ask nosuch r/y:1
	wrapper create --bundle "$bundle" c2
	is 0
	powerbox report
	echo "$output"
	[[ $(grep -c "^  would be refused: there is no profile 'nosuch' here$" <<<"$output") == 2 ]]
	[[ $(grep -c 'to allow that' <<<"$output") == 1 && $output == *$'profiles:\n    net-admin\n'* ]]
	powerbox report --acl
	[[ $(jq -c .rules <<<"$output") == '[{"allow":["net-admin"],"images":["r/x:1"]}]' ]]
	powerbox report --json
	jq -c . <<<"$output" | fits report
	[[ $(jq -c '[.containers[] | .refused.missing, .rule.allow]' <<<"$output") == '[["nosuch"],["net-admin"],["nosuch"],null]' ]]
}

@test "powerbox report: who is refused is told from who loses something" {
	acl '"mode": "warn", "default": ["minimal"], "rules": [{"allow": ["minimal"]}]'
	ask minimal r/loses:1
	wrapper create --bundle "$bundle" c1
	is 0
	ask net-admin r/refused:1 '.linux.seccomp = {"defaultAction": "SCMP_ACT_ERRNO"} |
		.process.capabilities = {} | .process.noNewPrivileges = true'
	wrapper create --bundle "$bundle" c2
	is 0
	powerbox report
	echo "$output"
	[[ $output == *$'\n1 container would be refused, 1 would start with less, 0 with more; 0 decisions '* ]]
	[[ $output == *$'\n  would lose, having it '* ]]
	powerbox report --json
	jq -c . <<<"$output" | fits report
	[[ $(jq -c '[.containers[] | .refused.count]' <<<"$output") == '[0,1]' ]]
}

@test "powerbox report: who would gain what its engine left out" {
	acl '"mode": "warn", "default": ["default"], "rules": [{"allow": ["default"]}]'
	ask default r/dropped:1 '.process.capabilities = {"bounding": ["CAP_CHOWN"]} |
		.process.noNewPrivileges = true |
		.linux.seccomp = {"defaultAction": "SCMP_ACT_ERRNO"}'
	wrapper create --bundle "$bundle" c1
	is 0
	powerbox report
	echo "$output"
	[[ $output == *"0 containers would be refused, 0 would start with less, 1 with more; 0 decisions "* ]]
	[[ $output == *$'\n  would gain, having it from its profiles '*"    CAP_MKNOD "*$'\n    new privileges by execve\n'* ]]
	[[ $output != *"CAP_CHOWN "* ]]
	powerbox report --json
	jq -c . <<<"$output" | fits report
	[[ $(jq -c '.containers[].gained | (.capabilities | length), .newPrivileges' <<<"$output" | paste -s -d " ") == "13 true" ]]
	# What nobody wrote down is not known.
	inside rm "$file"
	ask default r/none:1 'del(.process.capabilities) |
		.linux.seccomp = {"defaultAction": "SCMP_ACT_ERRNO"}'
	wrapper create --bundle "$bundle" c2
	is 0
	powerbox report
	[[ $output != *"would gain"* ]]
}

@test "powerbox report: what the log has cut off is in no rule, and said to be missing" {
	local long

	long=$(printf 'k%.0s' {1..1024})
	inside mkdir -p -m 700 /var/log/powerbox
	inside tee "$file" >/dev/null <<-END
	{"time":"2026-01-01T00:00:00.000000Z","status":"warned","mode":"warn","operation":"create","id":"c1","subject":{"namespace":"n","image":"$long"},"why":"x","refused":{"profiles":["kmod"],"annotations":["short","$long"]}}
	{"time":"2026-01-01T00:00:00.000000Z","status":"warned","mode":"warn","operation":"create","id":"c2","subject":{"namespace":"m"},"why":"x","refused":{"profiles":[],"annotations":["$long"]}}
	{"time":"2026-01-01T00:00:00.000000Z","status":"warned","mode":"warn","operation":"create","id":"c3","subject":{"namespace":"o"},"why":"x","refused":{"profiles":["kmod"],"annotations":[$(printf '"k%d",' {1..31})"k32"]}}
	END
	powerbox report
	echo "$output"
	[[ $(grep -c "^  would be refused for an annotation that no rule here allows, its name being cut off in the log: 'kkk" <<<"$output") == 2 ]]
	[[ $(grep -c '^  the rule has no "images", since the log has cut off the name: it holds for more ' <<<"$output") == 1 ]]
	[[ $(grep -c '^  would be refused for more annotations, for which the log has no room$' <<<"$output") == 1 ]]
	[[ $output == *'{"allow": ["kmod"], "annotations": ["short"], "namespaces": ["n"]}'* ]]
	powerbox report --acl
	[[ $(jq -c '.rules | length' <<<"$output") == 2 ]]
	[[ $stderr == "powerbox: note: of 3 containers the log has cut off names, which the rules lack; powerbox report tells which" ]]
	powerbox report --json
	jq -c . <<<"$output" | fits report
	[[ $(jq -c '[.containers[] | .wider, (.refused.cutOff | length), .refused.more]' <<<"$output") == \
		'[["images"],1,false,[],1,false,[],0,true]' ]]
	# A whole one says nothing of this.
	some
	powerbox report --namespace n1
	[[ $output == "there is no decision of mode warn in $file, or none that is asked for" ]]
	powerbox report --acl
	[[ -z $stderr ]]
}
