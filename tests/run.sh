#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs what it is given and counts single tests: unit test executables (cmocka), fuzz_* harnesses
# (each seed is a test) and scripts; all of them talk TAP. Prints failures with their output and
# skips with their reasons. The last line is "N passed, N failed, N skipped"; exit status 1 when any
# failed or none ran.
#
#   RUNNER='qemu-s390x-static -L ...'  in front of every program of ours
#   BIN=dir                            where the tools are, for the scripts
#   TEST_TIMEOUT=seconds               for each of them (300)

set -u
cd "$(dirname "$0")/.." || exit 1
export CMOCKA_MESSAGE_OUTPUT=TAP RUNNER=${RUNNER-} BIN=${BIN-build}
read -ra runner <<<"$RUNNER"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0 limit=${TEST_TIMEOUT:-300}
: >"$tmp/skips"

run() {
	case $1 in
	*.sh) timeout "$limit" bash "$1" ;;
	*) timeout "$limit" "${runner[@]}" "$1" ;;
	esac
}

# TAP -> "passed failed skipped planned"; the skips with their reasons go to a file.
# cmocka says "not ok 1 # SKIP name", everyone else "ok 1 - name # SKIP reason"; a whole script is
# skipped by "1..0 # SKIP reason".
count() {
	awk -v skips="$tmp/skips" -v name="$1" '
		/^((not )?ok |1\.\.0).*# SKIP/ {
			skipped++
			if (sub(/^1\.\.0/, ""))
				planned = 1
			sub(/^(not )?ok [0-9]* *(- *)?/, "")
			sub(/^ *# SKIP /, "")
			sub(/ # SKIP /, ": ")
			print name ": " $0 >>skips
			next
		}
		/^ok / { passed++ }
		/^not ok / { failed++ }
		/^1\.\.[0-9]+/ { sub(/^1\.\./, ""); planned = $1 + 0 }
		END { print passed + 0, failed + 0, skipped + 0, planned + 0 }'
}

for t in "$@"; do
	run "$t" >"$tmp/out" 2>&1 </dev/null
	status=$?
	read -r p f s planned < <(count "${t##*/}" <"$tmp/out")
	why=
	if [ $((p + f + s)) -ne "$planned" ] || [ "$planned" -eq 0 ]; then
		why="$((p + f + s)) of $planned tests ran"
	elif [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		why="no test failed, but"
	fi
	[ -z "$why" ] || f=$((f + 1))
	if [ "$f" -ne 0 ]; then
		echo "--- $t: ${why:+$why, }exit status $status"
		sed 's/^/    /' "$tmp/out"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

sed 's/^/skipped: /' "$tmp/skips"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
