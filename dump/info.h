/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What --info says of a dump file, whoever the kernel in it is. kernel/info.h says more, for the
 * tools that may know a kernel.
 */
#ifndef DUMP_INFO_H
#define DUMP_INFO_H

#include <stdint.h>

#include "util/error.h"

struct dump_reader;
struct rows;

/** Memory of a dump by what became of it, in bytes. */
struct dump_amounts {
	uint64_t ram;      /**< that the machine had, as far as the dump knows */
	uint64_t stored;   /**< of this, what the dump has */
	uint64_t excluded; /**< and what it leaves out */
};

struct error *dump_measure(const struct dump_reader *reader, struct dump_amounts *ret);

/** All of --info: dump_info_facts(), and dump_info_faults() as the list "faults". */
struct error *dump_info(struct rows *rows, const struct dump_reader *reader);

/** Format, machine, kernel release, memory, notes. */
struct error *dump_info_facts(struct rows *rows, const struct dump_reader *reader);

/** Items of a list that is open: what is wrong with the file, and what it lacks. */
void dump_info_faults(struct rows *rows, const struct dump_reader *reader);

#endif
