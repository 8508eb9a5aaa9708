#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the runner prints becomes the right sum, also when a test or the VM dies.
summary=$(realpath "$(dirname "$0")/../lib/summary.py")
number=0 failed=0

# sums TITLE EXPECTED: the TAP on standard input
sums() {
	local title=$1 expected=$2 output
	number=$((number + 1))
	output=$("$summary")
	if [ "$(tail -n 1 <<<"$output")" = "$expected" ]; then
		echo "ok $number $title"
	else
		failed=1
		echo "not ok $number $title"
		tail -n 12 <<<"$output" | sed 's/^/# /'
	fi
}

# runner VERDICT: one program as the runner prints it, with its TAP from standard input
runner() {
	printf '%s\n' 'TAP version 13' 1..1 '# selftests: udp: a'
	sed 's/^/# /'
	echo "$1"
}

echo 'TAP version 13'
echo 1..11

printf '%s\n' 1..3 'ok 1 a' 'ok 2 b # SKIP no' 'ok 3 - c' | runner 'ok 1 selftests: udp: a' |
	sums 'each result counts' '2 passed, 0 failed, 1 skipped'
printf '%s\n' 1..2 'not ok 1 a' 'ok 2 b' | runner 'not ok 1 selftests: udp: a # exit=1' |
	sums 'a failure counts once' '1 passed, 1 failed, 0 skipped'
printf '%s\n' 1..1 '# ok 1 of a program that the test runs' 'ok 1 a' | runner 'ok 1 selftests: udp: a' |
	sums 'what a test quotes does not count' '1 passed, 0 failed, 0 skipped'
printf '%s\n' '1..0 # SKIP no such device' | runner 'ok 1 selftests: udp: a # SKIP' |
	sums 'a program can be skipped' '0 passed, 0 failed, 1 skipped'
printf '%s\n' 1..3 'ok 1 a' | runner 'not ok 1 selftests: udp: a # exit=139' |
	sums 'a program that dies before its plan is done' '1 passed, 1 failed, 0 skipped'
printf '%s\n' 1..2 'ok 1 a' 'ok 2 b' | runner 'not ok 1 selftests: udp: a # exit=1' |
	sums 'a program that fails after its last test' '2 passed, 1 failed, 0 skipped'
runner 'ok 1 selftests: udp: a' </dev/null |
	sums 'a program that says nothing' '0 passed, 1 failed, 0 skipped'
{
	printf '%s\n' 1..2 'ok 1 a' | runner '# half a linenot ok 1 selftests: udp: a # TIMEOUT 1 seconds'
	printf '%s\n' 1..1 'ok 1 a' | runner 'ok 1 selftests: udp: b'
} | sums 'a line without an end, a time limit, another folder' '2 passed, 1 failed, 0 skipped'
printf '%s\n' 1..3 '# selftests: udp: a' '# 1..1' '# ok 1 a' 'ok 1 selftests: udp: a' '# selftests: udp: b' |
	sums 'what died and what did not run any more' '1 passed, 2 failed, 0 skipped'
# Twice the same program: how its first and its second time end.
twice() {
	printf '%s\n' 1..2 'not ok 1 a' 'ok 2 b' | runner 'not ok 1 selftests: udp: a # exit=1'
	echo '# again: udp/a'
	printf '%s\n' 1..2 "$1 1 a" 'ok 2 b' | runner "$1 1 selftests: udp: a"
}
twice ok | sums 'a program that passes when it is run again' '2 passed, 0 failed, 0 skipped'
twice 'not ok' | sums 'a program that fails again counts once' '1 passed, 1 failed, 0 skipped'

exit $failed
