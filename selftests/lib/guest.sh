#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# usage: guest.sh FOLDER/NAME...
#
# What the VM does in make check: loads the modules, runs the tests, unloads. Those
# of lifecycle/ unload them, too, so the connections of all others have to be over.
cd "$XL4_ROOT/selftests/lib" || exit

if [ "$XL4_MODULES" = none ]; then
	exec ./run.sh "$@"
fi

./run.sh lab/load
if ! [ -d /sys/module/xudp ] || ! [ -d /sys/module/xtcp ] ||
	! [ -d /sys/module/xsctp ] || ! [ -d /sys/module/xdccp ]; then
	echo 'Bail out! The modules do not load.'
	exit 1
fi
before=() lifecycle=()
for test; do
	case $test in
	lifecycle/*) lifecycle+=("$test") ;;
	*) before+=("$test") ;;
	esac
done
[ ${#before[@]} = 0 ] || ./run.sh "${before[@]}" lab/settle
[ ${#lifecycle[@]} = 0 ] || ./run.sh "${lifecycle[@]}" lab/settle
./run.sh lab/unload

# Which lines of the modules ran, where the kernel counts that (scripts/coverage).
counted=/sys/kernel/debug/gcov
if cd $counted 2>/dev/null; then
	find . -name '*.gcda' | while read -r file; do
		mkdir -p "$XL4_OUT/gcov/$XL4_TIME/${file%/*}"
		cat "$file" >"$XL4_OUT/gcov/$XL4_TIME/$file"
	done
fi
