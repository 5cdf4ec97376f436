#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A second opinion on kdump-compressed and ELF files, sharing no line with the project's readers.

  kdump.py pages FILE               number of pages in the 2nd bitmap
  kdump.py same-pages A B [SOURCE]  do both keep the same pages?  prints up to 20 that differ; pages
                                    that SOURCE (ELF) has only a part of are named, not counted
  kdump.py same-bytes KDUMP ELF     is every stored page of KDUMP (zlib or raw pages) as in ELF?
  kdump.py elf-in ELF SOURCE        is every byte that ELF has as in SOURCE (ELF too)?
  kdump.py flags FILE               page flags found, with counts
  kdump.py levels KPAGEFLAGS FILE   pages by the guest's own /proc/kpageflags against the 2nd bitmap
"""
import struct
import sys
import zlib
from collections import Counter


class Kdump:
    """64-bit little-endian kdump-compressed files: headers, bitmaps, descriptors."""

    def __init__(self, path):
        self.f = open(path, "rb")
        head = self.f.read(464)
        if head[:8] != b"KDUMP   ":
            sys.exit(f"{path}: no kdump file")
        (self.status, self.block, sub, blocks, max32) = struct.unpack_from("<IiiII", head, 424)
        self.f.seek(self.block)
        subhdr = self.f.read(104)
        self.max_mapnr = struct.unpack_from("<Q", subhdr, 96)[0]
        half = blocks // 2 * self.block
        self.f.seek((1 + sub) * self.block)
        self.ram = self.f.read(half)
        self.kept = self.f.read(half)
        self.desc_off = (1 + sub + blocks) * self.block
        need = (self.max_mapnr + 7) // 8
        self.ram, self.kept = self.ram[:need], self.kept[:need]

    def pfns(self):
        for i, byte in enumerate(self.kept):
            if byte:
                for bit in range(8):
                    if byte >> bit & 1:
                        yield i * 8 + bit

    def descs(self):
        n = sum(bin(b).count("1") for b in self.kept)
        self.f.seek(self.desc_off)
        table = self.f.read(24 * n)
        return [struct.unpack_from("<qII", table, 24 * i) for i in range(n)]

    def page(self, desc):
        off, size, flags = desc
        self.f.seek(off)
        data = self.f.read(size)
        if flags & 1:
            data = zlib.decompress(data)
        elif flags:
            sys.exit(f"page flag {flags:#x}: only zlib and raw pages can be compared here")
        return data


class Elf:
    """ELF64 little-endian core: physical ranges in file order, the first one wins."""

    def __init__(self, path):
        self.f = open(path, "rb")
        head = self.f.read(64)
        phoff, shoff = struct.unpack_from("<QQ", head, 32)
        phnum = struct.unpack_from("<H", head, 56)[0]
        if phnum == 0xFFFF:
            self.f.seek(shoff + 44)
            phnum = struct.unpack("<I", self.f.read(4))[0]
        self.f.seek(phoff)
        table = self.f.read(56 * phnum)
        self.loads = []
        for i in range(phnum):
            kind, _, off, va, pa, filesz, memsz, _ = struct.unpack_from("<IIQQQQQQ", table, 56 * i)
            if kind == 1:
                self.loads.append((pa, off, filesz, memsz, va))
        self.direct = sorted(x for x in self.loads if x[4] < 0xFFFFFFFF80000000)

    def page(self, paddr, size=4096):
        out = bytearray(size)
        for pa, off, filesz, _, _ in self.direct:
            lo, hi = max(pa, paddr), min(pa + filesz, paddr + size)
            if lo < hi:
                self.f.seek(off + lo - pa)
                out[lo - paddr:hi - paddr] = self.f.read(hi - lo)
        return bytes(out)


def partly_backed(path):
    """First and last page of each range that begins or ends inside of a page."""
    return {at >> 12 for pa, _, filesz, _, _ in Elf(path).loads for at in (pa, pa + filesz) if at & 4095}


def same_pages(a, b, source=None):
    A, B = Kdump(a), Kdump(b)
    n = max(len(A.kept), len(B.kept))
    x, y = A.kept.ljust(n, b"\0"), B.kept.ljust(n, b"\0")
    part = partly_backed(source) if source else set()
    differ = []
    for i in range(n):
        if x[i] != y[i]:
            differ += [i * 8 + bit for bit in range(8) if (x[i] ^ y[i]) >> bit & 1]
    for pfn in differ[:20]:
        why = ", backed in part: not counted" if pfn in part else ""
        print(f"# pfn {pfn:#x} only in {a if x[pfn >> 3] >> (pfn & 7) & 1 else b}{why}")
    bad = len([pfn for pfn in differ if pfn not in part])
    print(f"# {sum(bin(v).count('1') for v in x)} pages in {a}, {bad} differences in {b}")
    return bad != 0 or not any(x)


def same_bytes(a, b):
    A, B = Kdump(a), Elf(b)
    n = bad = 0
    for pfn, desc in zip(A.pfns(), A.descs()):
        n += 1
        if A.page(desc) != B.page(pfn * A.block, A.block):
            bad += 1
            if bad < 10:
                print(f"# pfn {pfn:#x} differs")
    print("#", n, "pages compared,", bad, "differ")
    return bad != 0 or n == 0


def elf_in(a, b):
    A, B = Elf(a), Elf(b)
    n = bad = 0
    for pa, off, filesz, _, _ in A.direct:
        for at in range(0, filesz, 1 << 20):
            size = min(1 << 20, filesz - at)
            A.f.seek(off + at)
            n += size
            if A.f.read(size) != B.page(pa + at, size):
                bad += 1
                print(f"# MiB at {pa + at:#x} differs")
    print("#", n >> 12, "pages compared,", bad, "MiB differ")
    return bad != 0 or n == 0


def flags(path):
    for flag, n in sorted(Counter(d[2] for d in Kdump(path).descs()).items()):
        print(f"{flag:#x} {n}")
    return 0


# include/uapi/linux/kernel-page-flags.h
KPF = {"lru": 5, "slab": 7, "buddy": 10, "anon": 12, "hugetlb": 17, "hwpoison": 19, "offline": 23,
       "zero": 24, "pgtable": 26, "reserved": 32}


def levels(kpageflags, path):
    """At -d 31: what the guest calls buddy, anonymous, hugetlb or page cache should be gone, slab,
    page tables and reserved pages should be there."""
    D = Kdump(path)
    words = open(kpageflags, "rb").read()
    n = len(words) // 8
    table, agree, total = Counter(), 0, 0
    kept = D.kept.ljust((n + 7) // 8, b"\0")
    ram = D.ram.ljust((n + 7) // 8, b"\0")
    for pfn in range(n):
        if not ram[pfn >> 3] >> (pfn & 7) & 1:
            continue
        w = struct.unpack_from("<Q", words, pfn * 8)[0]
        has = {k for k, bit in KPF.items() if w >> bit & 1}
        if has & {"slab", "pgtable", "reserved"}:
            want, name = 1, sorted(has & {"slab", "pgtable", "reserved"})[0]
        elif has & {"hwpoison", "offline", "buddy", "hugetlb", "anon", "lru"}:
            want = 0
            name = next(k for k in ("hwpoison", "offline", "buddy", "hugetlb", "anon", "lru") if k in has)
        else:
            want, name = 1, "other"
        got = kept[pfn >> 3] >> (pfn & 7) & 1
        total += 1
        agree += got == want
        table[name, "right" if got == want else "wrong"] += 1
    for (name, how), count in sorted(table.items()):
        print(f"{name:9} {how} {count}")
    print(f"agree {agree} of {total}: {100 * agree / total:.3f} %")
    return 0


if __name__ == "__main__":
    calls = {"pages": lambda f: print(sum(bin(b).count("1") for b in Kdump(f).kept)),
             "same-pages": same_pages, "same-bytes": same_bytes, "elf-in": elf_in, "flags": flags,
             "levels": levels}
    if len(sys.argv) < 3 or sys.argv[1] not in calls:
        sys.exit(__doc__)
    sys.exit(calls[sys.argv[1]](*sys.argv[2:]))
