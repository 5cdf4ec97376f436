/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers in dump/ share among themselves; users include dump/reader.h. */
#ifndef DUMP_FORMAT_H
#define DUMP_FORMAT_H

#include "dump/reader.h"

extern const struct dump_format elf_format, kdump_format, flattened_format, lime_format;
extern const struct dump_format qevm_format, libvirt_format;

/* Not known by their first bytes, see dump/inputs.c. */
extern const struct dump_format raw_format, ramdump_format;

/* Without a reader (dump/recognise.c). */
extern const struct dump_format xen_format, avml_format, vmss_format, sadump_format;
extern const struct dump_format s390_format, lkcd_format, pagedump_format, hibernation_format;

/** The format that a file of these first bytes has, NULL when none is known. */
const struct dump_format *dump_find_format(const struct bytes *head);

/** Opens a file whatever it is; takes ownership of it on success. */
struct error *dump_open_file(struct file *file, const struct dump_open_options *options,
			     struct dump_reader **ret);

/** Opens the dump that stands in a container. One container in another is refused. */
struct error *dump_open_payload(struct file *file, const struct dump_open_options *options,
				struct dump_reader **ret);

/** Completes the facts of an open reader by what its notes know. */
struct error *dump_complete(struct dump_facts *facts);

/** Raw memory: parts of a file, each at its address. */
struct raw_part {
	uint64_t off, len; /**< in the file */
	uint64_t paddr;
};
struct board;
struct board_layout;

/** Takes ownership of the file on success. board (may be NULL) says what machine it is. */
struct error *raw_open_parts(struct file *file, const struct raw_part *parts, size_t nr,
			     const struct board *board, struct dump_reader **ret);

/** All of the file as memory of a board. Takes ownership of it on success. */
struct error *raw_open_image(struct file *file, const struct board_layout *layout,
			     struct dump_reader **ret);

/** The facts that follow from the type of the machine. */
void dump_set_machine(struct dump_facts *facts, const struct board *board);

/** The folder for what has to be unpacked. */
const char *dump_spool_folder(const struct dump_open_options *options);

/** A folder of phone ramdumps, as dump_info.txt in it says. */
struct error *ramdump_open(const char *folder, const struct dump_open_options *options,
			   struct dump_reader **ret);

/** The members of a split set, in any order, as one dump. Takes ownership of the readers, not of
 * the array, on success. */
struct error *split_join(struct dump_reader *const *members, size_t nr, struct dump_reader **ret);

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
