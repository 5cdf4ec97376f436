#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What every command line has, and what wrong ones get.
. "${0%/*}/lib.sh"

mkdump elf dump 64

one_line() {
	lines err 1 && has err "vmcore-$1: "
}

for tool in capture filter convert; do
	code 0 "$tool --help" $tool --help
	try "$tool --help says how to call it" has out "Usage: vmcore-$tool "
	try "$tool --help is not too wide" test -z "$(grep -E '.{91}' out)"
	code 0 "$tool --version" $tool --version
	try "$tool --version names tool and suite" grep -qE "^vmcore-$tool \(vmcore-tools\) [0-9.]+$" out
	code 2 "$tool with an unknown option" $tool --no-such-option
	try "$tool complains in one line" one_line $tool
	code 2 "$tool without operands" $tool
	try "$tool complains in one line" one_line $tool
	if [ $tool != convert ]; then # which takes several sources
		code 2 "$tool with too many operands" $tool a b c
		try "$tool names what is too many" has err "'c' is one operand too many"
		code 2 "$tool -F with a target" $tool -F dump a
		try "$tool says what -F is for" has err "-F writes to standard output"
	fi

	for bad in --compress=gzip --compress=zstd:99 --compress=zstd: --num-threads=-1 --num-threads=x \
		--progress=maybe --message-level=32 --exit-code=none '-L 1Q'; do
		code 2 "$tool $bad" $tool "$bad" dump out.dump
		try "$tool complains in one line" one_line $tool
	done
	code 2 "$tool -E -z" $tool -E -z dump out.dump
	try "an ELF core is never compressed" has err "an ELF core (-E) has no compressed pages"
	code 2 "$tool --json to a dump on standard output" $tool --json -F dump
	try "there is one standard output" has err "standard output is taken by the dump"
	code 1 "$tool --help to a full disk" bash -c "${RUNNER-} $BIN/vmcore-$tool --help >/dev/full"
done

for tool in capture filter; do
	for bad in -d32 -d-1 -dx -d '-d1,' -d1,2,3,4,5,6,7,8,9; do
		code 2 "$tool $bad" $tool "$bad" dump out.dump
	done
	code 2 "$tool --json --show-stats" $tool --json --show-stats dump out.dump
done
code 2 "convert has no dump level" convert -d31 dump out.dump
code 2 "convert -O vmdk" convert -O vmdk dump out.dump
try "nothing was written" test ! -e out.dump
finish
