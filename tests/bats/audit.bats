#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# powerbox audit: what a workload asks for, of whatever it is written in.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2154 # variables of admin.bash

bats_require_minimum_version 1.5.0
load admin.bash

pod()
{
	cat >"$folder/pod.yaml" <<-END
	apiVersion: v1
	kind: Pod
	metadata:
	  name: web
	  namespace: ${2:-shop}
	  annotations:
	    dev.powerbox.profiles/app: "$1"
	spec:
	  containers:
	  - name: app
	    image: registry.example/shop/app:1
	    securityContext:
	      capabilities: {add: [SYS_TIME], drop: [ALL]}
	      seccompProfile: {type: RuntimeDefault}
	END
}

# blob TYPE [MEMBER...]: stdin as a blob of the layout, and what describes it.
blob()
{
	local digest type=$1

	shift
	cat >"$folder/image/blob"
	digest=$(sha256sum <"$folder/image/blob")
	printf '{"mediaType": "application/vnd.oci.image.%s.v1+json",' "$type"
	printf '"digest": "sha256:%s", "size": %d%s}' "${digest%% *}" \
		"$(stat -c %s "$folder/image/blob")" "${*:+, $*}"
	mv "$folder/image/blob" "$folder/image/blobs/sha256/${digest%% *}"
}

# image LABELS: a layout of an image for two platforms.
image()
{
	local config one two

	mkdir -p "$folder/image/blobs/sha256"
	echo '{"imageLayoutVersion": "1.0.0"}' >"$folder/image/oci-layout"
	config=$(echo "{\"config\": {\"Labels\": $1}}" | blob config)
	one=$(echo "{\"config\": $config, \"layers\": []}" |
		blob manifest '"platform": {"os": "linux", "architecture": "amd64"}')
	config=$(echo '{"config": {}}' | blob config)
	two=$(echo "{\"config\": $config, \"layers\": [],
		\"annotations\": {\"dev.powerbox.profiles\": \"net-bind\"}}" |
		blob manifest '"platform": {"os": "linux", "architecture": "arm64"}')
	echo "{\"manifests\": [$one, $two]}" >"$folder/image/index.json"
}

@test "a manifest: what is asked for, by which line it is allowed, what it grants" {
	pod "minimal, network-server"
	powerbox audit pod.yaml
	quiet 0
	says "pod.yaml: Pod 'web', container 'app'" \
		'  asks for +minimal, network-server \(annotation dev.powerbox.profiles/app\)' \
		'  image +registry.example/shop/app:1' '  here +allowed' \
		'  minimal +yes +/etc/powerbox/acl.json:3' \
		'  network-server +yes +/etc/powerbox/acl.json:5' \
		'  network-server: Serve and connect .*' \
		'    network +talk through sockets.* \(21 of 24\)' \
		'        socket if arg0 == 1' \
		'  its securityContext would give beyond that .*' \
		'    CAP_SYS_TIME +set the clock of the node' \
		'    new privileges by execve: .*'
	lacks 'approv'
	lacks CAP_CHOWN
}

@test "refused: what approving would add, and how to do it" {
	pod "minimal net-bind kmod"
	powerbox audit pod.yaml
	quiet 1
	says '  here +refused: it asks for what is not allowed' '  net-bind +no +-' \
		'  kmod: Load and remove .*' '  approving it would add:' \
		'    CAP_SYS_MODULE +load and unload kernel modules' \
		'    CAP_NET_BIND_SERVICE +bind ports below 1024 \(any user\)' \
		'        create_module delete_module finit_module init_module query_module' \
		'  to approve: powerbox approve pod.yaml'
	pod "minimal nope"
	powerbox audit pod.yaml
	quiet 1
	says "  nope: there is no profile 'nope' .*"
}

@test "what can be read is a file, a folder or a pipe that has its writer" {
	pod net-bind
	mkfifo "$folder/fifo"
	for source in ./fifo /dev/zero; do
		powerbox audit "$source"
		is 74 "$source is neither a file nor a folder; " 'as "-"'
	done
	out=$BATS_TEST_TMPDIR/stdout
	for script in 'powerbox audit <(sleep 1; cat "$1")' 'powerbox audit /dev/stdin <"$1"' \
		'cat "$1" | powerbox audit /dev/stdin'; do
		status=0
		inside timeout 10 bash -c "$script" script "$folder/pod.yaml" >"$out" || status=$?
		((status == 1))
		says "  asks for   net-bind .*"
	done
}

@test "to approve: for the namespace and the node that were asked about" {
	pod kmod
	sed -i '/namespace/d' "$folder/pod.yaml"
	powerbox audit --namespace shop --node pool=edge --node zone=a --short pod.yaml
	quiet 1
	says '  to approve: powerbox approve --namespace shop --nodes pool=edge,zone=a pod.yaml'
	# A container's own namespace is not overridden; a source is no profile's name.
	pod kmod
	cp "$folder/pod.yaml" "$folder/pod"
	powerbox audit --namespace other pod
	quiet 1
	says '  to approve: powerbox approve ./pod'
	# What came through a pipe can't be read again.
	out=$BATS_TEST_TMPDIR/stdout
	inside powerbox audit - <"$folder/pod" >"$out" || (($? == 1))
	says '  to approve, from a file: powerbox approve FILE'
}

@test "an annotation for a container that is not there is noted" {
	pod net-bind
	powerbox audit pod.yaml
	lacks '^  note'
	sed -i 's|dev.powerbox.profiles/app:|"dev.powerbox.profiles/ap\\e":|' "$folder/pod.yaml"
	powerbox audit pod.yaml
	says '  asks for +nothing.*' \
		"  note +annotation 'dev.powerbox.profiles/ap.x1b' is for none of the pod's containers"
	powerbox audit --json pod.yaml
	valid audit
	jq -e '.containers[0].note | startswith("annotation ")' "$out"
	powerbox approve pod.yaml --dry-run
	says "pod.yaml: Pod .*: note: annotation .* is for none of the pod's containers"
	# One of any kind is one.
	cat >>"$folder/pod.yaml" <<-'END'
	  initContainers:
	  - name: "ap\e"
	END
	powerbox audit pod.yaml
	lacks '^  note'
}

@test "--node asks for another node, --namespace names what a manifest does not" {
	pod net-bind
	powerbox audit pod.yaml
	quiet 1
	powerbox audit --node zone=a,pool=edge pod.yaml
	quiet 0
	says '  there +allowed' '  net-bind +yes +/etc/powerbox/acl.json:4'
	powerbox audit --node=pool=core pod.yaml
	quiet 1
	powerbox audit --node zone=a --node pool=edge --json pod.yaml
	quiet 0
	jq -e '.labels == {"zone": "a", "pool": "edge"}' "$out"
	file /etc/powerbox/node.json '{"engine": "containerd", "labels": {"pool": "edge"}}'
	powerbox audit pod.yaml
	quiet 0
	powerbox audit --node zone=a pod.yaml
	quiet 1
	pod network-server
	sed -i '/namespace/d' "$folder/pod.yaml"
	powerbox audit pod.yaml
	quiet 1
	powerbox audit --namespace shop pod.yaml
	quiet 0
	powerbox audit --namespace other pod.yaml
	quiet 1
	# Nobody is believed on a node whose engine is not named.
	file /etc/powerbox/node.json '{}'
	powerbox audit --namespace shop pod.yaml
	quiet 1
}

@test "a bundle and its config.json: as its start would be" {
	local source

	mkdir "$folder/bundle"
	echo '{"ociVersion": "1.0.2", "process": {"capabilities": {"bounding": ["CAP_BPF"]},
		"noNewPrivileges": true}, "linux": {"seccomp": {"defaultAction":
		"SCMP_ACT_ERRNO", "syscalls": [{"names": ["bpf", "read"],
		"action": "SCMP_ACT_ALLOW"}]}},
		"annotations": {"dev.powerbox.profiles": "minimal"}}' \
		>"$folder/bundle/config.json"
	for source in bundle bundle/config.json; do
		powerbox audit $source
		quiet 0
		says '  its config.json would give beyond that .*' \
			'    CAP_BPF +load BPF programs and maps' '        bpf'
		lacks '^        (.* )?read( |$)'
	done
	inside bash -c 'powerbox audit - <"$1"' audit "$folder/bundle/config.json" >"$out"
	says 'standard input'
	jq '.annotations["run.oci.hooks.stderr"] = "/x"' "$folder/bundle/config.json" \
		>"$folder/unsafe.json"
	powerbox audit unsafe.json
	quiet 1
	says "  here +refused: .*run.oci.hooks.stderr.*"
	echo '{"process": {}}' >"$folder/config.json"
	powerbox audit config.json
	quiet 0
	says "  asks for +nothing, so it gets the ACL's default" '  minimal +yes .*'
}

@test "an image: its label is its author's wish, in a folder and in archives" {
	local source

	image '{"dev.powerbox.profiles": "minimal"}'
	tar -C "$folder/image" -cf "$folder/plain.tar" .
	tar -C "$folder/image" -czf "$folder/zipped.tar.gz" index.json oci-layout blobs
	for source in image plain.tar zipped.tar.gz; do
		powerbox audit $source
		quiet 1
		says "$source, 'linux/amd64'" "$source, 'linux/arm64'" \
			"  author's wish +minimal \\(label of the image dev.powerbox.profiles\\)" \
			"  author's wish +net-bind \\(annotation of the image .*\\)" \
			"  an engine's default would give beyond that .*" \
			'    CAP_SETFCAP +give capabilities to files'
	done
	# As docker save wrote it before it wrote layouts.
	local config='{"config": {"Labels": {"dev.powerbox.profiles": "minimal"}}}' digest
	digest=$(printf %s "$config" | sha256sum)
	mkdir "$folder/saved"
	printf %s "$config" >"$folder/saved/${digest%% *}.json"
	echo "[{\"Config\": \"${digest%% *}.json\", \"RepoTags\": [\"shop/web:2\"]}]" \
		>"$folder/saved/manifest.json"
	tar -C "$folder/saved" -cf "$folder/saved.tar" .
	powerbox audit saved.tar
	quiet 0
	says "saved.tar: image 'docker.io/shop/web:2'" '  image +docker.io/shop/web:2' \
		"  author's wish +minimal .*"
	echo '{"config": {}}' >"$folder/saved/${digest%% *}.json"
	tar -C "$folder/saved" -cf "$folder/saved.tar" .
	powerbox audit saved.tar
	is 65 saved.tar 'not what its name says'
}

@test "an image whose label nobody will find: did you mean" {
	image '{"dev.powerbox.profile\u001b": "minimal", "maintainer": "dev.powerbox"}'
	powerbox audit image
	quiet 1
	says "  note +label of the image 'dev.powerbox.profile.x1b' is not known; did you mean dev.powerbox.profiles\\?"
	[[ $(grep -c '^  note' "$out") == 1 ]]
	powerbox audit --json image
	valid audit
	jq -e '[.containers[] | .note != null] == [true, false]' "$out"
	image '{}'
	powerbox audit image
	lacks '^  note'
	jq '.annotations = {"dev.powerbox": "x"}' "$folder/image/index.json" >"$folder/index"
	mv "$folder/index" "$folder/image/index.json"
	powerbox audit image
	[[ $(grep -cE "^  note +annotation of the image 'dev.powerbox' is not known" "$out") == 2 ]]
	image '{"dev.powerbox.profiles/web": "minimal"}'
	powerbox audit image
	says "  note +label of the image 'dev.powerbox.profiles/web' is not known; did you mean .*"
}

@test "65, 66: what can't be read, by its path" {
	mkdir "$folder/nothing"
	for subcommand in audit approve suggest; do
		powerbox $subcommand ./nothing
		is 66 './nothing: the folder has no config.json, as a bundle has, and no index.json, as the layout of an OCI image has'
	done
	powerbox audit registry.example/team/web
	is 66 '; a source is a file or a folder: '
	powerbox audit nginx
	is 66 'nginx: No such file or directory; a source is a file or a folder: of an image, what podman save writes'
	powerbox audit ./nginx
	is 66
	[[ $err == *directory ]]
	powerbox audit nowhere.yaml
	is 66 nowhere.yaml
	mkdir "$folder/empty"
	powerbox audit empty
	is 66 empty config.json
	printf 'a: &x 1\n' >"$folder/anchor.yaml"
	powerbox audit anchor.yaml
	is 65 'anchor.yaml: line 1: anchors'
	image '{}'
	tar -C "$folder/image" -czf "$folder/cut.tar.gz" .
	truncate -s -20 "$folder/cut.tar.gz"
	powerbox audit cut.tar.gz
	is 65 cut.tar.gz 'not a sound tar archive'
	rm -r "$folder/image/blobs/sha256"
	powerbox audit image
	is 66 "image: blobs/sha256/"
	image '{"dev.powerbox.profiles": ["minimal"]}'
	powerbox audit image
	is 65 'label of the image dev.powerbox.profiles must be a string'
	rm "$folder/image/index.json"
	tar -C "$folder/image" -cf "$folder/none.tar" .
	powerbox audit none.tar
	is 65 none.tar 'no image'
	inside bash -c 'gzip -c </dev/zero 2>/dev/null | head -c 1000 | powerbox audit - 2>&1' \
		audit >"$out" || true
	grep -q 'from a file, not from a pipe' "$out"
	powerbox audit
	is 64 --help
	powerbox audit --node pool pod.yaml
	is 64 'no label'
	powerbox audit --node pool=edge --node zone=a,pool=debug pod.yaml
	is 64 "'pool' is given twice"
	powerbox audit a b
	is 64
	powerbox audit --frob a
	is 64 "'--frob'"
}

@test "since an approval: new, gone and unchanged" {
	file /etc/powerbox/acl.d/50-approved.json '{"rules": [{"allow": ["own"],
		"approved": {"who": "root", "when": "2026-11-20T10:00:00Z", "why": "the till",
		"what": {"own": {"capabilities": ["CAP_CHOWN"],
			"syscalls": [{"names": ["chown", "ptrace"]}]}}}}]}'
	profile own '{"version": 1, "summary": "Own", "capabilities": ["CAP_CHOWN"],
		"syscalls": [{"names": ["chown"]}]}'
	pod own
	powerbox audit pod.yaml
	quiet 0
	says '  own +yes +/etc/powerbox/acl.d/50-approved.json:1' '  own: approved' \
		'    by root on 2026-11-20T10:00:00Z \(.*\): the till' \
		'    gone since then:' '          ptrace'
	lacks 'new since then'
	profile own '{"version": 1, "summary": "Own",
		"capabilities": ["CAP_CHOWN", "CAP_FOWNER"],
		"syscalls": [{"names": ["chown", "ptrace"]},
			{"names": ["socket"], "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}]}]}'
	powerbox audit pod.yaml
	quiet 1
	says '  here +refused: what was approved has grown since' '  own +grown +.*' \
		'    new since then:' '      CAP_FOWNER +.*' '          socket if arg0 == 16' \
		'    unchanged since then:' '  approving it would add:' '    CAP_FOWNER +.*'
	powerbox audit --json pod.yaml
	quiet 1
	valid audit
	jq -e '.containers[0].profiles[0] | .allowed == false and .approved.outgrown and
		[.approved.new.capabilities[].name] == ["CAP_FOWNER"] and
		.approved.unchanged.calls.tracing == ["ptrace"]' "$out"
	jq -e '[.containers[0].adding.capabilities[].name] == ["CAP_FOWNER"]' "$out"
}

@test "--json is as its schema says, of every kind of source" {
	local source

	pod "minimal net-bind nope"
	image '{}'
	echo '{"process": {}}' >"$folder/config.json"
	echo '{"process": {"capabilities": {"bounding": ["CAP_MAYBE"]}}}' >"$folder/odd.json"
	sed 's/RuntimeDefault/Localhost/' "$folder/pod.yaml" >"$folder/local.yaml"
	for source in pod.yaml local.yaml image config.json odd.json; do
		powerbox audit --json $source
		((status <= 1))
		[[ -z $err ]]
		valid audit
	done
	cp "$folder/pod.yaml" "$folder/x"$'\xff.yaml'
	powerbox audit --json --namespace $'\xff' $'x\xff.yaml'
	valid audit
	powerbox audit --json odd.json
	jq -e '.containers[0].incomparable | test("CAP_MAYBE")' "$out"
	powerbox audit --json local.yaml
	jq -e '.containers[0].engine.filterKnown == false' "$out"
	powerbox audit --json pod.yaml
	jq -e '.containers[0] | .allowed == false and .subject.namespace == "shop" and
		(.profiles | map(.name) == ["minimal", "net-bind", "nope"]) and
		.profiles[0].by.line == 3 and .profiles[1].by == null and
		.profiles[2].grants == null and (.profiles[0].grants.calls.files | length > 50)' \
		"$out"
}

@test "nothing that somebody wrote moves a cursor" {
	local esc=$'\033' moves='[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' name

	profile odd '{"version": 1, "summary": "caf\u00e9"}'
	file /etc/powerbox/acl.d/50-approved.json '{"rules": [{"allow": ["odd"],
		"approved": {"who": "\u001b]0;x\u0007", "when": "2026-11-20T10:00:00Z",
		"why": "\u001b[31m\r\u202eb", "what": {"odd": {}}}}]}'
	pod odd
	sed -i 's/name: web/name: "w\\e[1mb"/; s/shop$/"\\e[7m"/' "$folder/pod.yaml"
	cp "$folder/pod.yaml" "$folder/x${esc}[31m.yaml"
	for name in pod.yaml "x${esc}[31m.yaml"; do
		powerbox audit "$name"
		says '.*\\x1b\[31m\\x0d\\xe2\\x80\\xaeb' '.*café'
		run ! env LC_ALL=C grep -aP "$moves" "$out"
	done
}

@test "colour is for terminals, unless NO_COLOR says otherwise" {
	pod minimal
	powerbox audit pod.yaml
	lacks $'\033'
	terminal()
	{
		inside env -C "$folder" "$@" TERM=xterm \
			script -qefc 'powerbox audit pod.yaml' /dev/null </dev/null >"$out"
	}
	terminal -u NO_COLOR
	grep -q $'\033\\[32m' "$out"
	terminal NO_COLOR=1
	lacks $'\033'
	# The same words: nothing is lost without colour.
	terminal -u NO_COLOR
	sed 's/\x1b\[[0-9]*m//g; s/\r$//' "$out" >"$folder/plain"
	powerbox audit pod.yaml
	diff "$folder/plain" "$out"
}

@test "--short: how many calls of which kind, and no name of one" {
	local calls='    calls: network 2/24'

	pod "minimal net-bind kmod"
	powerbox audit --short pod.yaml
	quiet 1
	says '  net-bind +no +-' '  kmod: Load and remove .*' \
		'  its securityContext would give beyond that:' '    CAP_SYS_TIME .*' \
		'  approving it would add:' '    CAP_NET_BIND_SERVICE .*' \
		'    calls: .*kernel 5/18'
	lacks 'init_module|arg0|\(. of'
	pod "minimal net-bind"
	powerbox audit --short pod.yaml
	says "$calls"
	powerbox approve --short --dry-run net-bind
	quiet 0
	says "$calls" '    CAP_NET_BIND_SERVICE .*'
	lacks 'bind listen'
}
