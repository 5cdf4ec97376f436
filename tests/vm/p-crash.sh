#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# crash opens what we write, with every codec and as ELF, and says the same of it as of the source.

. "$(dirname "$0")/tap.sh"

"$VM/kernel.sh" --debug bookworm amd64 >release || give_up "debug information" $?
guest bookworm amd64 kdump
source=$guest/vmcore.elf
vmlinux=$guest/kernel/vmlinux
echo "# $(crash --version | head -n 1)"

# ask_crash DUMP ANSWER [OPTION]: task, CPUs, state, times and log; the name of the file is the only thing that may differ.
ask_crash() {
	printf 'sys\nbt\nlog\nq\n' | timeout 300 crash -s ${3:-} "$vmlinux" "$1" 2>crash.err | grep -v DUMPFILE >"$2"
	grep -q 'PANIC: ' "$2" && grep -q '^PID: ' "$2" && grep -q 'Linux version' "$2"
}

crash_says_the_same() {
	ask_crash "$1" said && diff asked said >differ && return
	head -n 20 differ crash.err
	return 1
}

try "crash opens the source" ask_crash "$source" asked
for codec in zlib lzo snappy zstd none; do
	filter --compress=$codec -d 31 "$source" $codec 2>/dev/null
	try "crash says of $codec what it says of the source" crash_says_the_same $codec
done
filter -E -d 31 "$source" elf 2>/dev/null
try "crash says of ELF what it says of the source" crash_says_the_same elf

finish
