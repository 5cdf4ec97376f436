#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vmcore-filter's other jobs: counting memory, the log, a translation; VMCOREINFO from elsewhere.
. "${0%/*}/lib.sh"

mkdump machine machine
mkdump miscounted miscounted
mkdump damaged damaged
mkdump elf nothing 64

code 0 "--mem-usage" filter --mem-usage machine
cat >want <<'END'

TYPE		PAGES			EXCLUDABLE	DESCRIPTION
----------------------------------------------------------------------
ZERO		57              	yes		Pages filled with zero
NON_PRI_CACHE	64              	yes		Cache pages without private flag
PRI_CACHE	32              	yes		Cache pages with private flag
USER		64              	yes		User process pages
FREE		256             	yes		Free pages
KERN_DATA	551             	no		Dumpable kernel data 

page size:		4096            
Total pages on system:	1024            
Total size on system:	4194304          Byte
END
head -n 13 out >table
try "has makedumpfile's table" diff -u want table
try "and an estimate" has out "LEVEL"
try "for each level" test "$(grep -cE '^ +[0-9]+  ' out)" = 32
try "and the check" has out "Self-check: 256 pages are free"
code 0 "--per-node" filter --mem-usage --per-node machine
try "has the node" has out "node 0:"
try "with the same pages" test "$(grep -c '^FREE		256 ' out)" = 2
code 0 "--json" filter --mem-usage --per-node --json machine
for member in '"command": "mem-usage"' '"cache": 64' '"cache-private": 32' '"free": 256' '"kernel": 551' '"zero": 57' '"node": 0' \
	'"result": "agrees"' '"level": 31' '"codec": "none"' '"pages_absent": 0'; do
	try "has $member" has out "$member"
done

# The estimate of what is then written; pages of one type are alike in this machine.
estimate() {
	tr -d ' \n' <usage | grep -o "{\"level\":$1,\"codec\":\"$2\",\"bytes\":[0-9]*" | sed 's/.*://'
}
near() {
	[ $(($1 * 10)) -ge $(($2 * 9)) ] && [ $(($1 * 10)) -le $(($2 * 11)) ] && return
	echo "# $1 is not near $2"
	return 1
}
cp out usage
for level in 0 1 16 31; do
	filter -f -d $level --compress=none machine dump 2>err
	try "level $level: the size is as estimated" near "$(estimate $level none)" "$(stat -c %s dump)"
done

filter -f -d 31 machine filtered 2>err
code 0 "a filtered dump" filter --mem-usage filtered
try "says what it lacks" has err "filtered: 416 pages are not in the dump"
head -n 13 out >table
try "has the same table" diff -u want table
code 4 "a kernel that counts other pages" filter --mem-usage miscounted
try "is told" has out "Self-check: 256 pages are free by their struct pages, and 16640"
code 4 "damaged struct pages" filter --mem-usage --json damaged
try "are told" has out '"unreadable_struct_page": 64'
code 1 "an unknown kernel" filter --mem-usage nothing
try "says what is missing" has err "nothing: "
code 2 "no file" filter --mem-usage
code 2 "two files" filter --mem-usage machine nothing
code 2 "two jobs" filter --mem-usage --vtop 1 machine

code 0 "--dump-dmesg" filter --dump-dmesg machine log
try "writes the log" has log "Kernel panic - not syncing: test"
code 2 "over an existing file" filter --dump-dmesg machine log
code 0 "with -f" filter -f --dump-dmesg --partial-dmesg machine log
code 0 "to standard output" filter --dump-dmesg machine -
try "is the same" has out "Kernel panic - not syncing: test"
code 1 "no log" filter --dump-dmesg nothing log2
try "leaves no file" test ! -e log2

code 0 "--vtop" filter --vtop=0xffffffff80012345 machine
try "translates" diff - out <<'END'
VIRTUAL           PHYSICAL
ffffffff80012345  12345
END
code 0 "--vtop --json" filter --vtop 0xffffffff80012345 --json machine
try "translates" has out '"physical": "0x12345"'
code 1 "an address that is not mapped" filter -v --vtop 0xffffffffc0000000 machine
try "is an error" has err "machine: 0xffffffffc0000000 is not mapped"
try "and -v shows the way" has err "level 3: entry 0x21003 at 0x20ff8"
code 2 "an address that is none" filter --vtop=ffffg machine
code 1 "an unknown kernel" filter --vtop=1 nothing

# The same memory without its notes.
if ! command -v python3 >/dev/null; then
	skip "-i" "needs python3"
	finish
fi
python3 - <<'END'
import re, struct
data = bytearray(open("machine", "rb").read())
open("info", "wb").write(re.search(rb"OSRELEASE=[^\0]*LENGTH\(zone.free_area\)=11\n", data).group())
phoff, phnum = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
for i in range(phnum):
    if struct.unpack_from("<I", data, phoff + 56 * i)[0] == 4:
        struct.pack_into("<I", data, phoff + 56 * i, 0)
open("bare", "wb").write(data)
END
code 1 "without VMCOREINFO" filter -d 31 bare dump5
try "nothing is understood" has err "bare: dump level 31 is not possible"
code 0 "-i" filter -d 31 -i info bare dump5
try "gives it" has err "608 of 1024 pages"
code 0 "and the new dump has it" filter -d 31 dump5 dump6
code 1 "-i of a file that is none" filter -d 31 -i machine.none bare dump7
code 1 "-i of another text" filter -f -d 31 -i <(echo coffee) bare dump7
finish
