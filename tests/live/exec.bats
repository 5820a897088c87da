#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec into real containers of the real runc and the real crun: whoever asks and in
# whatever way, the new process has the sets, the filter and the noNewPrivileges of its
# container.
#
# shellcheck disable=SC2016 # scripts are expanded where they run
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
# shellcheck disable=SC2154 # variables of runtimes.bash

bats_require_minimum_version 1.5.0

load runtimes.bash

setup()
{
	process=$BATS_TEST_TMPDIR/process.json
	wide=$(tr '\n' ' ' <"$SRCDIR/tests/live/capabilities")
	id=exec-$INSIDE_PID # of a cgroup of the machine, too
}

# By its own runtime: the other one would only take its state away.
teardown()
{
	local own=runc

	! inside test -e "/run/live/$id/status" || own=crun
	inside "$own" --root /run/live delete --force "$id" >/dev/null 2>&1 || true
}

# begin [PROFILES] [OPTION...]: a container that waits; its engine wanted to give it all.
begin()
{
	local request="{\"dev.powerbox.profiles\": \"${1-minimal,net-bind}\"}"

	teardown
	bundle_config "$bundle" --caps "$wide" --ambient "$wide" "${@:2}" \
		--annotations "$request" -- /bin/probe wait
	inside powerbox-runtime --root /run/live run --detach --bundle "$bundle" "$id" \
		</dev/null >/dev/null 2>&1 3>&-
}

# enter OPTION... [-- ARG...]: what the probe says in there.
enter()
{
	run inside powerbox-runtime --root /run/live exec "$@"
	echo "$kind: exec $*: $status $output"
}

# Of the container's first process.
first()
{
	local pid

	pid=$(inside "$runtime" --root /run/live state "$id" | jq .pid)
	grep -E '^(Cap...|NoNewPrivs|Seccomp):' "/proc/$pid/status" | tr -s '\t' ' '
}

# alike: the last answer shows what the container's first process has.
alike()
{
	[[ $status == 0 ]] &&
		diff <(grep -E '^(Cap...|NoNewPrivs|Seccomp):' <<<"$output" | tr -s '\t ' ' ') <(first)
}

# process_with FILTER: the process.json of an engine that wants everything.
process_with()
{
	jq --arg caps "$wide" '($caps | split(" ") | map(select(. != ""))) as $all |
		{args: ["/bin/probe", "status"], cwd: "/", env: ["PATH=/bin"],
		 user: {uid: 0, gid: 0}, noNewPrivileges: false, "x-unknown": [1.50, "\u00e9"],
		 capabilities: {bounding: $all, effective: $all, permitted: $all,
			inheritable: $all, ambient: $all}} | '"${1-.}" >"$process" <<<null
}

@test "a process file that asks for everything, or for nothing, gets what its container has" {
	acl '"rules": [{"allow": ["minimal", "net-bind", "default"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		for profiles in minimal,net-bind minimal default; do
			begin "$profiles"
			for filter in . 'del(.capabilities)' '.capabilities = null' \
				'.capabilities = {}' 'del(.noNewPrivileges)' \
				'.noNewPrivileges = null' 'del(.user)' \
				'.noNewPrivileges = true | .capabilities = {bounding: []}'; do
				process_with "$filter"
				enter --process "$process" "$id"
				alike
				process_with "$filter"
				enter -p "$process" "$id"
				alike
			done
		done
	done
}

@test "plain arguments, --cap and --no-new-privs say nothing" {
	acl '"rules": [{"allow": ["minimal", "net-bind", "default"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		for profiles in minimal,net-bind minimal default; do
			begin "$profiles"
			for options in "" "--cap CAP_SYS_ADMIN" "--cap CAP_SYS_ADMIN --cap=CAP_SYS_PTRACE" "-c CAP_KILL" \
				--no-new-privs "--cwd / --env A=b --cap CAP_KILL"; do
				# shellcheck disable=SC2086 # words
				enter $options "$id" /bin/probe status
				alike
			done
			[[ $kind == crun ]] || {
				enter --no-new-privs=false "$id" /bin/probe status
				alike
			}
		done
	done
}

# sets BOUNDING OTHERS AMBIENT: what an exec as another user than the first one has.
sets()
{
	local name value

	for name in CapBnd:$1 CapPrm:$2 CapEff:$2 CapInh:$3 CapAmb:$3; do
		value=$(sed -n "s/^${name%:*}:[[:blank:]]*//p" <<<"$output")
		[[ $((16#$value)) == $((${name#*:})) ]] || {
			echo "$kind: ${name%:*} is $value" >&2
			return 1
		}
	done
}

@test "--user chooses the user, and gives no capability that the container has not" {
	acl '"rules": [{"allow": ["minimal", "net-bind", "default"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		for uid in 0 1000; do
			begin minimal,net-bind --uid "$uid"
			for user in 0 1000 1000:1000; do
				enter --user "$user" "$id" /bin/probe status
				sets 0x400 0x400 0x400
				process_with ".user = {uid: ${user%:*}, gid: ${user%:*}}"
				enter --process "$process" --user 0 "$id"
				sets 0x400 0x400 0x400
			done
			begin default --uid "$uid"
			enter --user 1000 "$id" /bin/probe status
			sets 0xa80425fb 0 0
			process_with ".user = {uid: 1000, gid: 1000}"
			enter --process "$process" "$id"
			sets 0xa80425fb 0 0
			enter --user 0 "$id" /bin/probe status
			sets 0xa80425fb 0xa80425fb 0
		done
	done
}

@test "every call by number: an exec is let through nothing that its container is not" {
	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		begin minimal
		process_with '.args = ["/bin/probe", "sweep", "0", "511"]'
		enter --process "$process" "$id"
		[[ $status == 0 ]]
		asked=$output
		bundle_config "$bundle" --caps "$wide" \
			--annotations '{"dev.powerbox.profiles": "minimal"}' -- /bin/probe sweep 0 511
		run -0 inside powerbox-runtime --root /run/live run --bundle "$bundle" "s$RANDOM"
		# setsid differs: an exec's process is no session's first.
		diff <(grep -v '^112 ' <<<"$asked") <(grep -v '^112 ' <<<"$output")
	done
}

@test "with a terminal, detached, with descriptors" {
	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		begin
		process_with '.args = ["/bin/sh", "-c", "/bin/probe status >/tmp/out; echo end >>/tmp/out"]'
		rm -f "$bundle/rootfs/tmp/out"
		inside powerbox-runtime --root /run/live exec --detach --pid-file \
			"$BATS_TEST_TMPDIR/pid" --process "$process" "$id" </dev/null >/dev/null 2>&1 3>&-
		for ((tries = 0; tries < 100; tries++)); do
			! grep -q end "$bundle/rootfs/tmp/out" 2>/dev/null || break
			sleep 0.05
		done
		status=0 output=$(<"$bundle/rootfs/tmp/out")
		alike
		rm "$bundle/rootfs/tmp/out"
		run inside bash -c 'exec 5</etc/hostname; exec powerbox-runtime --root /run/live exec \
			--preserve-fds 3 --cap CAP_SYS_ADMIN "$1" /bin/probe status' sh "$id"
		alike
		# The terminal's other end may close before all is read, so a file has the answer.
		inside script -qec "powerbox-runtime --root /run/live exec --tty --cap CAP_SYS_ADMIN $id \
			/bin/sh -c 'test -t 1 && /bin/probe status >/tmp/out'" /dev/null
		status=0 output=$(<"$bundle/rootfs/tmp/out")
		alike
	done
}

@test "the process file: the sections, and nothing else, changed in one step" {
	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	real "$(command -v runc)"
	begin
	process_with .
	sed -i 's/1.50*/1.50/' "$process"
	chmod 0640 "$process"
	chown 1:2 "$process"
	cp "$process" "$BATS_TEST_TMPDIR/before"
	enter --process "$process" "$id"
	alike
	[[ $(stat -c '%a %u %g' "$process") == "640 1 2" && $(find "${process%/*}" -mindepth 1 | wc -l) == 2 ]]
	diff <(jq -c 'del(.capabilities, .noNewPrivileges)' "$BATS_TEST_TMPDIR/before") \
		<(jq -c 'del(.capabilities, .noNewPrivileges)' "$process")
	grep -q 1.50 "$process"
	sum=$(sha256sum "$process")
	enter --process "$process" "$id"
	alike
	[[ $(sha256sum "$process") == "$sum" ]]
}

@test "process files that runtimes read differently are refused" {
	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		begin
		while read -r text; do
			printf %b "$text" >"$process"
			enter --process "$process" "$id"
			[[ $status == 65 && $output == *"process file '"*process.json* ]]
			[[ ! $output == *CapEff* ]]
		done <<-'END'
		{"args":["/bin/probe","status"],"cwd":"/","Capabilities":{"effective":["CAP_SYS_ADMIN"]}}
		{"args":["/bin/probe","status"],"cwd":"/","capabilitie\xc5\xbf":{}}
		{"args":["/bin/probe","status"],"cwd":"/","capabilities":{},"capabilities":{"effective":["CAP_SYS_ADMIN"]}}
		{"args":["/bin/probe","status"],"cwd":"/","capabilities\\u0000":{}}
		{"args":["/bin/probe","status"],"cwd":"/","noNewPrivileges":1}
		{"args":["/bin/probe","status"],"cwd":"/"} {}
		/**/{"args":["/bin/probe","status"],"cwd":"/"}
		[]
		null
		END
		for file in /dev/zero "$BATS_TEST_TMPDIR/none" "$BATS_TEST_TMPDIR" ''; do
			enter --process "$file" "$id"
			[[ $status -ge 64 ]]
		done
		mkfifo "$BATS_TEST_TMPDIR/fifo-$kind"
		run timeout 10 nsenter --target "$INSIDE_PID" --mount powerbox-runtime \
			--root /run/live exec --process "$BATS_TEST_TMPDIR/fifo-$kind" "$id"
		[[ $status == 74 ]]
	done
}

@test "a container that powerbox did not create is refused, and in mode warn let through" {
	for runtime in $(runtimes); do
		acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
		real "$runtime"
		teardown
		inside rm -rf /run/powerbox
		bundle_config "$bundle" --caps "$wide" --annotations \
			'{"dev.powerbox.profiles": "minimal"}' -- /bin/probe wait
		inside "$runtime" --root /run/live run --detach --bundle "$bundle" "$id" \
			</dev/null >/dev/null 2>&1 3>&-
		process_with .
		sum=$(sha256sum "$process")
		enter --process "$process" "$id"
		[[ $status == 1 && $output == "powerbox: container '$id': powerbox did not create this container, so nobody knows what it may do; create it again through powerbox-runtime" ]]
		[[ $(sha256sum "$process") == "$sum" ]]
		enter "$id" /bin/probe status
		[[ $status == 1 && $output != *CapEff* ]]
		acl '"mode": "warn"'
		enter --process "$process" "$id"
		[[ $status == 0 && $output == *CapEff* && $(sha256sum "$process") == "$sum" ]]
	done
}

@test "without the link: only what powerbox would write now is taken for its own" {
	for runtime in $(runtimes); do
		acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
		real "$runtime"
		begin
		inside rm -rf /run/powerbox
		process_with .
		enter --process "$process" "$id"
		alike
		acl '"rules": [{"allow": ["minimal"]}]'
		enter --process "$process" "$id"
		[[ $status == 1 && $output == *"powerbox did not create this container"*'"net-bind" is not allowed'* ]]
		# With the link it is what it was created as, whatever the ACL says by now.
		acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
		begin
		acl '"rules": [{"allow": ["minimal"]}]'
		enter --process "$process" "$id"
		alike
		inside rm /etc/powerbox/acl.json
		enter --process "$process" "$id"
		alike
		inside rm -rf /run/powerbox
		enter --process "$process" "$id"
		[[ $status == 66 && $output == *"there is no ACL"* ]]
	done
}

@test "a link to another bundle, and a config.json that was touched, are noticed" {
	other=$BATS_TEST_TMPDIR/other
	mkdir -p "$other"
	for runtime in $(runtimes); do
		acl '"rules": [{"allow": ["minimal", "net-bind", "default"]}]'
		real "$runtime"
		begin minimal
		link=/run/powerbox/run-live/$id
		[[ $(inside readlink "$link") == "$bundle" ]]
		[[ $(inside stat -c '%a %u' /run/powerbox /run/powerbox/run-live) == $'700 0\n700 0' ]]
		jq '.process.capabilities.bounding = ["CAP_SYS_ADMIN"]' "$bundle/config.json" \
			>"$other/config.json"
		inside ln -sfn "$other" "$link"
		inside touch -h -r "$other/config.json" "$link"
		enter "$id" /bin/probe status
		alike
		begin minimal
		jq -c '.process.capabilities |= map_values(["CAP_SYS_ADMIN"])' "$bundle/config.json" \
			>"$other/config.json"
		cp "$other/config.json" "$bundle/config.json"
		process_with .
		for arguments in "--process $process $id" "$id /bin/probe status"; do
			# shellcheck disable=SC2086 # words
			enter $arguments
			[[ $status == 1 && $output == *"powerbox did not create this container"* ]]
		done
	done
}

@test "crun: --config of another place is found again" {
	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	real "$(command -v crun)"
	teardown
	bundle_config "$bundle" --caps "$wide" --annotations \
		'{"dev.powerbox.profiles": "minimal,net-bind"}' -- /bin/probe wait
	mv "$bundle/config.json" "$BATS_TEST_TMPDIR/other.json"
	inside powerbox-runtime --root /run/live run --detach --bundle "$bundle" \
		--config "$BATS_TEST_TMPDIR/other.json" "$id" </dev/null >/dev/null 2>&1 3>&-
	[[ $(inside readlink "/run/powerbox/run-live/$id") == "$BATS_TEST_TMPDIR/other.json" ]]
	process_with .
	enter --process "$process" "$id"
	alike
	inside sed -i s/CAP_NET_BIND_SERVICE/CAP_SYS_ADMIN/ "/run/live/$id/config.json"
	enter --process "$process" "$id"
	[[ $status -ge 64 ]]
}

@test "delete removes the link, and a new container replaces it" {
	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		begin minimal
		begin minimal,net-bind
		enter "$id" /bin/probe status
		alike
		sets 0x400 0x400 0x400
		inside powerbox-runtime --root /run/live delete --force "$id"
		run ! inside test -L "/run/powerbox/run-live/$id"
	done
}

@test "a create of an id that is taken changes nothing for the container that has it" {
	local form

	acl '"rules": [{"allow": ["minimal", "net-bind", "net-raw"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		begin minimal
		cp "$bundle/config.json" "$BATS_TEST_TMPDIR/kept"
		bundle_config "$bundle" --annotations '{"dev.powerbox.profiles": "minimal,net-bind,net-raw"}' -- /bin/probe wait
		for form in create run; do
			run inside powerbox-runtime --root /run/live $form --bundle "$bundle" "$id" </dev/null
			[[ $status == 64 && $output == *"a container of this id already"* ]]
		done
		cat "$BATS_TEST_TMPDIR/kept" >"$bundle/config.json"
		process_with .
		enter --process "$process" "$id"
		alike
		sets 0x0 0x0 0x0
	done
}

@test "the process file is found by its real path, and is a file" {
	local form

	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	mkdir "$BATS_TEST_TMPDIR/folder"
	ln -s folder "$BATS_TEST_TMPDIR/link"
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	for runtime in $(runtimes); do
		real "$runtime"
		begin minimal
		process=$BATS_TEST_TMPDIR/folder/process.json
		for form in "$BATS_TEST_TMPDIR/link/process.json" "$BATS_TEST_TMPDIR/link/../folder//process.json"; do
			process_with .
			enter --process "$form" "$id"
			alike
			[[ $(jq -c .capabilities.bounding "$process") == "[]" ]]
		done
		ln -sf process.json "$BATS_TEST_TMPDIR/folder/soft"
		for form in "$BATS_TEST_TMPDIR/fifo" "$BATS_TEST_TMPDIR/folder/soft" /dev/stdin /dev/null \
			/proc/self/fd/0 "$BATS_TEST_TMPDIR/folder"; do
			run inside timeout 5 powerbox-runtime --root /run/live exec --process "$form" "$id" <"$process"
			[[ $status == 74 && $output == "powerbox: "*"process file"* ]]
		done
	done
}

@test "a process file that is a pipe of the caller's" {
	local twice='{"args": ["/bin/probe", "status"], "cwd": "/", "args": []}' name

	for runtime in $(runtimes); do
		acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
		real "$runtime"
		begin
		process_with .
		enter --process <(cat "$process") "$id"
		alike
		# As long as a pipe holds, and more.
		process_with '.env += ["LONG=" + ("x" * 120000)]'
		enter -p <(cat "$process") "$id"
		alike
		# A file of its own, from the beginning, whatever was read of it.
		exec {name}<"$process"
		read -rn 100 -u "$name"
		enter --process "/proc/self/fd/$name" "$id"
		alike
		exec {name}<&-
		[[ $(jq -c .noNewPrivileges "$process") == false ]]
		enter --process <(echo "$twice") "$id"
		[[ $status == 65 && $output == *"process file /dev/fd/"*"'args' stands twice"* ]]
		# None that the caller has open.
		for name in /dev/fd/3 /dev/fd/0063 /dev/fd/99 /proc/self/fd/99999999999 /dev/fd/; do
			run inside powerbox-runtime --root /run/live exec --process "$name" "$id" \
				3>&- </dev/null
			echo "$name: $status $output"
			[[ $output == "powerbox: "*"process file"* ]]
			if [[ $name == */3 ]]; then
				[[ $status == 74 && $output == *"symbolic link"* ]]
			else
				[[ $status == 66 && $output == *"No such file"* ]]
			fi
		done
		acl '"mode": "warn"'
		enter --process <(cat "$process") "$id"
		[[ $status == 0 && $output == *$'NoNewPrivs:\t0'* ]]
	done
}

@test "a state root is the same one however it is written" {
	local root

	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		begin minimal
		inside ln -sfn /run/live /run/link
		for root in /run/live/ /run/./live //run//live /run/link /run/../run/link/; do
			# Without powerbox's own link nothing would be let in.
			acl '"rules": []'
			run inside powerbox-runtime --root "$root" exec "$id" /bin/probe status
			alike
			acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
		done
		inside rm /run/link
	done
}

@test "with a node.json that can't be read a container is stopped by its own runtime" {
	local broken pid

	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	for runtime in $(runtimes); do
		for broken in 'chmod 664' 'truncate -s 3'; do
			real "$runtime"
			begin minimal
			pid=$(inside "$runtime" --root /run/live state "$id" | jq .pid)
			# shellcheck disable=SC2086
			inside $broken /etc/powerbox/node.json
			[[ $(inside powerbox-runtime --root /run/live state "$id" | jq .pid) == "$pid" ]]
			inside powerbox-runtime --root /run/live delete --force "$id"
			run ! grep -q '^State:.[^ZX]' "/proc/$pid/status"
			run ! inside "$runtime" --root /run/live state "$id"
			# Without what powerbox noted: only if it is the compiled-in one's for sure.
			real "$runtime"
			begin minimal
			pid=$(inside "$runtime" --root /run/live state "$id" | jq .pid)
			# shellcheck disable=SC2086
			inside $broken /etc/powerbox/node.json
			inside rm "/run/powerbox/run-live/-$id"
			run inside powerbox-runtime --root /run/live delete --force "$id"
			if ((status == 0)); then
				run ! grep -q '^State:.[^ZX]' "/proc/$pid/status"
			else
				[[ $output == "powerbox: "*"/etc/powerbox/node.json"* ]]
				[[ $(inside "$runtime" --root /run/live state "$id" | jq .pid) == "$pid" ]]
			fi
		done
	done
}

@test "when node.json names another runtime by now, a container is still its own one's" {
	local pid own other shown

	acl '"rules": [{"allow": ["minimal", "net-bind"]}]'
	for own in runc crun; do
		other=crun
		[[ $own == runc ]] || other=runc
		real "$(command -v $own)"
		begin minimal,net-bind
		pid=$(inside "$runtime" --root /run/live state "$id" | jq .pid)
		shown=$(first)
		real "$(command -v $other)"
		enter --cap CAP_SYS_ADMIN "$id" /bin/probe status
		[[ $status == 0 ]]
		diff <(grep -E '^(Cap...|NoNewPrivs|Seccomp):' <<<"$output" | tr -s '\t ' ' ') - <<<"$shown"
		[[ $(inside powerbox-runtime --root /run/live state "$id" | jq .pid) == "$pid" ]]
		# By the other's delete it would go on running, with nobody to know of it.
		inside powerbox-runtime --root /run/live delete --force "$id"
		run ! grep -q '^State:.[^ZX]' "/proc/$pid/status"
		run ! inside "$own" --root /run/live state "$id"
		begin minimal
		inside test -d "/run/live/$id"
		[[ $(inside "$other" --root /run/live state "$id" | jq -r .status) == running ]]
	done
}

@test "a bundle is shown to the runtime's users as without powerbox" {
	local form shown

	acl '"default": ["minimal"], "rules": []'
	bundle_config "$bundle" -- /bin/probe wait
	ln -sfn "$bundle" "$BATS_TEST_TMPDIR/link"
	for runtime in $(runtimes); do
		real "$runtime"
		for form in "$BATS_TEST_TMPDIR/link" "$bundle/" "$(realpath --relative-to=/tmp "$bundle")"; do
			for shown in "$runtime" powerbox-runtime; do
				teardown
				inside env -C /tmp "$shown" --root /run/live run --detach --bundle "$form" "$id" \
					</dev/null >/dev/null 2>&1 3>&-
				inside "$runtime" --root /run/live state "$id" | jq -r .bundle \
					>"$BATS_TEST_TMPDIR/${shown##*/}"
			done
			diff "$BATS_TEST_TMPDIR/${runtime##*/}" "$BATS_TEST_TMPDIR/powerbox-runtime"
		done
	done
}

@test "a bundle that serves two containers gives neither the other's authority" {
	acl '"rules": [{"allow": ["minimal", "default"]}]'
	for runtime in $(runtimes); do
		real "$runtime"
		begin minimal
		bundle_config "$bundle" --caps "$wide" --annotations \
			'{"dev.powerbox.profiles": "default"}' -- /bin/probe wait
		inside powerbox-runtime --root /run/live run --detach --bundle "$bundle" "$id-2" \
			</dev/null >/dev/null 2>&1 3>&-
		process_with .
		for arguments in "--process $process $id" "$id /bin/probe status"; do
			# shellcheck disable=SC2086 # words
			enter $arguments
			[[ $status == 1 && $output == *"powerbox did not create this container from the config.json that its bundle has now"* ]]
		done
		enter "$id-2" /bin/probe status
		sets 0xa80425fb 0xa80425fb 0
		# Without the link, too, what is still so is known.
		inside rm -r /run/powerbox
		enter "$id-2" /bin/probe status
		sets 0xa80425fb 0xa80425fb 0
		enter "$id" /bin/probe status
		[[ $status == 1 && $output != *CapEff* ]]
		inside "$runtime" --root /run/live delete --force "$id-2"
	done
}

@test "crun: state roots by XDG_RUNTIME_DIR do not share their containers" {
	local xdg=$BATS_TEST_TMPDIR/xdg

	acl '"rules": [{"allow": ["minimal", "default"]}]'
	real "$(command -v crun)"
	bundle_config "$bundle" --caps "$wide" --annotations \
		'{"dev.powerbox.profiles": "minimal"}' -- /bin/probe wait
	inside env XDG_RUNTIME_DIR="$xdg" powerbox-runtime run --detach --bundle "$bundle" "$id" \
		</dev/null >/dev/null 2>&1 3>&-
	bundle_config "$bundle" --caps "$wide" --annotations \
		'{"dev.powerbox.profiles": "default"}' -- /bin/probe wait
	mv "$bundle/config.json" "$BATS_TEST_TMPDIR/other.json"
	inside powerbox-runtime run --detach --bundle "$bundle" --config "$BATS_TEST_TMPDIR/other.json" \
		"$id" </dev/null >/dev/null 2>&1 3>&-
	process_with .
	run inside env XDG_RUNTIME_DIR="$xdg" powerbox-runtime exec --process "$process" "$id"
	[[ $output != *"CapEff:"*[1-9a-f]* ]]
	enter_default=$(inside powerbox-runtime exec "$id" /bin/probe status)
	[[ $enter_default == *"CapBnd:"*a80425fb* ]]
	inside env XDG_RUNTIME_DIR="$xdg" crun delete --force "$id"
	inside crun delete --force "$id"
}
