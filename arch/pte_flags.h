/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flags of page-table entries by the names that the kernel's sources and crash have for them.
 */
#ifndef ARCH_PTE_FLAGS_H
#define ARCH_PTE_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arch;

#define PTE_FLAGS_LEN 160

/** "PRESENT|RW|ACCESSED"; empty for an entry without flags, and for a machine whose flags nobody
 * has written down. */
void pte_flags_text(const struct arch *arch, uint64_t entry, char buf[static PTE_FLAGS_LEN]);

#endif
