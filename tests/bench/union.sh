#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What importing and uniting profiles costs, and what the union costs the runtime's
# libseccomp, in instructions (callgrind: the same on every machine of a kind).
#
#	union.sh [PAIRS]	of how many pairs of files, spread over all (20)
#
# The files are those of a corpus beside the tree, where there is one, else the filters that
# engines write (tests/golden/engines).
set -euo pipefail
: "${SRCDIR:=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}"
: "${BUILDDIR:=$SRCDIR/build}"
corpus=$SRCDIR/../shared/corpus/seccomp
docker=$corpus/moby-default.docker.json
podman=$corpus/containers-common.docker.json
powerbox=$BUILDDIR/powerbox
pairs=${1:-20}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if ! command -v valgrind >/dev/null; then
	echo "union: there is no valgrind: nothing is measured"
	exit 0
fi
if [[ ! -d $corpus ]]; then
	corpus=$scratch/corpus docker=$scratch/corpus/docker.json podman=$scratch/corpus/podman.json
	mkdir "$corpus"
	for engine in docker podman containerd-cri crio; do
		jq .linux.seccomp "$SRCDIR/tests/golden/engines/$engine.json" >"$corpus/$engine.json"
	done
fi
make -s -C "$BUILDDIR" V=0 tests/bench/compile tests/bench/unite >/dev/null

# instructions [OPTION...] -- COMMAND...
instructions()
{
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "${options[@]}" "$@" 2>&1 \
		>/dev/null | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# milliseconds COMMAND...: CPU time, the least of five rounds of forty.
milliseconds()
{
	local round best=

	TIMEFORMAT='%U %S'
	for round in 1 2 3 4 5; do
		round=$({ time for ((i = 0; i < 40; i++)); do "$@" >/dev/null 2>&1; done; } 2>&1 |
			awk '{ printf "%.3f", ($1 + $2) / 40 * 1000 }')
		[[ -n $best && $(awk "BEGIN { print ($round < $best) }") == 0 ]] || best=$round
	done
	echo "$best"
}

# tells WHAT COMMAND...: beyond the start of the program itself.
tells()
{
	local what=$1 count cpu

	shift
	count=$(instructions -- "$@")
	cpu=$(milliseconds "$@")
	awk -v what="$what" -v n="$count" -v n0="$start" -v t="$cpu" -v t0="$start_ms" 'BEGIN {
		printf "%-34s %5.2f million instructions, %5.2f ms CPU\n", what, (n - n0) / 1e6, t - t0 }'
}

import()
{
	"$powerbox" import --caps docker "$1" 2>/dev/null
}

costs()
{
	local union=("$powerbox" union --profile-dir "$scratch" --runtime none)

	import "$docker" >"$scratch/docker.json"
	import "$podman" >"$scratch/podman.json"
	start=$(instructions -- "$powerbox" --version)
	start_ms=$(milliseconds "$powerbox" --version)
	echo "the start of powerbox itself: $(awk "BEGIN { printf \"%.2f\", $start / 1e6 }") million instructions, $start_ms ms CPU; beyond that:"
	tells "import Docker's default" "$powerbox" import --caps docker "$docker"
	tells "import podman's" "$powerbox" import --caps docker "$podman"
	tells "unite Docker's with nothing" "${union[@]}" docker
	tells "unite both" "${union[@]}" docker podman
	echo "import and unite both, $("$BUILDDIR/tests/bench/unite" "$docker" "$podman")"
}

# compiled FILE: libseccomp's instructions for it.
compiled()
{
	instructions --toggle-collect=bpf_compile -- "$BUILDDIR/tests/bench/compile" "$1"
}

# The files that import and compile; names of profiles are numbers.
sources()
{
	local file n=0

	mkdir "$scratch/p"
	find "$corpus" -name '*.json' ! -path '*docker-form*' ! -name '*.docker.json' |
		LC_ALL=C sort | while read -r file; do
		import "$file" >"$scratch/p/$n.json" || continue
		echo "$n $file"
		n=$((n + 1))
	done
}

# The calls that FILE allows.
calls()
{
	jq '[(.seccomp // .).syscalls[] | select(.action == "SCMP_ACT_ALLOW") |
		(.names // [.name])[]] | unique | length' "$1"
}

# Each pair: libseccomp's instructions for the union against those for the costlier of the
# two files as they are, by themselves.
ratios()
{
	local all i j a b own most other
	local -a files

	mapfile -t files < <(sources)
	all=$((${#files[@]} * (${#files[@]} - 1) / 2))
	for ((i = 0, n = 0; i < ${#files[@]}; i++)); do
		for ((j = i + 1; j < ${#files[@]}; j++, n++)); do
			((n % (all / pairs + 1) == 0)) || continue
			"$powerbox" union --profile-dir "$scratch/p" --runtime none \
				"${files[i]%% *}" "${files[j]%% *}" >"$scratch/union.json"
			a=$(compiled "${files[i]#* }")
			b=$(compiled "${files[j]#* }")
			own=$(compiled "$scratch/union.json")
			((a > b)) || a=$b
			most=$(calls "${files[i]#* }")
			other=$(calls "${files[j]#* }")
			((most > other)) || most=$other
			echo "$own $a ${files[i]##*/} ${files[j]##*/} $(calls "$scratch/union.json") $most"
		done
	done
}

costs
echo "libseccomp's instructions for a union, to those for the costlier of its two files, and"
echo "the calls that are allowed by the union and by the larger file:"
ratios | sort -k3 | awk '{
	printf "  %.2f  %s + %s: %d calls, %d\n", $1 / $2, $3, $4, $5, $6
	over += $1 / $2 > 1.05
	same += $5 == $6
	worse += $1 / $2 > 1.05 && $5 == $6
	sum += $1 / $2
} END {
	printf "%d pairs, %.2f on average, %d over 1.05\n", NR, sum / NR, over
	printf "%d that allow no more calls than one of the two, %d of them over 1.05\n", same, worse
}'
