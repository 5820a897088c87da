# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For bats files: a node of its own (tests/live/inside.bash), begun with the first test and
# ended behind the last. A file that needs more in it has a setup_file of its own, with
#
#	inside_begin [SCRIPT]	or
#	shims_begin [SCRIPT]	besides, a runtime that only writes down how it was started
#				(tests/shim/runtime.c), as /run/stub/runc and crun
#
# shellcheck disable=SC2016 # scripts are expanded where they run

load ../live/inside.bash

shims_begin()
{
	make -s -C "$BUILDDIR" tests/shim/runtime
	inside_begin '
		mkdir -p /run/stub
		for kind in runc crun; do
			install "$BUILDDIR/tests/shim/runtime" /run/stub/$kind
		done
		'"${1-}"
}

setup_file()
{
	inside_begin
}

teardown_file()
{
	inside_end
}
