/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EM_ number <-> utsname.machine: all that dump/ has to know of a CPU. */
#ifndef DUMP_MACHINE_H
#define DUMP_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine {
	uint16_t e_machine;     /**< EM_ of elf.h */
	const char *name;       /**< utsname.machine, "x86_64" */
	uint8_t word;           /**< bytes of a long */
	bool big_endian;        /**< the usual byte order under this name */
	bool packed_sub_header; /**< 32-bit: u64 members of kdump_sub_header are 4-byte aligned
				   (i386) */
	uint16_t prstatus_len;  /**< bytes of an NT_PRSTATUS desc, struct elf_prstatus; 0 unknown */
};

/** NULL when unknown. A name may be an alias ("i586", "S390X"). */
const struct machine *machine_find(uint16_t e_machine, uint8_t word, bool big_endian);
const struct machine *machine_find_name(const char *name);

/** The machine whose notes have an NT_PRSTATUS of this length; NULL when there is none. For files
 * that do not say what they come from (QEMU's kdump files: "Unknown"). */
const struct machine *machine_find_prstatus(size_t prstatus_len, uint8_t word, bool big_endian);

#endif
