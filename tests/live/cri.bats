#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Pods on Debian's containerd, as the kubelet starts them: what the CRI can be asked for,
# against what the ACL allows. containerd is configured by the blocks that
# doc/integration/containerd.md has for it. The pods use the node's network, so that no
# network plugin is needed.
#
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2016 # jq's variables

setup_file()
{
	load containerd.bash
	containerd_needs protoc
	/usr/bin/python3 -c 'import grpc, google.protobuf' ||
		skip "python3-grpcio or python3-protobuf is not installed"
	protoc -I "$SRCDIR/tests/live/cri" --python_out="$BATS_FILE_TMPDIR" cri.proto
	containerd_begin "$(page_block containerd.md default)" "$(page_block containerd.md runc)" \
		"$(page_block containerd.md handler)" "$(page_block containerd.md handler |
			sed -e 's/runtimes\.powerbox/runtimes.star/' -e 's/= \[.*\]/= ["*"]/')"
	api=v1
	client_begin
	images_known
	client_end
}

teardown_file()
{
	load containerd.bash
	daemon_end
}

setup()
{
	load containerd.bash
	api=v1 kind=runc handler=powerbox pod='' id=''
	client_begin
	logs=$BATS_TEST_TMPDIR/logs
	. "$SRCDIR/tests/live/bundle.sh"
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
	node_file node.json "$(page_block containerd.md node)"
}

teardown()
{
	[[ -z $pod ]] || pod_end
	client_end
}

none=0000000000000000
bind=0000000000000400
ask=dev.powerbox.profiles

# A test's client. Its ends are 8 and 9 in all of the test's subshells.
client_begin()
{
	coproc CLIENT {
		inside env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$BATS_FILE_TMPDIR" \
			/usr/bin/python3 "$SRCDIR/tests/live/cri/call.py" "$CONTAINERD_SOCKET"
	}
	exec 8<&"${CLIENT[0]}" 9>&"${CLIENT[1]}"
}

client_end()
{
	exec 8<&- 9>&-
}

# call METHOD JSON: the response; what went wrong, and status 1. The JSON is one line.
call()
{
	local line

	echo "$api $1 $2" >&9
	IFS= read -r -t 90 -u 8 line
	echo "${line#* }"
	[[ $line == ok* ]]
}

# The CRI learns of images that ctr imports by and by.
images_known()
{
	local tries name

	for name in bb pause; do
		for ((tries = 0; tries < 100; tries++)); do
			[[ $(call ImageStatus "{\"image\": {\"image\": \"localhost/$name:1\"}}") != *id* ]] ||
				continue 2
			sleep 0.1
		done
		return 1
	done
}

# real NAME: the node's runtime, and perhaps another engine in node.json.
real()
{
	kind=$1
	node_file node.json "$(page_block containerd.md node |
		jq -c --arg path "$(command -v "$1")" '.runtime = $path')"
}

# pod_config [FILTER]: a sandbox's configuration, changed by the filter.
pod_config()
{
	jq -nc --arg cgroup "/$DAEMON_CGROUP" --arg logs "$logs" --arg uid "u$RANDOM$RANDOM" \
		'{metadata: {name: "pod", namespace: "test", uid: $uid},
		log_directory: $logs, linux: {cgroup_parent: $cgroup, security_context:
			{namespace_options: {network: "NODE", pid: "CONTAINER"}}}} | '"${1:-.}"
}

# pod_try [FILTER]: status and output of RunPodSandbox.
pod_try()
{
	sandbox=$(pod_config "$@")
	run call RunPodSandbox "{\"config\": $sandbox, \"runtime_handler\": \"$handler\"}"
}

pod_begin()
{
	mkdir -p "$logs"
	pod_try "$@"
	echo "$kind pod: $output"
	[[ $status == 0 ]]
	member pod_sandbox_id pod
}

# member NAME VARIABLE: of the last response.
member()
{
	[[ $output =~ \"$1\":\ \"([^\"]*)\" ]]
	printf -v "$2" %s "${BASH_REMATCH[1]}"
}

# Containers end with their pod.
pod_end()
{
	call StopPodSandbox "{\"pod_sandbox_id\": \"$pod\"}" >/dev/null
	call RemovePodSandbox "{\"pod_sandbox_id\": \"$pod\"}" >/dev/null
	pod=
}

asking()
{
	printf '.annotations["%s"] = "%s"' $ask "$1"
}

# start FILTER WORD...: a container of the pod: $id; status and output of StartContainer.
start()
{
	local config name=c$RANDOM$RANDOM filter=$1

	shift
	log=$logs/$name
	config=$(jq -nc --arg name "$name" '{log_path: $name, metadata: {name: $name},
		image: {image: "localhost/bb:1"}, command: $ARGS.positional,
		linux: {security_context: {namespace_options: {network: "NODE", pid: "CONTAINER"}}}} |
		'"$filter" --args -- "$@")
	run call CreateContainer "{\"pod_sandbox_id\": \"$pod\", \"config\": $config, \
\"sandbox_config\": $sandbox}"
	echo "$kind $filter: $output"
	[[ $status == 0 ]]
	member container_id id
	run call StartContainer "{\"container_id\": \"$id\"}"
	echo "$kind $filter: $status $output"
}

# result FILTER WORD...: output of a container that comes to its end.
result()
{
	start "$@"
	[[ $status == 0 ]]
	ended
}

ended()
{
	local tries

	for ((tries = 0; tries < 600; tries++)); do
		output=$(call ContainerStatus "{\"container_id\": \"$id\"}")
		[[ $output != *EXITED* ]] || break
		sleep 0.05
	done
	output=$(sed 's/^[^ ]* std[a-z]* [FP] //' "$log")
	echo "$output"
}

# enter WORD...: output of an ExecSync.
enter()
{
	output=$(jq -nc --arg id "$id" '{container_id: $id, timeout: 20, cmd: $ARGS.positional}' \
		--args -- "$@")
	output=$(call ExecSync "$output" | jq -r .stdout)
	echo "$kind exec: $output"
}

# has GRANTED AMBIENT NNP: what the probe's status says, with a filter.
has()
{
	[[ $output == *"$(printf '%s:\t%s\n' CapInh "$2" CapPrm "$1" \
		CapEff "$1" CapBnd "$1" CapAmb "$2" NoNewPrivs "$3" Seccomp 2)" ]]
}

# refused TEXT...: the error of the CRI has powerbox's line.
refused()
{
	local text

	for text in "$@"; do
		[[ $status != 0 &&
			$output == *"OCI runtime create failed: powerbox: container '"*"': "*"$text"* ]]
	done
}

holds_pod()
{
	pod_begin
	result . /bin/probe status
	has 00000000a80425fb $none 0
	pod_end
	pod_begin "$(asking minimal,net-bind) |
		.annotations[\"dev.powerbox.profiles/client\"] = \"minimal,network-client\" |
		.annotations[\"dev.powerbox.profiles/over\"] = \"minimal,ptrace\""
	result . /bin/probe status
	has $bind $bind 1
	result . /bin/probe call "$(syscall_number socket)" 2 1 0
	[[ $output == *" EPERM" ]]
	result '.metadata.name = "client"' /bin/probe call "$(syscall_number socket)" 2 1 0
	[[ $output == *" ok" ]]
	start '.metadata.name = "over"' echo started
	refused 'profile "ptrace" is not allowed on this node' "image 'localhost/bb:1'" \
		'; to allow: powerbox approve ptrace --namespace test'
	[[ ! -s $log ]]
	pod_end
	[[ -z $(inside find /run/powerbox -type l) ]]
}

@test "a pod gets what it asks for and the ACL allows, and the default if it asks for nothing" {
	holds_pod
	real crun
	holds_pod
	# The handler that the page makes the default one, and the CRI's older version.
	real runc
	handler='' api=v1alpha2
	holds_pod
}

# What one pod's author may write about a container, and what else the kubelet can say.
WISHES=(
	'.linux.security_context.privileged = true'
	'.linux.security_context.capabilities = {add_capabilities: ["ALL"]}'
	'.linux.security_context.capabilities = {add_capabilities: ["SYS_ADMIN", "NET_RAW"],
		add_ambient_capabilities: ["SYS_ADMIN"]}'
	'.linux.security_context.seccomp = {profile_type: "Unconfined"}'
	'.linux.security_context.seccomp = {profile_type: "RuntimeDefault"}'
	'.linux.security_context.seccomp = {profile_type: "Localhost", localhost_ref: $seccomp}'
	'.linux.security_context.seccomp_profile_path = "unconfined"'
	'.linux.security_context.apparmor_profile = "unconfined"'
	'.linux.security_context.no_new_privs = false'
	'.linux.security_context += {run_as_user: {value: 1000}, run_as_group: {value: 6}}'
	'.linux.security_context += {run_as_username: "user", supplemental_groups: [6, 0]}'
	'.linux.security_context += {masked_paths: [], readonly_paths: []}'
	'.linux.security_context.namespace_options += {pid: "NODE", ipc: "NODE"}'
	'.devices = [{container_path: "/dev/x", host_path: "/dev/null", permissions: "rwm"}]'
	'.annotations = {"dev.powerbox.profiles": "privileged", "run.oci.handler": "krun"}'
	'.labels = {"dev.powerbox.profiles": "privileged"}'
	'.envs = [{key: "dev.powerbox.profiles", value: "privileged"}]'
)

holds_wishes()
{
	local wish seccomp=$BATS_TEST_TMPDIR/all.json

	jq -n '{defaultAction: "SCMP_ACT_NOTIFY", listenerPath: "/run/test/listener",
		flags: ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]}' >"$seccomp"
	# A sandbox that is not privileged may hold no container that is.
	pod_begin "$(asking minimal,net-bind) | .linux.security_context.privileged = true"
	for wish in "$@"; do
		result "${wish//\$seccomp/\"$seccomp\"}" /bin/probe status
		has $bind $bind 1
	done
	result "${WISHES[0]}" /bin/probe call "$(syscall_number mount)" 0 0 0 0 0
	[[ $output == *" EPERM" ]]
	pod_end
}

@test "privileged, capabilities.add and the rest of a securityContext add nothing" {
	holds_wishes "${WISHES[@]}"
	real crun
	holds_wishes "${WISHES[@]:0:6}"
}

@test "nor does it take away: the request is all that counts" {
	local drop='.linux.security_context += {no_new_privs: true,
		capabilities: {drop_capabilities: ["ALL"]}}'

	pod_begin
	result "$drop" /bin/probe status
	has 00000000a80425fb $none 0
	pod_end
	pod_begin "$(asking minimal)"
	result "$drop" /bin/probe status
	has $none $none 1
}

holds_exec()
{
	local mount

	mount=$(syscall_number mount)
	pod_begin "$(asking minimal,net-bind) | .linux.security_context.privileged = true"
	start "${WISHES[0]}" /bin/probe wait
	[[ $status == 0 ]]
	enter /bin/probe status
	has $bind $bind 1
	enter /bin/probe call "$mount" 0 0 0 0 0
	[[ $output == "$mount EPERM" ]]
	# All of the node's devices are in what it sends with this.
	call UpdateContainerResources "{\"container_id\": \"$id\", \"linux\": {\"cpu_shares\": 99}}"
	start "${WISHES[1]} | .linux.security_context.run_as_user.value = 1000" /bin/probe wait
	[[ $status == 0 ]]
	enter /bin/probe status
	[[ $output == *$'Uid:\t1000\t'* ]]
	has $bind $bind 1
	# It goes on as it began, also without an ACL.
	inside rm /etc/powerbox/acl.json
	enter /bin/probe status
	has $bind $bind 1
	call UpdateContainerResources "{\"container_id\": \"$id\", \"linux\": {\"cpu_shares\": 99}}"
	pod_end
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
	[[ -z $(inside find /run/powerbox -type l) ]]
}

@test "ExecSync has what its container has" {
	holds_exec
	real crun
	holds_exec
}

holds_sandbox()
{
	inside sed -i '/"default": /d' /etc/powerbox/acl.json
	# What the pod asks for is not the sandbox's, be it too much or no name at all.
	for request in minimal,ptrace 'No Name'; do
		pod_begin "$(asking "$request") | .annotations[\"dev.powerbox.profiles/see\"] = \"minimal\""
		start '.linux.security_context.namespace_options.pid = "POD" | .metadata.name = "see"' \
			cat /proc/1/cmdline /proc/1/status
		[[ $status == 0 ]]
		ended
		[[ $output == /pause* && $output == *$'CapBnd:\t'$none* &&
			$output == *$'CapEff:\t'$none*$'NoNewPrivs:\t1\nSeccomp:\t2\n'* ]]
		pod_end
	done
	# The ACL may give it more.
	node_file acl.json '{"version": 1, "sandbox": ["pause", "net-bind"],
		"rules": [{"allow": ["minimal"]}]}'
	pod_begin "$(asking minimal)"
	result '.linux.security_context.namespace_options.pid = "POD"' cat /proc/1/status
	[[ $output == *$'CapEff:\t'$bind* ]]
	pod_end
	inside rm /etc/powerbox/acl.json
	pod_try
	refused "there is no ACL on this node"
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
}

@test "the pause container works with the profile pause, whatever its pod asks for" {
	holds_sandbox
	real crun
	holds_sandbox
}

@test "a container's own request beats its pod's" {
	pod_begin "$(asking minimal,net-bind) |
		.annotations[\"dev.powerbox.profiles/less\"] = \"minimal\" |
		.annotations[\"dev.powerbox.profiles/more\"] = \"minimal net-raw\" |
		.annotations[\"dev.powerbox.profiles/none\"] = \"\" |
		.annotations[\"dev.powerbox.profiles/over\"] = \"privileged\""
	result . /bin/probe status
	has $bind $bind 1
	result '.metadata.name = "less"' /bin/probe status
	has $none $none 1
	result '.metadata.name = "more"' /bin/probe status
	has 0000000000002000 0000000000002000 1
	result '.metadata.name = "none"' /bin/probe status
	has 00000000a80425fb $none 0
	start '.metadata.name = "over"' echo started
	refused 'profile "privileged" is not allowed on this node'
	# And there it stays, for kubectl describe.
	[[ $(call ContainerStatus "{\"container_id\": \"$id\"}") == *EXITED*"powerbox: container"* ]]
}

@test "the pod of the page: one container with a request of its own, and the others" {
	local annotations

	annotations=$(page_block kubernetes.md pod |
		sed -n 's/^ *\(dev\.powerbox\.[^:]*\): \(".*"\)$/"\1": \2/p' | paste -sd,)
	[[ $annotations == *,* ]]
	pod_begin ".annotations = {$annotations}"
	result '.metadata.name = "web"' /bin/probe status
	has $bind $bind 1
	result '.metadata.name = "log"' /bin/probe status
	has $none $none 1
	result . /bin/probe call "$(syscall_number socket)" 2 1 0
	[[ $output == *" ok" ]]
}

@test "a request with a typing error in its key is refused, not forgotten" {
	local key

	for key in dev.powerbox.profile dev.powerbox/profiles dev.powerbox-profiles; do
		pod_try ".annotations[\"$key\"] = \"minimal\""
		refused "annotation '$key'" "did you mean dev.powerbox.profiles"
	done
}

subject_rule()
{
	node_file acl.json "{\"version\": 1, \"default\": [\"minimal\"],
		\"rules\": [{\"allow\": [\"minimal\"]}, {\"allow\": [\"net-bind\"], $1}]}"
}

# believed FILTER RULE NAMESPACE: with this in the pod, and such a rule, it gets net-bind.
believed()
{
	subject_rule "$2"
	pod_begin "$(asking minimal,net-bind) | $1"
	result '.metadata.name = "cni"' /bin/probe status
	has $bind $bind 1
	pod_end
}

unbelieved()
{
	subject_rule "$2"
	pod_begin "$(asking minimal,net-bind) | $1"
	start '.metadata.name = "cni"' echo started
	refused 'profile "net-bind" is not allowed on this node'
	pod_end
}

SPOOF='.annotations += {"io.kubernetes.cri.sandbox-namespace": "kube-system",
	"io.kubernetes.pod.namespace": "kube-system", "io.kubernetes.cri.container-type": "sandbox",
	"io.kubernetes.cri.container-name": "other", "io.kubernetes.cri.image-name": "localhost/other"}'

@test "rules select by namespace, container and image as containerd names them" {
	local system='.metadata.namespace = "kube-system"'

	believed "$system" '"namespaces": ["kube-system"]'
	believed . '"containers": ["cni"], "images": ["localhost/bb:*"]'
	unbelieved . '"namespaces": ["kube-system"]'
	unbelieved "$system" '"namespaces": ["kube-system"], "images": ["localhost/other*"]'
	unbelieved "$SPOOF" '"namespaces": ["kube-system"]'
}

@test "a pod can't write containerd's keys, even where all of its annotations pass" {
	handler=star
	unbelieved "$SPOOF" '"namespaces": ["kube-system"]'
	unbelieved "$SPOOF" '"containers": ["other"]'
	unbelieved "$SPOOF" '"images": ["localhost/other"]'
	believed "$SPOOF" '"containers": ["cni"], "images": ["localhost/bb:1"]'
	pod_begin '.annotations["dev.powerbox.profiles"] = "minimal"'
	pod_end
	pod_try '.annotations["run.oci.seccomp.plugins"] = "/tmp/x.so"'
	refused "annotation 'run.oci.seccomp.plugins'"
	pod_try '.annotations.bundle = "/tmp"'
	refused "annotation 'bundle'"
}

@test "containerd's keys are not believed where node.json names another engine, or none" {
	local engine system='.metadata.namespace = "kube-system"'

	node_file node.json '{"version": 1}'
	unbelieved "$system" '"namespaces": ["kube-system"]'
	# There it is not even a sandbox.
	for engine in podman cri-o; do
		node_file node.json "{\"version\": 1, \"engine\": \"$engine\"}"
		pod_try "$(asking minimal,net-bind) | $system"
		refused 'profile "net-bind" is not allowed on this node'
	done
}

@test "an image is known by its name, however the kubelet calls it" {
	local image

	subject_rule '"images": ["localhost/bb:1"]'
	image=$(call ImageStatus '{"image": {"image": "localhost/bb:1"}}')
	[[ $image =~ sha256:[0-9a-f]{64} ]]
	image=${BASH_REMATCH[0]}
	pod_begin "$(asking minimal,net-bind)"
	result ".image = {image: \"$image\", user_specified_image: \"localhost/other\"}" \
		/bin/probe status
	has $bind $bind 1
}

@test "in mode warn a pod is as containerd made it, and so is its exec" {
	node_file acl.json '{"version": 1, "mode": "warn"}'
	pod_begin "$(asking kmod)"
	start '.linux.security_context.capabilities = {add_capabilities: ["SYS_PTRACE"]}' /bin/probe wait
	[[ $status == 0 ]]
	enter /bin/probe status
	[[ $output == *$'CapEff:\t00000000a80c25fb'*$'Seccomp:\t0' ]]
}

@test "mounts of a pod that reach powerbox are refused" {
	pod_begin "$(asking minimal)"
	start '.mounts = [{container_path: "/x", host_path: "/etc"}]' echo started
	refused "the mount at '/x' lets the container write to "
	result '.mounts = [{container_path: "/x", host_path: "/etc/powerbox", readonly: true}]' \
		sh -c 'touch /x/new || cat /x/acl.json'
	# The two come by two pipes, in whatever order.
	[[ $output == *"Read-only file system"* && $output == *'"version"'* ]]
}

@test "a pod of another runtime class goes past powerbox, as the page warns" {
	handler=runc
	inside rm /etc/powerbox/acl.json
	pod_begin "$(asking ptrace)"
	result . /bin/probe status
	[[ $output == *$'Seccomp:\t0'* ]]
	pod_end
	inside cp "$SRCDIR/packaging/acl.json" /etc/powerbox/acl.json
}
