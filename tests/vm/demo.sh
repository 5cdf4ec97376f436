#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make demo: the main job, from nothing to the log of a crashed kernel. Installs what is missing, builds, fetches Debian's kernel,
# crashes it in an emulator, lets vmcore-capture save its memory in the capture kernel, and reads the dump. Only downloads are cached:
# every run crashes a kernel.

set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$TOP"

say "1. tools and libraries of this machine"
"$VM/deps.sh" build vm

say "2. building: the programs, and a static vmcore-capture for the capture kernel"
${MAKE:-make} -s -j"$(nproc)" all static >&2
export CAPTURE=$TOP/build-static/vmcore-capture

say "3. Debian's current kernel"
release=$("$VM/kernel.sh" bookworm amd64)

say "4. $release boots, fills its memory, panics; the capture kernel runs vmcore-capture -d 31 -z (about a minute)"
out=$("$VM/guest.sh" --fresh --no-raw --name demo bookworm amd64 kdump)
dump=$out/dump/vmcore
[ "$(cat "$out/dump/capture.exit")" = 0 ] || die "vmcore-capture failed: $(cat "$out/dump/capture.log")"

say "5. reading the dump: $dump"
size=$(stat -c %s "$dump") ram=$((1024 << 20))
log=$(build/vmcore-analyze "$dump" log)
printf '\n%s: %s bytes, %s of the 1 GiB of RAM; vmcore-capture: %s bytes, peak memory %s KiB\n' "$dump" "$size" \
	"$(awk -v s="$size" -v r=$ram 'BEGIN { printf "%.1f %%", 100 * s / r }')" "$(stat -c %s "$CAPTURE")" \
	"$(cat "$out/dump/capture.peak-kib")"
printf '\n$ build/vmcore-analyze %s log | tail -n 20\n%s\n' "$dump" "$(tail -n 20 <<<"$log")"
printf '\n$ build/vmcore-analyze %s sys\n' "$dump"
build/vmcore-analyze "$dump" sys
say "done"
