# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For bats files: a node of its own (tests/live/inside.bash), begun with the first test and
# ended behind the last. A file that needs more in it has a setup_file of its own.

load ../live/inside.bash

setup_file()
{
	((EUID == 0)) || skip "machine: a node of its own needs root"
	inside_begin :
}

teardown_file()
{
	inside_end
}
