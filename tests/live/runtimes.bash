# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2034 # variables of the tests
#
# For bats files: the real runc and the real crun on a node of its own (inside.bash), begun
# with the first test and ended behind the last, and a bundle (bundle.sh) with the probe in
# $bundle. A file that needs more has a setup_file of its own.
#
#	runtimes_begin		the node and the bundle
#	runtimes		the paths of the runtimes that are here
#	real PATH		make it the node's; $runtime, and its name in $kind
#	write PATH TEXT		a file of the node, root's
#	acl TEXT		the ACL: what stands behind "version": 1

load inside.bash
load bundle.sh

bundle=$BATS_FILE_TMPDIR/bundle

runtimes_begin()
{
	inside_begin
	bundle_probe "$BATS_FILE_TMPDIR/probe"
	bundle_make "$bundle" "$BATS_FILE_TMPDIR/probe"
}

setup_file()
{
	runtimes_begin
}

teardown_file()
{
	inside_end
}

runtimes()
{
	command -v runc crun
}

real()
{
	kind=${1##*/} runtime=$1
	write /etc/powerbox/node.json "{ \"runtime\": \"$1\" }"
}

write()
{
	inside bash -c 'printf "%s\n" "$2" >"$1" && chmod 0644 "$1"' write "$1" "$2"
}

acl()
{
	write /etc/powerbox/acl.json "{ \"version\": 1, $1 }"
}
