#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vmcore-convert interrupted or out of space: nothing under any name.
. "${0%/*}/lib.sh"

mkdump machine machine
convert --message-level 4 -O raw machine ram || exit 1

leaves_nothing() {
	local left

	left=$(find . -maxdepth 1 \( -name 'new*' -o -name '*.tmp' -o -name 'vmcore.*' \))
	[ -z "$left" ] && return
	echo "# left behind: $left"
	return 1
}

# What a shell starts in the background ignores SIGINT.
interruptible() { exec env --default-signal=INT,HUP "${RUN[@]}" "$BIN/vmcore-convert" "$@"; }

# A source that never ends, since nobody writes into the pipe.
for signal in INT TERM HUP; do
	mkfifo pipe
	exec 3<>pipe
	printf EMiL >&3
	interruptible - new <pipe >out 2>err 3<&- &
	pid=$!
	for _ in $(seq 50); do
		[ -e /proc/$pid/fd ] && find /proc/$pid/fd -lname '*deleted*' 2>/dev/null | grep -q . && break
		sleep 0.1
	done
	kill -s $signal $pid
	wait $pid
	try "SIG$signal while reading a pipe ends it with 1" test $? = 1
	try "says so" has err "interrupted"
	try "leaves nothing" leaves_nothing
	exec 3>&-
	rm pipe
done

# Zeros that take a while to be compressed by one thread.
truncate -s 3G zeros
for i in $(seq 0 40 3000); do dd if=ram of=zeros bs=1M seek="$i" count=4 conv=notrunc status=none; done
for options in "-z" "-O elf" "-O raw" "-O lime" "-O flattened -z" "--split=3 -z" "--dedupe --compress=zlib:9"; do
	# shellcheck disable=SC2086 # words
	interruptible $options --num-threads=1 zeros@0 new >out 2>err &
	pid=$!
	for _ in $(seq 200); do
		find . -maxdepth 1 -name 'new*' | grep -q . && break
		sleep 0.01
	done
	kill -s INT $pid
	wait $pid
	status=$?
	if [ $status = 0 ]; then
		rm -f new new.?
		skip "SIGINT during $options" "it was done already"
		continue
	fi
	try "SIGINT during $options ends it with 1" test $status = 1
	try "leaves nothing" leaves_nothing
done

# No space: a limit on the size of files is as good as a full disk.
for options in "" "-O elf" "-O raw" "-O lime" "-O flattened" "--split=2" "--dedupe"; do
	code 1 "no space for $options" bash -c "ulimit -f 64; ${RUNNER-} $BIN/vmcore-convert $options --compress=none machine new || exit" 2>err
	try "leaves nothing" leaves_nothing
done
code 1 "no space for the copy of a pipe" bash -c "ulimit -f 64; cat machine | ${RUNNER-} $BIN/vmcore-convert - new; exit \${PIPESTATUS[1]}"
try "says so" has err "temporary copy of standard input: write"
try "leaves nothing" leaves_nothing
finish
