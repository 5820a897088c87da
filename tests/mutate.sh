#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every guard dies once: take each check of tests/mutants out of a copy of the tree, and
# show the test that fails. A mutant that lives, one that does not compile and an
# expression that changes nothing are failures.
#
# ./dev mutate; MUTANT=WORD tries those only in whose line it is. BUILDDIR is a configured
# build.
set -euo pipefail
cd "${SRCDIR:-$(dirname "$0")/..}"
SRCDIR=$PWD
: "${BUILDDIR:=$SRCDIR/build}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The copy has the build's objects, so that a mutant costs a few files.
mkdir "$scratch/tree"
tar -C "$SRCDIR" --exclude=./.git --exclude=./build -cf - . | tar -C "$scratch/tree" -xf -
mkdir "$scratch/build"
(cd "$scratch/build" && "$scratch/tree/configure" -q && make -s -j2) >"$scratch/log" 2>&1 || {
	tail -n 20 "$scratch/log"
	exit 1
}

count=0 lived=0

# verdict WORD WHAT: of the mutant that is tried.
verdict()
{
	count=$((count + 1))
	if [[ $1 == killed ]]; then
		echo "ok $count - $2"
	else
		lived=$((lived + 1))
		echo "not ok $count - $1: $2"
	fi
}

# killed TEST FILTER: whether the test fails, and its first failure in $scratch/log.
killed()
{
	local run=("$scratch/build/$1")

	[[ $1 != *.bats ]] || run=(bats --tap -f "$2" "$scratch/tree/$1")
	if BUILDDIR=$scratch/build SRCDIR=$scratch/tree timeout 300 "${run[@]}" >"$scratch/log" 2>&1; then
		return 1
	fi
}

try()
{
	local file=$1 expression=$2 what=$3 test=$4 filter=${5-} targets

	cp "$SRCDIR/$file" "$scratch/original"
	sed -i "$expression" "$scratch/tree/$file"
	if cmp -s "$scratch/original" "$scratch/tree/$file"; then
		verdict "nothing changed" "$file: $what"
		return
	fi
	targets=(powerbox powerbox-runtime powerbox-hook powerbox-prove)
	[[ $test == *.bats ]] || targets=("$test")
	if ! make -s -C "$scratch/build" -j2 CFLAGS='-O1 -w' "${targets[@]}" >"$scratch/log" 2>&1; then
		verdict "does not compile" "$file: $what"
	elif killed "$test" "$filter"; then
		verdict killed "$file: $what ($(sed -n 's/^not ok [0-9]* //p' "$scratch/log" | head -n 1))"
	else
		verdict lives "$file: $what"
	fi
	cp "$scratch/original" "$scratch/tree/$file"
}

mutants()
{
	grep -v '^#' "$SRCDIR/tests/mutants" | { grep -F -e "${MUTANT-}" || true; }
}

# Only where all is well without a mutant, a test that fails shows something.
while IFS= read -r test; do
	filter=.
	[[ $test == *.bats ]] || make -s -C "$scratch/build" -j2 "$test" >"$scratch/log" 2>&1
	if killed "$test" "$filter" </dev/null; then
		cat "$scratch/log"
		exit 1
	fi
done < <(mutants | awk -F ' \\| ' '{ print $4 }' | sort -u)
while IFS= read -r line; do
	mapfile -t fields <<<"${line// | /$'\n'}"
	try "${fields[@]}" </dev/null
done < <(mutants)
echo "1..$count"
((lived == 0))
