# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A node's configuration for live tests and the demo, to be sourced inside of
# live_namespace (bundle.sh): /etc and /usr/share as the host has them, /run and /var/log
# empty, and what is written there goes to memory and is gone with the namespace.
#
#	node_begin		make the places, empty /etc/powerbox, the shipped profiles
#	node_json TEXT		write /etc/powerbox/node.json
#	node_acl TEXT		write /etc/powerbox/acl.json
#	node_runtime PATH	name the real runtime in node.json

: "${SRCDIR:=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}"

node_overlay() {
	local layer=/run/powerbox-test${1//\//-}

	mkdir -p "$layer/upper" "$layer/work" &&
		mount -t overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work" \
			overlay "$1"
}

node_begin() {
	mount -t tmpfs -o mode=0755 tmpfs /run &&
		mount -t tmpfs -o mode=0755 tmpfs /var/log &&
		node_overlay /etc && node_overlay /usr/share || return
	rm -rf /etc/powerbox /usr/share/powerbox
	mkdir -m 0755 /etc/powerbox /etc/powerbox/acl.d /etc/powerbox/profiles.d \
		/usr/share/powerbox /usr/share/powerbox/profiles.d
	install -m 0644 "$SRCDIR"/profiles/data/*.json /usr/share/powerbox/profiles.d/
}

node_json() {
	printf '%s\n' "$1" >/etc/powerbox/node.json && chmod 0644 /etc/powerbox/node.json
}

node_acl() {
	printf '%s\n' "$1" >/etc/powerbox/acl.json && chmod 0644 /etc/powerbox/acl.json
}

node_runtime() {
	node_json "{ \"version\": 1, \"runtime\": \"$1\" }"
}
