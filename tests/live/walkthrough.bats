#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# doc/walkthrough.md: its commands, typed one after the other on an empty node, say what the
# page shows. The page as it would have to be is left in $BUILDDIR/walkthrough.md.

setup_file()
{
	local tool

	((EUID == 0)) || skip "machine: containers need root"
	for tool in podman runc curl busybox; do
		command -v $tool >/dev/null || skip "$tool is not installed"
	done
	load inside.bash
	# A network with port 80 free, and podman's own places: nothing of it is the machine's.
	inside_begin 'mount -t tmpfs tmpfs /dev/shm
		mount -t tmpfs tmpfs /root
		mount -t tmpfs -o mode=0755 tmpfs /var/lib/containers
		: >/run/network
		unshare --net=/run/network busybox ip link set lo up'
	# As in podman.bats, and a storage that needs no other file system.
	inside bash -c 'cat >/etc/containers/storage.conf <<-"END"
		[storage]
		driver = "vfs"
		graphroot = "/var/lib/containers/storage"
		runroot = "/run/containers/storage"
		END
		cat >/etc/containers/containers.conf.d/90-test.conf <<-"END"
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		log_driver = "k8s-file"
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "none"
		END'
}

teardown_file()
{
	load inside.bash
	[[ -n ${INSIDE_PID-} ]] || return 0
	inside podman rm --all --force --time 0 >/dev/null 2>&1 || true
	inside_end
}

setup()
{
	load inside.bash
}

# normal: times, ids and digests.
normal()
{
	sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/[0-9a-f]{64}/DIGEST/g' \
		-e 's/@[0-9a-f]{8}/@ID/g' "$@"
}

@test "the walkthrough is what happens" {
	local page=$SRCDIR/doc/walkthrough.md

	inside nsenter --net=/run/network env -C /root HOME=/root PATH=/usr/bin:/usr/sbin \
		/usr/bin/python3 "$SRCDIR/tests/live/walkthrough.py" "$page" \
		>"$BATS_TEST_TMPDIR/page"
	# With the driver that podman has elsewhere.
	sed 's/vfs-containers/overlay-containers/' "$BATS_TEST_TMPDIR/page" >"$BUILDDIR/walkthrough.md"
	normal "$page" >"$BATS_TEST_TMPDIR/shown"
	normal "$BUILDDIR/walkthrough.md" >"$BATS_TEST_TMPDIR/said"
	diff "$BATS_TEST_TMPDIR/shown" "$BATS_TEST_TMPDIR/said"
}

@test "the walkthrough refuses, approves, serves, and refuses again" {
	local page=$SRCDIR/doc/walkthrough.md word

	(($(grep -c '^    # ' "$page") >= 15))
	for word in 'here      refused: ' '# powerbox approve' '^    <h1>It works' \
		'profile "net-admin" is not allowed'; do
		grep -q -- "$word" "$page"
	done
}
