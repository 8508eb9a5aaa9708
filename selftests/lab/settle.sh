#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# No socket is left of the tests that ran before: connections that no program has any more
# end by themselves, within the time that orphan_retries gives them.
users() {
	cat /sys/module/xudp/refcnt /sys/module/xtcp/refcnt /sys/module/xsctp/refcnt \
		/sys/module/xdccp/refcnt |
		awk '{ sum += $1 } END { print sum }'
}

echo 'TAP version 13'
echo '1..1'
left=240
while [ "$(users)" != 0 ]; do
	left=$((left - 1))
	if [ $left = 0 ]; then
		grep -v '^ *sl' /proc/net/xl4/* | sed 's/^/# /'
		echo 'not ok 1 no socket is left'
		exit 1
	fi
	sleep 1
done
echo 'ok 1 no socket is left'
