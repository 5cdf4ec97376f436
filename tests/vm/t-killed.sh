#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vmcore-capture killed (SIGKILL) at ten points of its run leaves a dump that opens and says that it is incomplete. The points are
# amounts of output, not times; the first index commit comes after a sixth of it.

. "$(dirname "$0")/tap.sh"

guest bookworm amd64 kdump

has_log() {
	analyze "$1" log >text 2>err && grep -q 'Kernel command line' text && grep -q 'sysrq: Trigger a crash' text
}

for point in $(seq 4 13); do
	killed "$guest/vmcore.elf" "$point" || give_up "killing at point $point" 1
	try "point $point: only under its working name" test ! -e "killed$point"
	try "point $point: opens and says that it is incomplete" says_incomplete "killed$point.incomplete"
	try "point $point: gives the log" has_log "killed$point.incomplete"
done

finish
