/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers in dump/ share among themselves; users include dump/reader.h. */
#ifndef DUMP_FORMAT_H
#define DUMP_FORMAT_H

#include "dump/reader.h"

extern const struct dump_format elf_format, kdump_format;

/* Without a reader (dump/recognise.c). */
extern const struct dump_format xen_format, lime_format, avml_format, vmss_format, sadump_format;
extern const struct dump_format s390_format, lkcd_format, pagedump_format, qevm_format;
extern const struct dump_format libvirt_format, flattened_format;

/** Where the data of a file must end: its size, but for /proc, where it is made up. */
uint64_t dump_file_end(const struct file *file);

/** Reads up to len bytes at off; fewer mean that scratch->why tells the reason. Allocates nothing.
 */
size_t dump_pread(struct dump_scratch *scratch, uint64_t off, void *buf, size_t len);

/** Sets scratch->why to "FILE: ..." and returns DUMP_UNREADABLE. */
enum dump_status dump_why(struct dump_scratch *scratch, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** Sets reader->warning to "FILE: ..." unless there is one already. */
void dump_warn(struct dump_reader *reader, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** Reads the notes of a file piece by piece into one buffer that grows (*buf, *len start as NULL,
 * 0), up to max bytes in all. What the file does not have is left out with a warning. */
struct error *dump_read_blob(struct dump_reader *reader, const char *what, uint64_t off,
			     uint64_t size, size_t max, void **buf, size_t *len);

#endif
