# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What every tests/cli/t-*.sh begins with:
#
#   . "${0%/*}/lib.sh"
#   mkdump machine dump                 a dump to work on, see tests/cli/mkdump.c
#   try "what should be so" command...  one test: passes when the command succeeds
#   code 1 "what should be so" tool...  one test: runs the tool, passes at this exit code; its
#                                       output is left in the files out and err
#   has err "text"                      a command for try: the file contains the text
#   skip "what" "reason"
#   finish
#
# Scripts run in a directory of their own, which goes away. capture, filter, convert and analyze
# run the tools; BIN says where these are, and RUNNER what run() puts in front of a program.

set -u
export LC_ALL=C TZ=UTC
TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
case ${BIN:=build} in
/*) ;;
*) BIN=$TOP/$BIN ;;
esac
WORK=$(mktemp -d) || exit 1
trap 'cd / && rm -rf "$WORK"' EXIT
cd "$WORK" || exit 1
tests=0 failures=0

read -ra RUN <<<"${RUNNER-}"
run() { "${RUN[@]}" "$@"; }
capture() { run "$BIN/vmcore-capture" "$@"; }
filter() { run "$BIN/vmcore-filter" "$@"; }
convert() { run "$BIN/vmcore-convert" "$@"; }
analyze() { run "$BIN/vmcore-analyze" "$@"; }
mkdump() { run "$BIN/tests/cli/mkdump" "$@"; }

verdict() {
	local good=$1 what=$2

	tests=$((tests + 1))
	if [ "$good" = 0 ]; then
		echo "ok $tests - $what"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $what"
	fi
}

try() {
	local what=$1 status

	shift
	"$@"
	status=$?
	[ $status = 0 ] || echo "# status $status: $*"
	verdict $status "$what"
}

code() {
	local want=$1 what=$2 status

	shift 2
	"$@" >out 2>err </dev/null
	status=$?
	if [ "$status" != "$want" ]; then
		echo "# exit code $status instead of $want: $*"
		sed 's/^/# /' out err
		verdict 1 "$what"
	else
		verdict 0 "$what"
	fi
}

has() {
	grep -qF -- "$2" "$1" && return
	echo "# no '$2' in $1:"
	sed 's/^/#   /' "$1"
	return 1
}

has_not() {
	! grep -F -- "$2" "$1"
}

# The file has so many lines.
lines() {
	[ "$(wc -l <"$1")" = "$2" ] && return
	echo "# not $2 lines in $1:"
	sed 's/^/#   /' "$1"
	return 1
}

# The memory of two dumps is the same, whatever their formats. ELF cores of the same memory are the
# same bytes, once the virtual addresses of their segments are lost.
same_memory() {
	local i

	for i in 1 2; do
		convert -f --message-level 4 --compress=none "$1" same.kdump &&
			convert -f --message-level 4 -E same.kdump same$i.elf || return
		shift
	done
	cmp same1.elf same2.elf
}

skip() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

finish() {
	echo "1..$tests"
	[ $failures = 0 ]
	exit
}
