/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a dump apart from its memory. A reader fills one from its headers; a tool copies
 * it, adds what it learned from the kernel, and gives it to a writer. Nothing here owns memory: the
 * pointers live as long as the reader they came from (or whatever the tool pointed them at).
 */
#ifndef DUMP_FACTS_H
#define DUMP_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUMP_UTS_LEN 65 /**< __NEW_UTS_LEN + 1 (include/uapi/linux/utsname.h) */

/** The fields of struct new_utsname, each NUL-terminated here whatever the file holds. */
struct dump_utsname {
	char sysname[DUMP_UTS_LEN], nodename[DUMP_UTS_LEN], release[DUMP_UTS_LEN];
	char version[DUMP_UTS_LEN], machine[DUMP_UTS_LEN], domainname[DUMP_UTS_LEN];
};

/** One stretch of memory as an ELF program header gives it. */
struct dump_segment {
	uint64_t paddr, memsz; /**< RAM covered, bytes */
	uint64_t off, filesz;  /**< data in the file; filesz < memsz: the tail is left out */
	uint64_t vaddr;        /**< kernel virtual address of paddr; QEMU writes 0 or paddr */
};

struct dump_facts {
	uint16_t machine;    /**< EM_ number of elf.h, EM_NONE when unknown */
	bool big_endian;     /**< of the machine that crashed */
	uint8_t word;        /**< bytes of its long: 4 or 8 */
	uint32_t block_size; /**< bytes; unit in which memory is present or not; power of two */
	uint64_t max_paddr;  /**< first address above all RAM */
	struct dump_utsname uts;
	uint64_t time_sec, time_usec;  /**< of the crash as the header has it, 0 when unknown */
	uint64_t phys_base;            /**< as kdump_sub_header has it; 0 for ELF */
	uint32_t dump_level;           /**< bits left out already, DUMP_LEVEL_ of dump/level.h */
	uint32_t nr_cpus;              /**< 0 when unknown */
	uint64_t part_start, part_end; /**< physical memory that this file of a split set has; both
					* 0 when it is none */
	bool incomplete;               /**< the file says that pages are missing */
	bool truncated;    /**< the file ends before the data that its headers promise */
	const void *notes; /**< all ELF notes, as they stand in the file */
	size_t notes_len;
	const char *vmcoreinfo; /**< text of the VMCOREINFO note, inside notes or a copy; not
				 * NUL-terminated; NULL when there is none */
	size_t vmcoreinfo_len;
	const void
		*eraseinfo; /**< text of the ERASEINFO note or section; NULL when there is none */
	size_t eraseinfo_len;
	const struct dump_segment *segments; /**< as in the file, in its order; ELF only */
	size_t nr_segments;
};

#endif
