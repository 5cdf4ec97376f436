#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Talks to QEMU's monitor.

qmp.py SOCKET balloon MIB      takes memory from a running guest until it has MIB left
qmp.py SOCKET dump FOLDER      stops the guest, takes every dump that QEMU offers, and ends it
"""
import json
import socket
import sys

sock, verb, argument = sys.argv[1:]
stream = socket.socket(socket.AF_UNIX)
stream.connect(sock)
stream = stream.makefile("rw")


def run(command, **arguments):
    stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    stream.flush()
    while True:  # events may come in between
        answer = json.loads(stream.readline())
        if "error" in answer:
            sys.exit(f"qmp.py: {command}: {answer['error']['desc']}")
        if "return" in answer:
            return answer["return"]


def dump(folder):
    run("stop")
    for name, monitor in ("registers", "info registers -a"), ("mtree", "info mtree -f"):
        with open(f"{folder}/{name}.txt", "w", encoding="utf-8") as file:
            file.write(run("human-monitor-command", **{"command-line": monitor}))
    for form in run("query-dump-guest-memory-capability")["formats"]:
        if form != "win-dmp":
            run("dump-guest-memory", paging=False, protocol=f"file:{folder}/qemu.{form}", format=form)
    run("dump-guest-memory", paging=True, protocol=f"file:{folder}/qemu.elf-paging")
    run("quit")


stream.readline()
run("qmp_capabilities")
if verb == "balloon":
    run("balloon", value=int(argument) << 20)
else:
    dump(argument)
