/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMCOREINFO in the memory of the kernel that it describes: text that begins a page
 * (vmcoreinfo_data), or stands in an ELF note that does (vmcoreinfo_note); arrays at any place
 * before Linux commit 203e9e41219b (4.12). Further copies lie about: in the crash kernel's region,
 * in buffers, in files that somebody read.
 */
#ifndef KERNEL_FIND_NOTE_H
#define KERNEL_FIND_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/addrspace.h"
#include "dump/vmcoreinfo.h"
#include "kernel/scan.h"
#include "util/error.h"

struct found_note {
	uint64_t paddr; /**< of the text of the best copy */
	char *text;     /**< NUL-terminated */
	size_t len;
	struct vmcoreinfo *info; /**< parsed from text */
	bool in_note;            /**< behind the header of an ELF note */
	bool crashed;            /**< has CRASHTIME, which is added when the kernel goes down */
	unsigned int copies;     /**< that agree on what kernel it is */
};

struct found_notes {
	struct found_note *notes;
	size_t nr;
	size_t nr_rejected; /**< texts that begin like one and are none */
};

/** Looks at all hits of SCAN_VMCOREINFO. Copies that speak of the same kernel, loaded at the same
 * address, become one. */
struct error *find_notes(const struct scan_hits *hits, phys_read_fn *read, void *arg,
			 struct found_notes *ret);
void found_notes_deinit(struct found_notes *notes);

#endif
