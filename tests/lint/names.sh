#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What holds for every file by its words and its name.
set -eu
cd "${1:-$SRCDIR}"
count=0
status=0

# holds NAME FILES: the rule NAME holds if nothing is left over.
holds()
{
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "$2" | sed 's/^/# /'
		status=1
	fi
}

folders="lib policy oci profiles gate hook runtime prove cli tests"
# shellcheck disable=SC2086 # the folders are words
sources=$(find $folders -name build -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.bats' -o -name '*.bash' -o -name '*.py' \) -print)
marks='TO''DO|FIX''ME|XX''X'

holds "every source has its SPDX line" \
	"$(echo "$sources" | xargs grep -L 'SPDX-License-Identifier: Apache-2.0')"
holds "nothing is left for later" \
	"$(echo "$sources" | xargs grep -nwE "$marks")"
holds "C comments are /* */" \
	"$(echo "$sources" | grep '\.[ch]$' | xargs grep -nE '^[[:space:]]*//')"
holds "no typedef hides a struct" \
	"$(echo "$sources" | grep '\.[ch]$' | xargs grep -nE '^typedef (struct|union|enum)')"
holds "every source of a program and every unit test is built" "$(
	for file in $(echo "$sources" | grep '\.c$' | grep -v '^tests/'); do
		grep -qF "$file" Makefile.am || echo "$file is not in Makefile.am"
	done
	for file in tests/*/test_*.c tests/lint/*.sh; do
		test ! -f "$file" || grep -qE "${file%.c}( |\$)" Makefile.am ||
			echo "$file is not in Makefile.am"
	done
)"
echo "1..$count"
exit $status
