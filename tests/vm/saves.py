#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes every kind of save that we read from a guest, and QEMU's dump to compare each with.

saves.py SOCKET FOLDER    stops the guest, writes FOLDER/mapped-ram and FOLDER/stream, and beside
                          each of them NAME.elf, and ends it

saves.py libvirt FORMAT STREAM FILE
                          puts the header of a libvirt save in front of STREAM: FORMAT is raw, gzip
                          or zstd (the stream is compressed)
"""
import json
import os
import socket
import struct
import subprocess
import sys
import time

FORMATS = {"raw": 0, "gzip": 1, "zstd": 5}


def libvirt(form, source, target):
    xml = b"<domain type='qemu'><name>test</name></domain>\0" + bytes(65536)
    with open(target, "wb") as out:
        # virQEMUSaveHeader: magic, version, length of what follows, was_running, format, cookie
        out.write(struct.pack("<16s5I56x", b"LibvirtQemudSave", 2, len(xml), 0, FORMATS[form], 0))
        out.write(xml)
        out.flush()
        with open(source, "rb") as data:
            subprocess.check_call({"raw": ["cat"], "gzip": ["gzip", "-1c"], "zstd": ["zstd", "-qc"]}[form], stdin=data, stdout=out)


def save(path, folder):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    stream = sock.makefile("rw")

    def run(command, **arguments):
        stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        stream.flush()
        while True:  # events may come in between
            answer = json.loads(stream.readline())
            if "error" in answer:
                sys.exit(f"saves.py: {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def migrate(uri, mapped):
        run("migrate-set-capabilities", capabilities=[{"capability": "mapped-ram", "state": mapped}])
        run("migrate", uri=uri)
        while True:
            status = run("query-migrate").get("status")
            if status == "completed":
                return
            if status in ("failed", "cancelled"):
                sys.exit(f"saves.py: migration {status}")
            time.sleep(0.1)

    stream.readline()
    run("qmp_capabilities")
    for name, uri in ("mapped-ram", "file:{}"), ("stream", "exec:cat >{}"):
        run("stop")
        run("dump-guest-memory", paging=False, protocol=f"file:{folder}/{name}.elf")
        migrate(uri.format(f"{folder}/{name}"), name == "mapped-ram")
        run("cont")  # QEMU saves a guest once only while it is stopped
    run("quit")


if sys.argv[1] == "libvirt":
    libvirt(*sys.argv[2:])
else:
    save(*sys.argv[1:])
