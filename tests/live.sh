#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every file of tests/live: real containers on real runtimes, so for root only.
set -eu
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP containers need root"
	exit 0
fi
if ! command -v bats >/dev/null; then
	echo "1..0 # SKIP bats is not installed"
	exit 0
fi
exec bats --tap "$SRCDIR/tests/live"
