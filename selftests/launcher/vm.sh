#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make check-vm: scripts/vm keeps its word, whatever runs the kernel. It boots
# about ten times in QEMU and as often in User Mode Linux.
# shellcheck disable=SC2016,SC2317 # the VM's shell expands; check calls
cd "$(dirname "$0")/../.." || exit

scratch=$(mktemp -d "${TMPDIR:-/tmp}/xl4-launcher.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
number=0 failed=0

# Everything here is quick; a limit only ends what hangs, on a busy machine too.
vm() {
	scripts/vm --kernel "$kernel" --limit 300 "$@" >"$scratch/output" 2>"$scratch/error"
}

# check TITLE STATUS EXPECTED [CONDITION...]
check() {
	local title="${kernel:-qemu}: $1" status=$2 expected=$3
	shift 3
	number=$((number + 1))
	if [ "$status" = "$expected" ] && "${@:-true}"; then
		echo "ok $number $title"
		return
	fi
	failed=1
	echo "not ok $number $title"
	echo "# exit status $status, expected $expected; condition: $*"
	sed 's/^/# /' "$scratch/output" "$scratch/error"
}

output_is() { [ "$(cat "$scratch/output")" = "$1" ]; }
error_has() { grep -q "$1" "$scratch/error"; }

# A module that forgets what it has allocated. Some may still be on a stack; in none is an
# old pointer to the next.
make_leaky_module() {
	mkdir "$scratch/leak"
	echo 'obj-m := leak.o' >"$scratch/leak/Kbuild"
	cat >"$scratch/leak/leak.c" <<-'END'
	#include <linux/module.h>
	#include <linux/slab.h>

	static int __init leak_init(void)
	{
		for (int i = 0; i < 100; i++)
			if (!kzalloc(1000, GFP_KERNEL))
				return -ENOMEM;
		return 0;
	}
	module_init(leak_init);

	static void __exit leak_exit(void) { }
	module_exit(leak_exit);
	MODULE_LICENSE("GPL");
	END
	"$(scripts/kernel "$kernel")/make" -s M="$scratch/leak" modules >"$scratch/output" 2>"$scratch/error"
}

every_engine() {
	vm true
	check 'a command that succeeds' $? 0 output_is ''

	vm sh -c 'echo out; echo err >&2; echo again >/dev/stderr; exit 42'
	check "the command's output and nothing else, and its status" $? 42 output_is $'out\nerr\nagain'

	vm printf '%s|' 'a  b' "it's" '$HOME' ''
	check 'arguments arrive as they are' $? 0 output_is "a  b|it's|\$HOME||"

	vm seq 200000
	check 'no output is lost' $? 0 eval "seq 200000 | cmp -s - $scratch/output"

	vm sh -c 'sleep 1000 & echo done'
	check 'what the command leaves running is ended' $? 0 output_is 'done'

	vm sh -c 'kill -SEGV $$'
	check 'a command that dies of a signal' $? 139

	vm sh -c 'ip link add type dummy && ip link show dummy0'
	check 'the kernel finds its modules by itself' $? 0

	vm sh -c 'echo "WARNING: CPU: 0 PID: 1 at nothing" >/dev/kmsg'
	check 'a warning in the kernel log fails a command that succeeds' $? 123 error_has 'WARNING: CPU: 0'

	vm sh -c 'echo c >/proc/sysrq-trigger; sleep 1000'
	check 'a panic ends it, and its log is shown' $? 123 error_has 'sysrq triggered crash'

	vm --limit 20 sleep 1000
	check 'a hang ends at the limit' $? 124 error_has 'limit of 20 seconds'

	echo before >"$scratch/file"
	vm sh -c 'echo after >"$0/file" && rm -r "$0" && ! ls "$0"' "$scratch"
	check 'the host is not written to' $? 0 grep -q before "$scratch/file"

	mkdir -p "$scratch/a, 'b'"
	vm --out "$scratch/a, 'b'" sh -c 'cd "$0" && echo kept >file' "$scratch/a, 'b'"
	check '--out is written to' $? 0 grep -q kept "$scratch/a, 'b'/file"

	vm --log "$scratch/log" sh -c 'echo "<6>a word in the log" >/dev/kmsg'
	check '--log keeps the kernel log' $? 0 grep -q 'a word in the log' "$scratch/log"
}

user_mode_linux() {
	make_leaky_module
	vm sh -c 'insmod "$0/leak/leak.ko" && rmmod leak' "$scratch"
	check 'memory that a module has lost is found' $? 123 error_has 'unreferenced object'
}

echo 'TAP version 13'
echo 1..27
kernel=${KERNEL:-}
every_engine
kernel=uml
every_engine
user_mode_linux
exit $failed
