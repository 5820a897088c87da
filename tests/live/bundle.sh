# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Bundles for real runc and crun, to be sourced by the live tests and the demo.
#
#	live_namespace COMMAND...	run it where both runtimes work (see there)
#	bundle_probe FILE		build the probe (probe.c) into FILE
#	bundle_make DIR [PROBE]		DIR/rootfs with busybox and the probe
#	bundle_config DIR [OPTION...] -- ARG...
#					write DIR/config.json; OPTION is any of
#		--caps "CAP_A CAP_B"	in bounding, effective and permitted (none)
#		--ambient "CAP_A"	in ambient and inheritable (none)
#		--nnp true|false	noNewPrivileges (false)
#		--seccomp JSON|FILE	linux.seccomp (left out)
#		--annotations JSON	an object (left out)
#		--uid N			user and group (0)
#		--tty true|false	terminal (false)
#		--hooks JSON		an object (left out)
#	bundle_remove DIR
#	syscall_number NAME		of this machine, for the probe
#
# In DIR/rootfs: busybox and its applets, the probe in /bin/probe and, setuid root, in
# /bin/probe-setuid; users root and user (1000); a page for httpd in /www; and in /probe
# the files that the probe tries its hand at.

# Private mounts, gone with the last process in them. On a machine that mounts cgroup
# version 1 and 2 side by side Debian 12's crun refuses to start anything, so the second
# is taken out of its sight.
live_namespace() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --propagation private sh -c '
		if mountpoint -q /sys/fs/cgroup/unified; then
			umount /sys/fs/cgroup/unified || exit 125
		fi
		exec "$@"' live_namespace "$@"
}

bundle_probe() {
	"${CC:-gcc}" -static -nostdlib -ffreestanding -fno-stack-protector \
		-fcf-protection=none -O2 -Wall -Wextra -o "$1" \
		"${BASH_SOURCE[0]%/*}/probe.c"
}

bundle_make() {
	local dir=$1 probe=${2-} root=$1/rootfs applet

	mkdir -p "$root"/{bin,dev,etc,probe,proc,sys,tmp,www} || return
	chmod 1777 "$root/tmp"
	cp "$(command -v busybox)" "$root/bin/busybox" || return
	for applet in $("$root/bin/busybox" --list); do
		[[ $applet == busybox ]] || ln -sf busybox "$root/bin/$applet"
	done
	printf '%s\n' 'root:x:0:0:root:/:/bin/sh' 'user:x:1000:1000:user:/:/bin/sh' \
		>"$root/etc/passwd"
	printf '%s\n' 'root:x:0:' 'user:x:1000:' >"$root/etc/group"
	echo 'served by busybox' >"$root/www/index.html"
	if [[ -n $probe ]]; then
		install -m 755 "$probe" "$root/bin/probe" &&
			install -m 4755 "$probe" "$root/bin/probe-setuid" || return
	fi
	bundle_file 0600 4711:4711 "$root/probe/other"
	bundle_file 0644 4711:4711 "$root/probe/shown"
	bundle_file 0644 0:4711 "$root/probe/own-0"
	bundle_file 0644 1000:4711 "$root/probe/own-1000"
	chmod 0777 "$root/probe"
}

bundle_file() {
	: >"$3" && chown "$2" "$3" && chmod "$1" "$3"
}

# "a b" to ["a","b"]: names without anything to escape.
bundle_names() {
	local name list=

	for name in $1; do
		list+=${list:+,}\"$name\"
	done
	printf '[%s]' "$list"
}

# Any words without control characters to a list of JSON strings.
bundle_strings() {
	local word list=

	for word in "$@"; do
		word=${word//\\/\\\\}
		word=${word//\"/\\\"}
		list+=${list:+,}\"$word\"
	done
	printf '[%s]' "$list"
}

bundle_config() {
	local dir=$1 caps='' ambient='' nnp=false seccomp='' annotations='' uid=0 tty=false
	local hooks='' held low

	shift
	while [[ $# -gt 0 && $1 != -- ]]; do
		case $1 in
		--caps) caps=$2 ;;
		--ambient) ambient=$2 ;;
		--nnp) nnp=$2 ;;
		--seccomp) seccomp=$2 ;;
		--annotations) annotations=$2 ;;
		--uid) uid=$2 ;;
		--tty) tty=$2 ;;
		--hooks) hooks=$2 ;;
		*)
			echo "bundle_config: unknown option $1" >&2
			return 2
			;;
		esac
		shift 2
	done
	shift
	[[ -f $seccomp ]] && seccomp=$(<"$seccomp")
	held=$(bundle_names "$caps")
	low=$(bundle_names "$ambient")
	cat >"$dir/config.json" <<-END
		{
		  "ociVersion": "1.0.0",
		  "process": {
		    "terminal": $tty,
		    "user": { "uid": $uid, "gid": $uid },
		    "args": $(bundle_strings "$@"),
		    "env": ["PATH=/bin", "TERM=dumb"],
		    "cwd": "/",
		    "capabilities": {
		      "bounding": $held,
		      "effective": $held,
		      "permitted": $held,
		      "inheritable": $low,
		      "ambient": $low
		    },
		    "noNewPrivileges": $nnp
		  },
		  "root": { "path": "rootfs" },
		  "hostname": "bundle",
		  "mounts": [
		    { "destination": "/proc", "type": "proc", "source": "proc" },
		    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
		      "options": ["nosuid", "mode=755", "size=64k"] },
		    { "destination": "/dev/pts", "type": "devpts", "source": "devpts",
		      "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] }
		  ],${hooks:+
		  \"hooks\": $hooks,}${annotations:+
		  \"annotations\": $annotations,}
		  "linux": {
		    "namespaces": [
		      { "type": "pid" }, { "type": "network" }, { "type": "ipc" },
		      { "type": "uts" }, { "type": "mount" }
		    ],${seccomp:+
		    \"seccomp\": $seccomp,}
		    "resources": {
		      "devices": [{ "allow": false, "access": "rwm" }]
		    }
		  }
		}
	END
}

bundle_remove() {
	rm -rf --one-file-system -- "$1"
}

syscall_number() {
	printf '#include <asm/unistd.h>\n__NR_%s\n' "$1" | "${CC:-gcc}" -E -P - | tail -n 1
}
