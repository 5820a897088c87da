#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No function over 60 lines, no file over 500. Data tables are no functions.
set -eu
cd "${1:-$SRCDIR}"
find lib policy oci profiles gate hook runtime prove cli -name '*.[ch]' \
	! -path policy/syscall_names.c | LC_ALL=C sort | xargs awk '
function wrong(line, what) {
	bad++
	print "# " FILENAME ":" line ": " what
}
FNR == 501 { wrong(FNR, "the file is longer than 500 lines") }
/^{/ { start = FNR }
/^}/ && start {
	seen++
	if (FNR - start + 1 > 60)
		wrong(start, "a function of " FNR - start + 1 " lines")
	start = 0
}
END {
	print bad || !seen ? "not ok 1 - " : "ok 1 - ", seen + 0 " functions and their files are short"
	print "1..1"
	exit bad || !seen
}'
