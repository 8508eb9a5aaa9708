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

# The programs of whose results on standard input one is bad, as FOLDER/NAME.
failed() { sed -nE 's|^not ok [0-9]+ selftests: (\S+): (\S+)( .*)?$|\1/\2|p'; }

# Up to XL4_RETRIES tests that failed are run once more, in the same VM: what broke a module, or
# made the kernel complain, stays broken. Where more failed it was not chance.
run_and_settle() {
	local results=/tmp/xl4-results again test
	[ $# != 0 ] || return 0
	./run.sh "$@" | tee $results
	mapfile -t again < <(failed <$results)
	if [ ${#again[@]} -le "${XL4_RETRIES:-0}" ]; then
		for test in "${again[@]}"; do
			echo "# again: $test"
			./run.sh "$test"
		done
	fi
	./run.sh lab/settle
}

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
