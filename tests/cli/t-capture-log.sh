#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel log that vmcore-capture saves.
. "${0%/*}/lib.sh"

mkdump machine machine
mkdump elf nothing 64

cat >want <<'END'
[    0.000000] Linux version 6.1.0-test
[    0.001000] two
[    0.001000] lines
END
printf '[   12.345678] esc\033[2Jape\n[   60.000000] Kernel panic - not syncing: test\n' >>want

code 0 "--dump-dmesg" capture --dump-dmesg machine log
try "writes only the log, as dmesg prints it" cmp log want
try "no dump" test "$(echo log*)" = log
code 0 "--dump-dmesg to standard output" capture --dump-dmesg machine -
try "is the same" cmp out want
code 0 "the log beside a dump" capture machine dump
try "is the same" cmp dump.dmesg.txt want
code 0 "--json" capture -f --json machine dump
try "counts the records" has out '"records": 4'
try "and names the file" has out '"path": "dump.dmesg.txt"'
try "and says why the kernel died" has out '"panic": "Kernel panic - not syncing: test"'

code 1 "--dump-dmesg without a log in the dump" capture --dump-dmesg nothing log2
try "says why" has err "vmcore-capture: nothing: no kernel log"
try "and writes none" test ! -e log2
code 0 "a dump without a log" capture nothing dump2
try "is a dump all the same" has err "dump2: "
try "and says so" has err "kernel log: "
code 0 "--json" capture -f --json nothing dump2
try "says so too" has out '"log": null'
code 1 "--dump-dmesg to a full disk" bash -c "${RUNNER-} $BIN/vmcore-capture --dump-dmesg machine - >/dev/full"

# The text of the second record (lpos -> 8 bytes id, then text) is in memory behind "two"
cp machine broken
at=$(grep -abo 'two' machine | sed 's/:.*//;1q')
printf '\377\377\377\377' | dd of=broken bs=1 seek=$((at - 8)) conv=notrunc status=none
code 0 "a log with a broken record" capture broken dump3
try "counts it" has err "kernel log: 1 records are damaged"
try "and has the others" lines dump3.dmesg.txt 3
code 4 "--dump-dmesg of it" capture --dump-dmesg broken log3
code 0 "with --exit-code=usable" capture -f --dump-dmesg --exit-code=usable broken log3
finish
