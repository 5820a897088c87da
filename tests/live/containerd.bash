# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For bats files: Debian's containerd, as a daemon of daemon.bash.
#
#	containerd_needs [COMMAND...]	skip the file where something is missing
#	containerd_begin [CRI BLOCK...]	start it, with the images of images_make for ctr and
#					for the CRI; in its config.toml, CRI is the table
#					that chooses the default runtime, BLOCKs are others
#	ctr_ ARG...			ctr, for it
#
# shellcheck disable=SC2016 # scripts are expanded where they run

# shellcheck source=tests/live/daemon.bash
. "${BASH_SOURCE[0]%/*}/daemon.bash"

CONTAINERD_SOCKET=/run/containerd/containerd.sock

containerd_needs()
{
	daemon_needs containerd ctr catatonit "$@"
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

containerd_begin()
{
	images_make && containerd_config "$@" >"$BATS_FILE_TMPDIR/config.toml" || return
	daemon_begin '
		mkdir -p /etc/containerd
		cp "$BATS_FILE_TMPDIR/config.toml" /etc/containerd/config.toml' \
		"containerd --root /run/test/root --state /run/test/state --address $CONTAINERD_SOCKET" &&
		daemon_ready ctr_ version &&
		containerd_images
}

containerd_images()
{
	local namespace name

	for namespace in default k8s.io; do
		for name in bb pause; do
			ctr_ --namespace $namespace images import --snapshotter native \
				"$BATS_FILE_TMPDIR/$name.tar" >/dev/null || return
		done
	done
}

ctr_()
{
	inside ctr --address $CONTAINERD_SOCKET "$@"
}
