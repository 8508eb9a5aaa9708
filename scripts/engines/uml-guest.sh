# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154 # for init.sh and main.sh, from settings
#
# In User Mode Linux: the root that it starts on is the host's, read-only, by
# hostfs; output leaves by a serial line, the status through the launcher's folder.

find_host() {
	# Named in full, for busybox runs itself by /proc/self/exe: here still the host's.
	/bin/busybox mount -t proc proc /proc
	mount -t tmpfs work /tmp
	cd /tmp || exit
	mkdir lower
	mount -t hostfs -o ro host lower
}

mount_out() {
	mount -t hostfs -o "$out" out "$1"
}

enter_root() {
	mount -t hostfs -o "$vm" vm run/vm
	mkdir run/old
	/bin/busybox pivot_root . run/old
	umount -l /run/old
	rmdir /run/old
	exec /bin/busybox sh /run/vm/main
}

open_channels() {
	output=/dev/ttyS0
	terminal=/dev/ttyS0
	[ "$tty" ] || stty -F $output raw
}

tell_status() {
	echo "$1" >/run/vm/status
	sync
}
