#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: makedumpfile and ours in pairs on a really captured dump of bookworm's kernel.
#   MAKEDUMPFILE=PATH  the rival for every codec; without it Debian 12's for zlib and lzo, and
#                      trixie's for zstd, which the former was built without
#   PAIRS=N            runs of each (5)      BENCH_DUMP=FILE  another dump
#   BENCH_DIR=FOLDER   where the outputs go; the default is memory (/dev/shm) if it has room, since
#                      ours syncs its output to disk and the rival does not
# The rival runs with one thread, which is its best (more make it slower on small machines), also
# against our two. A pair whose outputs have different page flags is refused.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh
PAIRS=${PAIRS:-5}
BIN=${BIN:-build}

tests/vm/deps.sh build vm
release=$(tests/vm/kernel.sh bookworm amd64)
dump=${BENCH_DUMP:-$(tests/vm/guest.sh bookworm amd64 kdump)/vmcore.elf}
eval "$(tests/vm/peers.sh)"
if [ -z "${BENCH_DIR:-}" ] && [ "$(df --output=avail -B1M /dev/shm 2>/dev/null | tail -1)" -gt 4096 ]; then
	BENCH_DIR=/dev/shm
fi
export BENCH_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat "$dump" >/dev/null

rival() {
	if [ -n "${MAKEDUMPFILE:-}" ]; then
		echo "$MAKEDUMPFILE"
	elif [ "$1" = zstd ]; then
		echo "${MAKEDUMPFILE_TRIXIE:?}"
	else
		command -v makedumpfile
	fi
}

missed=0
# pair CODEC LETTER LEVEL THREADS TARGET
pair() {
	local tool cpus=0

	if ! tool=$(rival "$1" 2>/dev/null); then
		echo "SKIP $1 -d $3: no rival"
		return
	fi
	"$tool" "-$2" -d "$3" -f "$dump" "$work/theirs" >/dev/null 2>&1
	"$BIN/vmcore-filter" "-$2" -d "$3" -f "$dump" "$work/ours" 2>/dev/null
	if [ "$(tests/vm/kdump.py flags "$work/theirs" | cut -d' ' -f1)" != "$(tests/vm/kdump.py flags "$work/ours" | cut -d' ' -f1)" ]; then
		echo "REFUSED $1 -d $3: $tool wrote other page flags than $1"
		missed=1
		return
	fi
	[ "$4" = 1 ] || cpus=0,1
	bench/pairs.py --pairs "$PAIRS" --cpus $cpus --at-least "$5" "$1 -d $3, $4 of ours to 1" -- \
		"$tool" "-$2" -d "$3" "$dump" '{out}' --- \
		"$BIN/vmcore-filter" "-$2" -d "$3" --num-threads "$4" "$dump" '{out}' || missed=1
}

echo "kernel $release, $(stat -Lc %s "$dump") bytes, $(nproc) CPUs, outputs in ${BENCH_DIR:-$TMPDIR}"
for level in 1 31; do
	pair zlib c $level 1 "$([ $level = 1 ] && echo 2 || echo 1.5)"
	pair lzo l $level 1 1
	pair zstd z $level 1 1
done
for level in 1 31; do
	pair zlib c $level 2 "$([ $level = 1 ] && echo 2.5 || echo 1.5)"
	pair lzo l $level 2 1.5
	pair zstd z $level 2 1.5
done
exit $missed
