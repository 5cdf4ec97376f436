// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/orc.h"

#include "kernel/btf.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/member.h"
#include "kernel/modules.h"
#include "util/bytes.h"
#include "util/sys.h"

#define ENTRY_LEN   6U          /* s16 sp_offset, s16 bp_offset, u16 flags */
#define MAX_ENTRIES (16U << 20) /* 7.2 has 450,000 */

struct table {
	uint64_t start, end; /* code that it is for */
	uint64_t ips;        /* s32 for each entry: its address less that of the number */
	uint64_t entries;
	uint32_t nr;
};

struct orc {
	struct kernel *kernel;
	unsigned int version; /* 1 (and 2), 3 or 4 */
	size_t nr;
	struct table tables[]; /* the kernel's, then those of modules */
};

enum orc_member { M_NR, M_IPS, M_ENTRIES, M_NR_MEMBERS };

static const struct member_path paths[M_NR_MEMBERS] = {
	[M_NR] = {"module.arch.num_orcs", NULL, false},
	[M_IPS] = {"module.arch.orc_unwind_ip", NULL, false},
	[M_ENTRIES] = {"module.arch.orc_unwind", NULL, false},
};

/* The entry for code with frame pointers: type CALL, CFA rbp + 16, rbp saved at CFA - 16. */
static unsigned int find_version(struct kernel *kernel)
{
	uint8_t raw[ENTRY_LEN];
	uint64_t vaddr;
	uint16_t flags;

	if (!kernel_lookup(kernel, "orc_fp_entry", &vaddr) ||
	    !kernel_read(kernel, vaddr, raw, sizeof(raw)))
		return 1; // there since Linux commit ae6a45a08689 (5.3)
	flags = load_u16(raw + 4, false);
	if ((flags >> 4 & 15) == 8) // bp_reg is PREV_SP
		return 4;
	return flags >> 8 & 7 ? 3 : 1;
}

static struct error *find_kernel_table(struct kernel *kernel, struct table *table)
{
	uint64_t end, init_end;

	if (!kernel_lookup(kernel, "__start_orc_unwind_ip", &table->ips) ||
	    !kernel_lookup(kernel, "__start_orc_unwind", &table->entries) ||
	    !kernel_lookup(kernel, "__stop_orc_unwind", &end) ||
	    !kernel_lookup(kernel, "_stext", &table->start) ||
	    !kernel_lookup(kernel, "_etext", &table->end))
		return error_create(ERROR_NOT_FOUND,
				    "no symbols of unwind tables (__start_orc_unwind)");
	if (end < table->entries || (end - table->entries) / ENTRY_LEN > MAX_ENTRIES)
		return error_create(ERROR_FORMAT, "the unwind table at 0x%llx cannot end at 0x%llx",
				    (unsigned long long)table->entries, (unsigned long long)end);
	table->nr = (uint32_t)((end - table->entries) / ENTRY_LEN);
	if (kernel_lookup(kernel, "_einittext", &init_end) && init_end > table->end)
		table->end = init_end;
	return NULL;
}

/* A table for each stretch of code of the module; nothing where it cannot be read. */
static void add_module(struct orc *orc, const struct btf_member *members,
		       const struct module *module)
{
	uint64_t ips, entries, nr;

	if (!member_read(orc->kernel, &members[M_NR], module->addr, &nr) ||
	    !member_read(orc->kernel, &members[M_IPS], module->addr, &ips) ||
	    !member_read(orc->kernel, &members[M_ENTRIES], module->addr, &entries) ||
	    nr > MAX_ENTRIES)
		return;
	for (size_t i = 0; i < module->nr_ranges; i++) {
		const struct module_range *range = &module->ranges[i];

		if (range->part == MODULE_TEXT || range->part == MODULE_INIT)
			orc->tables[orc->nr++] = (struct table){
				.start = range->base,
				.end = range->base + range->size,
				.ips = ips,
				.entries = entries,
				.nr = (uint32_t)nr,
			};
	}
}

struct error *orc_create(struct kernel *kernel, const struct modules *modules, struct orc **ret)
{
	_cleanup_orc_ struct orc *orc = NULL;
	struct btf_member members[M_NR_MEMBERS];
	const struct btf *btf;
	struct table table;
	size_t nr_modules = modules ? modules->nr : 0;
	struct error *err = find_kernel_table(kernel, &table);

	if (err)
		return err;
	orc = sys_calloc(1, sizeof(*orc) +
				    (1 + nr_modules * MODULE_MAX_RANGES) * sizeof(orc->tables[0]));
	if (!orc)
		return &error_nomem;
	orc->kernel = kernel;
	orc->version = find_version(kernel);
	orc->tables[orc->nr++] = table;
	if (nr_modules && !error_ignore(kernel_btf(kernel, &btf)) &&
	    !error_ignore(members_find(btf, paths, M_NR_MEMBERS, members)))
		for (size_t i = 0; i < nr_modules; i++)
			add_module(orc, members, &modules->modules[i]);
	*ret = TAKE_PTR(orc);
	return NULL;
}

void orc_destroy(struct orc *orc)
{
	free(orc);
}

static bool read_ip(const struct orc *orc, const struct table *table, uint32_t i, uint64_t *ret)
{
	uint64_t place = table->ips + 4ULL * i;
	uint32_t distance;

	if (!kernel_read_u32(orc->kernel, place, &distance))
		return false;
	*ret = place + (uint64_t)(int32_t)distance;
	return true;
}

static struct orc_entry decode(unsigned int version, const uint8_t raw[static ENTRY_LEN])
{
	static const enum orc_reg registers[2][16] = {
		{ORC_NONE, ORC_PREV_SP, ORC_DX, ORC_DI, ORC_BP, ORC_SP, ORC_R10, ORC_R13,
		 ORC_BP_INDIRECT, ORC_SP_INDIRECT, ORC_AX},
		{ORC_NONE, ORC_AX, ORC_DX, ORC_SP, ORC_BP, ORC_DI, ORC_R10, ORC_R13, ORC_PREV_SP,
		 ORC_SP_INDIRECT, ORC_BP_INDIRECT},
	};
	uint16_t flags = load_u16(raw + 4, false);
	struct orc_entry entry = {
		.sp_offset = (int16_t)load_u16(raw, false),
		.bp_offset = (int16_t)load_u16(raw + 2, false),
		.sp_reg = registers[version == 4][flags & 15],
		.bp_reg = registers[version == 4][flags >> 4 & 15],
	};

	if (version >= 3)
		entry.type = (flags >> 8 & 7) <= ORC_REGS_PARTIAL ? flags >> 8 & 7 : ORC_UNDEFINED;
	else if (entry.sp_reg != ORC_NONE)
		entry.type = ORC_CALL + (flags >> 8 & 3) > ORC_REGS_PARTIAL
				     ? ORC_UNDEFINED
				     : ORC_CALL + (flags >> 8 & 3);
	else // version 2 moved the mark of the end by one
		entry.type = flags >> 10 & 3 ? ORC_END : ORC_UNDEFINED;
	return entry;
}

static bool find_in(const struct orc *orc, const struct table *table, uint64_t ip,
		    struct orc_entry *ret)
{
	uint32_t low = 0, high = table->nr;
	uint8_t raw[ENTRY_LEN];

	// the last of several entries for one address is the one that counts
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		uint64_t start;

		if (!read_ip(orc, table, mid, &start))
			return false;
		if (start <= ip)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || !kernel_read(orc->kernel, table->entries + (uint64_t)ENTRY_LEN * (low - 1), raw,
				 sizeof(raw)))
		return false;
	*ret = decode(orc->version, raw);
	return true;
}

bool orc_find(const struct orc *orc, uint64_t ip, struct orc_entry *ret)
{
	for (size_t i = 0; i < orc->nr; i++)
		if (ip >= orc->tables[i].start && ip < orc->tables[i].end)
			return find_in(orc, &orc->tables[i], ip, ret);
	return false;
}
