#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Each fuzz target for FUZZ_SECONDS (60) on its own corpus, which stays in the build
# folder, and FUZZ_UNIONS (20000) random unions against what libseccomp makes of them.
set -euo pipefail

for target in "$BUILDDIR"/tests/fuzz/fuzz_*; do
	[[ -x $target && -f $target ]] || continue
	name=${target##*/}
	mkdir -p "$BUILDDIR/corpus/$name"
	echo "$name: ${FUZZ_SECONDS:-60} seconds"
	"$target" -max_total_time="${FUZZ_SECONDS:-60}" -print_final_stats=1 -verbosity=0 \
		-artifact_prefix="$BUILDDIR/corpus/" "$BUILDDIR/corpus/$name" 2>&1 |
		grep -E 'ERROR|SUMMARY|number_of_executed_units|Test unit'
	[[ ${PIPESTATUS[0]} == 0 ]]
done
make -s -C "$BUILDDIR" tests/fuzz/union >/dev/null
"$BUILDDIR/tests/fuzz/union" "${FUZZ_UNIONS:-20000}"
make -s -C "$BUILDDIR" tests/sim/test_corpus >/dev/null
CORPUS_PAIRS=0 "$BUILDDIR/tests/sim/test_corpus" | grep -v "^ok"
# FUZZ_CONFIGS (2000) mutated configs on each of the real runtimes.
CONFIGS=${FUZZ_CONFIGS:-2000} bats --tap "$(dirname "$0")/../live/differential.bats"
