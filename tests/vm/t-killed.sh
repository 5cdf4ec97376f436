#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vmcore-capture killed (SIGKILL) at ten points of its run leaves a dump that opens and says that it is
# incomplete. The points are amounts of output, not times.
set -uo pipefail
. "$(dirname "$0")/tap.sh"

guest=$("$VM/guest.sh" bookworm amd64 kdump) || bail "no guest"

for point in $(seq 1 10); do
	kill_capture "$guest/vmcore.elf" "$work/killed$point" "$point" || bail "could not be killed at point $point"
	part=$work/killed$point.incomplete
	ok "point $point: under its working name only" test ! -e "$work/killed$point"
	ok "point $point: opens and says that it is incomplete" says_incomplete "$part"
	[ "$point" -gt 2 ] && ok "point $point: gives the log" sh -c "'$BIN/vmcore-analyze' '$part' log | grep -q 'Kernel command line'"
done

finish
