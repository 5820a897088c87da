#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# make install and make uninstall: what is put into a folder is taken out again, but for
# what the administrator has changed.

bats_require_minimum_version 1.5.0

setup()
{
	to=$BATS_TEST_TMPDIR/to
	make_ install
	etc=$(dirname "$(dirname "$(find "$to" -name acl.json ! -path '*/schema/*')")")
}

make_()
{
	make -s -C "$BUILDDIR" "$1" DESTDIR="$to" >"$BATS_TEST_TMPDIR/$1.log" 2>&1
}

@test "nothing is left behind by uninstall" {
	local file

	for file in bin/powerbox bin/powerbox-runtime powerbox/powerbox-hook powerbox/powerbox-prove \
		man8/powerbox.8 profiles.d/minimal.json schema/acl.json integration/podman.md \
		hooks.d/10-powerbox-precreate.json oci-hooks.d/90-powerbox-verify.json \
		powerbox/node.json containers.conf.d/50-powerbox.conf logrotate.d/powerbox \
		completions/powerbox; do
		[[ $(find "$to" -path "*/$file" | wc -l) == 1 ]]
	done
	make_ uninstall
	run find "$to" ! -type d -o -name powerbox -o -path '*/powerbox/*'
	[[ $status == 0 && -z $output ]]
}

@test "what the administrator has changed is neither overwritten nor taken away" {
	local file own=(powerbox/acl.json powerbox/node.json powerbox/acl.d/own.json \
		containers/containers.conf.d/50-powerbox.conf logrotate.d/powerbox)

	for file in "${own[@]}"; do
		echo own >"$etc/$file"
	done
	make_ install
	make_ uninstall
	for file in "${own[@]}"; do
		[[ $(<"$etc/$file") == own ]]
	done
	[[ $(find "$to" ! -type d | wc -l) == "${#own[@]}" ]]
}
