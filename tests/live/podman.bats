#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman with both of the ways that packaging/containers.conf.d offers, on both runtimes:
# the wrapper as the runtime, and the precreate and verify hooks. The image is made of
# busybox without a network; storage, configuration and state are in memory and in the
# test's folder.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

# The machine may have no CAP_SYS_RESOURCE, so podman must not ask for higher limits than
# there are; and no network, no journal. The last name is written as podman 4.3.1 reads
# it, not as containers.conf(5) has it.
CONF='
[containers]
netns = "none"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime_supports_nocgroup = ["crun", "powerbox"]
'

setup_file()
{
	((EUID == 0)) || skip "machine: containers need root"
	command -v podman >/dev/null || skip "podman is not installed"
	load inside.bash
	export PODMAN_ROOT=$BATS_FILE_TMPDIR/podman
	mkdir "$PODMAN_ROOT"
	inside_begin 'mount -t tmpfs tmpfs /dev/shm'
	inside bash -c 'echo "$1" >/etc/containers/containers.conf.d/90-test.conf' conf "$CONF"
	make_image
}

teardown_file()
{
	load inside.bash
	[[ -n ${INSIDE_PID-} ]] || return 0
	inside umount -R "$PODMAN_ROOT/root" 2>/dev/null || true
	find /sys/fs/cgroup -depth -type d -path "*/powerbox-test-$INSIDE_PID*" \
		-exec rmdir {} + 2>/dev/null || true
	inside_end
}

make_image()
{
	local tree=$BATS_FILE_TMPDIR/image applet

	mkdir -p "$tree"/{bin,x}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	for applet in sh cat grep echo touch id ls; do
		ln -s busybox "$tree/bin/$applet"
	done
	tar -C "$tree" -cf "$BATS_FILE_TMPDIR/image.tar" .
	podman_ import "$BATS_FILE_TMPDIR/image.tar" localhost/bb >/dev/null
}

setup()
{
	load inside.bash
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
}

podman_()
{
	inside podman --root "$PODMAN_ROOT/root" --runroot "$PODMAN_ROOT/run" \
		--tmpdir "$PODMAN_ROOT/tmp" --storage-driver vfs "$@"
}

# way NAME RUNTIME: wrapper, precreate, both (the wrapper and the verify hook), none (the verify
# hook alone) or installed. What the administrator would do, with the drop-in as it is
# shipped and the blocks of the page, which name runc.
way()
{
	local conf=/etc/containers/containers.conf.d/60-local.conf path

	name=$1 real=$2
	path=$(inside sh -c "command -v $real")
	node_write node.json "$(page_block podman.md node | sed "s|/usr/sbin/runc|$path|")"
	inside bash -c '. "$SRCDIR/tests/live/inside.bash"
		inside_template containers.conf.d/50-powerbox.conf /etc/containers/containers.conf.d'
	case $name in
	wrapper) page_block podman.md wrapper ;;
	precreate) page_block podman.md precreate | sed "s|\"runc\"|\"$real\"|" ;;
	both) page_block podman.md verify ;;
	none) page_block podman.md verify | sed "s|\"powerbox\"|\"$real\"|" ;;
	installed) printf '[engine]\nruntime = "%s"\n' "$real" ;;
	esac | inside tee $conf >/dev/null
}

node_write()
{
	inside bash -c 'printf "%s\n" "$2" >"$1"' node_write "/etc/powerbox/$1" "$2"
}

# start OPTION... -- WORD...: status and output of a container; crun has no cgroups of
# version 1 to work with here.
start()
{
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	if [[ $real == crun ]]; then
		options+=(--cgroups=disabled)
	else
		options+=("--cgroup-parent=/powerbox-test-$INSIDE_PID")
	fi
	run podman_ run --rm "${options[@]}" localhost/bb "$@"
	echo "$name $real ${options[*]}: $status $output"
}

# shown TEXT: the container was refused, and the user can read why.
shown()
{
	[[ $status != 0 && $output == "Error: "*"$1"* ]]
}

# status_is GRANTED AMBIENT NNP: what /proc/self/status says inside, with a filter.
status_is()
{
	[[ $status == 0 && $output == "$(printf '%s:\t%s\n' CapInh "$2" CapPrm "$1" \
		CapEff "$1" CapBnd "$1" CapAmb "$2" NoNewPrivs "$3" Seccomp 2)" ]]
}

ways()
{
	local way_ real_

	for way_ in ${WAYS:-wrapper precreate}; do
		for real_ in runc crun; do
			way "$way_" "$real_"
			"$@"
		done
	done
}

SHOW=(grep -E '^(Cap...|NoNewPrivs|Seccomp):' /proc/self/status)

holds_profiles()
{
	local none=0000000000000000 bind=0000000000000400 ask=dev.powerbox.profiles option

	for option in --privileged "--cap-add=ALL --security-opt=seccomp=unconfined"; do
		# shellcheck disable=SC2086 # options
		start $option --annotation $ask=minimal -- "${SHOW[@]}"
		status_is $none $none 1
		# shellcheck disable=SC2086 # options
		start $option --annotation "$ask=minimal net-bind" -- "${SHOW[@]}"
		status_is $bind $bind 1
	done
}

@test "--privileged and --cap-add give nothing beyond the profiles" {
	ways holds_profiles
}

holds_default()
{
	start -- "${SHOW[@]}"
	status_is 00000000a80425fb 0000000000000000 0
	start --privileged -- "${SHOW[@]}"
	status_is 00000000a80425fb 0000000000000000 0
}

@test "a container that asks for nothing gets the ACL's default" {
	ways holds_default
}

holds_refusal()
{
	start --annotation "dev.powerbox.profiles=minimal ptrace" -- echo started
	shown 'profile "ptrace" is not allowed on this node; allowed here: '
	shown '; to allow: powerbox approve ptrace'
	[[ $output != *started* ]]
	inside rm /etc/powerbox/acl.json
	start -- echo started
	shown "there is no ACL on this node"
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
}

@test "a refusal reaches the user" {
	ways holds_refusal
}

holds_warn()
{
	inside bash -c 'echo "{\"version\": 1, \"mode\": \"warn\"}" >/etc/powerbox/acl.json'
	start --annotation dev.powerbox.profiles=ptrace -- grep '^CapEff' /proc/self/status
	[[ $status == 0 && $output != *0000000000000000 ]]
}

@test "mode warn changes nothing" {
	WAYS="wrapper precreate both" ways holds_warn
}

holds_volumes()
{
	local options=(--annotation dev.powerbox.profiles=minimal) volume

	for volume in /etc/powerbox:/x /etc:/x /usr/share/powerbox/profiles.d:/x /usr/libexec:/x; do
		start "${options[@]}" -v "$volume" -- echo started
		[[ $status != 0 && $output != *started* ]]
		# Before the hook there is the wrapper; crun shows nothing of what a hook says.
		if [[ $way_ == both ]]; then
			shown "the mount at '/x' lets the container write to "
		elif [[ $real == crun ]]; then
			[[ $output == *hook* ]]
		else
			shown "the container's mount at '/x' lets it write to "
		fi
		start "${options[@]}" -v "$volume:ro" -- touch /x/new
		[[ $status == 1 && $output == *"/x/new: Read-only file system"* ]]
	done
	# "/" with nothing beneath it, as the page says.
	start "${options[@]}" --mount type=bind,src=/,dst=/x,ro -- echo started
	[[ $status != 0 && $output != *started* ]]
	start "${options[@]}" --mount \
		type=bind,src=/,dst=/x,ro,bind-nonrecursive,bind-propagation=private -- touch /x/run/new
	[[ $status == 1 && $output == *"/x/run/new: Read-only file system"* ]]
	start "${options[@]}" -v "$BATS_TEST_TMPDIR:/x" -- touch /x/new
	[[ $status == 0 ]]
	rm "$BATS_TEST_TMPDIR/new"
}

@test "verify: volumes that reach powerbox are refused if they are writable" {
	WAYS="both precreate" ways holds_volumes
}

holds_unmediated()
{
	start --privileged -- echo started
	[[ $status != 0 && $output == *hook* && $output != *started* ]]
	[[ $real == crun ]] || shown "config.json grants more than this container's profiles: capabilities CAP_"
}

@test "verify: a container that did not pass through powerbox is refused" {
	WAYS=none ways holds_unmediated
}

holds_again()
{
	local id

	id=$(podman_ create --annotation dev.powerbox.profiles=minimal \
		"${cgroups[@]}" localhost/bb grep CapEff /proc/self/status)
	run podman_ start --attach "$id"
	[[ $status == 0 && $output == *0000000000000000 ]]
	run podman_ start --attach "$id"
	[[ $status == 0 && $output == *0000000000000000 ]]
	podman_ rm "$id"
}

@test "a container that is started again is decided on again" {
	local cgroups=(--cgroups=disabled)

	way precreate crun
	holds_again
	way wrapper crun
	holds_again
	cgroups=("--cgroup-parent=/powerbox-test-$INSIDE_PID")
	way precreate runc
	holds_again
	way wrapper runc
	holds_again
}

@test "the drop-in as installed changes nothing, and knows the runtime powerbox" {
	way installed runc
	start -- grep '^CapBnd' /proc/self/status
	[[ $status == 0 && $output == *00000000800405fb ]]
	run podman_ --runtime powerbox run --rm --annotation dev.powerbox.profiles=minimal \
		"--cgroup-parent=/powerbox-test-$INSIDE_PID" localhost/bb grep '^CapBnd' /proc/self/status
	[[ $status == 0 && $output == *0000000000000000 ]]
}

# In a container of podman: what it itself has, and an exec with every privilege.
holds_exec()
{
	local options=("--cgroup-parent=/powerbox-test-$INSIDE_PID") option

	[[ $real == runc ]] || options=(--cgroups=disabled)
	podman_ run --detach --name entered --annotation "dev.powerbox.profiles=minimal net-bind" \
		"${options[@]}" localhost/bb sh -c 'while :; do read -t 1 x </dev/null || cat /dev/zero >/dev/null; done' >/dev/null
	for option in --env=A=b --privileged --user=1000 --tty; do
		run podman_ exec "$option" entered grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
		echo "$name $real exec $option: $status $output"
		[[ $status == 0 && ${output//$'\r'/} == $'CapInh:\t0000000000000400\nCapPrm:\t0000000000000400\nCapEff:\t0000000000000400\nCapBnd:\t0000000000000400\nCapAmb:\t0000000000000400\nNoNewPrivs:\t1\nSeccomp:\t2' ]]
	done
	podman_ rm --force --time 0 entered >/dev/null
	[[ -z $(inside find /run/powerbox -type l) ]]
}

@test "podman exec, --privileged or not, has what the container has" {
	WAYS=wrapper ways holds_exec
}

# Anybody may write any key here, so none of them says who asks.
holds_spoof()
{
	local engine path none=0000000000000000 keys=(io.kubernetes.cri.sandbox-namespace io.kubernetes.pod.namespace)

	path=$(inside sh -c "command -v $real")
	node_write acl.json '{"version": 1, "rules": [{"allow": ["minimal"]},
		{"allow": ["net-admin"], "namespaces": ["kube-system"]}]}'
	for engine in '' ', "engine": "podman"'; do
		node_write node.json "{\"version\": 1, \"runtime\": \"$path\"$engine}"
		start --annotation "${keys[0]}=kube-system" --annotation "${keys[1]}=kube-system" \
			--annotation "dev.powerbox.profiles=minimal net-admin" -- echo started
		shown 'profile "net-admin" is not allowed on this node'
		[[ $output != *started* ]]
	done
	# Nor is it a pod's sandbox, which the ACL may give more than containers.
	node_write acl.json '{"version": 1, "sandbox": ["default"], "rules": [{"allow": ["minimal"]}]}'
	start --annotation io.kubernetes.cri.container-type=sandbox \
		--annotation dev.powerbox.profiles=minimal -- "${SHOW[@]}"
	status_is $none $none 1
}

@test "another engine's keys, given with --annotation, are not believed" {
	ways holds_spoof
}

# rootless WORD...: podman of a user who is not root: status, output.
rootless()
{
	run inside setpriv --reuid 4242 --regid 4242 --clear-groups env -C /run/user \
		HOME=/run/user XDG_RUNTIME_DIR=/run/user podman --storage-driver vfs \
		--cgroup-manager cgroupfs "$@"
	echo "$name rootless $*: $status $output"
}

@test "rootless podman reads the same files, and its user needs the page's" {
	command -v newuidmap >/dev/null || skip "uidmap is not installed"
	inside bash -c 'mkdir -p /run/user
		cp "$1" /run/user/image.tar
		chown -R 4242:4242 /run/user
		echo "rootless:x:4242:4242::/run/user:/bin/sh" >>/etc/passwd
		echo rootless:x:4242: >>/etc/group
		echo rootless:500000:65536 | tee -a /etc/subuid >>/etc/subgid' users "$BATS_FILE_TMPDIR/image.tar"
	rootless --runtime crun import /run/user/image.tar localhost/bb
	[[ $status == 0 ]]
	for name in wrapper both precreate; do
		way $name crun
		inside rm -rf /run/user/.config
		rootless run --rm --cgroups=disabled --network none localhost/bb echo started
		[[ $status != 0 && $output != *started* && $output == *"in a user namespace, as of rootless podman"* ]]
		inside mkdir -p /run/user/.config/containers
		page_block podman.md rootless | inside tee /run/user/.config/containers/containers.conf >/dev/null
		rootless run --rm --cgroups=disabled --network none localhost/bb echo started
		[[ $status == 0 && $output == *started ]]
	done
}
