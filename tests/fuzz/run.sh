#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Each fuzz target for FUZZ_SECONDS (60) on its own corpus, which stays in the build
# folder, and FUZZ_UNIONS (1000000) random unions against what libseccomp makes of them,
# on two processors; one in FUZZ_WHOLE (4) of full size. FUZZ_SEED is the clock's.
set -euo pipefail
: "${SRCDIR:=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}"
export SRCDIR BUILDDIR

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
"$BUILDDIR/tests/fuzz/union" "${FUZZ_UNIONS:-1000000}" "${FUZZ_SEED:-$(date +%s)}" \
	"${FUZZ_WHOLE:-4}" 2
make -s -C "$BUILDDIR" tests/sim/test_corpus >/dev/null
CORPUS_PAIRS=0 "$BUILDDIR/tests/sim/test_corpus" | grep -v "^ok"
if ((EUID == 0)); then
	make -s -C "$BUILDDIR" powerbox powerbox-runtime powerbox-hook powerbox-prove \
		tests/live/unions >/dev/null
	LIVE_UNIONS=${FUZZ_LIVE:-300} LIVE_SEED=${FUZZ_SEED:-$(date +%s)} bats "$SRCDIR/tests/live/unions.bats"
fi
# FUZZ_CONFIGS (2000) mutated configs on each of the real runtimes.
CONFIGS=${FUZZ_CONFIGS:-2000} bats --tap "$(dirname "$0")/../live/differential.bats"
# Command lines other than those of ./dev test.
make -s -C "$BUILDDIR" tests/argv/read powerbox-runtime >/dev/null
python3 "$SRCDIR/tests/argv/test.py" "$BUILDDIR/tests/argv/read" --seed "${FUZZ_SEED:-$(date +%s)}"
