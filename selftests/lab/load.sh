#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The modules load. Runs before all tests.
. "$XL4_ROOT/selftests/lib/modules.sh"

echo 'TAP version 13'
echo '1..1'
if load_modules; then
	echo 'ok 1 the modules load'
else
	dmesg | tail -n 20
	echo 'not ok 1 the modules load'
	exit 1
fi
