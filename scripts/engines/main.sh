# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2154 # what is sourced lies beside it in the VM
#
# PID 1, on the new root: runs the command, tells its exit status, powers off.
set -e
trap 'poweroff -f' EXIT
cd /run/vm
. ./settings
. ./engine

leaks=/sys/kernel/debug/kmemleak

# What the command left running holds its output open.
end_all_but() {
	for pid in /proc/[0-9]*; do
		pid=${pid#/proc/}
		[ "$pid" = 1 ] || [ "$pid" = "$1" ] || kill -9 "$pid" || true
	done
}

# Of leaks: what the kernel itself lost at boot, or when it could not make the files of a
# slab, is not the command's.
without_the_kernels_own() {
	awk '
	function tell() { if (object !~ /comm "swapper|sysfs_slab_add/) printf "%s", object }
	/^unreferenced/ { tell(); object = "" }
	{ object = object $0 "\n" }
	END { tell() }'
}

# Memory that nothing points at is lost. The kernel tells only what has been so
# for five seconds. Looked for if a foreign module was loaded (4096).
tell_leaks() {
	[ -e $leaks ] || return 0
	[ $(($(cat /proc/sys/kernel/tainted) & 4096)) != 0 ] || return 0
	sleep 6
	# What the end of that sleep lets go waits for RCU, and looks lost meanwhile.
	sleep 1
	echo scan >$leaks
	echo scan >$leaks
	without_the_kernels_own <$leaks | while read -r line; do
		echo "<4>$line" >/dev/kmsg
	done
}

hostname xl4
ip link set lo up
open_channels
# Not while the command runs: what is on its way from one list to another looks lost.
[ ! -e $leaks ] || echo scan=off >$leaks
echo '<6>vm: the command starts' >/dev/kmsg
status=0
if [ "$tty" ]; then
	# shellcheck disable=SC2094 # a terminal
	setsid -c /bin/sh command <"$terminal" >"$terminal" 2>&1 || status=$?
else
	mkfifo /run/output
	cat /run/output >"$output" &
	cat=$!
	setsid /bin/sh command </dev/null >/run/output 2>&1 || status=$?
	end_all_but $cat
	wait $cat
	tell_leaks
fi
sync
tell_status $status
