#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What vmcore-filter says of its own work, and what it keeps whatever the level.
. "${0%/*}/lib.sh"

mkdump machine machine
mkdump miscounted miscounted
mkdump damaged damaged

code 0 "a sound kernel" filter -d 31 --json machine dump
try "agrees with itself" has out '"result": "agrees"'
try "free pages" has out '"free_counted": 256'
try "as the kernel counted" has out '"free_expected": 256'
try "says nothing of it" has_not err "free"
code 0 "with -v" filter -f -d 31 -v machine dump
try "it is said" has err "256 pages are free by their struct pages, and 256 as the kernel counted"
code 0 "a dump that lacks its free pages" filter -f -d 8 --json dump again
try "is counted by struct pages" has out '"free_counted": 256'
try "and agrees" has out '"result": "agrees"'

code 4 "a kernel that counts other pages" filter -d 31 --json miscounted dump2
try "differs" has out '"result": "differs"'
try "is said" has err "miscounted: 256 pages are free by their struct pages, and 16640 as the kernel counted"
try "the dump is whole" has out '"incomplete": false'
code 4 "at level 0 too" filter -f -d 0 miscounted dump2
code 0 "--exit-code=usable" filter -f -d 31 --exit-code=usable miscounted dump2
code 4 "capture" capture --no-log -d 31 miscounted dump3
code 4 "a dry run" filter -d 1 --dry-run miscounted unused

code 4 "damaged struct pages" filter -d 31 --json damaged dump4
try "are counted" has out '"damaged_struct_page": 1'
try "as those that are gone" has out '"unreadable_struct_page": 64'
try "are named" has err "damaged: 1 pages are kept, their struct pages make no sense"
try "each kind" has err "damaged: 64 pages are kept, their struct pages cannot be read"
# the block of 256 free pages is kept, all but its first one have a struct page of nobody
try "pages are kept" has out '"pages": 863'

code 0 "--exclude" filter --exclude=cache,private-cache,user machine some
try "is levels 2, 4 and 8" has err "864 of 1024 pages, dump level 14"
code 0 "with a level" filter -f -d 16,24 --exclude=zero --json machine some
try "adds to it" has out '"dump_level": 17'
code 2 "an unknown name" filter --exclude=user,coffee machine some
try "is named" has err "there is no 'coffee' to exclude, but zero, cache,"
code 0 "names that need types" filter -f -d 31 --exclude=pcp-free,zsmalloc,pagetable-user --json machine some
for class in pcp-free zsmalloc pagetable; do
	try "$class is unknown, and kept" has err "machine: pages of class $class cannot be told on this kernel, and are kept"
	try "$class is in the report" has out "\"$class\""
done
try "by its list" bash -c 'tr -d " \n" <out | grep -q "\"unknown_classes\":\[\"unaccepted\",\"zsmalloc\",\"pagetable\",\"pcp-free\"\]"'
try "nothing more is left out" has out '"pages": 608'

code 0 "--keep=range" filter -f -d 31 --keep=range:0x200000-0x210000 --json machine kept
try "keeps these pages" has out '"pages": 624'
try "and says so" has out '"kept_by_list": 16'
try "the check is none the wiser" has out '"result": "agrees"'
code 0 "several" filter -f -d 31 --keep=range:0x200000-0x201001 --keep range:1048576-0x101000 --json machine kept
try "add up" has out '"kept_by_list": 3'
for bad in range:5-5 range:9-1 range:x-y range:1-2k task:x task: coffee; do
	code 2 "--keep=$bad" filter -f --keep="$bad" machine kept
done
code 1 "--keep=task of a kernel without types" filter -f --keep=task:1 machine kept
try "is an error" has err "machine: "
code 1 "--keep=user-stacks too" filter -f --keep=user-stacks machine kept
finish
