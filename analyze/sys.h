/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sys and report both say of the machine. */
#ifndef ANALYZE_SYS_H
#define ANALYZE_SYS_H

#include <stdint.h>

struct analysis;
struct rows;
struct system_info;

void sys_rows(struct rows *rows, struct analysis *analysis, const struct system_info *info);

/** tainted_mask of the kernel, with its letters: "3000  OE". Nothing when it is not known. */
void sys_taint_row(struct rows *rows, struct analysis *analysis);

#endif
