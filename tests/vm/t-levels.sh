#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Page for page what makedumpfile keeps, at every dump level; and every kept page byte for byte.
set -uo pipefail
. "$(dirname "$0")/tap.sh"

guest=$("$VM/guest.sh" bookworm amd64 kdump) || bail "no guest"
source=$guest/vmcore.elf
note "$(makedumpfile -v | head -1) against $(basename "$(readlink "$guest/kernel")")"

for level in $(seq 0 31); do
	makedumpfile -l -d "$level" -f "$source" "$work/theirs" >/dev/null 2>&1 || bail "makedumpfile -d $level failed"
	"$BIN/vmcore-filter" -f -l -d "$level" "$source" "$work/ours" || bail "vmcore-filter -d $level failed"
	ok "-d $level: same pages as makedumpfile" "$VM/kdump.py" same-pages "$work/theirs" "$work/ours"
done

"$BIN/vmcore-filter" -f -c -d 31 "$source" "$work/zlib"
ok "zlib: every kept page is as in the source" "$VM/kdump.py" same-bytes "$work/zlib" "$source"
for codec in none lzo snappy zstd; do
	"$BIN/vmcore-filter" -f --compress=$codec -d 31 "$source" "$work/$codec"
	ok "$codec: same pages as zlib" "$VM/kdump.py" same-pages "$work/$codec" "$work/zlib"
	"$BIN/vmcore-convert" -f -O kdump --compress=zlib "$work/$codec" "$work/$codec.zlib"
	ok "$codec: every kept page is as in the source" "$VM/kdump.py" same-bytes "$work/$codec.zlib" "$source"
done
"$BIN/vmcore-filter" -f -E -d 31 "$source" "$work/elf"
ok "ELF: every byte is as in the source" "$VM/kdump.py" elf-in "$work/elf" "$source"
"$BIN/vmcore-convert" -f -O kdump --compress=zlib "$work/elf" "$work/elf.zlib"
ok "ELF: same pages as zlib" "$VM/kdump.py" same-pages "$work/elf.zlib" "$work/zlib"

for codec in zlib lzo; do
	ok "makedumpfile reads the log of $codec" makedumpfile --dump-dmesg -f "$work/$codec" "$work/dmesg.$codec"
	ok "it is the one of the source" cmp "$work/dmesg.$codec" <(makedumpfile --dump-dmesg -f "$source" "$work/dmesg" >/dev/null 2>&1; cat "$work/dmesg")
	ok "makedumpfile filters $codec again" makedumpfile -c -d 31 -f "$work/$codec" "$work/again"
	ok "nothing is lost by that" "$VM/kdump.py" same-pages "$work/again" "$work/$codec"
done

finish
