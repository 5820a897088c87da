#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox import, diff and lint: files in, words and exit statuses out.
#
# shellcheck disable=SC2016 # programs of jq

bats_require_minimum_version 1.5.0

setup()
{
	powerbox=$BUILDDIR/powerbox
	data=$SRCDIR/profiles/data
	cd "$BATS_TEST_TMPDIR" || return
}

# seccomp ENTRIES: a seccomp file with these entries of its list.
seccomp()
{
	printf '{"defaultAction": "SCMP_ACT_ERRNO",\n"syscalls": [%s]}\n' "$1" >in.json
}

# profile MEMBERS: a profile, in FILE.
profile()
{
	printf '{"version": 1, "summary": "s",\n%s}\n' "$2" >"$1"
}

@test "import: a file of Docker's form becomes a profile that reads" {
	seccomp '{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}},
		{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}'
	"$powerbox" import --caps CAP_BPF,CAP_FOWNER --summary 'Two words' in.json >out.json
	[[ $(jq -c '[.summary, .capabilities, .syscalls[].names, .refuse]' out.json) == \
		'["Two words",["CAP_FOWNER","CAP_BPF"],["bpf","read","write"],[{"names":["clone3"],"errno":"ENOSYS"}]]' ]]
	run -0 "$powerbox" lint --strict ./out.json
	run -0 "$powerbox" import --caps=none in.json
	[[ $(jq -c '[.capabilities, .syscalls[].names]' <<<"$output") == '[null,["read","write"]]' ]]
}

@test "import: standard input, and the same bytes from what says the same" {
	seccomp '{"names": ["write"], "action": "SCMP_ACT_ALLOW"},
		{"name": "read", "action": "SCMP_ACT_ALLOW", "args": null}'
	"$powerbox" import --summary s - <in.json >a.json
	seccomp '{"names": ["read", "write", "read"], "action": "SCMP_ACT_ALLOW"}'
	"$powerbox" import --summary s in.json >b.json
	cmp a.json b.json
}

@test "import: what can't be carried over is refused with its line" {
	seccomp '{"names": ["read"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["write"], "action": "SCMP_ACT_KILL"}'
	run -78 "$powerbox" import in.json
	[[ $output == "powerbox: in.json: line 3: a profile only grants"* ]]
	sed -i s/ACT_ERRNO/ACT_ALLOW/ in.json
	run -78 "$powerbox" import in.json
	[[ $output == "powerbox: in.json: line 1: "*"list of denials"* ]]
	run -66 "$powerbox" import absent.json
	run -64 "$powerbox" import
	run -64 "$powerbox" import --caps CAP_CHOW in.json
	run -64 "$powerbox" import --arch x86 in.json
	run -64 "$powerbox" import --kernel new in.json
	run -64 "$powerbox" import in.json in.json
	run -64 "$powerbox" import --capz all in.json
}

@test "import: names that are not known are left out only on request" {
	seccomp '{"names": ["read", "brand_new"], "action": "SCMP_ACT_ALLOW"}'
	run -78 "$powerbox" import in.json
	[[ $output == *"'brand_new' is no system call"* ]]
	"$powerbox" import --skip-unknown in.json >out.json 2>notes
	[[ $(<notes) == "powerbox: in.json: note: line 2: 'brand_new'"* ]]
	run -0 jq -e '.syscalls[0].names == ["read"]' out.json
}

@test "diff: nothing to say of what is written otherwise" {
	profile a.json '"syscalls": [{"names": ["socket"], "args":
		[{"index": 0, "op": "SCMP_CMP_LT", "value": 2}]}]'
	profile b.json '"syscalls": [
		{"names": ["socket"], "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 1}]},
		{"names": ["socket"], "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 0}]}]'
	run -0 "$powerbox" diff a.json b.json
	[[ -z $output ]]
}

@test "diff: says what either has more, and exits 1" {
	profile a.json '"capabilities": ["CAP_CHOWN"], "syscalls": [{"names": ["read"]},
		{"names": ["socket"], "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 1}]}]'
	profile b.json '"capabilities": ["CAP_KILL"], "newPrivileges": true, "syscalls": [
		{"names": ["socket"], "args": [{"index": 0, "op": "SCMP_CMP_LT", "value": 3}]}],
		"refuse": [{"names": ["clone3"], "errno": "ENOSYS"}]'
	run -1 "$powerbox" diff a.json b.json
	diff - <(sed 's/\(CAP_[A-Z]*\) .*/\1/' <<<"$output") <<-END
	b.json grants, and a.json does not:
	  capabilities:
	    CAP_KILL
	  new privileges by execve
	  system calls:
	    socket if arg0 == 0 or 2
	a.json grants, and b.json does not:
	  capabilities:
	    CAP_CHOWN
	  system calls:
	    read
	told apart where neither grants them:
	  EPERM in a.json, ENOSYS in b.json:
	    clone3
	END
}

# numbers CALL COUNT: rules of a call, each with a whole number of its own.
numbers()
{
	jq -nc --arg call "$1" --argjson count "$2" '[range($count) | {names: [$call],
		args: [{index: 0, op: "SCMP_CMP_EQ", value: (. * 78187493)}]}] |
		map(tojson) | join(",")' -r
}

@test "diff: a call that is too intricate hides no other" {
	profile a.json '"syscalls": [{"names": ["read"]},
		{"names": ["socket"], "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 1}]}]'
	profile b.json "\"syscalls\": [{\"names\": [\"write\"]}, $(numbers prctl 600)]"
	run -1 "$powerbox" diff a.json b.json
	diff - <(echo "$output") <<-END
	b.json grants, and a.json does not:
	  system calls:
	    write
	  system calls, under conditions that are too intricate to put in words:
	    prctl
	a.json grants, and b.json does not:
	  system calls:
	    read
	    socket if arg0 == 1
	END
	# Whether it differs is known nevertheless.
	profile a.json "\"syscalls\": [{\"names\": [\"write\"]}]"
	run -1 "$powerbox" diff a.json b.json
	[[ ${lines[0]} == "b.json grants, and a.json does not:" && ${#lines[@]} == 3 ]]
	profile a.json "\"syscalls\": [{\"names\": [\"write\"]}, $(numbers prctl 600)]"
	run -0 "$powerbox" diff a.json b.json
	[[ -z $output ]]
}

@test "diff: a call that can't be compared is named, and the status is 70" {
	profile a.json "\"syscalls\": [{\"names\": [\"write\"]}, $(numbers prctl 3000)]"
	profile b.json '"syscalls": []'
	run -1 "$powerbox" diff a.json b.json
	diff - <(echo "$output") <<-END
	a.json grants, and b.json does not:
	  system calls:
	    write
	system calls that are too intricate to compare:
	    prctl
	END
	profile b.json '"syscalls": [{"names": ["write"]}]'
	run -70 "$powerbox" diff a.json b.json
	[[ ${lines[0]} == "system calls that are too intricate to compare:" ]]
	[[ ${lines[2]} == "powerbox: whether they grant the same can't be told" ]]
}

@test "diff: a config.json with the union of a profile is that profile" {
	# Not with jq, which rounds numbers of 64 bits.
	"$powerbox" union --profile-dir "$data" --runtime none default |
		sed -e 's/^{\(.*\), "seccomp": \(.*\)$/"cwd": "\/", \1}, "linux": {"seccomp": \2}/' \
			-e 's/^/{"ociVersion": "1.0.2", "process": {"args": ["sh"], /' >config.json
	run -0 "$powerbox" diff "$data/default.json" ./config.json
	run -0 "$powerbox" diff . "$data/default.json"
	jq '.process.noNewPrivileges = true' config.json >other.json
	run -1 "$powerbox" diff "$data/default.json" other.json
	[[ $output == *"new privileges by execve" ]]
	jq 'del(.linux)' config.json >open.json
	run -1 "$powerbox" diff "$data/default.json" open.json
	[[ $output == *"and those of later kernels"* ]]
	run -64 "$powerbox" diff open.json
}

@test "lint: the shipped profiles have no errors" {
	run -0 "$powerbox" lint "$data"/*.json
	[[ $output != *": error: "* ]]
	[[ $output == *"/default.json:"*": warning: socket: "*"Docker's default"* ]]
	run -78 "$powerbox" lint --strict "$data/io-uring.json"
}

@test "lint: an int compared as 64 bits is an error with its line" {
	profile p.json '"syscalls": [{"names": ["read"]},
		{"names": ["ioctl"], "args": [{"index": 1, "op": "SCMP_CMP_NE", "value": 21522}]}]'
	run -78 "$powerbox" lint p.json
	[[ ${lines[0]} == "p.json:3: error: ioctl: "*"0x100005412 passes here and counts as 0x5412"* ]]
	[[ ${lines[1]} == "powerbox: 1 error, 0 warnings" ]]
	run -66 "$powerbox" lint ./absent.json
	run -64 "$powerbox" lint --stric p.json
}
