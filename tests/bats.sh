#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every file of tests/bats, in one stream of TAP.
set -eu
if ! command -v bats >/dev/null; then
	echo "1..0 # SKIP bats is not installed"
	exit 0
fi
exec bats --tap "$SRCDIR/tests/bats"
