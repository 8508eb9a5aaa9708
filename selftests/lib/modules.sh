# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# To be sourced: loading and unloading what XL4_MODULES holds.

# Loads a module with what it needs of the kernel's own.
load_module() {
	for needed in $(modinfo -F depends "$1" | tr ',' ' '); do
		[ "$needed" = xl4 ] || modprobe "$needed" || return
	done
	insmod "$@"
}

# A kernel with KCSAN boots without it, as it is slow and nothing of ours runs yet.
watch_races() {
	[ ! -w /sys/kernel/debug/kcsan ] || echo on >/sys/kernel/debug/kcsan
}

# Those that need xl4.ko: net/NAME/xNAME.ko.
protocols='udp tcp sctp dccp'

load_modules() {
	load_module "$XL4_MODULES/net/core/xl4.ko" || return
	for protocol in $protocols; do
		load_module "$XL4_MODULES/net/$protocol/x$protocol.ko" || return
	done
	watch_races
}

# Only its own tests need it.
load_bridge() {
	load_module "$XL4_MODULES/net/bridge/xl4_bridge.ko"
}

unload_bridge() {
	[ ! -d /sys/module/xl4_bridge ] || rmmod xl4_bridge
}

unload_modules() {
	unload_bridge || return
	for protocol in $protocols; do
		[ ! -d "/sys/module/x$protocol" ] || rmmod "x$protocol" || return
	done
	[ ! -d /sys/module/xl4 ] || rmmod xl4
}
