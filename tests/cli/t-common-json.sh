#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --json: one valid object on standard output, with the members that vmcore-tools(7) lists.
. "${0%/*}/lib.sh"

mkdump machine machine
mkdump elf nothing 64

command -v python3 >/dev/null || {
	echo "1..0 # SKIP needs python3"
	exit
}

# The paths of all members, sorted.
members() {
	python3 -c '
import json, sys
def walk(v, path):
    if isinstance(v, dict):
        for k in v:
            print(path + k)
            walk(v[k], path + k + ".")
    elif isinstance(v, list):
        for i in v:
            walk(i, path)
walk(json.load(open("out")), "")' | sort -u
}

# Each name in the section of the manual; a member stands there in bold.
documented() {
	members | sed 's/.*\.//' | sort -u | while read -r name; do
		sed -n '/^\.SH JSON/,/^\.SH/p' "$TOP/man/vmcore-tools.7" | sed 's/\\-/-/g' |
			grep -qE "^\.B.*(^|[^a-z_-])$name([^a-z_-]|$)" || echo "$name"
	done >undocumented
	[ ! -s undocumented ] || sed 's/^/# not in vmcore-tools(7): /' undocumented
	[ ! -s undocumented ]
}

check() {
	try "is one valid object" python3 -c 'import json; json.load(open("out"))'
	try "begins with vmcore_tools" test "$(sed -n 2p out)" = '  "vmcore_tools": 1,'
	try "every member is in the manual" documented
}

code 0 "capture --json" capture --json machine captured
check
code 0 "filter --json" filter --json -d 31 machine filtered
check
code 0 "convert --json" convert --json filtered converted
check
code 0 "convert --list --json" convert --list --json
check
code 1 "convert --json of nothing" convert --json missing new
check
try "has the error" has out '"error": "missing: No such file or directory"'
code 4 "convert --json of a cut file" bash -c "head -c 2000000 machine >part; ${RUNNER-} $BIN/vmcore-convert --json part new"
check
mv machine "$(printf 'm\377"\n')"
code 0 "a name that is no UTF-8" capture -f --json "$(printf 'm\377"\n')" captured
check
finish
