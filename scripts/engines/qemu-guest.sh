# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154 # for init.sh and main.sh, from settings
#
# In QEMU: files come over 9p, output and status leave by virtio-serial ports.

p9=trans=virtio,version=9p2000.L,msize=262144

find_host() {
	/bin/busybox --install -s /bin
	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t devtmpfs dev /dev
	while read -r module; do
		insmod "/modules/$module"
	done </modules/order
	umount /proc /sys /dev
	cd /
	mkdir lower
	mount -t 9p -o $p9,cache=loose,ro host lower
}

mount_out() {
	mount -t 9p -o $p9,cache=mmap out "$1"
}

enter_root() {
	cp -r "$vm"/* /bin/busybox run/vm
	: >/init	# by which switch_root knows that it may delete all here
	exec switch_root . /run/vm/busybox sh /run/vm/main
}

open_channels() {
	until ls /dev/vport*p1 /dev/vport*p2 >/dev/null 2>&1; do usleep 10000; done
	output=$(echo /dev/vport*p1)
	terminal=/dev/hvc0
}

tell_status() {
	echo "$1" >"$(echo /dev/vport*p2)"
}
