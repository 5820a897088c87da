#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual says what the code has: exit codes, members of files, subcommands, options,
# annotations; every table is read out of the source. And what the papers name is here.
set -eu
cd "${1:-$SRCDIR}"
pages=doc/man
count=0
status=0

# verdict WHAT SEEN WRONG: SEEN must not be empty, so that a table that has moved shows,
# and WRONG must be.
verdict()
{
	count=$((count + 1))
	if [ -n "$2" ] && [ -z "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "${3:-nothing was found in the source}" | sed 's/^/# /'
		status=1
	fi
}

# items PAGE [SECTION]: what its lists' items are, a word a line, of one section or all.
items()
{
	awk -v section="${2:-}" '
	/^\.Sh / { within = section == "" || $0 == ".Sh " section }
	!within || !/^\.(It|Ic|Fl) / { next }
	{
		sub(/^\.It /, "")
		gsub(/(^| )\.?(Cm|Ic|Fl) /, " ")
		for (i = 1; i <= NF && $i != "Ar"; i++)
			if ($i != "," && $i != "Ns")
				print $i
	}' "$pages/$1" | LC_ALL=C sort -u
}

# has WHAT PAGE WORDS [SECTION]: every word is an item of the page.
has()
{
	missing=$(
		items "$2" "${4:-}" >"$scratch/items"
		for word in $3; do
			grep -qxF -e "$word" "$scratch/items" || echo "$2 lacks $word"
		done
	)
	verdict "$1" "$3" "$missing"
}

# rows FILE START: the first string of each row of the tables that begin with START.
rows()
{
	sed -n "/$2.*{\$/,/^};/s/^[[:space:]]*{ \"\([^\"]*\)\".*/\1/p" "$1"
}

# keys FILE: the strings of its lists called keys, which are members too.
keys()
{
	sed -n 's/.* keys\[[0-9]*\] = { \(.*\) };/\1/p' "$1" | tr -d '",'
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

codes=$(sed -n 's/^[[:space:]]*ERR_[A-Z]* = \([0-9]*\),.*/\1/p' lib/error.h)
has "powerbox-runtime(8) has every exit code" powerbox-runtime.8 "$codes" "EXIT STATUS"
verdict "powerbox-runtime(8) has no other exit code" "$codes" "$(
	for number in $(items powerbox-runtime.8 "EXIT STATUS"); do
		echo "$codes" | grep -qx "$number" || echo "no error is $number"
	done
)"
has "powerbox-runtime(8) has every command that can add authority" powerbox-runtime.8 \
	"$(sed -n '/EFFECT_NONE/d; s/^[[:space:]]*{ "\([a-z]*\)", EFFECT_.*/\1/p' \
		runtime/argv_tables.c)"
has "powerbox-acl(5) has every member" powerbox-acl.5 \
	"$(rows policy/acl_read.c '^static const struct field')"
has "powerbox-node(5) has every member" powerbox-node.5 \
	"$(rows gate/node.c '^static const struct field')"
has "powerbox-profile(5) has every member" powerbox-profile.5 \
	"$(rows profiles/profile.c '^static const struct field')"
has "powerbox-profile(5) has the members of entries" powerbox-profile.5 \
	"$(keys profiles/profile.c)"
has "powerbox-profile(5) has the members of conditions" powerbox-profile.5 \
	"$(keys oci/seccomp.c)"
has "powerbox(8) has every subcommand" powerbox.8 \
	"$(sed -n 's/^[[:space:]]*\.name = "\([a-z]*\)",.*/\1/p' cli/*.c)"
has "powerbox(8) has every option" powerbox.8 \
	"$(sed -n 's/.*option_value("-\(-[a-z-]*\)".*/\1/p' cli/*.c)"
has "powerbox-hook(8) has every stage" powerbox-hook.8 \
	"$(sed -n 's/.*{ "\([a-z]*\)", .*/\1/p' hook/main.c)"
has "powerbox-annotations(7) has every key" powerbox-annotations.7 \
	"$(sed -n 's/.*"\(io\.[A-Za-z.-]*\)".*/\1/p' oci/keys.c
	sed -n 's/#define KEY_.* "\(.*\)"/\1/p' oci/keys.h)"
has "powerbox-annotations(7) has every engine" powerbox-annotations.7 \
	"$(sed -n 's/.*\.name = "\([a-z-]*\)".*/\1/p' oci/keys.c)"
has "powerbox-annotations(7) has every key that is refused" powerbox-annotations.7 \
	"$(sed -n 's/^[[:space:]]*{ "\(.*\)", NULL, "[a-z ]*", ".*/\1/p
		s/^#define PROPERTY "\(.*\)"/\1/p' oci/unsafe.c | sed 's/[.]$/.*/')" DESCRIPTION
verdict "every page that is referred to is here" "$(ls $pages)" "$(
	sed -n 's/^\.Xr \(powerbox[a-z-]*\) \([0-9]\).*/\1.\2/p' $pages/* | sort -u |
		while read -r page; do
			test -f "$pages/$page" || echo "there is no $page"
		done
)"
papers=$(find . -maxdepth 1 -name '[A-Z]*.md')
named=$(echo "$papers" | xargs cat | tr -s '][ ()|,;:`' '[\n*]' | sed 's/[.]$//' | sort -u |
	grep -E '^(lib|policy|oci|profiles|gate|hook|runtime|prove|cli|tests|doc|packaging)/' |
	grep -v X)
verdict "every file that a paper names is here" "$named" "$(
	for file in $named; do
		test -e "$file" || echo "there is no $file"
	done
)"
# A release has what autoconf and automake make; gcc brings binutils.
needed=$(sed -n '/^# build$/,/^$/p' packaging/debian-packages |
	grep -vE '^(#.*|autoconf|automake|binutils|)$')
verdict "README.md has the packages that a release is built with" "$needed" "$(
	sed -n '/apt-get install/,/[^\\]$/p' README.md | grep -oE '[a-z][a-z0-9-]+' |
		grep -vE '^(apt-get|install)$' |
		printf '%s\n' "$needed" "$(cat)" | sort | uniq -u
)"
if command -v mandoc >/dev/null; then
	# Whether other pages are installed is the machine's affair.
	verdict "mandoc finds nothing to say" "$(ls $pages)" "$(
		mandoc -Tlint -Wstyle $pages/* 2>/dev/null |
			grep -v 'referenced manual not found' || true
	)"
else
	count=$((count + 1))
	echo "ok $count # SKIP mandoc is not installed"
fi
echo "1..$count"
exit $status
