#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a process inside of a container can and can't do, against what its profiles say:
# the capability sets, every system call by number, argument rules at their edges. Each
# test runs on the real runc and on the real crun.
#
# shellcheck disable=SC2154 # variables of runtimes.bash

bats_require_minimum_version 1.5.0

load runtimes.bash

setup()
{
	wide=$(tr '\n' ' ' <"$SRCDIR/tests/live/capabilities")
	held=$(sed -n 's/^CapBnd:\t//p' /proc/self/status)
}

# contain REQUEST ARG...: run a container whose engine wanted to give it everything;
# "none" as the request is none.
contain()
{
	local request="{\"dev.powerbox.profiles\": \"$1\"}"

	[[ $1 != none ]] || request='{}'
	shift
	bundle_config "$bundle" --caps "$wide" --ambient "$wide" "${config[@]}" \
		--annotations "$request" -- "$@"
	inside powerbox-runtime --root /run/live run --bundle "$bundle" "c$RANDOM"
}

# field NAME: of the last status.
field()
{
	sed -n "s/^$1:[[:blank:]]*//p" <<<"$output"
}

# sets BOUNDING AMBIENT NNP SECCOMP: what the last status says.
sets()
{
	local name

	for name in CapBnd CapPrm CapEff; do
		[[ $((16#$(field $name))) == $(($1)) ]] || {
			echo "$kind: $name is $(field $name), not $1" >&2
			return 1
		}
	done
	for name in CapInh CapAmb; do
		[[ $((16#$(field $name))) == $(($2)) ]] || {
			echo "$kind: $name is $(field $name), not $2" >&2
			return 1
		}
	done
	[[ $(field NoNewPrivs) == "$3" && $(field Seccomp) == "$4" ]] || {
		echo "$kind: $output" >&2
		return 1
	}
}

# union FILTER NAME...: what jq's FILTER finds in the system calls of a union.
union()
{
	local filter=$1

	shift
	inside "$BUILDDIR/powerbox" union --runtime "$kind" "$@" |
		jq -r ".seccomp.syscalls[] | $filter | .names[]" | sort -u
}

config=()

@test "no request, no default: nothing at all" {
	acl '"rules": []'
	for runtime in $(runtimes); do
		real "$runtime"
		run -0 contain none /bin/probe status
		sets 0 0 1 2
		run -0 contain none /bin/probe cap all
		! grep -E '^CAP_[A-Z_]* ok' <<<"$output"
	done
}

@test "no request: the ACL's default, which is what Docker gives" {
	acl '"default": ["default"], "rules": []'
	for runtime in $(runtimes); do
		real "$runtime"
		run -0 contain none /bin/probe status
		sets 0xa80425fb 0 0 2
		run -0 contain none /bin/probe cap CAP_CHOWN CAP_NET_RAW CAP_SYS_ADMIN
		grep -q '^CAP_CHOWN ok' <<<"$output"
		grep -q '^CAP_NET_RAW ok' <<<"$output"
		grep -q '^CAP_SYS_ADMIN EPERM' <<<"$output"
	done
}

@test "two profiles: both, and nothing else" {
	acl '"rules": [{"allow": ["minimal", "net-bind", "network-server"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		run -0 contain minimal,net-bind /bin/probe status
		sets 0x400 0x400 1 2
		run -0 contain minimal,net-bind,network-server /bin/probe cap \
			CAP_NET_BIND_SERVICE CAP_CHOWN CAP_NET_RAW
		grep -q '^CAP_NET_BIND_SERVICE ok' <<<"$output"
		grep -q '^CAP_CHOWN EPERM' <<<"$output"
		grep -q '^CAP_NET_RAW E' <<<"$output"
	done
}

@test "without the profile the operation fails" {
	acl '"rules": [{"allow": ["minimal", "network-server"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		run -0 contain minimal,network-server /bin/probe cap CAP_NET_BIND_SERVICE
		grep -q '^CAP_NET_BIND_SERVICE EACCES' <<<"$output"
	done
}

@test "argument rules at their edges: socket" {
	acl '"rules": [{"allow": ["minimal", "network-server"]}]'
	socket=$(syscall_number socket)
	for runtime in $(runtimes); do
		real "$runtime"
		for family in 0 1 2 3 9 10 11 16 17 40 0x100000002 0xffffffff00000001 -1; do
			run -0 contain minimal,network-server /bin/probe call "$socket" "$family" 1 0
			case $family in
			1 | 2 | 10) [[ $output == "$socket ok" ]] ;;
			*) [[ $output == "$socket EPERM" ]] ;;
			esac || {
				echo "$kind: socket($family): $output" >&2
				false
			}
		done
		run -0 contain minimal /bin/probe call "$socket" 1 1 0
		[[ $output == "$socket EPERM" ]]
	done
}

@test "every call by number: nothing outside of the union is let through" {
	acl '"rules": [{"allow": ["minimal", "network-client"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		run -0 contain minimal,network-client /bin/probe sweep 0 511
		# What answers ENOSYS does so by name, or is not there at all.
		answered=$(sed -n 's/^\([0-9][0-9]*\) .*/\1/p' <<<"$output" |
			while read -r number; do scmp_sys_resolver "$number"; done | sort -u)
		granted=$(union 'select(.action == "SCMP_ACT_ALLOW")' minimal network-client)
		refused=$(union 'select(.action == "SCMP_ACT_ERRNO")' minimal network-client)
		# Nothing inside of it is missing, but what the probe leaves out, what the kernel
		# answers with EPERM itself, and what has no number on this machine.
		always=$(union 'select(.action == "SCMP_ACT_ALLOW" and (.args | not))' \
			minimal network-client)
		missing=$(comm -23 <(echo "$always") <(echo "$answered") |
			while read -r name; do
				[[ $(scmp_sys_resolver "$name") -lt 0 ]] || echo "$name"
			done)
		[[ ! $(grep -vxE 'exit|exit_group|pause|rt_sigreturn|setgroups|setsid' <<<"$missing") ]] || {
			echo "$kind: missing $missing" >&2
			false
		}
		leaks=$(comm -23 <(echo "$answered") <(printf '%s\n%s\n' "$granted" "$refused" |
			sort -u))
		# runc lets calls that are newer than any in the filter answer ENOSYS.
		[[ -z $leaks || $leaks == UNKNOWN ]] || {
			echo "$kind: $leaks" >&2
			false
		}
	done
}

@test "privileged: everything that the node holds" {
	acl '"rules": [{"allow": ["privileged"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		run -0 contain privileged /bin/probe status
		sets "0x$held" 0 0 2 || sets "0x$held" "0x$held" 0 2
		run -0 contain privileged /bin/probe cap CAP_SYS_ADMIN CAP_SYS_TIME CAP_SYS_BOOT
		[[ $(grep -c ' ok' <<<"$output") == 3 ]]
	done
}

@test "one denied among allowed refuses the whole container" {
	acl '"rules": [{"allow": ["minimal"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		before=$(contain minimal /bin/probe exit 7 || echo $?)
		[[ $before == 7 ]]
		bundle_config "$bundle" --caps "$wide" --annotations \
			'{"dev.powerbox.profiles": "minimal,net-admin"}' -- /bin/probe status
		sum=$(sha256sum "$bundle/config.json")
		run -1 inside powerbox-runtime --root /run/live run --bundle "$bundle" denied
		[[ $output == *'"net-admin" is not allowed on this node'*'powerbox approve net-admin' ]]
		[[ ${#lines[@]} == 1 ]]
		[[ $(sha256sum "$bundle/config.json") == "$sum" ]]
	done
}

@test "an ordinary user gets what is ambient, and no more" {
	config=(--uid 1000)
	acl '"rules": [{"allow": ["minimal", "net-bind", "setid", "network-server"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		run -0 contain minimal,net-bind,setid /bin/probe status
		[[ $((16#$(field CapEff))) == $((0x400)) ]]
		run -0 contain minimal,net-bind,network-server /bin/probe cap CAP_NET_BIND_SERVICE
		grep -q '^CAP_NET_BIND_SERVICE ok' <<<"$output"
	done
}

@test "a setuid program gains nothing without new privileges" {
	config=(--uid 1000)
	acl '"rules": [{"allow": ["minimal", "default"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		run -0 contain minimal /bin/probe-setuid status
		[[ $(field Uid) != *[[:blank:]]0[[:blank:]]* ]]
		run -0 contain default /bin/probe-setuid status
		[[ $((16#$(field CapEff))) == $((0xa80425fb)) ]]
	done
}

@test "busybox httpd on port 80: as root, as uid 1000, and not without net-bind" {
	acl '"rules": [{"allow": ["minimal", "net-bind", "network-server"]}]'
	script='busybox httpd -p 80 -h /www && cat /proc/net/tcp /proc/net/tcp6'
	for runtime in $(runtimes); do
		real "$runtime"
		for uid in 0 1000; do
			config=(--uid "$uid")
			run -0 contain minimal,net-bind,network-server /bin/sh -c "$script"
			grep -q ':0050 .* 0A ' <<<"$output" # listening on port 80
			run contain minimal,network-server /bin/sh -c "$script"
			[[ $status != 0 && $output == *ermission\ denied* ]] || {
				echo "$kind, uid $uid: $output" >&2
				false
			}
		done
	done
}

@test "stop and clean work when the ACL is broken or gone" {
	acl '"rules": [{"allow": ["minimal"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		bundle_config "$bundle" --annotations '{"dev.powerbox.profiles": "minimal"}' -- \
			/bin/probe wait
		for broken in '{' '{"rules": [{"allow": 1}]}' ''; do
			acl '"rules": [{"allow": ["minimal"]}]'
			inside powerbox-runtime --root /run/live run --detach --bundle "$bundle" \
				alive </dev/null >/dev/null 2>&1 3>&-
			write /etc/powerbox/acl.json "$broken"
			[[ $broken ]] || inside rm /etc/powerbox/acl.json
			run ! inside powerbox-runtime --root /run/live run --bundle "$bundle" other
			inside powerbox-runtime --root /run/live state alive | grep -q running
			inside powerbox-runtime --root /run/live kill alive KILL
			inside powerbox-runtime --root /run/live delete --force alive
			run ! inside powerbox-runtime --root /run/live state alive
		done
	done
}

@test "calls of another architecture are let through only where node.json adds it" {
	local other=$bundle/rootfs/bin/other

	[[ $(uname -m) == x86_64 ]] || skip "machine: needs an architecture with a 32 bit twin"
	# getpid() as i386 has it; the status tells whether it was answered.
	"${CC:-gcc}" -static -nostdlib -ffreestanding -fno-stack-protector -O2 -x c -o "$other" - <<-'END'
	void _start(void)
	{
		long answer;

		__asm__ volatile("int $0x80" : "=a"(answer) : "a"(20L) : "memory");
		__asm__ volatile("syscall" : : "a"(60L), "D"(answer > 0 ? 0L : 1L) : "memory");
	}
	END
	"$other" || skip "machine: its kernel has no calls of 32 bits"
	write /etc/powerbox/profiles.d/own.json '{ "version": 1, "summary": "own",
		"syscalls": [{ "names": ["getpid", "exit"] }] }'
	acl '"default": ["own"]'
	for runtime in $(runtimes); do
		real "$runtime"
		bundle_config "$bundle" -- /bin/other
		run inside powerbox-runtime --root /run/live run --bundle "$bundle" "c$RANDOM"
		# By SIGSYS.
		[[ $status == 159 ]]
		write /etc/powerbox/node.json \
			"{ \"runtime\": \"$runtime\", \"architectures\": [\"SCMP_ARCH_X86\"] }"
		bundle_config "$bundle" -- /bin/other
		run inside powerbox-runtime --root /run/live run --bundle "$bundle" "c$RANDOM"
		echo "$kind: $status $output"
		[[ $status == 0 ]]
	done
}

# reach FILTER: run what tries to write to /etc/powerbox through mounts of this kind.
reach()
{
	bundle_config "$bundle" --annotations '{"dev.powerbox.profiles": "default"}' -- /bin/sh -c \
		'for d in /x /x/powerbox /x/rootfs/host/powerbox /x/run/powerbox; do touch $d/reached 2>/dev/null; done; echo ran'
	jq --arg B "$bundle" "$1" "$bundle/config.json" >"$BATS_TEST_TMPDIR/config.json"
	cp "$BATS_TEST_TMPDIR/config.json" "$bundle/config.json"
	run inside bash -c 'cd /tmp && powerbox-runtime --root /run/live run --bundle "$1" "c$RANDOM"' reach "$bundle"
	echo "$kind: $1: $status $output"
}

@test "mounts that reach powerbox's files by a way which only the runtime finds" {
	local host='{destination: "/host", type: "bind", source: "/etc", options: ["bind", "ro"]}'
	local x='destination: "/x", type: "bind"'

	acl '"rules": [{"allow": ["default"]}]'
	mkdir -p "$bundle"/rootfs/{host,x}
	ln -sfn /etc/powerbox "$bundle/link"
	ln -sfn /etc/powerbox "$bundle/rootfs/link"
	for runtime in $(runtimes); do
		real "$runtime"
		for mounts in "$host, {$x, source: (\$B + \"/rootfs/host/powerbox\"), options: [\"bind\", \"nosuid\"]}" \
			"$host, {$x, source: \"rootfs/host/powerbox\", options: [\"bind\", \"nosuid\"]}" \
			"$host, {$x, source: \$B, options: [\"rbind\", \"rrw\"]}" \
			"{$x, source: \"/\", options: [\"bind\", \"ro\", \"rprivate\"]}" \
			"{$x, source: (\$B + \"/rootfs/proc/1/root/etc/powerbox\"), options: [\"bind\"]}" \
			"{$x, source: \"/proc/self/cwd/link\", options: [\"bind\"]}" \
			"{$x, source: \"nothing/../../../../../../../../etc/powerbox\", options: [\"bind\"]}" \
			'{destination: "/x", type: "overlay", source: "overlay", options: ["lowerdir=/opt,upperdir=/run/powerbox,workdir=/run/work"]}'; do
			inside mkdir -p -m 0755 /run/powerbox /run/work
			reach ".mounts += [$mounts]"
			[[ -z $(inside find /etc/powerbox /run/powerbox -name reached) ]]
			[[ $status == 1 && $output != ran ]]
		done
		# What is read-only and stays so, is.
		reach ".mounts += [$host, {$x, source: \"/opt\", options: [\"rbind\", \"ro\"]}]"
		[[ $status == 0 && $output == ran ]]
	done
}

@test "a shared rootfs mounts nothing on the node" {
	acl '"rules": [{"allow": ["default"]}]'
	mkdir -p "$bundle/rootfs/x" "$BATS_TEST_TMPDIR/other"
	inside mount --make-rshared /
	for runtime in $(runtimes); do
		real "$runtime"
		reach ".linux.rootfsPropagation = \"rshared\" | .mounts += [
			{destination: \"/x\", type: \"bind\", source: \"/etc\", options: [\"rbind\", \"ro\", \"rshared\"]},
			{destination: \"/x/powerbox\", type: \"bind\", source: \"$BATS_TEST_TMPDIR/other\", options: [\"bind\"]}]"
		[[ $status == 1 && $output == *"rootfsPropagation is shared"* ]]
		inside test -e /etc/powerbox/acl.json
	done
	inside mount --make-rprivate /
}
