#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""drgn-check.py DUMP VMLINUX SOURCE: all pages that DUMP has, read through drgn, are those of SOURCE (an
ELF core), and the stack of the panicking task reaches down from __crash_kexec or panic."""
import sys

import drgn
from drgn.helpers.linux.pid import for_each_task

import kdump

dump, vmlinux, source = sys.argv[1:]
prog = drgn.Program()
prog.set_core_dump(dump)
prog.load_debug_info([vmlinux])
elf = kdump.Elf(source)
n = 0
for pfn in kdump.Kdump(dump).pfns():
    if prog.read(pfn << 12, 4096, physical=True) != elf.page(pfn << 12):
        sys.exit(f"pfn {pfn:#x} differs")
    n += 1
names = [frame.name for frame in prog.crashed_thread().stack_trace()]
print("#", n, "pages,", sum(1 for _ in for_each_task(prog)), "tasks,", " <- ".join(x or "?" for x in names[:6]))
if n < 1000 or not any(name in ("panic", "__crash_kexec") for name in names[:4]):
    sys.exit(1)
