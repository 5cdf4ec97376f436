#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vmcore-convert: every way to name a source.
. "${0%/*}/lib.sh"

mkdump machine machine
mkdump kdump kdump 'rzrz....xxxx00r0zlsd'

# What convert says of two dumps, and that they are the same.
same() { code 0 "$1" convert --verify "${@:2}"; }

# Flattened streams: as a file, and from a pipe.
code 0 "-F of an ELF core" bash -c "${RUNNER-} $BIN/vmcore-convert -F -E machine >flat"
same "a flattened ELF core is the same" flat machine
code 0 "-O flattened" convert -O flattened --compress=none kdump flat.kdump
try "is a flattened stream" test "$(head -c 12 flat.kdump)" = makedumpfile
same "a flattened kdump file is the same" flat.kdump kdump
code 0 "a pipe as source" bash -c "cat flat | ${RUNNER-} $BIN/vmcore-convert - piped"
same "is the same" piped machine
code 0 "a file as standard input" bash -c "${RUNNER-} $BIN/vmcore-convert - filed <machine"
same "is the same" filed machine
code 0 "--info of a pipe" bash -c "cat kdump | ${RUNNER-} $BIN/vmcore-convert --info -"
try "names standard input" has out "FILE: standard input"
code 1 "an empty pipe" bash -c "printf '' | ${RUNNER-} $BIN/vmcore-convert - none"
try "says so" has err "standard input: the file is empty"
try "leaves no copy behind" test -z "$(find . -name '*.tmp')"

# Raw memory.
code 0 "-O raw" convert -O raw machine ram
try "says what address its first byte has" has err "raw from address 0x0"
same "raw memory at its address" ram@0 machine
code 0 "in two parts" convert ram@0,2M ram@2M parts
same "is the same" parts ram@0
split -b 1M ram ram.
same "in several files" ram.aa@0 ram.ab@1M ram.ac@2M ram.ad@3M machine
code 0 "of a virtual machine" convert --machine=virt-arm64 -O elf ram arm
code 0 "knows what machine it is" convert --info arm
try "namely an aarch64" has out "MACHINE: aarch64"
same "which has it at 1 GiB" --machine=virt-arm64 ram arm
same "as one image of several files" --machine=virt-arm64 ram.aa ram.ab ram.ac ram.ad arm
code 0 "an image with a hole" convert --machine=q35,max-ram-below-4g=1M -O elf ram hole
same "has its rest at 4 GiB" ram@0,1M ram@4G hole
code 1 "without an address" convert ram new
try "is not guessed" has err "of raw memory say FILE@ADDRESS"
code 2 "an unknown machine" convert --machine=pdp11 ram new
try "is refused" has err "no machine type 'pdp11', see --list"
code 2 "addresses for some files only" convert ram.aa@0 ram.ab new
code 2 "more memory than the file has" convert ram@0,8M new
try "says how much there is" has err "ram: has 0x400000 bytes from offset 0 on"
code 2 "several files that are no set" convert machine kdump new
code 2 "the second source as target" convert -f ram.aa@0 ram.ab@1M ram.ab
truncate -s 64M sparse
dd if=ram of=sparse bs=1M seek=40 conv=notrunc status=none
code 0 "sparse raw memory" convert -O elf sparse@0 sparse.elf
try "stays sparse" test "$(stat -c %b sparse.elf)" -lt 20000
same "and the same" sparse@0 sparse.elf

# LiME.
code 0 "-O lime" convert -O lime kdump lime
same "LiME is the same" lime kdump
code 0 "LiME to ELF" convert -O elf lime lime.elf
same "is the same" lime.elf kdump

# Phone ramdumps.
mkdir phone
head -c 1M ram >phone/DDRCS0_0.BIN
tail -c +1048577 ram >phone/DDRCS0_1.BIN
echo secret >phone/OCIMEM.BIN
printf '8 0x0 1048576 DDR part0 DDRCS0_0.BIN\r\n8 0x100000 3145728 DDR part1 DDRCS0_1.BIN\r\n8 0x14680000 7 OCIMEM OCIMEM.BIN\r\n' >phone/dump_info.txt
code 0 "a folder of ramdumps" convert phone phone.kdump
same "is the same" phone.kdump ram@0
rm phone/DDRCS0_1.BIN
code 4 "a folder that lacks a file" convert -f phone phone.kdump
try "says what memory that is" has err "memory from 0x100000 to 0x400000 is not in the folder"
code 1 "a folder of something else" convert . new
try "says what it is not" has err ".: a folder without dump_info.txt"

# Split sets.
code 0 "--split" convert --split=3 machine part
try "writes so many files" test -e part.3 -a ! -e part.4
same "which are one dump" part.2 part.3 part.1 machine
code 3 "a set that lacks one" convert part.1 part.3 lacking
try "says which" has err "a file of the split set is missing, that with memory from"
code 0 "--info of a set" convert --info part.1 part.2 part.3
try "is that of the dump" has out "of 3 files"

# Other machines.
for name in s390x i686 armv7l ppc aarch64 ppc64; do
	mkdump $name other 'rzrz....xxxx00r0zlsd'
	code 0 "kdump file of $name" convert -f other new
	same "to kdump is the same" new other
	code 0 "to ELF" convert -f -O elf other new.elf
	same "is the same" new.elf other
	code 0 "and back" convert -f -O kdump new.elf new
	same "is the same" new other
	cmp <(convert --info other | grep -E 'MACHINE|ORDER|BITS') <(convert --info new | grep -E 'MACHINE|ORDER|BITS')
	try "of the same machine" test $? = 0
done
mkdump elf32 elf32 64
code 0 "32-bit big-endian ELF" convert -f elf32 new
same "to kdump is the same" new elf32

# Named, not read.
printf 'AVML\2\0\0\0' >avml
code 1 "AVML" convert avml new
try "is named" has err "is a AVML memory image, which we cannot read"
finish
