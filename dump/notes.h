/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF notes: gABI "Note Section", 4-byte aligned as the kernel and QEMU write them for both
 * classes. */
#ifndef DUMP_NOTES_H
#define DUMP_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"
#include "util/error.h"

struct dump_facts;

#define NOTES_MAX_LEN      (64U << 20) /**< more than this is no note area but damage */
#define NOTES_MAX_CPUS     65536U
#define VMCOREINFO_MAX_LEN (1U << 20) /**< QEMU's own limit; the kernel's is a page or two */

struct note {
	const char *name; /**< not necessarily NUL-terminated */
	size_t name_len;  /**< without a trailing NUL */
	uint32_t type;
	struct bytes desc; /**< in the byte order of the notes */
};

/** Reads the note at the cursor and moves behind it. False at the end; a note that runs past the
 * end turns the cursor bad and ends the walk. Zero padding between notes (merged /proc/vmcore
 * notes) is skipped. */
bool note_next(struct bytes *cursor, struct note *ret);

bool note_is(const struct note *note, const char *name, uint32_t type);

/** Walks facts->notes once and fills vmcoreinfo, eraseinfo and nr_cpus (number of NT_PRSTATUS).
 * Damage only ends the walk: what came before it stands, and false is returned. */
bool notes_scan(struct dump_facts *facts);

/** Appends a note to a malloc'ed buffer that grows (*buf, *len start as NULL, 0). */
struct error *notes_append(void **buf, size_t *len, bool big_endian, const char *name,
			   uint32_t type, const void *desc, size_t desc_len);

#endif
