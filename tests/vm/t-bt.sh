#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Backtraces of real kernels without their vmlinux, against what these kernels said of themselves: the call trace of the panic in
# the log, /proc/PID/stack of every task the moment before.

. "$(dirname "$0")/tap.sh"

BT=$VM/bt.py

bt() {
	local dump=$1

	shift
	analyze --json "$dump" bt "$@"
}

tasks() { analyze --json "$1" ps | python3 -c 'import json, sys; print(*(t["task"] for t in json.load(sys.stdin)["tasks"]))'; }

heads() { analyze "$1" foreach bt | grep -c '^PID: '; }

# read_all DUMP: files with the traces of the task that panicked, of the CPUs and of all tasks, and the log.
read_all() {
	local list

	list=$(tasks "$1") || return
	analyze "$1" log >dmesg || return
	bt "$1" >panic.json || return
	bt "$1" -a >cpus.json || return
	# shellcheck disable=SC2086  # one word for each task
	bt "$1" $list >all.json
}

check() {
	local what=$1 dump=$2

	try "$what: bt of everything" read_all "$dump"
	try "$what: the panic's trace is that of the log" "$BT" log panic.json dmesg
	try "$what: what runs on each CPU is traced to its root" "$BT" whole cpus.json
	try "$what: so is every task" "$BT" whole all.json
	try "$what: tasks sleep where the guest said they do" "$BT" stacks all.json "$truth/stacks"
	try "$what: foreach bt shows all of them" same "$(heads "$dump")" "$(tasks "$dump" | wc -w)"
	try "$what: bt takes at most 0.15 s" "$BT" quick 0.15 "$BIN/vmcore-analyze" "$dump" bt
}

for suite in bookworm trixie sid; do
	status=0
	guest=$("$VM/guest.sh" $suite amd64 kdump) || status=$?
	if [ $status = 77 ]; then
		skip "backtraces of $suite" "it cannot be fetched here"
		continue
	elif [ $status != 0 ]; then
		try "a guest of $suite" false
		continue
	fi
	truth=$guest/truth
	echo "# kernel $(basename "$(readlink -f "$guest/kernel")"), $guest"
	check "$suite" "$guest/vmcore.elf"
	filter -z -d 31 "$guest/vmcore.elf" "$suite" 2>/dev/null
	check "$suite after -d 31" "$suite"
done

finish
