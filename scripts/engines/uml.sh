# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # sourced by scripts/vm, whose variables these are
#
# User Mode Linux: the kernel is a program of this machine. It has one CPU.

prepare() { :; }

# processors 0,2-3: the same as words.
processors() {
	local range
	for range in ${1//,/ }; do
		seq "${range%-*}" "${range#*-}"
	done
}

# Go on with one processor of this machine, which no other User Mode Linux has, if there is one. The
# kernel and the processes that it traces take turns: on two processors they would have to wake each
# other for every system call.
take_processor() {
	local cpu all
	all=$(taskset -cp "$BASHPID") || return 0
	for cpu in $(processors "${all##*: }"); do
		exec {processor}>"$cache/processor-$cpu" || continue
		flock --nonblock "$processor" && taskset -cp "$cpu" "$BASHPID" >/dev/null 2>&1 && return
		exec {processor}>&-
	done
}

# run DIR: boots; leaves DIR/kernel.log and DIR/vm/status there. The command's
# output goes to file descriptor 3.
run() {
	local dir=$1 line='null,fd:3' arg
	[ -z "$tty" ] || { exec 3<&0 4>&1; line='fd:3,fd:4'; }
	take_processor
	arg=("mem=${memory}M" "uml_dir=$dir" root=/dev/root rootfstype=hostfs ro "init=$dir/vm/init"
		con=null "con0=null,fd:1" "ssl0=$line" ssl=null loglevel=8 kasan_multi_shot)
	# KILL: at a TERM it would tidy up, and complain of itself.
	# shellcheck disable=SC2086 # kernel parameters
	exec timeout --foreground -s KILL "$limit" "$image" "${arg[@]}" $append \
		>"$dir/kernel.log" 2>"$dir/engine.log"
}

explain_death() { cat "$1/engine.log" >&2; }
