#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vmcore-convert: what it writes, and that it is what was read.
. "${0%/*}/lib.sh"

mkdump machine machine
mkdump kdump kdump 'rzrz....xxxx00r0zlsd'
mkdump elf elf 300

same() { code 0 "$1" convert --verify "${@:2}"; }
blocks_of() { stat -c %b "$1"; }

# From every format to every other.
for source in machine kdump elf; do
	for format in kdump elf flattened raw lime; do
		code 0 "$source to $format" convert -f -O $format $source "$source.$format"
		back=$source.$format
		[ $format = raw ] && back=$back@0
		same "$format of $source is the same" "$back" $source
	done
done
code 0 "raw again" convert -f -O raw machine.raw@0 again
try "has the same bytes" cmp machine.raw again
code 0 "LiME again" convert -f -O lime machine.lime again
try "has the same bytes" cmp machine.lime again
for format in raw lime flattened; do
	code 0 "$format to standard output" bash -c "${RUNNER-} $BIN/vmcore-convert -O $format machine - >stream"
	[ $format = flattened ] && continue
	try "has the same bytes" cmp machine.$format stream
done

# What makes no sense.
code 2 "-O vmdk" convert -O vmdk machine new
try "says what there is" has err "kdump, elf, flattened, raw or lime"
code 2 "a compressed raw image" convert -O raw -z machine new
code 2 "a flattened LiME image" convert -F -O lime machine
code 2 "--base of an ELF core" convert -O elf --base=0 machine new
code 2 "an odd block size" convert --block-size=5000 machine new
code 2 "--split of an ELF core" convert --split=2 -O elf machine new
code 2 "--split=0" convert --split=0 machine new
code 2 "--split of standard output" bash -c "${RUNNER-} $BIN/vmcore-convert --split=2 machine - | cat; exit \${PIPESTATUS[0]}"
code 2 "--dedupe of a stream" convert --dedupe -F machine
code 2 "--dedupe without memory" convert --dedupe=1K machine new
try "nothing was written" test ! -e new

# Raw images: where they begin, and that they have holes.
code 0 "memory from 1 MiB on" convert -O elf machine.raw@1M high
code 0 "-O raw" convert -f -O raw high new
try "begins where memory does" has err "raw from address 0x100000"
try "and has no more bytes" test "$(stat -c %s new)" = 4194304
code 0 "--base" convert -f -O raw --base=0 high new
try "begins with a hole" test "$(stat -c %s new)" = 5242880
same "and is the same" new@0 high
code 2 "--base above the memory" convert -f -O raw --base=2M high new
code 1 "-L of a raw image" convert -f -O raw -L 1M high new
try "says what it needs" has err "needs 4194304 bytes, and may have 1048576"
truncate -s 256M big
dd if=machine.raw of=big bs=1M seek=100 conv=notrunc status=none
for format in raw lime elf kdump; do
	code 0 "a sparse image to $format" convert -f -O $format big@0 new
	try "takes little space" test "$(blocks_of new)" -lt 30000
	[ $format = raw ] && mv new new.raw && ln new.raw new && same "is the same" new.raw@0 big@0 && continue
	same "is the same" new big@0
done
rm -f new new.raw

# Blocks of another size.
for size in 16384 64K 1M; do
	code 0 "--block-size=$size" convert -f --block-size=$size machine new
	code 0 "--info" convert --info new
	try "has such blocks" grep -qE "BLOCK SIZE: (16384|65536|1048576)$" out
	same "is the same" new machine
	code 0 "and back to 4K" convert -f --block-size=4K new again
	same "is the same" again machine
done

# Equal pages.
for i in 1 2 3 4; do cat machine.raw; done >four
for codec in none zlib; do
	code 0 "four times the same memory, $codec" convert -f --compress=$codec four@0 four.all
	code 0 "--dedupe" convert -f --compress=$codec --dedupe=1M four@0 four.dd
	try "counts them" grep -qE '[0-9]+ share a copy' err
	try "takes a third at most" test $((3 * $(stat -c %s four.dd))) -lt "$(stat -c %s four.all)"
	same "is the same" four.dd four@0
	code 0 "--dedupe of verbatim pages" convert -f --dedupe four.all again
	same "is the same" again four@0
done

# Split sets.
code 0 "--split=4" convert --split=4 kdump set
same "is the same" set.1 set.2 set.3 set.4 kdump
code 2 "--split without -f over existing files" convert --split=4 kdump set
code 0 "--split with -f" convert -f --split=4 kdump set
code 0 "--split=2M" convert --compress=none --split=2M machine.raw@0 size
try "writes files of that size" test "$(stat -c %s size.1)" -le 2097152
same "which are the same" size.? machine.raw@0
code 2 "--split=10K" convert --split=10K machine tiny
try "says what is needed" has err "files of 10240 bytes are too small"

# --verify.
cp machine.raw other
printf x | dd of=other bs=1 seek=1234567 conv=notrunc status=none
code 1 "--verify of another byte" convert --verify other@0 machine
try "says where" has out "0x12d000 to 0x12e000: other bytes"
code 1 "--verify --json" convert --verify --json other@0 machine
try "says it in JSON" has out '"pages_differ": 1'
code 1 "--verify of other memory" convert --verify elf machine
try "says what only one has" has out "only in the second"
code 2 "--verify of one dump" convert --verify machine
finish
