#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A tenth of the random unions of ./dev fuzz, always the same ones; one in twenty of full
# size, since these cost twenty times what the others do.
exec "$BUILDDIR/tests/fuzz/union" "${UNIONS:-100000}" 1 20 2
