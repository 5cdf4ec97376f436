# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests on real dumps share, on top of tests/cli/lib.sh; sourced, never run.
#   BIN     the tools (build)      STATIC  the static ones (build-static)

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$TOP/tests/cli/lib.sh"
STATIC=${STATIC:-$TOP/build-static}
KDUMP=$VM/kdump.py

# give_up WHAT STATUS: without it nothing here can be tested. 77 is a reason that is not ours.
give_up() {
	if [ "$2" = 77 ]; then
		skip "$1" "it cannot be fetched here"
	else
		try "$1" false
	fi
	finish
}

# guest ARGUMENTS of guest.sh: sets guest and truth.
guest() {
	local status=0
	guest=$("$VM/guest.sh" "$@") || status=$?
	[ $status = 0 ] || give_up "a guest: $*" $status
	# shellcheck disable=SC2034  # for the scripts
	truth=$guest/truth
	echo "# kernel $(basename "$(readlink -f "$guest/kernel")"), $guest"
}

same() {
	[ "$1" = "$2" ] && return
	echo "# got '$1', want '$2'"
	return 1
}

at_most() {
	[ "$1" -le "$2" ] && return
	echo "# $1 is more than $2"
	return 1
}

# agree_at_least PERCENT KPAGEFLAGS DUMP: pages kept at -d 31 against what the guest said of them.
agree_at_least() {
	"$KDUMP" levels "$2" "$3" >agree || return
	sed 's/^/# /' agree
	awk -v want="$1" '/^agree/ { found = $(NF - 1) >= want } END { exit !found }' agree
}

# kill_capture SOURCE TARGET POINT: killed when the disk space of its working file has grown to POINT fourteenths.
kill_capture() {
	local whole pid

	[ -e whole ] || capture --no-log --num-threads=1 -c -d 31 "$1" whole 2>/dev/null || return
	whole=$(stat -c %b whole)
	"$BIN/vmcore-capture" --no-log --num-threads=1 -c -d 31 "$1" "$2" 2>/dev/null &
	pid=$!
	while [ "$(stat -c %b "$2.incomplete" 2>/dev/null || echo 0)" -lt $((whole * $3 / 14)) ]; do
		kill -0 $pid 2>/dev/null || return
	done
	kill -KILL $pid
	wait $pid 2>/dev/null
	[ -e "$2.incomplete" ]
}

# killed SOURCE POINT: the name of what is left after a kill at that point; tried again when the
# process was faster than we are.
killed() {
	local try

	for try in 1 2 3 4 5; do
		rm -f "killed$2" "killed$2.incomplete"
		if kill_capture "$1" "killed$2" "$2" 2>/dev/null; then
			return
		fi
		echo "# point $2: it had finished, try $try"
	done
	return 1
}

says_incomplete() {
	analyze --info --json "$1" >info || return
	python3 -c 'import json, sys; sys.exit(not json.load(open("info"))["incomplete"])'
}
