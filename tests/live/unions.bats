#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Random unions in real containers: every call number from 0 to 511, and argument vectors
# where the rules begin and end, answer as the granted profiles say. LIVE_UNIONS of them
# (30; ./dev fuzz: 300) on each runtime, from LIVE_SEED (1).
#
# shellcheck disable=SC2154 # variables of runtimes.bash

bats_require_minimum_version 1.5.0

load runtimes.bash

# unions RUNTIME
unions()
{
	local count=${LIVE_UNIONS:-30} seed=${LIVE_SEED:-1} kind=${1##*/} i
	local tried=0 wrong=0 large=0 tries
	local dir=$BATS_TEST_TMPDIR

	"$BUILDDIR/tests/live/unions" "$seed" "$count" \
		"$SRCDIR/profiles/data/runtime-$kind.json" "$dir"
	# shellcheck disable=SC2016 # expanded by the inner shell
	inside bash -euc '
		echo "{\"runtime\": \"$1\"}" >/etc/powerbox/node.json
		cp "$2"/u*.json /etc/powerbox/profiles.d/
		cd "$2"
		printf "{\"version\": 1, \"rules\": [{\"allow\": [%s]}]}" "$(printf "\"%s\"," \
			u*.json | sed "s/\.json//g; s/,\$//")" >/etc/powerbox/acl.json' \
		install "$1" "$dir"
	for ((i = 0; i < count; i++)); do
		tries=$(wc -l <"$dir/$i.plan")
		bundle_config "$bundle" --nnp true --annotations \
			"{\"dev.powerbox.profiles\": \"$(<"$dir/$i.names")\"}" -- \
			/bin/probe plan
		jq --rawfile plan "$dir/$i.plan" '.process.args += ($plan | split("\n")[:-1])' \
			"$bundle/config.json" >"$dir/config.json"
		mv "$dir/config.json" "$bundle/config.json"
		run inside powerbox-runtime --root /run/live run --bundle "$bundle" "u$i"
		if [[ $status == 70 && $output == *"too long for the kernel"* ]]; then
			((++large))
			continue
		fi
		[[ ${lines[-1]} == "planned $tries" ]] || {
			echo "union $i, seed $seed: $output" >&2
			return 1
		}
		((tried += tries)) || true
		((wrong += ${#lines[@]} - 1)) || true
		((${#lines[@]} == 1)) || echo "union $i, seed $seed: $output" >&2
	done
	echo "# $kind: $count unions, $large too large, $tried calls, $wrong differences," \
		"seed $seed" >&3
	((wrong == 0 && large * 20 <= count))
}

@test "unions on runc answer as they are written" {
	unions /usr/bin/runc
}

@test "unions on crun answer as they are written" {
	unions /usr/bin/crun
}
