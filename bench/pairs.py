#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs two commands in turns and compares them: medians, and the median of the ratios of neighbours.

  pairs.py [--pairs N] [--cpus LIST] [--at-least RATIO] NAME -- THEIRS... --- OURS...

The machine is noisy: only neighbours in time are compared. Each command's own page cache state is the
same: both are run once before the clock starts. {out} in a command is a fresh file name, removed
after each run. Prints one line; exits with 1 when a command fails or the ratio is below RATIO.
"""
import os
import statistics
import sys
import tempfile
import time


def run(command, folder, cpus):
    out = os.path.join(folder, "out")
    argv = [a.replace("{out}", out) for a in command]
    log = os.path.join(folder, "log")
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.sched_setaffinity(0, cpus)
        fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        os.execvp(argv[0], argv)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    if status:
        sys.exit(f"{' '.join(argv)}: status {status}\n{open(log).read()[-2000:]}")
    size = sum(os.path.getsize(os.path.join(folder, f)) for f in os.listdir(folder) if f.startswith("out"))
    for f in os.listdir(folder):
        os.unlink(os.path.join(folder, f))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, size


def main():
    args = sys.argv[1:]
    pairs, cpus, bound = 5, os.sched_getaffinity(0), 0.0
    while args and args[0].startswith("--") and args[0] != "--":
        key, value, args = args[0], args[1], args[2:]
        if key == "--pairs":
            pairs = int(value)
        elif key == "--cpus":
            cpus = {int(c) for c in value.split(",")}
        elif key == "--at-least":
            bound = float(value)
        else:
            sys.exit(__doc__)
    name, args = args[0], args[2:]
    cut = args.index("---")
    theirs, ours = args[:cut], args[cut + 1:]
    where = os.environ.get("BENCH_DIR") or None
    with tempfile.TemporaryDirectory(dir=where) as folder:
        run(theirs, folder, cpus)
        run(ours, folder, cpus)
        a, b = [], []
        for _ in range(pairs):
            a.append(run(theirs, folder, cpus))
            b.append(run(ours, folder, cpus))
    ratio = statistics.median(x[0] / y[0] for x, y in zip(a, b))
    mid = [[statistics.median(r[i] for r in rows) for i in range(4)] for rows in (a, b)]
    low = ratio < bound
    target = f"  (target {bound:g}{': MISSED' if low else ''})" if bound else ""
    print(f"{name:34} theirs {mid[0][0]:7.3f} s  ours {mid[1][0]:7.3f} s  ratio {ratio:5.2f}  "
          f"cpu {mid[0][1]:.2f}/{mid[1][1]:.2f} s  rss {mid[0][2] / 1024:.1f}/{mid[1][2] / 1024:.1f} MiB  "
          f"size {mid[0][3]:.0f}/{mid[1][3]:.0f}{target}", flush=True)
    sys.exit(1 if low else 0)


main()
