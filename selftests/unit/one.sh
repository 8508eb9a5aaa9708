#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of a test that comes to its end or to its limit no process is left.
one=$(realpath "$(dirname "$0")/../lib/one.sh")
dir=$(mktemp -d "${TMPDIR:-/tmp}/xl4-one.XXXXXX")
trap 'rm -rf "$dir"' EXIT
number=0 failed=0

# A program that has one more in a process group of its own, and says its number.
cat >"$dir/test" <<END
#!/bin/bash
set -m
sleep 1000 &
echo \$! >$dir/child
[ -e $dir/short ] || wait
exit 3
END
chmod +x "$dir/test"

# check TITLE EXPECTED STATUS
check() {
	number=$((number + 1))
	if [ "$2" = "$3" ] && timeout 10 tail --pid="$(cat "$dir/child")" -f /dev/null; then
		echo "ok $number $1"
	else
		failed=1
		echo "not ok $number $1"
		kill "$(cat "$dir/child")"
	fi
}

echo 'TAP version 13'
echo 1..2

"$one" "$dir/test" &
until [ -s "$dir/child" ]; do sleep 0.05; done
kill -TERM $!
wait $!
check 'at the limit' 124 $?

touch "$dir/short"
"$one" "$dir/test"
check 'at its end' 3 $?

exit $failed
