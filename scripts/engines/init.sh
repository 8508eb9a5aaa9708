#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2154 # what is sourced lies beside it in the VM
#
# PID 1: mounts what the command shall see as its root, and goes there. Only the
# engine knows how the host's files come here.
set -e
trap 'poweroff -f' EXIT
vm=${0%/*}
. "$vm/settings"
. "$vm/engine"

find_host
mkdir -p upper new
mount -t tmpfs upper upper
mkdir upper/files upper/work
mount -t overlay -o lowerdir=lower,upperdir=upper/files,workdir=upper/work new new

cd new
mount -t proc proc proc
mount -t sysfs sys sys
mount -t devtmpfs dev dev
mount -t tmpfs run run
mkdir -p dev/shm dev/pts run/netns run/lock run/vm
mount -t tmpfs shm dev/shm
mount -t devpts devpts dev/pts
ln -sf /proc/self/fd dev/fd
ln -sf fd/0 dev/stdin
ln -sf fd/1 dev/stdout
ln -sf fd/2 dev/stderr
mount -t debugfs debug sys/kernel/debug
mount -t tracefs trace sys/kernel/tracing
mount -t cgroup2 cgroup sys/fs/cgroup
if [ "$modules" ]; then
	mkdir -p "lib/modules/$release"
	mount --bind ".$modules" "lib/modules/$release"
fi
if [ "$out" ]; then
	mkdir -p ".$out"
	mount_out ".$out"
fi
enter_root
