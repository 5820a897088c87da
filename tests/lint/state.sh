#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No state but main()'s arena: no object of a program has a variable that can be written.
# Asked of the compiler's output, so that a static inside a function shows as well.
set -eu
cd "${1:-$BUILDDIR}"
if [ -n "${INSTRUMENTATION:-}" ]; then
	echo "1..0 # SKIP instrumented objects have counters of their own"
	exit 0
fi
find lib policy oci profiles gate hook runtime prove cli -name '*.o' | LC_ALL=C sort |
	xargs objdump -t | expand | awk '
/file format/ { file = $1; sub(":$", "", file); seen++ }
# lib/log.c remembers the program that speaks and whether it has opened syslog.
file == "lib/log.o" { next }
/ d  / || /[.]data[.]rel[.]ro/ { next }	# a section itself; a table of addresses
/ [.](data|bss|tdata|tbss)/ || /[*]COM[*]/ {
	bad++
	print "# " file ": " $NF " can be written"
}
END {
	print bad || !seen ? "not ok 1 - " : "ok 1 - ", seen + 0 " objects have no state"
	print "1..1"
	exit bad || !seen
}'
