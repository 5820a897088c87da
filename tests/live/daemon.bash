# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For bats files: an engine that is a daemon, on a node of its own (inside.bash). Its root,
# state and socket are in the memory of that node, and all of its processes are in a PID
# namespace, so that nothing of it outlives daemon_end, or twenty minutes.
#
#	daemon_needs COMMAND...		skip the file where one of them is missing
#	daemon_begin SCRIPT COMMAND	start it, by a line of shell; the SCRIPT comes first,
#					with the node's files in their places
#	daemon_ready COMMAND...		wait until the command succeeds
#	daemon_end			end it
#	node_file NAME TEXT		write /etc/powerbox/NAME of the node
#	images_make			$BATS_FILE_TMPDIR/bb.tar and pause.tar, made without a
#					network: localhost/bb:1 (busybox and the probe) and
#					localhost/pause:1 (catatonit, as podman and CRI-O
#					have it), as docker save writes them
#
# Containers belong under the cgroup $DAEMON_CGROUP, which goes with the daemon.
#
# shellcheck disable=SC2016 # scripts are expanded where they run

# shellcheck source=tests/live/inside.bash
. "${BASH_SOURCE[0]%/*}/inside.bash"

: "${DAEMON_CGROUP:=powerbox-test-$$}"
export DAEMON_CGROUP

daemon_needs()
{
	local name

	((EUID == 0)) || skip "machine: containers need root"
	for name; do
		command -v "$name" >/dev/null || skip "$name is not installed"
	done
}

# A shell collects what the daemon leaves behind; unshare, when killed, takes all along.
daemon_begin()
{
	export DAEMON_COMMAND=$2

	inside_begin "$1"'
		mount -t tmpfs tmpfs /dev/shm
		mkdir /run/test
		timeout --signal=KILL 1200 unshare --net --pid --fork --kill-child=KILL \
			--mount-proc bash -c "busybox ip link set lo up
			$DAEMON_COMMAND &
			wait" >"$BATS_FILE_TMPDIR/daemon.log" 2>&1 &
		echo $! >"$BATS_FILE_TMPDIR/daemon.pid"'
}

daemon_ready()
{
	local tries

	for ((tries = 0; tries < 300; tries++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	tail -n 20 "$BATS_FILE_TMPDIR/daemon.log" >&2
	return 1
}

daemon_end()
{
	local tries

	[[ -n ${INSIDE_PID-} ]] || return 0
	pkill -KILL -P "$(<"$BATS_FILE_TMPDIR/daemon.pid")" || true
	for ((tries = 0; tries < 100; tries++)); do
		find /sys/fs/cgroup -depth -type d -path "*/$DAEMON_CGROUP*" \
			-exec rmdir {} + 2>/dev/null || true
		[[ -n $(find /sys/fs/cgroup -type d -path "*/$DAEMON_CGROUP*") ]] || break
		sleep 0.05
	done
	inside_end
}

node_file()
{
	inside bash -c 'printf "%s\n" "$2" >"$1" && chmod 0644 "$1"' node_file \
		"/etc/powerbox/$1" "$2"
}

# image_make NAME CONFIG: of the files in $BATS_FILE_TMPDIR/NAME.
image_make()
{
	local dir=$BATS_FILE_TMPDIR tree=$BATS_FILE_TMPDIR/$1

	tar -C "$tree" --owner=0 --group=0 -cf "$dir/layer.tar" . &&
		jq -n --arg id "sha256:$(sha256sum <"$dir/layer.tar" | cut -c1-64)" \
			--arg arch "$(dpkg --print-architecture)" --argjson config "$2" \
			'{architecture: $arch, os: "linux", config: $config,
			rootfs: {type: "layers", diff_ids: [$id]}}' >"$dir/image.json" &&
		jq -n --arg name "localhost/$1:1" '[{Config: "image.json", RepoTags: [$name],
			Layers: ["layer.tar"]}]' >"$dir/manifest.json" &&
		tar -C "$dir" -cf "$tree.tar" manifest.json image.json layer.tar
}

images_make()
{
	local dir=$BATS_FILE_TMPDIR applet

	# shellcheck source=tests/live/bundle.sh
	. "$SRCDIR/tests/live/bundle.sh"
	mkdir -p "$dir"/bb/{bin,etc,tmp} "$dir/pause" || return
	cp "$(command -v busybox)" "$dir/bb/bin/busybox" || return
	for applet in sh cat echo grep id sleep touch; do
		ln -s busybox "$dir/bb/bin/$applet"
	done
	bundle_probe "$dir/bb/bin/probe" || return
	printf '%s\n' root:x:0:0:root:/:/bin/sh user:x:1000:1000:user:/:/bin/sh >"$dir/bb/etc/passwd"
	printf '%s\n' root:x:0: user:x:1000: disk:x:6:user >"$dir/bb/etc/group"
	cp "$(command -v catatonit)" "$dir/pause/pause" &&
		image_make bb '{"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"],
			"Labels": {"dev.powerbox.profiles": "privileged"}}' &&
		image_make pause '{"Entrypoint": ["/pause", "-P"]}'
}
