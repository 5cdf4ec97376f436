#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What vmcore-filter leaves out, and what it does when it cannot tell.
. "${0%/*}/lib.sh"

mkdump machine machine
mkdump elf nothing 64

# 0x40 cache, 0x20 private cache, 0x40 user, 0x100 free of 0x400 pages
while read -r level pages; do
	code 0 "dump level $level" filter -f -d "$level" machine "level$level"
	try "keeps $pages pages" has err "$pages of 1024 pages, dump level $level, kdump"
done <<'END'
0 1024
1 1024
2 960
4 928
6 928
8 960
16 768
24 704
26 640
31 608
END
code 0 "no level at all is 0" filter machine plain
try "keeps everything" same_memory machine plain

code 0 "--show-stats" filter -f -d 31 --show-stats machine dump
cat >want <<'END'
Original pages  : 0x0000000000000400
  Excluded pages   : 0x00000000000001d9
    Pages filled with zero  : 0x0000000000000039
    Non-private cache pages : 0x0000000000000040
    Private cache pages     : 0x0000000000000020
    User process data pages : 0x0000000000000040
    Free pages              : 0x0000000000000100
    Hwpoison pages          : 0x0000000000000000
    Offline pages           : 0x0000000000000000
  Remaining pages  : 0x0000000000000227
  (The number of pages is reduced to 53%.)
Memory Hole     : 0x0000000000000000
--------------------------------------------------
Total pages     : 0x0000000000000400
END
try "reports in makedumpfile's words" diff -u want out
code 0 "--message-level 16" filter -f -d 31 --message-level 16 machine dump
try "is the same" diff -u want out
try "and says nothing else" test ! -s err
code 0 "--json" filter -f -d 30 --json machine dump
for member in '"cache": 64' '"cache-private": 32' '"user": 64' '"free": 256' '"dump_level": 30' '"pages": 608' \
	'"pages_zero": 0' '"lacking": null' '"exit_code": 0' '"command": "filter"'; do
	try "has $member" has out "$member"
done

code 0 "filtering again" filter -d 8 --json level16 again
try "the new level has the bits of both" has out '"dump_level": 24'
try "and the pages of neither" has out '"pages": 704'
try "which is what filtering once gives" same_memory again level24
code 0 "filtering with a level that is there already" filter -f -d 16 level16 again
try "changes nothing" same_memory again level16
code 0 "as ELF" filter -d 31 -E machine elf31
try "has the same pages" same_memory elf31 level31
code 0 "filtering an ELF core again" filter -f -d 8 elf31 again
try "works" has err "608 of 608 pages"

code 1 "a kernel that nobody knows" filter -d 31 nothing unknown
try "is an error that says what is missing" has err "nothing: dump level 31 is not possible: "
try "and writes nothing" test "$(echo unknown*)" = "unknown*"
code 0 "for levels 0 and 1" filter -d 1 nothing unknown
try "it does not matter" has err "16 of 16 pages, dump level 1"
code 0 "--keep-going" filter -f -d 31 --keep-going --json nothing unknown
try "keeps everything" has err "16 of 16 pages, dump level 1"
try "and says so" has err "nothing: every page is kept: "
try "in JSON too" has out '"lacking": "'
code 0 "capture keeps going by itself" capture -d 31 nothing captured
try "keeps everything" has err "16 of 16 pages, dump level 1"
try "and says so" has err "nothing: every page is kept: "

code 1 "-L reached" filter -d 0 --compress=none -L 1M machine limited
try "leaves nothing" test "$(echo limited*)" = "limited*"
code 0 "-L and a further level" filter -d 0,31 --compress=none -L 3M machine limited
try "takes it" has err "dump level 31"
code 1 "a target that is full" filter -d 0 machine /dev/full
try "is named" has err "/dev/full: write: No space left on device"
finish
