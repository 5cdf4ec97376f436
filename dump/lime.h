/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header in front of each stretch of memory in a LiME image (lime_mem_range_header of LiME's
 * doc/README): little-endian u32 magic, u32 version, u64 first and u64 last address (the end is
 * inclusive), u64 0.
 */
#ifndef DUMP_LIME_H
#define DUMP_LIME_H

#define LIME_MAGIC      0x4C694D45U /* "EMiL" */
#define LIME_VERSION    1U
#define LIME_HEADER_LEN 32U

#endif
