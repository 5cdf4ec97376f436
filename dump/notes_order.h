/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps that say the wrong byte order. */
#ifndef DUMP_NOTES_ORDER_H
#define DUMP_NOTES_ORDER_H

struct dump_facts;

/** QEMU 7.2 writes headers and notes of little-endian ppc64 guests in big-endian order. Where a CPU
 * that executes the kernel says that it is little-endian, turns facts->notes round, which are the
 * caller's to write to, and corrects facts->big_endian. */
void notes_fix_order(struct dump_facts *facts, void *notes);

#endif
