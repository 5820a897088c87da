#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each lint must see its rule broken: a small sound tree passes, and fails for each fault.
set -eu
unset FORTIFY INSTRUMENTATION
lint=$SRCDIR/tests/lint
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
count=0
status=0
cc=${CC:-cc}
spdx='/* SPDX-License-Identifier: Apache-2.0 */'

sound()
{
	rm -rf "$scratch/tree"
	mkdir "$scratch/tree"
	cd "$scratch/tree"
	mkdir lib policy oci profiles gate hook runtime prove cli tests
	printf '%s\n' "$spdx" '#include "lib/a.h"' 'int a(void)' '{' '	return 0;' '}' >lib/a.c
	printf '%s\n' "$spdx" 'int a(void);' >lib/a.h
	echo 'SOURCES = lib/a.c lib/json.c' >Makefile.am
}

# verdict LINT WANTED WHAT: how the lint ends on the tree.
verdict()
{
	count=$((count + 1))
	sh "$lint/$1" "$scratch/tree" >"$scratch/out" 2>&1 && got=0 || got=1
	grep -q '^not ok' "$scratch/out" && said=1 || said=0
	if [ "$got$said" = "$2$2" ]; then
		echo "ok $count - $1: $3"
	else
		echo "not ok $count - $1: $3"
		sed 's/^/# /' "$scratch/out"
		status=1
	fi
	sound
}

add()
{
	printf '%s\n' "$2" >>"$1"
}

compile()
{
	printf '%s\n' "$1" >lib/b.c
	$cc -c -o lib/b.o lib/b.c
}

sound
for name in layers size names; do
	verdict $name.sh 0 "a sound tree"
done
add lib/a.c '#include "policy/policy.h"'
verdict layers.sh 1 "lib includes policy"
add cli/a.c '#include "hook/hook.h"'
verdict layers.sh 1 "a program includes another"
add lib/a.c '#include "a.h"'
verdict layers.sh 1 "an include without its folder"
add lib/a.c '#  include <yajl/yajl_parse.h>'
verdict layers.sh 1 "yajl in a second file"
add lib/json.c '#include <yajl/yajl_parse.h>'
verdict layers.sh 0 "yajl in its own file"
add gate/a.h '#include <seccomp.h>'
verdict layers.sh 1 "libseccomp in a second file"
add hook/a.c '#include <libmount/libmount.h>'
verdict layers.sh 1 "libmount in a second file"
add cli/a.c '#include <sys/capability.h>'
verdict layers.sh 1 "libcap in a second file"
add cli/a.c '#include <archive_entry.h>'
verdict layers.sh 1 "libarchive in a second file"
add cli/a.c '#include <yaml.h>'
verdict layers.sh 1 "libyaml in a second file"

for lines in 58 59; do
	{ echo 'int b(void)'; echo '{'; yes '	a();' | head -n $lines; echo '}'; } >>lib/a.c
	verdict size.sh $((lines - 58)) "a function of $((lines + 2)) lines"
done
yes '' | head -n 494 >>lib/a.c
verdict size.sh 0 "a file of 500 lines"
yes '' | head -n 495 >>lib/a.c
verdict size.sh 1 "a file of 501 lines"

add lib/a.h '/* XX''X */'
verdict names.sh 1 "something left for later"
add lib/a.h '// a'
verdict names.sh 1 "a comment of C++"
add lib/a.h 'typedef struct number number;'
verdict names.sh 1 "a typedef"
echo 'int b;' >lib/a.h
verdict names.sh 1 "no SPDX line"
echo "$spdx" >lib/b.c
verdict names.sh 1 "a source that nobody builds"

compile 'static const char *const names[] = { "a" }; const char *b(int i) { return names[i]; }'
verdict state.sh 0 "a table"
compile 'int b(void) { static int count; return ++count; }'
verdict state.sh 1 "a static inside a function"
compile 'int count = 7;'
verdict state.sh 1 "a global variable"
compile '__thread int count;'
verdict state.sh 1 "a variable of a thread"

for program in powerbox powerbox-runtime powerbox-hook powerbox-prove; do
	echo 'int main(void) { return 0; }' | $cc -no-pie -x c -o $program -
done
verdict elf.sh 1 "programs that nobody hardened"
echo "1..$count"
exit $status
