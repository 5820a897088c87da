#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd without the CRI: ctr run and ctr task exec through the wrapper, on the real
# runc and the real crun. Whoever runs ctr is root and may give any of its options; none of
# them gives a container what its profiles do not.
#
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

setup_file()
{
	load containerd.bash
	containerd_needs
	containerd_begin
}

teardown_file()
{
	load containerd.bash
	daemon_end
}

setup()
{
	load containerd.bash
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
}

teardown()
{
	ended
}

# real PATH: the node's runtime.
real()
{
	kind=${1##*/}
	node_file node.json "{\"version\": 1, \"runtime\": \"$1\"}"
}

# runtimes COMMAND...: once with each.
runtimes()
{
	local path

	for path in $(command -v runc crun); do
		real "$path"
		"$@"
	done
}

# start OPTION... -- WORD...: status and output of a container of the image.
start()
{
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	run ctr_ run --rm "${base[@]}" --cgroup "/$DAEMON_CGROUP/once" "${options[@]}" localhost/bb:1 once "$@"
	echo "$kind ${options[*]}: $status $output"
}

base=(--snapshotter native --runc-binary /usr/bin/powerbox-runtime)
ask=dev.powerbox.profiles
none=0000000000000000

# begin OPTION...: a container called entered, until ended.
begin()
{
	ctr_ run --detach --null-io "${base[@]}" --cgroup "/$DAEMON_CGROUP/entered" "$@" localhost/bb:1 entered /bin/probe wait
}

ended()
{
	ctr_ task kill --signal KILL entered >/dev/null 2>&1 || return 0
	for ((tries = 0; tries < 600; tries++)); do
		! ctr_ task rm entered >/dev/null 2>&1 || break
		sleep 0.05
	done
	ctr_ container rm entered
}

# has GRANTED AMBIENT NNP: what the probe's status says, with a filter.
has()
{
	[[ $status == 0 && $output == *"$(printf '%s:\t%s\n' CapInh "$2" CapPrm "$1" \
		CapEff "$1" CapBnd "$1" CapAmb "$2" NoNewPrivs "$3" Seccomp 2)" ]]
}

# refused TEXT: it did not start, and the user can read why.
refused()
{
	[[ $status != 0 && $output != *started* ]] &&
		[[ $output == *"OCI runtime create failed: powerbox: container 'once': "*"$1"* ]]
}

holds_default()
{
	start -- /bin/probe status
	has 00000000a80425fb $none 0
	inside sed -i '/"default": /d' /etc/powerbox/acl.json
	start -- /bin/probe status
	has $none $none 1
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
}

@test "a container that asks for nothing gets the ACL's default; a label of its image asks nothing" {
	runtimes holds_default
}

holds_request()
{
	start --annotation $ask=minimal,net-bind -- /bin/probe status
	has 0000000000000400 0000000000000400 1
	start --annotation $ask=minimal -- /bin/probe call "$socket" 2 1 0
	[[ $output == "$socket EPERM" ]]
	start --annotation $ask=minimal,network-client -- /bin/probe call "$socket" 2 1 0
	[[ $output == "$socket ok" ]]
}

@test "a request that the ACL allows is what the container has" {
	. "$SRCDIR/tests/live/bundle.sh"
	socket=$(syscall_number socket)
	runtimes holds_request
}

holds_refusal()
{
	start --annotation $ask=minimal,ptrace -- echo started
	refused 'profile "ptrace" is not allowed on this node; allowed here: '
	refused '; to allow: powerbox approve ptrace'
	# To ctr a label is an annotation, too.
	start --label $ask=minimal,ptrace -- echo started
	refused 'profile "ptrace" is not allowed on this node'
	start --annotation bundle=/tmp -- echo started
	refused "annotation 'bundle'"
	start --annotation run.oci.seccomp.plugins=/tmp/x.so -- echo started
	refused "annotation 'run.oci.seccomp.plugins'"
	start --mount type=bind,src=/etc,dst=/x,options=rbind:rw -- echo started
	refused "the mount at '/x' lets the container write to "
	start -- echo started
	[[ $status == 0 && $output == started ]]
}

@test "a refusal reaches the user, and leaves nothing behind" {
	runtimes holds_refusal
	[[ -z $(inside find /run/powerbox -type l) ]]
	[[ -z $(ctr_ task ls -q) && -z $(ctr_ container ls -q) ]]
}

holds_options()
{
	local options

	jq -n '{defaultAction: "SCMP_ACT_NOTIFY", listenerPath: "/run/test/listener",
		listenerMetadata: "x", flags: ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]}' \
		>"$BATS_TEST_TMPDIR/all.json"
	for options in --privileged "--cap-add CAP_SYS_ADMIN --cap-add CAP_SYS_PTRACE" \
		--allow-new-privs "--seccomp --seccomp-profile $BATS_TEST_TMPDIR/all.json" \
		"--device /dev/null --net-host" "--runc-root /run/other" \
		"--label io.kubernetes.cri.container-type=other"; do
		# shellcheck disable=SC2086 # options
		start --annotation $ask=minimal,net-bind $options -- /bin/probe status
		has 0000000000000400 0000000000000400 1
	done
	run inside script -qec "ctr --address $CONTAINERD_SOCKET run --tty --rm ${base[*]} --cap-add \
		CAP_SYS_ADMIN --cgroup /$DAEMON_CGROUP/once --annotation $ask=minimal,net-bind \
		--mount type=bind,src=$BATS_TEST_TMPDIR,dst=/tmp,options=rbind:rw localhost/bb:1 once \
		sh -c 'test -t 1 && /bin/probe status >/tmp/out'" /dev/null
	echo "$kind --tty: $output"
	output=$(<"$BATS_TEST_TMPDIR/out")
	rm "$BATS_TEST_TMPDIR/out"
	has 0000000000000400 0000000000000400 1
	# --privileged alone has no filter of the engine's to begin with.
	start --privileged --annotation $ask=minimal -- /bin/probe call "$mount" 0 0 0 0 0
	[[ $output == "$mount EPERM" ]]
}

@test "no option of ctr run adds anything" {
	. "$SRCDIR/tests/live/bundle.sh"
	mount=$(syscall_number mount)
	runtimes holds_options
}

# A spec of the caller's own: no part of it comes from containerd.
holds_spec()
{
	local spec=$BATS_TEST_TMPDIR/spec.json all

	all=$(tr '\n' ' ' <"$SRCDIR/tests/live/capabilities")
	bundle_config "$bundle" --caps "$all" --ambient "$all" --annotations \
		"{\"$ask\": \"minimal,net-bind\"}" -- /bin/probe status
	jq --arg root "$bundle/rootfs" --arg cgroup "/$DAEMON_CGROUP/once" \
		'.root.path = $root | .linux.cgroupsPath = $cgroup' "$bundle/config.json" >"$spec"
	run ctr_ run --rm --runc-binary /usr/bin/powerbox-runtime --config "$spec" once
	echo "$kind: $status $output"
	has 0000000000000400 0000000000000400 1
	jq '.annotations["dev.powerbox.profiles"] = "privileged"' "$spec" >"$spec.more"
	run ctr_ run --rm --runc-binary /usr/bin/powerbox-runtime --config "$spec.more" once
	refused 'profile "privileged" is not allowed on this node'
	# encoding/json of containerd reads both, and hands on one.
	sed 's/"process"/"Process"/' "$spec" >"$spec.folded"
	run ctr_ run --rm --runc-binary /usr/bin/powerbox-runtime --config "$spec.folded" once
	has 0000000000000400 0000000000000400 1
}

@test "nor does a spec file of the caller's own" {
	. "$SRCDIR/tests/live/bundle.sh"
	bundle=$BATS_TEST_TMPDIR/bundle
	bundle_probe "$BATS_TEST_TMPDIR/probe"
	bundle_make "$bundle" "$BATS_TEST_TMPDIR/probe"
	runtimes holds_spec
}

# enter OPTION... -- WORD...: an exec in the container.
enter()
{
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	run ctr_ task exec --exec-id "e$RANDOM" "${options[@]}" entered "$@"
	echo "$kind exec ${options[*]}: $status $output"
}

holds_exec()
{
	local options

	begin --privileged --annotation $ask=minimal,net-bind
	for options in "--cwd /" "--user 1000" "--user 0:6"; do
		# shellcheck disable=SC2086 # options
		enter $options -- /bin/probe status
		has 0000000000000400 0000000000000400 1
	done
	enter -- /bin/probe call "$mount" 0 0 0 0 0
	[[ $output == "$mount EPERM" ]]
	# The terminal's other end may close before all is read, so a file has the answer.
	inside script -qec "ctr --address $CONTAINERD_SOCKET task exec --tty --exec-id t1 entered \
		sh -c 'test -t 1 && /bin/probe status >/tmp/out'" /dev/null >/dev/null
	enter -- cat /tmp/out
	has 0000000000000400 0000000000000400 1
	# Rules that came later count for those that start later.
	inside rm /etc/powerbox/acl.json
	enter -- /bin/probe status
	has 0000000000000400 0000000000000400 1
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
	ended
	[[ -z $(inside find /run/powerbox -type l) ]]
}

# Ids are a root's own, and each of containerd's namespaces has one.
holds_roots()
{
	local other=(ctr_ --namespace "n$kind")

	begin --annotation $ask=minimal --runc-root /run/test/other
	"${other[@]}" images import --snapshotter native "$BATS_FILE_TMPDIR/bb.tar" >/dev/null
	"${other[@]}" run --detach --null-io "${base[@]}" --cgroup "/$DAEMON_CGROUP/second" \
		--annotation $ask=minimal,net-bind localhost/bb:1 entered /bin/probe wait
	enter -- /bin/probe status
	has $none $none 1
	run "${other[@]}" task exec --exec-id second entered /bin/probe status
	has 0000000000000400 0000000000000400 1
	[[ $(inside find /run/powerbox -name entered | wc -l) == 2 ]]
	ended
	run "${other[@]}" task exec --exec-id third entered /bin/probe status
	has 0000000000000400 0000000000000400 1
	"${other[@]}" task rm --force entered
	"${other[@]}" container rm entered
}

@test "two containers of one name are not taken for each other" {
	runtimes holds_roots
}

@test "ctr task exec has what its container has" {
	. "$SRCDIR/tests/live/bundle.sh"
	mount=$(syscall_number mount)
	runtimes holds_exec
}

holds_life()
{
	begin --annotation $ask=minimal
	inside rm /etc/powerbox/acl.json
	ctr_ task pause entered
	[[ $(ctr_ task ls) == *PAUSED* ]]
	ctr_ task resume entered
	[[ $(ctr_ task ls) == *RUNNING* ]]
	ctr_ task metrics entered >/dev/null
	ctr_ task ps entered >/dev/null
	start -- echo started
	refused "there is no ACL on this node"
	ended
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
}

@test "what runs is paused, shown and ended also without an ACL" {
	runtimes holds_life
}
