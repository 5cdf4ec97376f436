// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "filter/filter.h"
#include "kernel/kernel.h"
#include "util/json.h"

static void print_json(const struct filter *f, const struct mapping *map, int code)
{
	struct json json;

	json_init(&json, stdout, true);
	json_begin_object(&json, NULL);
	json_u64(&json, "vmcore_tools", 1);
	json_string(&json, "command", "vtop");
	json_u64(&json, "exit_code", (uint64_t)code);
	json_hex(&json, "virtual", f->vaddr);
	if (map->status == MAP_OK)
		json_hex(&json, "physical", map->paddr);
	else
		json_null(&json, "physical");
	json_end_object(&json);
}

/* The entries of the page tables on the way there. */
static void print_steps(const struct filter *f, const struct addrspace *as)
{
	struct pgtable_step steps[PAGING_MAX_LEVELS];
	size_t nr = pgtable_steps(as, f->vaddr, steps);

	for (size_t i = 0; i < nr; i++) {
		if (steps[i].readable)
			cli_say(&f->cli, "level %u: entry 0x%" PRIx64 " at 0x%" PRIx64,
				steps[i].level, steps[i].entry, steps[i].table);
		else
			cli_say(&f->cli, "level %u: the entry at 0x%" PRIx64 " is not in the dump",
				steps[i].level, steps[i].table);
	}
}

int vtop(struct filter *f)
{
	const struct kernel *kernel = f->opened.kernel;
	struct mapping map;
	int code;

	if (!kernel->translates)
		return cli_fail(&f->cli,
				error_create(ERROR_NOT_FOUND, "%s: %s", f->source,
					     kernel->reason ? kernel->reason->message
							    : "addresses cannot be translated"));
	addrspace_translate(&kernel->as, f->vaddr, &map);
	code = map.status == MAP_OK ? CLI_DONE : CLI_FAILED;
	if (f->cli.verbose)
		print_steps(f, &kernel->as);
	if (f->cli.json) {
		print_json(f, &map, code);
	} else if (code == CLI_DONE) {
		printf("%-16s  %s\n%016" PRIx64 "  %" PRIx64 "\n", "VIRTUAL", "PHYSICAL", f->vaddr,
		       map.paddr);
	} else {
		cli_say(&f->cli, "%s: 0x%" PRIx64 " is not mapped%s", f->source, f->vaddr,
			map.status == MAP_NO_TABLE ? ", or its page table is not in the dump" : "");
	}
	return cli_close_stdout(&f->cli, code);
}
