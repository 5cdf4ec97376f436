#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every layer/x.c has tests/unit/layer/test_x.c, every unit test a source, and every fuzz harness
# seeds. What is excused stands here with its reason.

set -u
cd "$(dirname "$0")/../.." || exit 1
rc=0

complain() {
	echo "$*"
	rc=1
}

# path: reason
excused() {
	case $1 in
	*) return 1 ;;
	esac
}

for c in util/*.c dump/*.c arch/*.c kernel/*.c; do
	name=${c##*/}
	test=tests/unit/${c%/*}/test_$name
	[ -e "$test" ] || excused "$c" || complain "$c: $test is missing"
done

for test in tests/unit/*/test_*.c; do
	layer=${test%/*} name=${test##*/test_}
	c=${layer##*/}/$name
	[ -e "$c" ] || complain "$test: there is no $c"
done

for harness in tests/fuzz/fuzz_*.c; do
	[ -e "$harness" ] || continue
	name=${harness##*/fuzz_} seeds=
	for seed in "tests/fuzz/corpus/${name%.c}"/*; do
		[ -f "$seed" ] && seeds=yes
	done
	grep -q '^void fuzz_seeds' "$harness" && seeds=yes # builds them itself
	[ -n "$seeds" ] || complain "$harness: no seeds in tests/fuzz/corpus/${name%.c}/"
done

for corpus in tests/fuzz/corpus/*/; do
	[ -d "$corpus" ] || continue
	name=${corpus%/}
	[ -e "tests/fuzz/fuzz_${name##*/}.c" ] || complain "$corpus: seeds of no harness"
done

exit $rc
