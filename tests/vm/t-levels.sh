#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Page for page what makedumpfile keeps, at every dump level, and every kept page byte for byte. Pages that the source backs only in
# part (the last one below 640 KiB) are named by kdump.py and not counted: we keep them, makedumpfile drops them with what they hold.

. "$(dirname "$0")/tap.sh"

guest bookworm amd64 kdump
source=$guest/vmcore.elf
echo "# $(makedumpfile -v 2>&1 | head -n 1)"

level_is_theirs() {
	makedumpfile -l -d "$1" -f "$source" theirs >makedumpfile.log 2>&1 || return
	filter -f -l -d "$1" "$source" ours 2>/dev/null && "$KDUMP" same-pages theirs ours "$source"
}

codec_is_exact() {
	filter -f --compress="$1" -d 31 "$source" "$1" 2>/dev/null || return
	"$KDUMP" same-pages "$1" zlib && convert -f -c "$1" recoded 2>/dev/null && "$KDUMP" same-bytes recoded "$source"
}

# Whole and to the end of the log, which makedumpfile indents its own way.
their_log_is_same() {
	makedumpfile --dump-dmesg -f "$1" log.ours >makedumpfile.log 2>&1 &&
		makedumpfile --dump-dmesg -f "$source" log.source >makedumpfile.log 2>&1 && cmp log.ours log.source
}

they_refilter() {
	makedumpfile -c -d 31 -f "$1" again >makedumpfile.log 2>&1 && "$KDUMP" same-pages again "$1"
}

for level in $(seq 0 31); do
	try "-d $level keeps the pages that makedumpfile keeps" level_is_theirs "$level"
done

filter -c -d 31 "$source" zlib 2>/dev/null
try "zlib: every kept page is as in the source" "$KDUMP" same-bytes zlib "$source"
for codec in none lzo snappy zstd; do
	try "$codec: same pages, every one as in the source" codec_is_exact $codec
done
filter -E -d 31 "$source" elf 2>/dev/null
try "ELF: every byte is as in the source" "$KDUMP" elf-in elf "$source"
convert -c elf fromelf 2>/dev/null
try "ELF: same pages as zlib" "$KDUMP" same-pages fromelf zlib

for codec in zlib lzo; do
	try "makedumpfile reads the log of $codec" their_log_is_same $codec
	try "makedumpfile filters $codec again and loses nothing" they_refilter $codec
done

finish
