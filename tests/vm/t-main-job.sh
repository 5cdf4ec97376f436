#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job: bookworm's kernel crashes, vmcore-capture saves it in the capture kernel, and what the
# dump says is compared with what the guest knew of itself the moment before.
set -uo pipefail
. "$(dirname "$0")/tap.sh"

guest=$(CAPTURE=$STATIC/vmcore-capture "$VM/guest.sh" bookworm amd64 kdump) || bail "no guest"
truth=$guest/truth dump=$guest/dump/vmcore source=$guest/vmcore.elf
analyze=$BIN/vmcore-analyze
note "kernel $(cat "$truth/version")"

# The log of the guest ends where the crash begins; both are compared as lines of text.
log_is_truth() {
	"$analyze" "$1" log >"$work/log" || return
	head -n "$(wc -l <"$truth/dmesg")" "$work/log" | diff "$truth/dmesg" - | head -20
	[ "${PIPESTATUS[1]}" = 0 ]
}
field() { "$analyze" --json "$1" sys | python3 -c "import json,sys; print(json.load(sys.stdin)['$2'])"; }
is() { [ "$1" = "$2" ] || { echo "got '$1', want '$2'"; return 1; }; }
at_most() { [ "$1" -le "$2" ] || { echo "$1 is more than $2"; return 1; }; }
rss_kib() { sed -n 's/.*Maximum resident set size (kbytes): //p' "$guest/dump/capture.log"; }

ok "vmcore-capture exits with 0 in the capture kernel" is "$(cat "$guest/dump/capture.exit")" 0
ok "no vmcore.incomplete is left" test ! -e "$dump.incomplete"
ok "the log was saved beside the dump, before it" cmp <("$analyze" "$dump" log) "$dump.dmesg.txt"
ok "log of the dump is the guest's dmesg" log_is_truth "$dump"
ok "log of /proc/vmcore is the guest's dmesg" log_is_truth "$source"
ok "sys: release" is "$(field "$dump" release)" "$(basename "$(readlink "$guest/kernel")")"
ok "sys: panic message" is "$(field "$dump" panic)" "Kernel panic - not syncing: sysrq triggered crash"
ok "peak RSS of the capture is at most 24 MiB ($(rss_kib) KiB)" at_most "$(rss_kib)" 24576
ok "static vmcore-capture is at most 2 MiB" at_most "$(stat -c %s "$STATIC/vmcore-capture")" 2097152
ok "pages kept agree with the guest's kpageflags" agree_at_least 98.0 "$truth/kpageflags" "$dump"

# What was captured in the capture kernel is what filtering the raw copy gives on the host.
"$BIN/vmcore-filter" -z -d 31 "$source" "$work/filtered" || bail "vmcore-filter failed"
ok "same pages as filtered on the host" "$VM/kdump.py" same-pages "$dump" "$work/filtered"

finish
