#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Command lines as powerbox reads them against the real runtimes' own reading.
set -eu
if ! command -v python3 >/dev/null; then
	echo "1..0 # SKIP python3 is not installed"
	exit 0
fi
PYTHONDONTWRITEBYTECODE=1 exec python3 "$SRCDIR/tests/argv/test.py" "$BUILDDIR/tests/argv/read"
