#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every shipped profile alone, on the real runc and on the real crun: a container starts
# under it and holds its capabilities, no other, and can do what they are for only then.
#
# shellcheck disable=SC2154 # variables of runtimes.bash

bats_require_minimum_version 1.5.0

load runtimes.bash

setup_file()
{
	runtimes_begin
	# What the runtimes themselves may be asked for is no workload's.
	profiles=$(cd "$SRCDIR/profiles/data" && ls | sed -n '/^runtime-/d; s/\.json$//p')
	export profiles
	inside bash -c 'echo "$1" >/etc/powerbox/acl.json' acl "{ \"version\": 1, \"rules\": [
		{ \"allow\": [$(printf '"%s",' $profiles | sed 's/,$//')] }] }"
}

# contain PROFILE ARG...: with nothing but this profile.
contain()
{
	local profile=$1

	shift
	bundle_config "$bundle" --caps CAP_SYS_ADMIN \
		--annotations "{\"dev.powerbox.profiles\": \"$profile\"}" -- "$@"
	inside powerbox-runtime --root /run/live run --bundle "$bundle" "p$RANDOM"
}

# The bounding set that a profile's union names, as a number.
wanted()
{
	local name number set=0

	for name in $(inside "$BUILDDIR/powerbox" union --runtime "$1" "$2" |
		jq -r '.capabilities.bounding[]'); do
		number=$(grep -E "^#define ${name}[[:blank:]]" /usr/include/linux/capability.h |
			awk '{ print $3 }')
		set=$((set | 1 << number))
	done
	echo "$set"
}

# Capabilities of which one is enough for what the first is tried with.
instead_of()
{
	case $1 in
	CAP_DAC_READ_SEARCH) echo CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE ;;
	CAP_SYSLOG | CAP_BPF | CAP_PERFMON | CAP_CHECKPOINT_RESTORE) echo "$1" CAP_SYS_ADMIN ;;
	*) echo "$1" ;;
	esac
}

# alone RUNTIME: each profile on it.
alone()
{
	local kind=${1##*/} profile held operations name granted

	inside bash -c 'echo "{ \"runtime\": \"$1\" }" >/etc/powerbox/node.json' node "$1"
	for profile in $profiles; do
		run -0 contain "$profile" /bin/probe status
		held=$(sed -n 's/^CapBnd:[[:blank:]]*//p' <<<"$output")
		[[ $((16#$held)) == $(wanted "$kind" "$profile") ]] || {
			echo "$kind, $profile: $output" >&2
			return 1
		}
		grep -qE '^Seccomp:[[:blank:]]*2$' <<<"$output"
		run -0 contain "$profile" /bin/probe cap all
		operations=$(sed -n 's/^\(CAP_[A-Z_]*\) ok.*/\1/p' <<<"$output")
		granted=" $(inside "$BUILDDIR/powerbox" union --runtime "$kind" "$profile" |
			jq -r '.capabilities.bounding | join(" ")') "
		for name in $operations; do
			for held in $(instead_of "$name") none; do
				[[ $granted != *" $held "* ]] || break
			done
			[[ $held != none ]] || {
				echo "$kind, $profile: $name works without being granted" >&2
				return 1
			}
		done
	done
}

@test "each profile alone on runc" {
	alone "$(command -v runc)"
}

@test "each profile alone on crun" {
	alone "$(command -v crun)"
}

@test "every profile has a summary of one line, and no other file is shipped" {
	for file in "$SRCDIR"/profiles/data/*; do
		[[ $file == *.json ]]
		[[ $(jq -r .summary "$file" | wc -l) == 1 && $(jq -r .summary "$file") != null ]]
	done
}
