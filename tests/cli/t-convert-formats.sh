#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vmcore-convert: the memory of a dump is the same in every format.
. "${0%/*}/lib.sh"

mkdump machine machine
mkdump kdump kdump 'rzrz....xxxx00r0zlsd'

code 0 "--list" convert --list
try "reads and writes kdump" grep -qE '^kdump +yes +yes ' out
try "reads and writes elf" grep -qE '^elf +yes +yes ' out
try "names the codecs" grep -qE '^zstd +(yes|no)' out
mapfile -t codecs < <(awk '/^CODEC/ { on = 1; next } on && $2 == "yes" { print $1 }' out)
code 0 "--list --json" convert --list --json
try "is the object of --list" has out '"command": "list"'
code 2 "--list with an operand" convert --list x

for codec in "${codecs[@]}" none; do
	code 0 "to $codec" convert --compress="$codec" machine "new.$codec"
	try "says so" grep -qE "1024 of 1024 pages, kdump( $codec)?, " err
	try "has the same memory" same_memory machine "new.$codec"
done
for codec in "${codecs[@]}"; do
	code 0 "$codec again" convert -f "new.$codec" again
	try "stays $codec" has err "pages, kdump $codec, "
	try "with the same memory" same_memory machine again
	code 0 "$codec to none" convert -f --compress=none "new.$codec" again
	try "has the same memory" same_memory machine again
done
missing() {
	case " ${codecs[*]} " in *" $1 "*) return 1 ;; esac
}
for letter in c:zlib l:lzo p:snappy z:zstd; do
	if missing ${letter#*:}; then
		code 2 "-${letter%:*} without ${letter#*:}" convert -f -${letter%:*} machine new
		try "is refused, not ignored" has err "this build has no ${letter#*:}"
	else
		code 0 "-${letter%:*}" convert -f -${letter%:*} machine new
		try "is ${letter#*:}" has err "kdump ${letter#*:}, "
	fi
done

code 0 "pages of every codec, holes and pages left out" convert -O elf kdump new.elf
try "has the pages that are there" has err "12 of 12 pages, elf"
code 0 "and back" convert -O kdump -f new.elf new
try "has the same memory" same_memory kdump new
code 0 "-O elf of an ELF core" convert -f -O elf machine again
try "keeps the notes" bash -c "${RUNNER-} $BIN/vmcore-convert --info again | grep -q 'VMCOREINFO type 0, '"
code 0 "the log is readable in every format" bash -c \
	"for f in machine again new.none new.${codecs[0]}; do ${RUNNER-} $BIN/vmcore-analyze \$f log | tail -n 1; done | sort -u"
try "and the same" lines out 1

mkdump incomplete part zzzz
code 3 "an incomplete source" convert -f part new
try "gives an incomplete dump, under its final name" has err "new: "
code 3 "which says so" convert -f new again
try "in its header" bash -c "${RUNNER-} $BIN/vmcore-convert --info new | grep -i 'incomplete' | grep -qi yes"

code 0 "--info" convert --info machine
try "names format, machine and kernel" bash -c "grep -q 'FORMAT: elf' out && grep -q 'MACHINE: x86_64' out &&
	grep -q 'RELEASE: 6.1.0-test' out"
code 0 "--info --json" convert --info machine --json
try "is an object" has out '"command": "info"'
cp out want
code 0 "filter --info" filter --info machine --json
try "begins with the same facts" bash -c "grep '\"release\"' want | diff - <(grep '\"release\"' out)"
code 1 "--info of no dump" convert --info /dev/null
code 1 "--info to a full disk" bash -c "${RUNNER-} $BIN/vmcore-convert --info machine >/dev/full"

code 0 "-F" bash -c "${RUNNER-} $BIN/vmcore-convert -F --compress=none machine >flat"
try "is a flattened stream" test "$(head -c 12 flat)" = makedumpfile
if command -v makedumpfile >/dev/null; then
	code 0 "makedumpfile -R" bash -c "makedumpfile -R rearranged <flat"
	try "makes a file of it" same_memory machine rearranged
else
	skip "makedumpfile -R" "no makedumpfile here"
fi
finish
