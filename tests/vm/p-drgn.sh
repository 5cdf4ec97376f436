#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drgn, and libkdumpfile below it, open our kdump files of all four codecs, decode every page of them, and find the same panic.

. "$(dirname "$0")/tap.sh"

"$VM/kernel.sh" --debug bookworm amd64 >release || give_up "debug information" $?
guest bookworm amd64 kdump
source=$guest/vmcore.elf

# Debian's own python has the module, whatever python stands first in PATH.
drgn_reads() { /usr/bin/python3 "$VM/drgn-check.py" "$1" "$guest/kernel/vmlinux" "$source"; }

for codec in zlib lzo snappy zstd none; do
	filter --compress=$codec -d 31 "$source" $codec 2>/dev/null
	try "drgn opens $codec, every page is as in the source, and the panic is found" drgn_reads $codec
done

finish
