#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Boots a Debian kernel under QEMU, gives it work, crashes it and prints the folder with what is left of it.
#
#   guest.sh [options] SUITE ARCH MODE
#
#   kdump   the capture kernel, loaded by kexec -p, copies /proc/vmcore to vmcore.elf and, if CAPTURE names a static
#           vmcore-capture, runs it: dump/vmcore, dump/capture.{log,exit,peak-kib}
#   panic   no capture kernel: QEMU writes qemu.elf, qemu.elf-paging, qemu.kdump-* and ram.raw
#
#   --fresh        crash again even if the cache has the result
#   --no-raw       do not copy /proc/vmcore
#   --name NAME    name of the result, for those with options of their own (default RELEASE-MODE)
#   --mem MB       RAM of the guest (default 1024)
#   --cpu MODEL    (amd64: "max" turns 5-level page tables on)
#   --append ARGS  more words for the kernel's command line
#   --qemu ARGS    more words for QEMU, e.g. "-device vmcoreinfo"
#   --capture ARGS options of vmcore-capture (default "-d 31 -z")
#
# In the folder are also truth/ (what the guest knew of itself just before: guest-init says what), console.log, and kernel, which
# leads to vmlinuz and vmlinux. It is $VMCORE_CACHE/dumps/NAME and made anew when these scripts, the kernel, the options or
# (in mode kdump) the capture binary have changed.
# VMCORE_LIMIT is the most seconds that a guest may take (900).
#
# Not everything that can be named works: the kexec of bookworm cannot describe an arm64 kernel 6.1, which does not list _text.
# QEMU only emulates (TCG): /dev/kvm may be there and still not run a guest.

set -euo pipefail
. "$(dirname "$0")/lib.sh"

fresh='' raw=yes name='' mem=1024 cpu='' append='' qemu_args='' capture_options='-d 31 -z'
while [[ "${1:-}" == --* ]]; do
	case $1 in
	--fresh) fresh=yes ;;
	--no-raw) raw= ;;
	--name) name=$2 && shift ;;
	--mem) mem=$2 && shift ;;
	--cpu) cpu=$2 && shift ;;
	--append) append=$2 && shift ;;
	--qemu) qemu_args=$2 && shift ;;
	--capture) capture_options=$2 && shift ;;
	*) die "unknown option $1" ;;
	esac
	shift
done
[ $# = 3 ] || die "usage: guest.sh [options] SUITE ARCH MODE"
suite=$1 flavour=$2 arch=${2%%-*} mode=$3
case $mode in kdump | panic) ;; *) die "unknown mode $mode" ;; esac

case $arch in
amd64)
	# A part of the memory above 4 GiB, so that there is a hole, and more than one zone and one PT_LOAD.
	qemu=qemu-system-x86_64 console=ttyS0
	machine=(-machine "q35,max-ram-below-4g=$((mem > 2304 ? 2048 : mem - 256))M" -cpu "${cpu:-max,la57=off}")
	;;
arm64)
	qemu=qemu-system-aarch64 console=ttyAMA0
	machine=(-machine "virt,gic-version=3" -cpu "${cpu:-cortex-a57}")
	;;
*) die "unknown architecture $arch" ;;
esac
command -v $qemu >/dev/null || die "$qemu is missing: tests/vm/deps.sh vm installs it"

release=$("$VM/kernel.sh" "$suite" "$flavour")
kernel=$CACHE/kernels/$release
out=$CACHE/dumps/${name:-$release-$mode}
mkdir -p "$CACHE/dumps"
exec 8>"$out.lock"
flock 8

key=$(cat "$VM"/{guest.sh,guest-init,qmp.py} "$kernel/version" | sha256sum | cut -c-16)" $release $mode $mem $cpu $append $qemu_args"
[ -z "$raw" ] && key="$key no-raw"
capture_key=
[ -n "${CAPTURE:-}" ] && [ "$mode" = kdump ] && capture_key="$(sha256sum <"$CAPTURE" | cut -c-16) $capture_options"
# A result made with some vmcore-capture also serves those who ask for none.
if [ -z "$fresh" ] && [ "$(cat "$out/key" 2>/dev/null)" = "$key" ] &&
	{ [ -z "$capture_key" ] || [ "$(cat "$out/key.capture")" = "$capture_key" ]; }; then
	echo "$out"
	exit
fi

# Programs of the guest: its own architecture's busybox, and kexec with its libraries, from the kernel's suite.
user=$CACHE/user/$suite-$arch
if [ ! -e "$user/bin/kexec" ]; then
	apt_root "$suite" "$arch" || skip "$(unreachable "$suite")"
	rm -rf "$user" "$user.new"
	mapfile -t packages < <(apt_closure kexec-tools | sed -n 's/^\(lib[^ ]*\|zlib1g\) .*/\1/p')
	unpack "$user.new" busybox-static kexec-tools "${packages[@]}" || skip "packages of $suite cannot be downloaded"
	mkdir -p "$user.new"/{bin,guest}
	find "$user.new" -path '*/lib*/*-linux-gnu*/*.so*' -not -path '*/gconv/*' -not -name '*.so' -exec cp -L {} "$user.new/guest/" \;
	find "$user.new" -name 'ld*.so.[0-9]' -exec cp -L {} "$user.new/guest/" \; 2>/dev/null
	cp "$user.new"/{usr/,}sbin/kexec "$user.new/bin/" 2>/dev/null || :
	mv "$user.new" "$user"
fi

tmp=$out.new
rm -rf "$tmp"
mkdir -p "$tmp"
# After a failure the console log stays, the disks do not.
trap '[ -z "${qemu_pid:-}" ] || kill "$qemu_pid" 2>/dev/null || :; rm -rf "$tmp"/{root,*.disk,*.img,ram.raw}' EXIT

# root MODULE...: the root file system of an initramfs, in $tmp/root.
root() {
	rm -rf "$tmp/root"
	mkdir -p "$tmp/root/"{bin,dev,guest,mnt,modules,proc,run,sys}
	cp "$user"/bin/busybox "$tmp/root/bin/" 2>/dev/null || cp "$user"/usr/bin/busybox "$tmp/root/bin/"
	cp "$VM/guest-init" "$tmp/root/init"
	local module file
	: >"$tmp/root/modules/order"
	for module; do
		# Not every kernel has every module, and some are built in.
		modprobe -d "$kernel/modules" -S "$release" --show-depends "$module" 2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p' || :
	done | awk '!seen[$0]++' | while read -r file; do
		module=$(basename "$file" | sed 's/\.ko.*/.ko/')
		case $file in
		*.xz) xz -dc "$file" ;;
		*.zst) zstd -qdc "$file" ;;
		*) cat "$file" ;;
		esac >"$tmp/root/modules/$module"
		echo "$module" >>"$tmp/root/modules/order"
	done
}

# Not compressed: emulated decompression takes longer than reading.
image() { (cd "$tmp/root" && find . | cpio --quiet -o -H newc -R 0:0) >"$1"; }

disks=(virtio_pci virtio_blk ext4 crc32c_generic crc32c_intel)
root "${disks[@]}"
[ -n "$capture_key" ] && cp "$CAPTURE" "$tmp/root/bin/vmcore-capture"
image "$tmp/capture.img"
root "${disks[@]}" qemu_fw_cfg virtio_balloon zram
cp -r "$user/guest" "$tmp/root/"
if [ "$mode" = kdump ]; then
	cp -L "$user/bin/kexec" "$kernel/vmlinuz" "$tmp/root/guest/"
	mv "$tmp/capture.img" "$tmp/root/guest/"
fi
image "$tmp/boot.img"
rm -rf "$tmp/root"

# drive NAME SIZE: a disk that the guest finds by its name; zeros written to it become holes.
drives=()
drive() {
	truncate -s "$2" "$tmp/$1.disk"
	drives+=(-drive "file=$tmp/$1.disk,if=none,id=$1,format=raw,cache=unsafe,discard=unmap,detect-zeroes=unmap"
		-device "virtio-blk-pci,drive=$1,serial=$1")
}
drive truth 384M
drive data 512M
mke2fs -q -t ext4 -F -d "$kernel/modules/lib/modules/$release/kernel/drivers/net" "$tmp/data.disk"
if [ "$mode" = kdump ]; then
	[ -n "$raw" ] && drive raw $((mem + 64))M
	[ -n "$capture_key" ] && drive dump $((mem + 256))M && mke2fs -q -t ext4 -F "$tmp/dump.disk"
	append="crashkernel=256M panic=5 $append"
else
	machine+=(-object "memory-backend-file,id=ram,size=${mem}M,mem-path=$tmp/ram.raw,share=on" -machine memory-backend=ram)
fi

say "booting $release in QEMU with $mem MB and crashing it ($mode)"
# shellcheck disable=SC2086  # more words
$qemu "${machine[@]}" -accel tcg -smp 2 -m "${mem}M" -nodefaults -no-user-config -display none -no-reboot \
	-serial "file:$tmp/console.log" -qmp "unix:$tmp/qmp,server=on,wait=off" "${drives[@]}" -device virtio-balloon-pci \
	-kernel "$kernel/vmlinuz" -initrd "$tmp/boot.img" $qemu_args \
	-append "console=$console printk.devkmsg=on rdinit=/init MODE=$mode CAPTURE_OPTIONS=\"$capture_options\" $append" 2>"$tmp/qemu.log" 8>&- &
qemu_pid=$!

limit=$((SECONDS + ${VMCORE_LIMIT:-900}))
until [ "$mode" = panic ] && grep -qs 'end Kernel panic' "$tmp/console.log" || ! kill -0 $qemu_pid 2>/dev/null; do
	[ $SECONDS -lt $limit ] || die "the guest does not come to an end, see $tmp/console.log"
	if [ -z "${balloon:-}" ] && grep -qs 'guest: .* balloon' "$tmp/console.log"; then
		balloon=sent
		python3 "$VM/qmp.py" "$tmp/qmp" balloon $((mem - 48))
	fi
	sleep 1
done
if [ "$mode" = panic ]; then
	say "panicked; taking the dumps of QEMU"
	python3 "$VM/qmp.py" "$tmp/qmp" dump "$tmp"
	wait $qemu_pid || :
else
	grep -q 'guest: .* s: end' "$tmp/console.log" || die "the capture kernel did not come to its end, see $tmp/console.log and $tmp/qemu.log"
	if [ -n "$raw" ]; then
		truncate -s "$(tr -d '\r' <"$tmp/console.log" | sed -n 's/.*guest: raw-size //p')" "$tmp/raw.disk"
		mv "$tmp/raw.disk" "$tmp/vmcore.elf"
	fi
	if [ -n "$capture_key" ]; then
		mkdir "$tmp/dump"
		debugfs -R "rdump / $tmp/dump" "$tmp/dump.disk" 2>/dev/null
	fi
fi
qemu_pid=

mkdir "$tmp/truth"
tar -xf "$tmp/truth.disk" -C "$tmp/truth"
tar -xf - -C "$tmp/truth" < <(tail -c +$((128 * 1024 * 1024 + 1)) "$tmp/truth.disk") || die "the guest left no truth"
ln -s "../../kernels/$release" "$tmp/kernel"
rm -f "$tmp"/{*.disk,*.img,qmp}
echo "$key" >"$tmp/key"
echo "$capture_key" >"$tmp/key.capture"
rm -rf "$out.old"
[ ! -e "$out" ] || mv "$out" "$out.old"
mv "$tmp" "$out"
rm -rf "$out.old"
say "done: $out"
echo "$out"
