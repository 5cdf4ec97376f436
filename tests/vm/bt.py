#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `vmcore-analyze --json bt` says (a file), against what the guest's kernel said itself.
#
#   bt.py log BT LOG        the first trace equals the last one of the log, from panic() or the
#                           faulting function to the root; lines with ? left out
#   bt.py stacks BT STACKS  the traces of sleeping tasks end as /proc/PID/stack did before the crash
#   bt.py whole BT          every trace leads to a root, and nothing of it is guessed
#   bt.py quick SECONDS COMMAND...   the best of five runs takes no more time of the CPU

import json
import os
import re
import subprocess
import sys

ENTRY = re.compile(r"(\?? ?)([\w.$]+)\+0x([0-9a-f]+)/0x([0-9a-f]+)")
PANIC = ("panic", "vpanic")


def traces(path):
    with open(path) as file:
        return json.load(file)["traces"]


def frames(trace):
    """Functions of a trace as (name, offset, size)."""
    return [(f.get("function", f["ip"]), f.get("offset", 0), f.get("size", 0))
            for f in trace["frames"] if f["kind"] != "user"]


def text(frame):
    return "%s+0x%x/0x%x" % frame


def entry_of(name, offset, size):
    return name, int(offset, 16), int(size, 16)


def same(ours, theirs):
    # Of functions in modules the kernel gives the distance to the next one as their size. And some
    # kernels take the return address of a call that does not come back for the next function.
    return ours[:2] == theirs[:2] or (theirs[1] == 0 and ours[1] == ours[2])


def last_trace(path):
    """The entries of the last call trace of a log, the code that was interrupted among them."""
    result, at_fault, inside = [], None, False
    with open(path, errors="replace") as file:
        for line in file:
            line = re.sub(r"^\[ *[\d.]+\](\[ *[TC]\d+\])? ?", "", line.rstrip("\n"))
            fault = re.match(r"(?:RIP: 0010:|pc : |epc : )(?:" + ENTRY.pattern + "|(0x[0-9a-f]+))", line)
            if fault:
                at_fault = entry_of(*fault.groups()[1:4]) if fault.group(2) else (fault.group(5), 0, 0)
            if re.match(r"(?i)call trace:", line):
                result, inside = [], True
                if at_fault:
                    result.append(at_fault)
                at_fault = None
                continue
            if not inside:
                continue
            entry = re.match(r"(\(?\[<?[0-9a-f]+>?\] ?)* ?" + ENTRY.pattern, line.strip())
            if fault:
                result.append(at_fault)
            elif entry and "?" not in entry.group(2):
                result.append(entry_of(*entry.groups()[2:]))
            elif re.match(r"(---\[|Modules linked|Kernel Offset|SMP: stopping|Last Breaking|Kernel panic)", line):
                inside = False
    return result


def begin(entries):
    """From the last panic() on, whose own place differs, else from the faulting function."""
    for i in reversed(range(len(entries))):
        if entries[i][0] in PANIC:
            return entries[i + 1:] if i + 1 < len(entries) and entries[i + 1][0] != "panic" else entries[i + 2:]
    return entries


def log(bt, path):
    ours, theirs = begin(frames(traces(bt)[0])), begin(last_trace(path))
    # The log of an oops begins with the code at fault, the stack with the panic that came of it.
    places = [i for i, frame in enumerate(ours) if theirs and same(frame, theirs[0])]
    ours = ours[places[0]:] if places else ours
    good = len(ours) == len(theirs) and all(map(same, ours, theirs)) and len(ours) > 1
    if not good:
        for i in range(max(len(ours), len(theirs))):
            print("# %-50s %s" % (text(ours[i]) if i < len(ours) else "-", text(theirs[i]) if i < len(theirs) else "-"))
    print("# %d frames" % len(ours))
    return good


def stacks(bt, path):
    truth, pid = {}, None
    with open(path) as file:
        for line in file:
            head = re.match(r"== (\d+) ", line)
            if head:
                pid = int(head.group(1))
                truth[pid] = []
            entry = ENTRY.search(line)
            if entry and not head:
                truth[pid].append(entry_of(*entry.groups()[1:]))
    equal = differ = 0
    for trace in traces(bt):
        want = truth.get(trace["pid"])
        if not want or trace["running"]:
            continue
        ours = frames(trace)[-len(want):]
        if len(ours) == len(want) and all(map(same, ours, want)):
            equal += 1
            continue
        differ += 1
        if differ <= 5:
            print("# PID %d %s:" % (trace["pid"], trace["comm"]))
            print("#    ours  ", " ".join(map(text, frames(trace))))
            print("#    guest ", " ".join(map(text, want)))
    print("# %d tasks equal, %d differ" % (equal, differ))
    return equal, differ


def whole(bt):
    good, count = True, 0
    for trace in traces(bt):
        count += 1
        if not trace["complete"] or not all(f["sure"] for f in trace["frames"]):
            good = False
            print("# PID %s on CPU %d: %s" % (trace.get("pid"), trace["cpu"], trace.get("end", "guessed")))
    print("# %d traces" % count)
    return good and count > 0


def quick(limit, command):
    best = None
    for _ in range(5):
        before = os.times()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        took = after.children_user + after.children_system - before.children_user - before.children_system
        best = took if best is None else min(best, took)
    print("# %.2f s" % best)
    return best <= float(limit)


def main():
    command = sys.argv[1]
    if command == "quick":
        return quick(sys.argv[2], sys.argv[3:])
    if command == "log":
        return log(*sys.argv[2:4])
    if command == "whole":
        return whole(sys.argv[2])
    equal, differ = stacks(*sys.argv[2:4])
    # Some have run since.
    return equal > 20 and differ <= equal // 10


sys.exit(not main())
