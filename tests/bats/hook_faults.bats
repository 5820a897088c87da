#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox-hook with each of its system calls failing once, and killed at each of them.
# Which they are is read from an undisturbed run. What it would refuse never passes; what
# passes does so or is refused in one line; an answer of precreate is whole or not there.
#
# FULL=1 tries every error at every call; otherwise each call gets one, in turn, and where
# `step` is set so does every so-maniest.
#
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2154 # hook.bash sets them

load hook.bash

setup_file()
{
	command -v strace >/dev/null || skip "strace is not installed"
	inside_begin
}

# traced COMMAND OPTION...: run it under strace: $status, $err and $out.
traced()
{
	local command=$1

	shift
	status=0
	out=$BATS_TEST_TMPDIR/out
	inside timeout 10 strace -qq -o "$BATS_TEST_TMPDIR/trace" "$@" "$hook" "$command" \
		<"$BATS_TEST_TMPDIR/input" >"$out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	err=$(<"$BATS_TEST_TMPDIR/err")
}

# The calls, each as "name which own": the first of them are the loader's. Not brk, which
# the kernel never fails with an errno; nor what has no result.
calls()
{
	awk '
	{ name = $1; sub(/\(.*/, "", name) }
	name !~ /^[a-z]/ { next }
	{ count[name]++ }
	/^read\(0,/ { own = 1 }
	name !~ /^(brk|execve|exit_group|rt_sigreturn)$/ { print name, count[name], own + 0 }
	' "$BATS_TEST_TMPDIR/trace"
}

errors()
{
	case $1 in
	mmap | mprotect | munmap) echo ENOMEM ;;
	read | pread64) echo EIO EINTR ;;
	write) echo ENOSPC EIO ;;
	openat) echo ENOENT EMFILE EACCES EIO ;;
	newfstatat | statx | readlink | readlinkat | access | faccessat2) echo ENOENT EIO EACCES ;;
	*) echo EIO EPERM EINTR ENOSYS ;;
	esac
}

# each COMMAND HOW JUDGE: inject HOW, with % for an error, into each call in turn. The
# judge sees $own, $status, $err and $out.
each()
{
	local command=$1 what=$2 judge=$3 name="" which="" own=1 error list n=0

	traced "$command"
	cp "$out" "$BATS_TEST_TMPDIR/whole"
	"$judge" || return
	calls >"$BATS_TEST_TMPDIR/calls"
	while read -r name which own; do
		n=$((n + 1))
		list=('')
		# shellcheck disable=SC2207 # words
		[[ $what != *%* ]] || list=($(errors "$name"))
		[[ ${FULL-} ]] || ((n % ${step-1} == 0)) || continue
		[[ ${FULL-} ]] || list=("${list[n / ${step-1} % ${#list[@]}]}")
		for error in "${list[@]}"; do
			how=$name:${what//%/$error}:when=$which
			traced "$command" -e "inject=$how"
			"$judge" || {
				echo "$how: $status $err"
				tail -n 20 "$BATS_TEST_TMPDIR/trace"
				return 1
			}
		done
	done <"$BATS_TEST_TMPDIR/calls"
	echo "$n calls"
	((n > 100))
}

# A line, if there was a way to say one.
said()
{
	[[ $own == 0 || $name == @(poll|write) ||
		$err == "powerbox: "* && $err != *$'\n'* ]]
}

never()
{
	((status != 0 && status != 124)) || return
	((status == 137)) || said
}

passes()
{
	((status == 0 || status == 137)) || never
}

# What is said is all of it, as it would be undisturbed, or a refusal in its place.
answers()
{
	if [[ -s $out ]]; then
		cmp -s "$out" "$BATS_TEST_TMPDIR/whole" ||
			jq -e 'any(.hooks.createRuntime[]; .args[1] == "deny")' "$out" >/dev/null
	else
		never
	fi
}

of_state()
{
	state >"$BATS_TEST_TMPDIR/input"
}

@test "verify: what passes, with each call failing" {
	mounted
	granted
	of_state
	step=2
	each verify error=% passes
}

@test "verify: what passes, killed at each call" {
	mounted
	granted
	of_state
	step=4
	each verify signal=KILL passes
}

@test "verify: more than the union never passes, whatever fails" {
	mounted
	granted '.process.capabilities.bounding = ["CAP_KILL"]'
	of_state
	each verify error=% never
}

@test "verify: a mount that reaches powerbox never passes, whatever fails" {
	# shellcheck disable=SC2016 # expanded where it runs
	mounted 'mount --bind /etc $R/y'
	granted
	of_state
	each verify error=% never
}

@test "verify: what is not allowed never passes, whatever fails" {
	mounted
	granted '.annotations["dev.powerbox.profiles"] = "ptrace"'
	of_state
	each verify error=% never
}

@test "precreate: an answer is whole or not there, whatever fails" {
	ask '{"dev.powerbox.profiles": "minimal,net-bind"}'
	cp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/input"
	step=2
	each precreate error=% answers
	step=4
	each precreate signal=KILL answers
}

@test "precreate: a refusal is one, whatever fails" {
	ask '{"dev.powerbox.profiles": "ptrace"}'
	cp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/input"
	step=2
	each precreate error=% answers
	step=4
	each precreate signal=KILL answers
}
