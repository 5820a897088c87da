#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The programs as they were linked: hardened, and with no library that they don't need.
set -eu
cd "${1:-$BUILDDIR}"
count=0
status=0
if [ -n "${INSTRUMENTATION:-}" ]; then
	echo "1..0 # SKIP instrumented programs are not hardened"
	exit 0
fi

# has PROGRAM WHAT OPTIONS PATTERN: readelf shows the pattern. lacks: it does not.
has()
{
	count=$((count + 1))
	if readelf -W "$3" "$1" 2>&1 | grep -qE -e "$4"; then
		echo "ok $count - $1: $2"
	else
		echo "not ok $count - $1: $2"
		echo "# readelf -W $3 $1 does not show $4"
		status=1
	fi
}

lacks()
{
	count=$((count + 1))
	if readelf -W "$3" "$1" >/dev/null && ! readelf -W "$3" "$1" | grep -E -e "$4" |
		sed 's/^/# /' | grep .; then
		echo "ok $count - $1: $2"
	else
		echo "not ok $count - $1: $2"
		status=1
	fi
}

for program in powerbox powerbox-runtime powerbox-hook powerbox-prove; do
	has $program "loaded at a random address" -hd 'Flags:.* PIE'
	has $program "bound before it runs" -d 'BIND_NOW|Flags: NOW'
	has $program "relocations are read-only" -l GNU_RELRO
	has $program "the stack is not executable" -l 'GNU_STACK .* RW +0x'
	lacks $program "nothing is writable and executable" -l 'LOAD .* RWE '
	has $program "stack protector" -s '__stack_chk_fail'
	if [ -n "${FORTIFY-unset}" ]; then
		has $program "fortified C library calls" -s '__[a-z]+_chk(@|$)'
	fi
done
lacks powerbox "no libmount, and libarchive only when it is needed" -ds \
	'libmount|mnt_|libarchive|archive_read_'
lacks powerbox-prove "no libmount, no libcap" -ds 'libmount|mnt_|libcap|cap_get_'
lacks powerbox-hook "no libseccomp, no libcap" -ds 'libseccomp|libcap|seccomp_init|cap_get_'
for program in powerbox-runtime powerbox-hook powerbox-prove; do
	lacks $program "no libarchive, no libyaml" -ds 'libarchive|archive_read_|libyaml|yaml_parser_'
done
lacks powerbox-runtime "no libmount, libseccomp, libcap" -ds \
	'libmount|libseccomp|libcap|mnt_new_|seccomp_init|cap_get_proc'
echo "1..$count"
exit $status
