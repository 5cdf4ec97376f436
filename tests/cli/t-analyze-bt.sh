#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bt: its command line, and what it says of a kernel that it cannot trace. Real traces are those of
# tests/vm/t-bt.sh.

. "${0%/*}/lib.sh"

mkdump machine dump
code 2 "-a takes no task" analyze dump bt -a 5
try "and says so" has err "no task"
code 2 "nor does -c" analyze dump bt -c 0 5
code 2 "-a and -c do not go together" analyze dump bt -a -c 0
code 2 "-S is of one task, no CPU" analyze dump bt -a -S 0x1000
code 2 "an option that bt does not have" analyze dump bt -Z
code 1 "a kernel without symbols" analyze dump bt
try "says what is missing" has err "_stext"
try "and prints nothing" test ! -s out
code 0 "help describes it" analyze help bt
try "with its options" has out "faddr2line"

finish
