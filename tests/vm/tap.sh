# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests on real dumps share; sourced, never run.
#   BIN     the tools (build)      STATIC  the static ones (build-static)

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$TOP/tests/cli/lib.sh"
STATIC=${STATIC:-$TOP/build-static}

# agree_at_least PERCENT KPAGEFLAGS DUMP
agree_at_least() {
	"$VM/kdump.py" levels "$2" "$3" >"$work/agree" || return
	cat "$work/agree"
	awk -v want="$1" '/^agree/ { exit !($(NF - 1) >= want) }' "$work/agree"
}

# kill_capture SOURCE TARGET POINT: kills it when the working file has grown to POINT elevenths of the whole.
kill_capture() {
	local whole pid
	if [ ! -e "$work/whole" ]; then
		"$BIN/vmcore-capture" --no-log --num-threads 1 -c -d 31 "$1" "$work/whole" || return
	fi
	whole=$(stat -c %s "$work/whole")
	"$BIN/vmcore-capture" --no-log --num-threads 1 -c -d 31 "$1" "$2" &
	pid=$!
	while [ "$(stat -c %s "$2.incomplete" 2>/dev/null || echo 0)" -lt $((whole * $3 / 11)) ]; do
		kill -0 $pid 2>/dev/null || return 1
	done
	kill -KILL $pid
	wait $pid 2>/dev/null
	[ -e "$2.incomplete" ]
}

says_incomplete() {
	"$BIN/vmcore-analyze" --info --json "$1" >"$work/info" || return
	python3 -c 'import json, sys; sys.exit(not json.load(open(sys.argv[1]))["incomplete"])' "$work/info"
}
