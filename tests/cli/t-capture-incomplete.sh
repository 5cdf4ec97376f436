#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture that has to stop early keeps what it has.
. "${0%/*}/lib.sh"

mkdump machine machine
raw=(-d 0 --compress=none --num-threads=1) # a chunk of 1 MiB after the other

opens() {
	convert -f --message-level 4 "$1" reopened 2>opens.err
	[ $? = 3 ] && has opens.err "marked as incomplete"
}

code 3 "-L reached" capture "${raw[@]}" -L 3M machine limited
try "says so" has err "the 3145728 bytes that it may have are used up"
try "the rest stays under another name" test -s limited.incomplete -a ! -e limited
try "within the limit" test "$(stat -c %s limited.incomplete)" -le 3145728
try "and opens" opens limited.incomplete
try "the log was saved" has limited.dmesg.txt "Kernel panic"
code 0 "-L reached, --exit-code=usable" capture -f --exit-code=usable "${raw[@]}" -L 3M machine limited
code 3 "-L reached, --json" capture -f --json "${raw[@]}" -L 3M machine limited
try "is reported" has out '"incomplete": true'
try "with the name of the file" has out '"path": "limited.incomplete"'
try "and the reason" has out 'the 3145728 bytes that it may have are used up"'
code 0 "-L reached at the first level" capture -f -d 0,31 --compress=none -L 3M machine limited
try "says that it went on" has err "space ran out, went on with dump level 31"
try "is a whole dump" has err "limited: 2.2 MiB, 608 of 1024 pages, dump level 31"
try "nothing is left of the first" test ! -e limited.incomplete

code 3 "a file size limit" bash -c "ulimit -f 3072; ${RUNNER-} $BIN/vmcore-capture ${raw[*]} machine ulimit"
try "is named" has err "ulimit.incomplete: write at offset"
try "and the rest opens" opens ulimit.incomplete

code 1 "no space for anything" capture -d 0 -L 4K machine tiny
try "leaves nothing but the log" test "$(echo tiny*)" = tiny.dmesg.txt

if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=3m none small 2>/dev/null; then
	code 3 "a full disk" capture "${raw[@]}" machine small/dump
	try "is named" has err "No space left on device"
	try "and the rest opens" opens small/dump.incomplete
	code 0 "a full disk and a further level" capture -f -d 0,31 -z machine small/dump
	umount small
else
	skip "a full disk" "cannot mount a tmpfs"
fi

# A large machine, so that there is time: 8 GiB of holes.
mkdump header large 8388608
truncate -s 8590000000 large

stopped_by() { # signal, exit code
	local pid status

	rm -f sig*
	set -m # or SIGINT is ignored in the background
	"${RUN[@]}" "$BIN/vmcore-capture" -f -d 0 -c --no-log large sig >out 2>err &
	pid=$!
	set +m
	while kill -0 "$pid" && [ "$(stat -c %s sig.incomplete || echo 0)" -lt 65536 ]; do
		sleep 0.02
	done 2>/dev/null
	kill "-$1" "$pid"
	wait "$pid" 2>/dev/null
	status=$?
	[ "$status" = "$2" ] && return
	echo "# exit code $status"
	sed 's/^/# /' err
	return 1
}

for sig in TERM INT HUP; do
	try "SIG$sig" stopped_by $sig 3
	try "says so" has err "interrupted"
	try "and the rest opens" opens sig.incomplete
done
try "SIGKILL" stopped_by KILL 137
try "leaves a file that is no whole dump" test -e sig.incomplete -a ! -e sig
code 1 "a broken pipe" bash -c "set -o pipefail
	${RUNNER-} $BIN/vmcore-capture -d 0 --compress=none -F large | head -c 1000000 >/dev/null"
try "is named" has err "Broken pipe"
code 0 "nobody listening" bash -c "${RUNNER-} $BIN/vmcore-capture -v machine unheard 2> >(exit)"
try "is no reason to stop" test -s unheard
finish
