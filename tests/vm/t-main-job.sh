#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The main job: bookworm's kernel crashes, vmcore-capture saves it in the capture kernel, and what the dump says is compared with
# what the guest knew of itself the moment before.

. "$(dirname "$0")/tap.sh"

export CAPTURE=$STATIC/vmcore-capture
guest bookworm amd64 kdump
dump=$guest/dump/vmcore source=$guest/vmcore.elf

# The guest's dmesg ends where the crash begins.
log_is_truth() {
	analyze "$1" log >text || return
	head -n "$(wc -l <"$truth/dmesg")" text | diff "$truth/dmesg" - >differ && return
	head -n 20 differ
	return 1
}

field() {
	analyze --json "$dump" sys | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# iomem and the memory of the dump count the same pages, but for the first MiB, of which firmware keeps some.
ram_of_iomem() {
	python3 - "$truth/iomem" <<-'END'
		import sys
		total = 0
		for line in open(sys.argv[1]):
		    if line[0] != " " and "System RAM" in line:
		        start, end = line.split()[0].split("-")
		        total += int(end, 16) + 1 - int(start, 16)
		print(total)
	END
}

memory_near() {
	local ram crash=$((256 << 20)) memory
	ram=$(ram_of_iomem)
	memory=$(field memory)
	at_most $((ram - crash - memory)) $((1 << 20)) && at_most $((memory - ram + crash)) $((1 << 20))
}

try "vmcore-capture exits with 0 in the capture kernel" same "$(cat "$guest/dump/capture.exit")" 0
try "nothing incomplete is left" test ! -e "$dump.incomplete"
try "the saved log is the one of the dump" cmp <(analyze "$dump" log) "$dump.dmesg.txt"
try "log of the captured dump is the guest's dmesg" log_is_truth "$dump"
try "log of /proc/vmcore is the guest's dmesg" log_is_truth "$source"
try "sys: release" same "$(field release)" "$(basename "$(readlink -f "$guest/kernel")")"
try "sys: panic message" same "$(field panic)" "Kernel panic - not syncing: sysrq triggered crash"
try "sys: CPUs" same "$(field cpus)" 2
try "sys: memory is System RAM of /proc/iomem without the capture kernel's" memory_near
try "peak memory is at most 24 MiB: $(cat "$guest/dump/capture.peak-kib") KiB" at_most "$(cat "$guest/dump/capture.peak-kib")" 24576
try "static program is at most 2 MiB: $(stat -c %s "$CAPTURE")" at_most "$(stat -c %s "$CAPTURE")" 2097152
try "pages kept agree with /proc/kpageflags of the guest" agree_at_least 99.7 "$truth/kpageflags" "$dump"

filter -z -d 31 "$source" filtered 2>/dev/null
try "filtering the raw copy on the host keeps the same pages" "$KDUMP" same-pages "$dump" filtered

finish
