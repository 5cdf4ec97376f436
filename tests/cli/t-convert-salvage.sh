#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that lie: one clear line, or with --salvage what is sound, marked as incomplete, and a list
# of what is not.
. "${0%/*}/lib.sh"

mkdump machine machine
mkdump kdump kdump 'rzlsd....xxxx0zrzr'
mkdump elf elf 64

# put FILE OFFSET BYTES: BYTES as for printf
put() { printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
# the n-th page descriptor of the kdump file; bitmaps take blocks 2 and 3
desc() { echo $((4 * 4096 + 24 * $1)); }
copy() { cp kdump bad; }

# lost WHAT MESSAGE START END: a page is lost; all others are there.
lost() {
	code 4 "$1" convert -f bad new
	try "is told" has err "$2"
	code 3 "$1, --salvage" convert -f --salvage bad new
	try "lists it" has err "left out: memory $3 to $4"
	try "marks the dump" bash -c "${RUNNER-} $BIN/vmcore-convert --info new | grep -q 'INCOMPLETE: yes'"
	code 1 "--verify of the rest" convert --verify new kdump
	try "finds nothing else missing" has out "$3 to $4: only in the second"
	try "in one place" lines <(grep -c "only in" out) 1
}

copy
put bad $(($(desc 1) + 12)) '\3\0\0\0'
lost "two codec bits" "block at physical 0x1000 has unknown flags" 0x1000 0x2000
copy
put bad $(($(desc 1) + 12)) '\100\0\0\0'
lost "an unknown codec" "has unknown flags" 0x1000 0x2000
copy
put bad "$(desc 0)" '\377\377\377\377\377\377\377\177'
lost "a page out of the file" "block at physical 0 lies beyond the end of the file" 0x0 0x1000
copy
put bad $(($(desc 0) + 8)) '\0\0\1\0'
lost "a page larger than a block" "has a wrong size" 0x0 0x1000
copy
put bad $(($(desc 0) + 8)) '\0\10\0\0'
lost "a raw page that is short" "has a wrong size" 0x0 0x1000
copy
put bad "$(desc 2)" '\0\0\0\0\0\0\0\0'
lost "a page lost by a full disk" "was lost when the target was full" 0x2000 0x3000

# off N: where the data of the n-th page begin
off() { od -An -tu8 -j"$(desc "$1")" -N8 kdump | tr -d ' '; }
if convert --list | grep -qE '^snappy +yes'; then
	copy
	put bad "$(off 3)" '\200\200\4' # the length that it unpacks to
	lost "a snappy page of 64 KiB" "block at physical 0x3000" 0x3000 0x4000
fi
if convert --list | grep -qE '^zstd +yes'; then
	copy
	put bad $(($(off 4) + 4)) '\0\250' # frame header: a window of 2 GiB
	lost "a zstd page with a window of 2 GiB" "block at physical 0x4000" 0x4000 0x5000
fi
copy
put bad "$(off 1)" 'xxxx'
lost "a zlib page of rubbish" "block at physical 0x1000" 0x1000 0x2000

# Headers that do not fit together lead to the pages all the same.
# field WHAT OFFSET BYTES MESSAGE
field() {
	copy
	put bad "$2" "$3"
	code 1 "$1" convert -f bad new
	try "is refused in one line" lines err 1
	try "which says what it is" has err "$4"
	code 3 "$1, --salvage" convert -f --salvage bad new
	try "says what was wrong" has err "$4"
	code 0 "--verify" convert --verify new kdump
}
field "max_mapnr in one header only" $((4096 + 96)) '\377\377\377\377\377\377\0\0' "max_mapnr"
field "notes inside the header" $((4096 + 48)) '\1\0\0\0\0\0\0\0' "inside block 0"
field "a version of the future" 8 '\11\0\0\0' "version 9"

# Without these nothing can be found.
for what in "428 \0\0\0\0" "428 \1\2\3\0" "432 \377\377\377\377" "436 \377\377\377\377" "436 \0\0\0\0"; do
	copy
	put bad "${what% *}" "${what#* }"
	code 1 "header field at ${what% *}, --salvage" convert --salvage bad new2
	try "one line" lines err 1
done
for at in 444 460; do
	copy
	put bad $at '\377\377\377\377'
	code 0 "header field at $at does not matter" convert -f bad new
done

# Notes.
copy
put bad $((4096 + 48)) '\0\20\0\0\0\0\0\0\377\377\377\377\0\0\0\0' # offset, size
code 0 "notes past the end" convert -f bad new
try "are left out" has err "left out, too large"
cp machine bad
put bad "$(od -An -tu8 -j72 -N8 machine | tr -d ' ')" '\377\377\377\377' # n_namesz of the first
code 0 "a note of 4 GiB" convert -f bad new
try "is told" has err "notes are damaged"

# ELF.
cp elf bad
put bad $((64 + 32)) '\0\0\2\0\0\0\0\0' # p_filesz
code 4 "a segment longer than the file" convert -f bad new
try "is told" has err "truncated: the file ends at"
put bad $((64 + 32)) '\377\377\377\377\377\377\377\177'
code 1 "a segment of all there can be" convert -f bad new2
cp elf bad
put bad 56 '\0\0'
code 1 "no program headers" convert -f bad new2
code 3 "no program headers, --salvage" convert -f --salvage bad new
code 0 "--verify" convert --verify new elf
cp elf bad
put bad 54 '\1\0'
code 1 "program headers of one byte" convert -f bad new2
code 3 "program headers of one byte, --salvage" convert -f --salvage bad new
cp elf bad
put bad 56 '\377\377'
code 1 "a number that stands nowhere" convert -f bad new2
try "is refused" has err "bad: "

# Streams.
convert --message-level 4 -O flattened --compress=none elf flat || exit 1
cp flat bad
put bad 4104 '\377\377\377\377' # the length of the first record
code 1 "a record of negative size" convert -f bad new2
try "is told" has err "flattened record at offset 0x1000"
{
	head -c 4096 flat
	printf '%b' "$(printf '%032x' "$(stat -c %s elf)" | sed 's/../\\x&/g')"
	head -c 50000 elf
} >bad
code 4 "a stream that ends early" convert -f bad new
try "is told" has err "bad: truncated: the file ends at 0xc350"
code 3 "a stream that ends early, --salvage" convert -f --salvage bad new
try "lists what is missing" has err "left out: memory"
convert --message-level 4 -O lime elf lime || exit 1
cat lime >bad
printf 'junk that is no header, 32 bytes' >>bad
code 1 "junk behind LiME" convert -f bad new2
code 3 "junk behind LiME, --salvage" convert -f --salvage bad new
code 0 "--verify" convert --verify new elf
try "no failed run left anything" test ! -e new2 -a ! -e new2.tmp

code 3 "--salvage --json" bash -c "head -c 200000 machine >bad; ${RUNNER-} $BIN/vmcore-convert -f --salvage --json bad new"
try "lists what is lost" grep -q '"lost": \[' out
code 0 "--salvage of a sound file" convert -f --salvage machine new
code 0 "--verify" convert --verify new machine
finish
