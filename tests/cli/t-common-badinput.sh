#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that are no dump, or a broken one: one clear line, the documented exit code, nothing left
# behind, and what could be read is kept.
. "${0%/*}/lib.sh"

none() {
	test ! -e new && test ! -e new.tmp && test ! -e new.incomplete
}

refused() { # text file
	for tool in capture filter convert; do
		code 1 "$tool: $2" $tool "$2" new
		try "$tool says what is wrong with $2" has err "vmcore-$tool: $2: $1"
		try "in one line" lines err 1
		try "and leaves nothing" none
	done
}

: >empty
refused "" empty
head -c 5000 /dev/zero >zero
refused "" zero
printf 'not a dump at all, but text\n' >text
refused "" text
refused "No such file or directory" missing
mkdir dir
refused "" dir

mkdump machine machine
head -c 50 machine >cut-header
refused "" cut-header
head -c 20 machine >cut-short
refused "" cut-short

# no segments at all: e_phnum is at offset 56
cp machine nothing
printf '\0\0' | dd of=nothing bs=1 seek=56 conv=notrunc status=none
refused "" nothing

mkdump kdump kdump z.x0r
cp kdump blocks
printf '\377\377\377\177' | dd of=blocks bs=1 seek=436 conv=notrunc status=none # bitmap_blocks
refused "" blocks
cp kdump size
printf '\1\2\3\0' | dd of=size bs=1 seek=428 conv=notrunc status=none # block_size
refused "" size

# A file that ends early still has what it has.
head -c 3000000 machine >cut.dump
for tool in filter convert; do
	code 4 "$tool: a cut file" $tool -f cut.dump new
	try "$tool says where the file ends" has err "cut.dump: "
	try "and how much is lost" has err "pages could not be read"
	try "and keeps the rest" test -s new
done
code 4 "capture: a cut file" capture -f cut.dump new
code 0 "capture: a cut file is usable" capture -f --exit-code=usable cut.dump new
try "the log is there" has new.dmesg.txt "Kernel panic - not syncing: test"

# A page whose data are damaged is left out.
mkdump kdump bad rrrzrr
code 0 "convert: an undamaged page" convert -f bad new
cp bad worse
# overwrite the end of the file: data of the last blocks
size=$(stat -c %s worse)
truncate -s $((size - 4096)) worse
code 4 "convert: a page whose data are gone" convert -f worse new
try "says which memory is left out" has err "(memory 0x5000 to 0x6000 is left out)"
try "and counts" has err "1 of 6 pages could not be read"
code 4 "convert --json" convert -f --json worse new
try "--json counts" has out '"pages_unreadable": 1'
try "--json has the exit code" has out '"exit_code": 4'
try "--json says where" has out '"start": "0x5000"'

code 2 "the source as target" convert -f kdump kdump
try "is refused" has err "source and target are the same file"
ln kdump link
code 2 "a link to the source as target" filter -f kdump link
code 2 "the source as standard output" bash -c "${RUNNER-} $BIN/vmcore-convert kdump - >>kdump"
finish
