#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker with the wrapper as its default runtime, configured by the blocks of
# doc/integration/docker.md. Debian 12's has no --annotation: its containers can ask for
# nothing and get what the ACL names under "default".

setup_file()
{
	load daemon.bash
	daemon_needs dockerd docker containerd catatonit
	images_make
	# No CAP_SYS_RESOURCE, no firewall, no overlayfs may be there for us.
	page_block docker.md daemon |
		jq '. + {"default-ulimits": {nofile: {Name: "nofile", Hard: 1024, Soft: 1024}}}' \
			>"$BATS_FILE_TMPDIR/daemon.json"
	daemon_begin '
		mkdir -p /etc/docker
		cp "$BATS_FILE_TMPDIR/daemon.json" /etc/docker/daemon.json' \
		"dockerd --data-root /run/test/root --exec-root /run/test/exec --pidfile /run/test/pid \
			--host unix:///run/test/docker.sock --iptables=false --ip6tables=false \
			--bridge=none --storage-driver=vfs"
	daemon_ready docker_ version
	docker_ load --quiet --input "$BATS_FILE_TMPDIR/bb.tar"
}

teardown_file()
{
	load daemon.bash
	daemon_end
}

setup()
{
	load daemon.bash
	base=(--network none --cgroup-parent "/$DAEMON_CGROUP")
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
	node_file node.json "$(page_block docker.md node)"
}

teardown()
{
	docker_ rm --force entered >/dev/null 2>&1 || true
}

docker_()
{
	inside docker --host unix:///run/test/docker.sock "$@"
}

none=0000000000000000

# start OPTION... -- WORD...: status and output of a container.
start()
{
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	run docker_ run --rm "${base[@]}" "${options[@]}" localhost/bb:1 "$@"
	echo "${options[*]}: $status $output"
}

# has GRANTED AMBIENT NNP: what the probe's status says, with a filter.
has()
{
	[[ $status == 0 && ${output//$'\r'/} == *"$(printf '%s:\t%s\n' CapInh "$2" CapPrm "$1" \
		CapEff "$1" CapBnd "$1" CapAmb "$2" NoNewPrivs "$3" Seccomp 2)" ]]
}

@test "a container has the ACL's default, whatever its options and its image's labels" {
	local options

	for options in "" --privileged "--cap-add ALL --security-opt seccomp=unconfined" \
		"--label dev.powerbox.profiles=privileged" "--env dev.powerbox.profiles=privileged"; do
		# shellcheck disable=SC2086 # options
		start $options -- /bin/probe status
		has 00000000a80425fb $none 0
	done
	node_file acl.json '{"version": 1, "default": ["minimal", "net-bind"]}'
	start --privileged --user 1000 -- /bin/probe status
	has 0000000000000400 0000000000000400 1
}

@test "a refusal reaches the user" {
	node_file acl.json '{"version": 1, "default": ["mine"]}'
	start -- echo started
	[[ $status != 0 && $output != *started* ]]
	[[ $output == *"OCI runtime create failed: powerbox: container '"*"there is no profile 'mine'"* ]]
	inside rm /etc/powerbox/acl.json
	start -- echo started
	[[ $status != 0 && $output == *"powerbox: container '"*"there is no ACL on this node"* ]]
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
	start --volume /etc:/x -- echo started
	[[ $status != 0 && $output == *"the mount at '/x' lets the container write to "* ]]
}

@test "docker exec, --privileged or not, has what the container has" {
	local option

	node_file acl.json '{"version": 1, "default": ["minimal", "net-bind"]}'
	docker_ run --detach --name entered --privileged "${base[@]}" localhost/bb:1 /bin/probe wait
	for option in --env=A=b --privileged --user=1000; do
		run docker_ exec "$option" entered /bin/probe status
		echo "exec $option: $status $output"
		has 0000000000000400 0000000000000400 1
	done
	# Started again it is decided on again; stopped it is also without an ACL.
	node_file acl.json '{"version": 1, "default": ["minimal"]}'
	docker_ restart --time 0 entered
	run docker_ exec entered /bin/probe status
	has $none $none 1
	inside rm /etc/powerbox/acl.json
	docker_ rm --force entered
	[[ -z $(inside find /run/powerbox -type l) ]]
}

@test "a container of another runtime goes past powerbox, as the page warns" {
	inside rm /etc/powerbox/acl.json
	start --runtime runc -- /bin/probe status
	[[ $status == 0 && $output == *$'CapBnd:\t00000000a80425fb'* ]]
}
