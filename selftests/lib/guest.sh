#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# usage: guest.sh FOLDER/NAME...
#
# What the VM does in make check: loads the modules, runs the tests, unloads.
cd "$XL4_ROOT/selftests/lib" || exit

if [ "$XL4_MODULES" = none ]; then
	exec ./run.sh "$@"
fi

./run.sh lab/load
if ! [ -d /sys/module/xudp ]; then
	echo 'Bail out! The modules do not load.'
	exit 1
fi
[ $# = 0 ] || ./run.sh "$@"
./run.sh lab/unload
