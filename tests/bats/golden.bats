#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# tests/golden: what goes in and what comes out, byte for byte. UPDATE=1 writes what comes
# out today, for git to show.
#
# shellcheck disable=SC2016 # scripts are expanded where they run

load node.bash

setup_file()
{
	shims_begin
}

setup()
{
	golden=$SRCDIR/tests/golden
	mkdir "$BATS_TEST_TMPDIR/out"
	touch "$BATS_TEST_TMPDIR/out/no-state"
	inside ln -sfn "$BATS_TEST_TMPDIR/out" /run/stub/out
	# Cases are written for this one.
	native=$("$BUILDDIR/powerbox" union --runtime none \
		--profile-dir "$golden/profiles" | jq -r '.seccomp.architectures[0]')
}

# What a container engine holds by default, and what the wrapper needs to write a file.
CAPS=-all
for cap in chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service \
	net_raw sys_chroot mknod audit_write setfcap sys_admin; do
	CAPS+=,+$cap
done

# ---- what follows runs inside ----

# node CASE: /etc/powerbox and /usr/share/powerbox as the case has them.
node()
{
	local shipped=$GOLDEN/profiles

	[[ ! -e $1/shipped ]] || shipped=$SRCDIR/profiles/data
	rm -rf /etc/powerbox /usr/share/powerbox/profiles.d
	(umask 022 && mkdir -p /etc/powerbox/{profiles,acl}.d /usr/share/powerbox/profiles.d)
	echo '{"runtime": "/run/stub/runc"}' >/etc/powerbox/node.json
	cp "$shipped"/*.json /usr/share/powerbox/profiles.d/
	[[ ! -e $1/node.json ]] || cp "$1/node.json" /etc/powerbox/
	[[ ! -e $1/acl.json ]] || cp "$1/acl.json" /etc/powerbox/
	[[ ! -d $1/profiles ]] || cp "$1"/profiles/*.json /etc/powerbox/profiles.d/
	chmod 644 /etc/powerbox/*.json /etc/powerbox/*/*.json /usr/share/powerbox/*/*.json \
		2>/dev/null || true
}

# try CASE: into $T/got, a config.json or the status and what was said.
try()
{
	local words=(create c1) status=0

	node "$1"
	[[ ! -e $1/argv ]] || read -ra words <"$1/argv"
	rm -rf "$T/bundle" "$T/out/argv"
	mkdir "$T/bundle"
	sed "s/SCMP_ARCH_X86_64/$NATIVE/" "$1/config.json" >"$T/bundle/config.json"
	cp "$T/bundle/config.json" "$T/old"
	(cd "$T/bundle" && setpriv --bounding-set "$CAPS" timeout 5 powerbox-runtime \
		"${words[@]}" </dev/null 2>"$T/said") || status=$?
	if ((status)); then
		{ echo "exit $status"; cat "$T/said"; } >"$T/got"
		cmp "$T/old" "$T/bundle/config.json" && [[ ! -e $T/out/argv ]]
	else
		cp "$T/bundle/config.json" "$T/got"
		[[ ! -s $T/said && -e $T/out/argv ]]
	fi
}

# one CASE: as wanted; and what went through goes through unchanged.
one()
{
	local want=$1/want.json

	try "$1" || return
	! grep -q '^exit ' "$T/got" || want=$1/want.err
	if [[ ${UPDATE-} ]]; then
		rm -f "$1"/want.*
		sed "s/$NATIVE/SCMP_ARCH_X86_64/" "$T/got" >"$want"
	fi
	[[ -e $want ]] && diff <(sed "s/SCMP_ARCH_X86_64/$NATIVE/" "$want") "$T/got" || return
	[[ $want == *.json ]] || return 0
	inode=$(stat -c %i "$T/bundle/config.json")
	(cd "$T/bundle" && setpriv --bounding-set "$CAPS" powerbox-runtime create c1) &&
		cmp "$T/got" "$T/bundle/config.json" &&
		[[ $(stat -c %i "$T/bundle/config.json") == "$inode" ]]
}

all()
{
	local case n=0 bad=0

	for case in "$GOLDEN"/*/acl.json; do
		case=${case%/acl.json}
		n=$((n + 1))
		one "$case" >"$T/log" 2>&1 || {
			echo "${case##*/}: $(cut -c1-400 "$T/log")"
			bad=$((bad + 1))
		}
	done
	echo "$n cases"
	((n > 15 && bad == 0))
}

@test "every case of tests/golden" {
	local body

	body=$(declare -f node try one all)
	inside env T="$BATS_TEST_TMPDIR" GOLDEN="$golden" NATIVE="$native" CAPS="$CAPS" \
		UPDATE="${UPDATE-}" bash -c "$body; all"
}
