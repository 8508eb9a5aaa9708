#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The modules unload, and nothing of them stays. Runs after all tests.
. "$XL4_ROOT/selftests/lib/modules.sh"

number=0 status=0
result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		echo "not ok $number $2"
		status=1
	fi
}

echo 'TAP version 13'
echo '1..3'
unload_modules
result $? 'the modules unload'
! grep -E 'xl4|xUDP|xTCP|xSCTP' /proc/net/protocols
result $? 'no protocol of theirs is left'
! grep -E '\[(xl4|xl4_bridge|xudp|xtcp|xsctp|xdccp)\]' /proc/kallsyms
result $? 'no symbol of theirs is left'
exit $status
