#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox-runtime create with each of its system calls failing, and killed at each of
# them. Which they are is read from an undisturbed run. Whatever happens, config.json is
# the old one or the new one, whole; the runtime is started with the new one or not at
# all; what is not started says why in one line; nothing hangs (a runtime that does not
# answer has two seconds, and a proof ten); and the next run works.
#
# FULL=1 tries every error at every call; otherwise each call gets one, in turn, and where
# `step` is set so does every so-maniest.
#
# shellcheck disable=SC2016 # scripts are expanded where they run

load node.bash

setup_file()
{
	command -v strace >/dev/null || skip "strace is not installed"
	shims_begin '
		echo "{\"runtime\": \"/run/stub/runc\"}" >/etc/powerbox/node.json
		echo "{\"rules\": [{\"allow\": [\"minimal\", \"net-bind\"]}]}" \
			>/etc/powerbox/acl.json
		echo "{\"rules\": []}" >/etc/powerbox/acl.d/more.json
		cp /usr/share/powerbox/profiles.d/net-bind.json /etc/powerbox/profiles.d/
		chmod 644 /etc/powerbox/*.json /etc/powerbox/*/*.json'
}

setup()
{
	mkdir "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/bundle"
	touch "$BATS_TEST_TMPDIR/out/no-state"
	inside ln -sfn "$BATS_TEST_TMPDIR/out" /run/stub/out
	want 'minimal,net-bind'
}

# want NAMES [ANNOTATIONS]: what the container asks for.
want()
{
	cat >"$BATS_TEST_TMPDIR/old" <<-END
	{ "ociVersion": "1.0.2",
	  "process": { "args": ["sh"], "cwd": "/", "user": {"uid":0,"gid":0} },
	  "annotations": {"dev.powerbox.profiles":"$1"${2-}} }
	END
	chmod 640 "$BATS_TEST_TMPDIR/old"
	chown 7:8 "$BATS_TEST_TMPDIR/old"
}

# ---- what follows runs inside ----

fresh()
{
	rm -rf "$T/bundle" "$T/out/argv" "$T/out/config" /run/powerbox
	cp -a "$T/fresh" "$T/bundle"
}

is()
{
	cmp -s "$T/bundle/config.json" "$T/$1" &&
		[[ $(stat -c '%u %g %a' "$T/bundle/config.json") == "7 8 640" ]]
}

# traced OPTION...: create under strace: $status and $T/said.
traced()
{
	status=0
	timeout 10 strace -f -qq -o "$T/trace" "$@" \
		powerbox-runtime create --bundle "$T/bundle" c1 </dev/null 2>"$T/said" || status=$?
}

# The calls up to the execve of the runtime, each as "name which", in order; the first of
# them are the C library's, up to the one that opens /.
#
# Not brk, which the kernel never fails with an errno; nor what has no result. strace does
# not count the execve that it begins with.
calls()
{
	mkdir "$T/fresh"
	cp -p "$T/old" "$T/fresh/config.json"
	fresh
	traced
	[[ $status == 0 && -e $T/out/argv ]] || return
	cp -p "$T/bundle/config.json" "$T/new"
	awk '
	!main { main = $1 }
	$1 != main { next }
	{ name = $2; sub(/\(.*/, "", name) }
	name !~ /^[a-z]/ { next }
	{ count[name]++ }
	name == "execve" && count[name] == 1 { next }
	$0 ~ /openat\(AT_FDCWD, "\/"/ { own = 1 }
	name !~ /^(brk|exit_group|exit|rt_sigreturn)$/ {
		print name, count[name] - (name == "execve"), own + 0
	}
	name == "execve" { exit }' "$T/trace" >"$T/calls"
	tail -n 1 "$T/calls" | grep -q '^execve 1 '
	grep -q '^renameat2 1 1$' "$T/calls"
}

# What a call may well fail with.
errors()
{
	case $1 in
	open | openat) echo EACCES EMFILE EIO ;;
	read | pread64) echo EIO EINTR ;;
	write) echo ENOSPC EINTR EDQUOT ;;
	mmap | mprotect | munmap) echo ENOMEM ;;
	renameat2) echo EIO ENOSPC EINVAL ;;
	close) echo EIO EINTR ;;
	execve) echo ENOMEM EACCES ETXTBSY ;;
	fgetxattr) echo EIO EOPNOTSUPP ;;
	getrandom) echo EINTR ENOSYS ;;
	clone | fork | vfork | clone3 | pipe2) echo EAGAIN ENOMEM ENFILE ;;
	*) echo EIO EPERM EINTR ;;
	esac
}

# judge OWN: what came of one run. Before main() the C library may end it in its way.
judge()
{
	local state=torn left said

	if is old; then state=old; elif is new; then state=new; fi
	left=("$T"/bundle/.config.json.*)
	[[ -e ${left[0]} ]] || left=()
	mapfile -t said <"$T/said"
	echo "$status, config.json is $state, left: ${#left[@]}, said: ${said[*]}"
	# The stub was started, and its own C library gave up.
	if [[ $status == 127 && ${said[0]-} == "runc: "* ]] ||
		{ [[ $status == 139 ]] && grep -q 'execve("/run/stub/runc".* = 0$' "$T/trace"; }; then
		[[ $state == new && ${#left[@]} == 0 ]]
		return
	fi
	if [[ -e $T/out/argv ]]; then
		[[ $state == new ]] && cmp "$T/out/config" "$T/new" || return
	fi
	case $status in
	0) [[ -e $T/out/argv && ${#left[@]} == 0 && ${#said[@]} == 0 ]] || return ;;
	137) [[ $state != torn && ${#left[@]} -le 1 ]] || return ;;
	64 | 65 | 66 | 69 | 71 | 74 | 77 | 78)
		[[ $state == old && ! -e $T/out/argv && ${#left[@]} -le $LEFT ]] || return
		[[ $quiet || (${#said[@]} == 1 && ${said[0]} == "powerbox: "*) ]] || return
		;;
	*) [[ $1 == 0 && $state == old && ! -e $T/out/argv && $status != 124 ]] || return ;;
	esac
	# As if nothing had been.
	: >"$T/out/argv"
	timeout 5 powerbox-runtime create --bundle "$T/bundle" c1 </dev/null && is new &&
		[[ -s $T/out/argv ]]
}

# each HOW: inject HOW, with @ for the number and % for an error, into each call in turn.
each()
{
	local name which own error list quiet n=0 tried=0 only=(--seccomp-bpf)

	# With it strace 6.1 sends no signal.
	[[ $1 != signal=* ]] || only=()
	calls || return
	while read -r name which own; do
		n=$((n + 1))
		[[ ${FULL-} ]] || ((n % STEP == 0)) || continue
		list=('')
		# shellcheck disable=SC2207 # words
		[[ $1 != *%* ]] || list=($(errors "$name"))
		# For ever, it would be a program that never gets on.
		[[ $1 != *+ ]] || list=("${list[@]/EINTR/EIO}")
		# Nor is there anybody to tell.
		quiet=
		[[ $1 != *+ || $name != write ]] || quiet=1
		[[ ${FULL-} ]] || list=("${list[n / STEP % ${#list[@]}]}")
		for error in "${list[@]}"; do
			fresh
			how=${1//@/$which}
			# Only this call and execve stop the program.
			traced "${only[@]}" -e "trace=$name,execve" \
				-e "inject=$name:${how//%/$error}"
			{
				[[ $1 != signal=* || $status == 137 ]] && judge "$own"
			} >"$T/judged" 2>&1 || {
				echo "$name $which ${how//%/$error}: $(<"$T/judged")"
				tail -n 15 "$T/trace"
				return 1
			}
			tried=$((tried + 1))
		done
	done <"$T/calls"
	echo "$tried runs"
	((tried > 30))
}

inside_each()
{
	local body

	body=$(declare -f fresh is traced calls errors judge each)
	inside env T="$BATS_TEST_TMPDIR" FULL="${FULL-}" LEFT="${spare-0}" STEP="${step-1}" \
		bash -c "$body; each \"\$@\"" each "$@"
}

@test "each call fails once" {
	inside_each 'error=%:when=@'
}

@test "from each call on all of its kind fail" {
	spare=1 step=2
	inside_each 'error=%:when=@+'
}

@test "killed at each call" {
	inside_each 'signal=KILL:when=@'
}

@test "when the runtime has to be asked about an annotation: each call fails once" {
	step=3
	want minimal ',"com.example.some":"thing"'
	inside_each 'error=%:when=@'
}

@test "when the runtime has to be asked about an annotation: killed at each call" {
	step=2
	want minimal ',"com.example.some":"thing"'
	inside_each 'signal=KILL:when=@'
}
