# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # sourced by scripts/vm, whose variables these are
#
# QEMU boots a distribution's kernel, with KVM where that works.

# Modules that the kernel needs to see the host's files, in the order of loading.
boot_modules() {
	local name
	for name in virtio_pci virtio_console 9pnet_virtio 9p overlay; do
		modprobe -d "${modules%/lib/modules/*}/" -S "$release" --show-depends "$name" ||
			die "$release has no module $name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# prepare DIR: DIR/initramfs, with DIR/vm in it.
prepare() {
	local root=$1/root file name
	mkdir -p "$root"/{bin,proc,sys,dev,modules}
	cp -r "$1/vm" "$root"
	cp "$(command -v busybox)" "$root/bin/busybox"
	for file in $(boot_modules); do
		name=${file##*/}
		name=${name%.ko*}.ko
		case $file in
		*.xz) xz -dc "$file" ;;
		*.zst) zstd -qdc "$file" ;;
		*.gz) gzip -dc "$file" ;;
		*) cat "$file" ;;
		esac >"$root/modules/$name"
		echo "$name"
	done >"$root/modules/order"
	(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$1/initramfs"
}

# /dev/kvm may be there and not work (a kernel that hangs or QEMU that aborts),
# so that only a boot can tell. The answer holds for this host kernel and QEMU.
choose_accel() {
	local answer
	answer=$(uname -r; stat -L -c '%n %s %Y' "$(command -v qemu-system-x86_64)")
	answer=$cache/accel-$(cksum <<<"$answer" | cut -d' ' -f1)
	if ! [ -r /dev/kvm ] || ! [ -w /dev/kvm ]; then
		echo tcg
		return
	fi
	if ! [ -s "$answer" ]; then
		mkdir -p "$cache"
		if "$0" --kernel "$kernel" --accel kvm --limit 15 true >/dev/null 2>&1; then
			echo kvm
		else
			echo tcg
		fi >"$answer.$$"
		mv "$answer.$$" "$answer"
	fi
	cat "$answer"
}

# mac WIRE: the last octet of a card's address, one for each end.
mac() {
	[[ ${1%,*} < ${1#*,} ]] && echo 01 || echo 02
}

# run DIR: boots DIR/initramfs; leaves DIR/kernel.log and DIR/vm/status there.
# The command's output goes to file descriptor 3.
run() {
	local dir=$1 arg qemu=qemu-system-x86_64
	[ "$accel" ] || accel=$(choose_accel)
	arg=(-nodefaults -no-user-config -display none -no-reboot
		-smp "$cpus" -m "$memory" -kernel "$image" -initrd "$dir/initramfs"
		-append "rdinit=/vm/init console=ttyS0 loglevel=8 panic=-1 oops=panic net.ifnames=0 no_timer_check $append"
		-serial "file:$dir/kernel.log" -d cpu_reset -D "$dir/engine.log"
		-fsdev "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"
		-device "virtio-9p-pci,fsdev=host,mount_tag=host"
		-chardev "file,id=status,path=$dir/vm/status"
		-device virtio-serial-pci)
	if [ "$tty" ]; then
		arg+=(-chardev "stdio,id=tty,signal=off" -device "virtconsole,nr=0,chardev=tty"
			-chardev "null,id=output")
	else
		arg+=(-chardev "file,id=output,path=/dev/fd/3")
	fi
	arg+=(-device "virtserialport,nr=1,chardev=output"
		-device "virtserialport,nr=2,chardev=status")
	if [ "$out" ]; then
		arg+=(-fsdev "local,id=out,path=${out//,/,,},security_model=none,multidevs=remap"
			-device "virtio-9p-pci,fsdev=out,mount_tag=out")
	fi
	if [ "$wire" ]; then
		arg+=(-netdev "dgram,id=wire,local.type=unix,local.path=${wire%,*},remote.type=unix,remote.path=${wire#*,}"
			-device "virtio-net-pci,netdev=wire,mac=52:54:00:00:00:$(mac "$wire")")
	fi
	case $accel in
	kvm) arg+=(-accel kvm -cpu host) ;;
	# Without ERMS and FSRM, by which an emulated Linux would copy octet by octet.
	tcg) qemu=$("$scripts/qemu") || exit 125
		arg+=(-accel "tcg,thread=$([ "$icount" ] && echo single || echo multi)" -cpu "max,-erms,-fsrm") ;;
	*) die "no accelerator $accel" ;;
	esac
	[ -z "$icount" ] || arg+=(-icount shift=0)
	exec timeout --foreground -k 5 "$limit" "$qemu" "${arg[@]}"
}

# Such an end leaves no word in the kernel log.
explain_death() {
	! grep -qs 'Triple fault' "$1/engine.log" ||
		say 'a triple fault: the kernel could not even report its fault'
}
