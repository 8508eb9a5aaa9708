#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# usage: guest.sh FOLDER/NAME...
#
# What the VM does in make check: loads the modules, runs the tests, unloads. Those of
# stress/ and faults/ count what the modules hold, those of lifecycle/ unload them, so the
# connections of all others have to be over.
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
before=() counting=() lifecycle=()
for test; do
	case $test in
	lifecycle/*) lifecycle+=("$test") ;;
	stress/* | faults/*) counting+=("$test") ;;
	*) before+=("$test") ;;
	esac
done

run_and_settle() { [ $# = 0 ] || ./run.sh "$@" lab/settle; }

run_and_settle "${before[@]}"
run_and_settle "${counting[@]}"
run_and_settle "${lifecycle[@]}"
./run.sh lab/unload

# Which lines of the modules ran, where the kernel counts that (scripts/coverage).
counted=/sys/kernel/debug/gcov
if cd $counted 2>/dev/null; then
	find . -name '*.gcda' | while read -r file; do
		mkdir -p "$XL4_OUT/gcov/$XL4_TIME/${file%/*}"
		cat "$file" >"$XL4_OUT/gcov/$XL4_TIME/$file"
	done
fi
