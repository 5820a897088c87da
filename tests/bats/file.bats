#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# file_replace() with each of its system calls failing, in every way that strace knows:
# the file is the old one or the new one, whole, and nothing blocks the next run.

setup_file()
{
	command -v strace >/dev/null || skip "strace is not installed"
	export PROGRAM="${BUILDDIR:-build}/tests/unit/test_file" ASAN_OPTIONS=detect_leaks=0
}

# The calls of one replacement, from opening the folder on: "name first last" each,
# counted as strace counts them, from the start of the program. Not brk, which the kernel
# never fails with an errno: glibc would not understand.
calls()
{
	fresh
	strace -o "$BATS_FILE_TMPDIR/trace" "$@" "$PROGRAM" replace "$FOLDER"
	cp "$FOLDER/config.json" "$BATS_FILE_TMPDIR/new"
	awk -F'(' -v folder="$FOLDER" '
	index($0, "\"" folder "\"") && /^openat/ { on = 1 }
	/^[a-z]/ { count[$1]++ }
	on && /^[a-z]/ && $1 !~ /^(brk|exit_group)$/ {
		if (!($1 in first))
			first[$1] = count[$1]
	}
	END {
		for (name in first)
			print name, first[name], count[name]
	}' "$BATS_FILE_TMPDIR/trace" >"$BATS_FILE_TMPDIR/calls"
	grep -q '^renameat2 1 1$' "$BATS_FILE_TMPDIR/calls"
	grep -q '^write ' "$BATS_FILE_TMPDIR/calls"
}

first()
{
	awk -v name="$1" '$1 == name { print $2 }' "$BATS_FILE_TMPDIR/calls"
}

fresh()
{
	FOLDER="$BATS_FILE_TMPDIR/bundle"
	rm -rf "$FOLDER"
	mkdir "$FOLDER"
	echo '{"old":true}' >"$FOLDER/config.json"
	cp "$FOLDER/config.json" "$BATS_FILE_TMPDIR/old"
	chown 7:8 "$FOLDER/config.json"
	chmod 4640 "$FOLDER/config.json"
}

is()
{
	cmp -s "$FOLDER/config.json" "$BATS_FILE_TMPDIR/$1" &&
		[ "$(stat -c '%u %g %a' "$FOLDER/config.json")" = "7 8 4640" ]
}

names()
{
	find "$FOLDER" -mindepth 1 | wc -l
}

# The next run does its work, whatever the last one left.
next_run()
{
	"$PROGRAM" replace "$FOLDER" && is new
}

# each HOW LEFT [STRACE OPTION...]: inject HOW into each call in turn. LEFT is how many
# names may be in the folder then. Success means the new file and failure the old one;
# a program that was killed leaves either.
each()
{
	how=$1 left=$2 count=0
	shift 2
	calls "$@"
	while read -r name first last; do
		for n in $(seq "$first" "$last"); do
			fresh
			status=0
			strace -o /dev/null "$@" -e "inject=$name:${how//@/$n}" \
				"$PROGRAM" replace "$FOLDER" 2>"$BATS_FILE_TMPDIR/said" ||
				status=$?
			state=torn
			if is old; then state=old; elif is new; then state=new; fi
			case $status,$state in
			0,new | 74,old | 66,old | 71,old | 137,old | 137,new) ;;
			*) echo "$name $n: exit $status, the file is $state"
				cat "$BATS_FILE_TMPDIR/said"
				return 1 ;;
			esac
			if [ "$status" != 0 ] && [ "$status" != 137 ]; then
				[ "$(wc -l <"$BATS_FILE_TMPDIR/said")" = 1 ]
			fi
			if [ "$(names)" -gt "$left" ]; then
				echo "$name $n: exit $status, $(ls -A "$FOLDER")"
				return 1
			fi
			next_run
			count=$((count + 1))
		done
	done <"$BATS_FILE_TMPDIR/calls"
	[ "$count" -gt 15 ]
}

# Where exchanging two names is not known: the way through a plain rename.
plain="-e inject=renameat2:error=EINVAL"

@test "file_replace: a call fails once" {
	each "error=EIO:when=@" 1
}

@test "file_replace: the disk is full" {
	each "error=ENOSPC:when=@" 1
}

@test "file_replace: a call is interrupted once" {
	each "error=EINTR:when=@" 1
}

@test "file_replace: killed at a call" {
	each "signal=KILL:when=@" 2
}

@test "file_replace: without exchange, a call fails once" {
	# shellcheck disable=SC2086 # two words
	each "error=EIO:when=@" 1 $plain
}

@test "file_replace: without exchange, killed at a call" {
	# shellcheck disable=SC2086
	each "signal=KILL:when=@" 2 $plain
}

@test "file_replace: three bytes written, and the count is a lie" {
	calls
	n=$(first write)
	fresh
	run strace -o /dev/null -e "inject=write:retval=3:when=$n" "$PROGRAM" replace "$FOLDER"
	# strace does not really write them: what is read back is not what was meant.
	[ "$status" = 74 ]
	is old
	[ "$(names)" = 1 ]
}

@test "file_replace: exchange is not known in three ways" {
	calls
	for error in EINVAL ENOSYS EOPNOTSUPP; do
		fresh
		strace -o /dev/null -e "inject=renameat2:error=$error" \
			"$PROGRAM" replace "$FOLDER"
		is new
		[ "$(names)" = 1 ]
	done
}

@test "file_replace: all names are taken, and then one is not" {
	calls
	n=$(($(first openat) + 2))
	fresh
	strace -o /dev/null -e "inject=openat:error=EEXIST:when=$n..$((n + 20))" \
		"$PROGRAM" replace "$FOLDER"
	is new
	fresh
	run strace -o /dev/null -e "inject=openat:error=EEXIST:when=$n+" \
		"$PROGRAM" replace "$FOLDER"
	[ "$status" = 74 ]
	is old
}

@test "file_replace: from one call on everything of its kind fails" {
	calls
	while read -r name first last; do
		for n in $(seq "$first" "$last"); do
			fresh
			status=0
			strace -o /dev/null -e "inject=$name:error=EIO:when=$n+" \
				"$PROGRAM" replace "$FOLDER" 2>"$BATS_FILE_TMPDIR/said" ||
				status=$?
			echo "$name $n+: exit $status"
			[ "$status" != 0 ] || is new
			[ "$status" = 0 ] || is old
			next_run
		done
	done <"$BATS_FILE_TMPDIR/calls"
}

@test "file_replace: what another run has put there meanwhile is not taken back" {
	calls
	fresh
	strace -o /dev/null -e inject=unlinkat:error=EIO:delay_enter=1000000 \
		"$PROGRAM" replace "$FOLDER" 2>/dev/null &
	sleep 0.5
	is new
	"$PROGRAM" replace "$FOLDER"
	status=0
	wait $! || status=$?
	[ "$status" = 74 ]
	is new
}

@test "file_read: written over while it is read" {
	calls
	n=$(first read)
	fresh
	strace -o /dev/null -e "inject=read:delay_exit=1000000:when=$n" \
		"$PROGRAM" replace "$FOLDER" 2>"$BATS_FILE_TMPDIR/said" &
	sleep 0.5
	echo '{"OLD":true}' >"$FOLDER/config.json"
	status=0
	wait $! || status=$?
	[ "$status" = 74 ]
	grep -q "changed while it was read" "$BATS_FILE_TMPDIR/said"
	[ "$(cat "$FOLDER/config.json")" = '{"OLD":true}' ]
}
