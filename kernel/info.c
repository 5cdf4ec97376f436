// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/info.h"

#include <stdio.h>

#include "dump/info.h"
#include "kernel/kernel.h"
#include "util/rows.h"

struct error *kernel_info(struct rows *rows, const struct kernel *kernel)
{
	struct error *err = dump_info_facts(rows, kernel->dump);
	char fault[512];

	if (err)
		return err;
	if (kernel->page_size)
		rows_number(rows, "page_size", "PAGE SIZE", kernel->page_size);
	rows_bool(rows, "translates", "TRANSLATES", kernel->translates);
	rows_begin_list(rows, "faults", "FAULTS");
	dump_info_faults(rows, kernel->dump);
	if (!kernel->translates && kernel->reason) {
		snprintf(fault, sizeof(fault), "addresses cannot be translated: %s",
			 kernel->reason->message);
		rows_item(rows, fault);
	}
	rows_end_list(rows);
	return NULL;
}
