#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lib <- policy <- oci <- profiles <- gate <- hook | runtime | prove | cli: a folder includes itself
# and what is left of it, by "folder/file.h"; and each foreign library has one file.
set -eu
cd "${1:-$SRCDIR}"
# shellcheck disable=SC2016 # the dollars are awk's
find lib policy oci profiles gate hook runtime prove cli -name '*.[ch]' | LC_ALL=C sort | xargs awk '
BEGIN {
	n = split("lib policy oci profiles gate hook runtime prove cli", folders)
	for (i = 1; i <= n; i++)
		rank[folders[i]] = i
	owner["yajl"] = "lib/json.c"
	owner["sha2.h"] = "lib/digest.c"
	owner["seccomp.h"] = "lib/bpf.c"
	owner["sys/capability.h"] = "lib/cap.c"
	owner["libmount"] = "lib/mounts.c"
	owner["archive.h"] = owner["archive_entry.h"] = "lib/tar.c"
	owner["yaml.h"] = "lib/yaml.c"
}
/^[ \t]*#[ \t]*include/ {
	mine = FILENAME; sub("/.*", "", mine)
	name = $0; sub(/^[^"<]*["<]/, "", name); sub(/[">].*/, "", name)
	their = name; sub("/.*", "", their)
	ours = $0 ~ /"/
	library = ""
	if (their ~ /^(yajl|libmount)/)
		library = substr(their, 1, 1) == "y" ? "yajl" : "libmount"
	else if (name in owner)
		library = name
	seen++
	if (ours && !(their in rank))
		wrong("include \"folder/file.h\", not \"" name "\"")
	else if (ours && rank[their] > rank["gate"] && their != mine)
		wrong(mine " includes the program " their)
	else if (ours && rank[their] > rank[mine])
		wrong(mine " stands left of " their)
	else if (library && FILENAME != owner[library])
		wrong("only " owner[library] " may include " name)
}
function wrong(what) {
	bad++
	print "# " FILENAME ":" FNR ": " what
}
END {
	print bad || !seen ? "not ok 1 - " : "ok 1 - ", seen + 0 " includes point the right way"
	print "1..1"
	exit bad || !seen
}'
