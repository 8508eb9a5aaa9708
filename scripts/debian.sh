# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by those who fetch from Debian what this machine has not, or not as new. It is unpacked
# in the cache, not installed: that takes no root and changes nothing on this machine.

say() { echo "${0##*/}: $*" >&2; }
die() { say "$@"; exit 1; }

# once FOLDER COMMAND [ARGUMENTS]: FOLDER, which `COMMAND ARGUMENTS FOLDER` fills unless that was
# done before. It writes FOLDER/release last: where that is, all is.
once() {
	local folder=$1
	mkdir -p "${folder%/*}"
	exec 9>"$folder.lock"
	flock --nonblock 9 || { say "waiting for ${folder##*/}, which another run prepares"; flock 9; }
	if ! [ -e "$folder/release" ]; then
		rm -rf "$folder"
		mkdir "$folder"
		"${@:2}" "$folder"
	fi
	exec 9>&-
	echo "$folder"
}

# Debian's mirror for this machine, as apt knows it.
mirror() {
	# shellcheck disable=SC2016 # apt's variable
	apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 2>/dev/null |
		sort -u | grep -m 1 ^http || echo http://deb.debian.org/debian/
}

# unpack SUITE FOLDER PACKAGE...: these and all that they need, as FOLDER/root.
unpack() {
	local suite=$1 root=$2/root package
	local -a includes=() sources=("deb $(mirror) ${1%-backports} main")
	for package in "${@:3}"; do
		includes+=("--include=$package")
	done
	[ "$suite" = "${suite%-backports}" ] || sources+=("deb $(mirror) $suite main")
	# shellcheck disable=SC2016 # mmdebstrap's variable
	mmdebstrap --mode=chrootless --variant=extract "${includes[@]}" \
		--aptopt="APT::Default-Release \"$suite\"" \
		--setup-hook='cd "$1" && mkdir -p usr/bin usr/sbin usr/lib usr/lib64 && ln -s usr/* .' \
		"${suite%-backports}" "$root" "${sources[@]}" >"$2/log" 2>&1 ||
		{ cat "$2/log" >&2; die "mmdebstrap failed"; }
}
