#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# crash opens what a killed vmcore-capture leaves, from the second index commit on.

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

# crash says itself that incomplete dumps want --zero_excluded: it reads a few pages of text at its start, which come late.
for point in $(seq 4 13); do
	killed "$source" "$point" || give_up "killing at point $point" 1
	try "killed at point $point: crash opens it and finds the panic" ask_crash "killed$point.incomplete" "said$point" --zero_excluded
done

finish
