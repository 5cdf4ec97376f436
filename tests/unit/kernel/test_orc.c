// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <elf.h>

#include "kernel/modules.h"
#include "kernel/orc.h"
#include "tests/support/mkkernel.h"
#include "util/bytes.h"

#define TEXT    0x1000U
#define FP      0xf000U
#define IPS     0x10000U
#define ENTRIES 0x11000U
#define MODULE  0x20000U /* struct module; its code and tables follow */

struct entry {
	uint64_t start; /* from base */
	enum orc_type type;
	enum orc_reg sp_reg, bp_reg;
	int16_t sp_offset, bp_offset;
};

static const struct entry table[] = {
	{TEXT, ORC_CALL, ORC_SP, ORC_NONE, 8, 0},
	{TEXT + 0x10, ORC_CALL, ORC_SP, ORC_PREV_SP, 16, -16},
	{TEXT + 0x20, ORC_UNDEFINED, ORC_NONE, ORC_NONE, 0, 0}, // a terminator that does not count
	{TEXT + 0x20, ORC_CALL, ORC_BP, ORC_PREV_SP, 16, -16},
	{TEXT + 0x40, ORC_REGS, ORC_SP, ORC_NONE, 0, 0},
	{TEXT + 0x50, ORC_REGS_PARTIAL, ORC_SP_INDIRECT, ORC_NONE, 8, 0},
	{TEXT + 0x60, ORC_END, ORC_NONE, ORC_NONE, 0, 0},
	{TEXT + 0x70, ORC_UNDEFINED, ORC_NONE, ORC_NONE, 0, 0},
	{TEXT + 0x80, ORC_CALL, ORC_R10, ORC_BP, -32768, 32767},
	{TEXT + 0x90, ORC_CALL, ORC_BP_INDIRECT, ORC_NONE, -8, 0},
};
#define NR_ENTRIES (sizeof(table) / sizeof(table[0]))

/* The numbers of the kernel's headers. */
static unsigned int register_number(unsigned int version, enum orc_reg reg)
{
	static const uint8_t numbers[2][11] = {
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		{0, 8, 2, 5, 4, 3, 6, 7, 10, 9, 1},
	};

	return numbers[version == 4][reg];
}

static uint16_t flags_of(unsigned int version, const struct entry *entry)
{
	unsigned int flags = register_number(version, entry->sp_reg) |
			     register_number(version, entry->bp_reg) << 4;

	if (version >= 3)
		return (uint16_t)(flags | (unsigned int)entry->type << 8);
	if (entry->type == ORC_END)
		return (uint16_t)(flags | 1U << (version == 1 ? 10 : 11));
	if (entry->type >= ORC_CALL)
		flags |= (unsigned int)(entry->type - ORC_CALL) << 8;
	return (uint16_t)flags;
}

static void put(struct fakekernel *fake, uint64_t vaddr, unsigned int version,
		const struct entry *entry)
{
	fake_u16(fake, vaddr, (uint16_t)entry->sp_offset);
	fake_u16(fake, vaddr + 2, (uint16_t)entry->bp_offset);
	fake_u16(fake, vaddr + 4, flags_of(version, entry));
}

static void put_table(struct fakekernel *fake, uint64_t ips, uint64_t entries, unsigned int version,
		      uint64_t shift)
{
	for (size_t i = 0; i < NR_ENTRIES; i++) {
		uint64_t place = fake->base + ips + 4 * i;

		fake_u32(fake, place, (uint32_t)(fake->base + table[i].start + shift - place));
		put(fake, fake->base + entries + 6 * i, version, &table[i]);
	}
}

static void make(struct fakekernel *fake, unsigned int version, struct mkbtf *types)
{
	static const struct entry fp = {0, ORC_CALL, ORC_BP, ORC_PREV_SP, 16, -16};
	static const struct mkname names[] = {
		{"_stext", TEXT},
		{"_etext", TEXT + 0x1000},
		{"_einittext", TEXT + 0x1800},
		{"orc_fp_entry", FP},
		{"__start_orc_unwind_ip", IPS},
		{"__start_orc_unwind", ENTRIES},
		{"__stop_orc_unwind", ENTRIES + 6 * NR_ENTRIES},
	};

	mkkernel(fake, EM_X86_64, false, names, sizeof(names) / sizeof(names[0]), types);
	put(fake, fake->base + FP, version, &fp);
	put_table(fake, IPS, ENTRIES, version, 0);
}

static void check(struct orc *orc, uint64_t ip, const struct entry *want)
{
	struct orc_entry entry;

	if (!orc_find(orc, ip, &entry))
		fail_msg("nothing at 0x%llx", (unsigned long long)ip);
	assert_int_equal(entry.type, want->type);
	assert_int_equal(entry.sp_reg, want->sp_reg);
	assert_int_equal(entry.bp_reg, want->bp_reg);
	assert_int_equal(entry.sp_offset, want->sp_offset);
	assert_int_equal(entry.bp_offset, want->bp_offset);
}

static void all_versions(void **state)
{
	for (unsigned int version = 1; version <= 4; version++) {
		struct fakekernel fake;
		struct orc_entry entry;
		struct orc *orc = NULL;

		make(&fake, version, NULL);
		assert_ok(orc_create(fake.kernel, NULL, &orc));
		for (size_t i = 0; i < NR_ENTRIES; i++) {
			bool last = i + 1 == NR_ENTRIES;

			if (!last && table[i + 1].start == table[i].start)
				continue; // the one behind it counts
			check(orc, fake.base + table[i].start, &table[i]);
			check(orc, fake.base + (last ? TEXT + 0x17ff : table[i + 1].start - 1),
			      &table[i]);
		}
		assert_false(orc_find(orc, fake.base + TEXT - 1, &entry));
		assert_false(orc_find(orc, fake.base + TEXT + 0x1800, &entry));
		assert_false(orc_find(orc, 0, &entry));
		orc_destroy(orc);
		fakekernel_deinit(&fake);
	}
}

static struct mkbtf *module_types(void)
{
	static const struct mkfield arch[] = {
		{"num_orcs", 0}, {"orc_unwind_ip", 8}, {"orc_unwind", 16}, {NULL, 0}};
	struct mkbtf *mk = mkbtf_create(false);
	uint32_t id = mkkernel_struct(mk, "mod_arch_specific", 24, arch);

	mkbtf_type(mk, BTF_STRUCT, "module", 0x200);
	mkbtf_member(mk, "arch", id, 8 * 0x100);
	return mk;
}

static void of_modules(void **state)
{
	struct module list[2] = {
		{.nr_ranges = 2},
		{.ranges = {{0x5000, 0x100, MODULE_TEXT}}, .nr_ranges = 1},
	};
	const struct modules modules = {.modules = list, .nr = 2};
	struct fakekernel fake;
	struct orc_entry entry;
	struct orc *orc = NULL;
	uint64_t code, arch;

	make(&fake, 3, module_types());
	code = fake.base + MODULE + 0x1000;
	arch = fake.base + MODULE + 0x100;
	list[0].addr = fake.base + MODULE;
	list[0].ranges[0] = (struct module_range){code + 0x1000, 0x1000, MODULE_DATA};
	list[0].ranges[1] = (struct module_range){code, 0x1000, MODULE_TEXT};
	fake_u64(&fake, arch, NR_ENTRIES);
	fake_u64(&fake, arch + 8, fake.base + MODULE + 0x800);
	fake_u64(&fake, arch + 16, fake.base + MODULE + 0x900);
	put_table(&fake, MODULE + 0x800, MODULE + 0x900, 3, MODULE + 0x1000 - TEXT);
	// the second one says nonsense
	list[1].addr = fake.base + MODULE + 0x4000;
	fake_u64(&fake, list[1].addr + 0x100, UINT64_MAX);
	assert_ok(orc_create(fake.kernel, &modules, &orc));
	check(orc, code + 0x12, &table[1]);
	check(orc, fake.base + TEXT + 0x12, &table[1]);
	assert_false(orc_find(orc, code + 0x1000, &entry));
	assert_false(orc_find(orc, 0x5010, &entry));
	orc_destroy(orc);
	fakekernel_deinit(&fake);
}

/* The pages of the tables are not in the dump: nothing is found, nothing breaks. */
static void unreadable(void **state)
{
	struct fakekernel fake;
	struct orc_entry entry;
	struct orc *orc = NULL;

	make(&fake, 3, NULL);
	assert_ok(orc_create(fake.kernel, NULL, &orc));
	fake.left_out[0] = ENTRIES;
	fake.left_out[1] = ENTRIES + 0x1000;
	assert_false(orc_find(orc, fake.base + TEXT, &entry));
	fake.left_out[0] = IPS;
	assert_false(orc_find(orc, fake.base + TEXT, &entry));
	orc_destroy(orc);
	fakekernel_deinit(&fake);
}

static void no_tables(void **state)
{
	static const struct mkname none[] = {{"_stext", TEXT}, {"_etext", TEXT + 0x100}};
	static const struct mkname backwards[] = {
		{"_stext", TEXT},
		{"_etext", TEXT + 0x1000},
		{"__stop_orc_unwind", ENTRIES - 6},
		{"__start_orc_unwind_ip", ENTRIES},
		{"__start_orc_unwind", ENTRIES + 6},
	};
	struct fakekernel fake;
	struct orc *orc = NULL;

	mkkernel(&fake, EM_X86_64, false, none, 2, NULL);
	assert_err(orc_create(fake.kernel, NULL, &orc), ERROR_NOT_FOUND, "__start_orc_unwind");
	fakekernel_deinit(&fake);
	mkkernel(&fake, EM_X86_64, false, backwards, 5, NULL);
	assert_err(orc_create(fake.kernel, NULL, &orc), ERROR_FORMAT, "cannot end at");
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_versions),
		cmocka_unit_test(of_modules),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(no_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
