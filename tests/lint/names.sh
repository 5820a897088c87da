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
if git rev-parse --git-dir >/dev/null 2>&1; then
	holds "what a build in the tree makes is ignored" "$(
		for file in powerbox powerbox-hook powerbox-prove powerbox-runtime libcore.a \
			cli/main.o $(sed -n 's|^[[:blank:]]\(tests/[a-z]*/[a-z_]*\)\( \\\)*$|\1|p' \
				Makefile.am); do
			for made in $file ${file%.o}.o; do
				git check-ignore -q "$made" || echo "$made"
			done
		done
		git check-ignore -q tests/unit/test_text.log || echo logs
		git check-ignore -q tests/unit/test_text.trs || echo results
	)"
fi
echo "1..$count"
exit $status
