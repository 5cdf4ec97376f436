#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which files vmcore-capture writes, under which names, and when it refuses to.
. "${0%/*}/lib.sh"

mkdump machine machine

code 0 "a dump" capture machine new
try "has the kernel's pages" has err "608 of 1024 pages, dump level 31, kdump"
try "and its log beside it" has new.dmesg.txt "[   60.000000] Kernel panic - not syncing: test"
try "nothing else is left" test "$(echo new*)" = "new new.dmesg.txt"
try "only its owner may read it" test "$(stat -c %a new)" = 600
try "nor the log" test "$(stat -c %a new.dmesg.txt)" = 600
code 2 "an existing dump" capture machine new
try "is not overwritten" has err "new: exists already (-f overwrites)"
code 0 "but by -f" capture -f machine new
touch other.incomplete
code 2 "the rest of an earlier run" capture machine other
try "is not overwritten" has err "other.incomplete: exists, left by an earlier run"
code 0 "but by -f" capture -f machine other
try "and it is gone then" test ! -e other.incomplete

code 0 "--no-log" capture --no-log machine nolog
try "writes none" test ! -e nolog.dmesg.txt
code 0 "--log" capture --log=elsewhere machine withlog
try "writes it elsewhere" has elsewhere "Linux version 6.1.0-test"
try "and only there" test ! -e withlog.dmesg.txt
touch taken.dmesg.txt
code 0 "an existing log does not stop the dump" capture machine taken
try "and is a warning" has err "kernel log: taken.dmesg.txt: exists already"
code 0 "a log that cannot be written does not stop the dump" capture --log=/nowhere/log machine anyway
try "and is a warning" has err "kernel log: /nowhere/log"

mkdir ro && touch ro/file
code 1 "a target that cannot be written" capture --log=saved machine ro/file/new
try "is named" has err "ro/file/new"
try "the log is saved all the same" has saved "Kernel panic"

code 0 "to a pipe" bash -c "${RUNNER-} $BIN/vmcore-capture -c machine - >flat"
try "the stream is flattened" test "$(head -c 12 flat)" = makedumpfile
try "and has no log file" test ! -e -.dmesg.txt
code 0 "-F" bash -c "${RUNNER-} $BIN/vmcore-capture -c -F --log=flat.log machine >flat2"
try "is the same" test "$(head -c 12 flat2)" = makedumpfile
try "--log works with it" has flat.log "Kernel panic"
code 2 "--log=- and the dump on standard output" capture -F --log=- machine
code 0 "to /dev/null" capture -f machine /dev/null
try "which stays what it is" test -c /dev/null
mkfifo fifo
cat fifo >through & reader=$!
code 0 "to a named pipe" capture machine fifo
wait $reader
try "gives a stream" test "$(head -c 12 through)" = makedumpfile

code 0 "--dry-run" capture --dry-run machine dry
try "says what it would write" has err "dry run: "
try "but writes nothing" test "$(echo dry*)" = "dry*"

ln -s "$BIN/vmcore-capture" makedumpfile
code 0 "as makedumpfile" run ./makedumpfile machine stand-in
try "everything is kept, uncompressed" has err "1024 of 1024 pages, dump level 0, kdump, "
try "without a log file" test ! -e stand-in.dmesg.txt
code 0 "-l --message-level 7 -d 31, as kdump.sh calls it" \
	run ./makedumpfile -l --message-level 7 -d 31 machine stand-in2
try "-d 31 is kept to" has err "608 of 1024 pages, dump level 31, kdump lzo, "
code 0 "a damaged source" bash -c "head -c 3000000 machine >cut; ${RUNNER-} ./makedumpfile cut stand-in3"

if [ "$(id -u)" = 0 ] && truncate -s 1M disk && loop=$(losetup -f --show disk 2>/dev/null); then
	code 0 "to a block device" capture --log=disk.log machine "$loop"
	losetup -d "$loop"
	try "which opens" convert -f --message-level 4 disk from-disk
	try "and has everything" same_memory new disk
else
	skip "to a block device" "needs root and a free loop device"
fi
finish
