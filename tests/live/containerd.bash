# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For bats files: Debian's containerd, of a node of its own (inside.bash). Its root, state
# and socket are in the memory of that node, and all of its processes are in a PID
# namespace, so that nothing of it outlives containerd_end, or twenty minutes.
#
#	containerd_begin [CRI BLOCK...]	start it; in its config.toml, CRI is the table that chooses
#					the default runtime, and BLOCKs are others
#	containerd_end			end it
#	ctr_ ARG...			ctr, for it
#	page_block PAGE NAME		the block behind <!-- NAME --> of doc/integration/PAGE
#	node_file NAME TEXT		write /etc/powerbox/NAME of the node
#
# Images, made here without a network: localhost/bb:1 (busybox and the probe) and
# localhost/pause:1 (catatonit, as podman and CRI-O have it), in ctr's namespace and in the
# CRI's.
#
# shellcheck disable=SC2016 # scripts are expanded where they run

# shellcheck source=tests/live/inside.bash
. "${BASH_SOURCE[0]%/*}/inside.bash"

: "${CONTAINERD_CGROUP:=powerbox-test-$$}"
export CONTAINERD_CGROUP
CONTAINERD_SOCKET=/run/containerd/containerd.sock

containerd_needs()
{
	local name

	((EUID == 0)) || skip "machine: containers need root"
	for name in containerd ctr catatonit protoc; do
		command -v $name >/dev/null || skip "$name is not installed"
	done
}

page_block()
{
	awk -v mark="<!-- $2 -->" '
	$0 == mark { armed = 1 }
	armed && /^```/ && within { found = 1; exit }
	within { print }
	armed && /^```/ { within = 1 }
	END { exit !found }' "$SRCDIR/doc/integration/$1"
}

# The machine may have no overlayfs for us and no CAP_SYS_RESOURCE.
containerd_config()
{
	cat <<-END
	version = 2
	disabled_plugins = ["io.containerd.internal.v1.opt"]
	[plugins."io.containerd.grpc.v1.cri"]
	  sandbox_image = "localhost/pause:1"
	  restrict_oom_score_adj = true
	END
	printf '%s\n' "${1:-[plugins.\"io.containerd.grpc.v1.cri\".containerd]}" \
		'  snapshotter = "native"' "${@:2}"
}

# What inside_begin runs: containerd with a network and processes of its own. Its shell
# collects dead shims, and unshare, when killed, takes all of them along.
CONTAINERD_SCRIPT='
	mount -t tmpfs tmpfs /dev/shm
	mkdir -p /etc/containerd /run/test
	cp "$BATS_FILE_TMPDIR/config.toml" /etc/containerd/config.toml
	timeout --signal=KILL 1200 unshare --net --pid --fork --kill-child=KILL --mount-proc \
		bash -c "busybox ip link set lo up
			containerd --root /run/test/root --state /run/test/state \
				--address /run/containerd/containerd.sock &
			wait" >"$BATS_FILE_TMPDIR/containerd.log" 2>&1 &
	echo $! >"$BATS_FILE_TMPDIR/containerd.pid"
'

containerd_begin()
{
	local tries

	containerd_config "$@" >"$BATS_FILE_TMPDIR/config.toml"
	inside_begin "$CONTAINERD_SCRIPT" || return
	images_make || return
	for ((tries = 0; tries < 300; tries++)); do
		! ctr_ version >/dev/null 2>&1 || break
		sleep 0.1
	done
	images_import || {
		tail -n 20 "$BATS_FILE_TMPDIR/containerd.log" >&2
		return 1
	}
}

containerd_end()
{
	local tries

	[[ -n ${INSIDE_PID-} ]] || return 0
	pkill -KILL -P "$(<"$BATS_FILE_TMPDIR/containerd.pid")" || true
	for ((tries = 0; tries < 100; tries++)); do
		find /sys/fs/cgroup -depth -type d -path "*/$CONTAINERD_CGROUP*" \
			-exec rmdir {} + 2>/dev/null || true
		[[ -n $(find /sys/fs/cgroup -type d -path "*/$CONTAINERD_CGROUP*") ]] || break
		sleep 0.05
	done
	inside_end
}

ctr_()
{
	inside ctr --address $CONTAINERD_SOCKET "$@"
}

node_file()
{
	inside bash -c 'printf "%s\n" "$2" >"$1" && chmod 0644 "$1"' node_file \
		"/etc/powerbox/$1" "$2"
}

# image_make NAME CONFIG: of $BATS_FILE_TMPDIR/NAME, an archive as docker save has it.
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
	mkdir -p "$dir"/bb/{bin,etc,tmp} "$dir/pause"
	cp "$(command -v busybox)" "$dir/bb/bin/busybox"
	for applet in sh cat echo grep id sleep touch; do
		ln -s busybox "$dir/bb/bin/$applet"
	done
	bundle_probe "$dir/bb/bin/probe"
	printf '%s\n' root:x:0:0:root:/:/bin/sh user:x:1000:1000:user:/:/bin/sh >"$dir/bb/etc/passwd"
	printf '%s\n' root:x:0: user:x:1000: disk:x:6:user >"$dir/bb/etc/group"
	cp "$(command -v catatonit)" "$dir/pause/pause"
	image_make bb '{"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"],
		"Labels": {"dev.powerbox.profiles": "privileged"}}' &&
		image_make pause '{"Entrypoint": ["/pause", "-P"]}'
}

images_import()
{
	local namespace name

	for namespace in default k8s.io; do
		for name in bb pause; do
			ctr_ --namespace $namespace images import --snapshotter native \
				"$BATS_FILE_TMPDIR/$name.tar" >/dev/null || return
		done
	done
}
