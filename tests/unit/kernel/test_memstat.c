// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/memstat.h"

#include <elf.h>

#include "kernel/kernel.h"
#include "kernel/percpu.h"
#include "tests/support/mkkernel.h"
#include "tests/support/test.h"

enum variable {
	BLOCKDEV,
	HSTATES,
	MAX_HSTATE,
	PER_CPU,
	NR_CPUS,
	KBYTES,
	RATIO,
	TOTAL,
	TOTAL_SWAP,
	NR_SWAP,
	COMMITTED,
	NODE_STAT,
	ZONE_STAT,
	NR_VARIABLES,
};

static const struct mkname names[NR_VARIABLES] = {
	[BLOCKDEV] = {"blockdev_superblock", 0x1000},
	[HSTATES] = {"hstates", 0x1100},
	[MAX_HSTATE] = {"hugetlb_max_hstate", 0x1200},
	[PER_CPU] = {"__per_cpu_offset", 0x1300},
	[NR_CPUS] = {"nr_cpu_ids", 0x1400},
	[KBYTES] = {"sysctl_overcommit_kbytes", 0x1500},
	[RATIO] = {"sysctl_overcommit_ratio", 0x1600},
	[TOTAL] = {"_totalram_pages", 0x1700},
	[TOTAL_SWAP] = {"total_swap_pages", 0x1800},
	[NR_SWAP] = {"nr_swap_pages", 0x1900},
	[COMMITTED] = {"vm_committed_as", 0x1a00},
	[NODE_STAT] = {"vm_node_stat", 0x1b00},
	[ZONE_STAT] = {"vm_zone_stat", 0x1c00},
};

static uint64_t at(const struct fakekernel *fake, enum variable variable)
{
	return fake->base + names[variable].addr;
}

static void add_types(struct mkbtf *mk)
{
	uint32_t word = mkbtf_int(mk, "unsigned long", 8, 64);
	uint32_t u32 = mkbtf_int(mk, "unsigned int", 4, 32);
	uint32_t head = mkbtf_type(mk, BTF_STRUCT, "list_head", 16);

	mkbtf_member(mk, "next", word, 0);
	mkbtf_member(mk, "prev", word, 64);
	mkbtf_type(mk, BTF_STRUCT, "super_block", 64);
	mkbtf_member(mk, "s_inodes", head, 8 * 16);
	mkbtf_type(mk, BTF_STRUCT, "inode", 64);
	mkbtf_member(mk, "i_mapping", word, 0);
	mkbtf_member(mk, "i_sb_list", head, 8 * 32);
	mkbtf_type(mk, BTF_STRUCT, "address_space", 16);
	mkbtf_member(mk, "nrpages", word, 64);
	mkbtf_type(mk, BTF_STRUCT, "hstate", 32);
	mkbtf_member(mk, "order", u32, 0);
	mkbtf_member(mk, "nr_huge_pages", word, 64);
	mkbtf_member(mk, "free_huge_pages", word, 128);
	mkbtf_type(mk, BTF_STRUCT, "percpu_counter", 24);
	mkbtf_member(mk, "count", word, 0);
	mkbtf_member(mk, "counters", word, 64);
	mkbtf_type(mk, BTF_ENUM, "zone_stat_item", 4);
	mkbtf_enumerator(mk, "NR_OTHER", 0);
	mkbtf_enumerator(mk, "NR_FREE_PAGES", 1);
	mkbtf_type(mk, BTF_ENUM, "node_stat_item", 4);
	mkbtf_enumerator(mk, "NR_SLAB_RECLAIMABLE_B", 0);
	mkbtf_enumerator(mk, "NR_SLAB_UNRECLAIMABLE_B", 1);
	mkbtf_enumerator(mk, "NR_FILE_PAGES", 2);
	mkbtf_enumerator(mk, "NR_SHMEM", 3);
	mkbtf_enumerator(mk, "NR_SWAPCACHE", 4);
}

static void make(struct fakekernel *fake)
{
	static const uint64_t node[] = {30, 40, 500, 60, 7};
	struct mkbtf *mk = mkbtf_create(false);
	uint64_t super, head;

	add_types(mk);
	mkkernel(fake, EM_X86_64, false, names, NR_VARIABLES, mk);
	fake->kernel->page_shift = 12;
	fake_u64(fake, at(fake, TOTAL), 1000);
	fake_u64(fake, at(fake, ZONE_STAT) + 8, 200);
	for (unsigned int i = 0; i < 5; i++)
		fake_u64(fake, at(fake, NODE_STAT) + 8 * (uint64_t)i, node[i]);
	fake_u64(fake, at(fake, TOTAL_SWAP), 300);
	fake_u64(fake, at(fake, NR_SWAP), 250);
	fake_u32(fake, at(fake, RATIO), 50);
	fake_u32(fake, at(fake, MAX_HSTATE), 1);
	fake_u32(fake, at(fake, HSTATES), 9);
	fake_u64(fake, at(fake, HSTATES) + 8, 1);
	fake_u32(fake, at(fake, NR_CPUS), 2);
	fake_u64(fake, at(fake, PER_CPU) + 8, 0x10);
	fake_u64(fake, at(fake, COMMITTED), 90);
	fake_u64(fake, at(fake, COMMITTED) + 8, fake->base + 0x8000);
	fake_u32(fake, fake->base + 0x8000, 5);
	fake_u32(fake, fake->base + 0x8010, (uint32_t)-2);
	// two inodes with 12 and 30 pages
	super = fake->base + 0x9000;
	head = super + 16;
	fake_u64(fake, at(fake, BLOCKDEV), super);
	fake_u64(fake, head, fake->base + 0xa020);
	fake_u64(fake, fake->base + 0xa020, fake->base + 0xb020);
	fake_u64(fake, fake->base + 0xb020, head);
	fake_u64(fake, fake->base + 0xa000, fake->base + 0xc000);
	fake_u64(fake, fake->base + 0xb000, fake->base + 0xc100);
	fake_u64(fake, fake->base + 0xc008, 12);
	fake_u64(fake, fake->base + 0xc108, 30);
}

static struct memstat load(struct fakekernel *fake)
{
	struct percpu *percpu = NULL;
	struct memstat m;

	assert_ok(percpu_create(fake->kernel, &percpu));
	assert_ok(memstat_read(fake->kernel, percpu, &m));
	percpu_destroy(percpu);
	return m;
}

static void everything(void **state)
{
	struct fakekernel fake;
	struct memstat m;

	make(&fake);
	m = load(&fake);
	assert_int_equal(m.total, 1000);
	assert_int_equal(m.free, 200);
	assert_int_equal(m.slab, 70);
	assert_int_equal(m.shmem, 60);
	assert_int_equal(m.buffers, 42);
	assert_int_equal(m.cached, 500 - 42 - 7);
	assert_int_equal(m.swap_total, 300);
	assert_int_equal(m.swap_free, 250);
	assert_int_equal(m.huge_total, 512);
	assert_int_equal(m.huge_free, 0);
	assert_int_equal(m.commit_limit, (1000 - 512) / 2 + 300);
	assert_int_equal(m.committed, 93);
	fakekernel_deinit(&fake);

	make(&fake);
	fake_u64(&fake, at(&fake, KBYTES), 400);
	assert_int_equal(load(&fake).commit_limit, 100 + 300);
	fakekernel_deinit(&fake);
}

static void damage(void **state)
{
	struct fakekernel fake;
	struct memstat m;

	make(&fake);
	fake_u64(&fake, at(&fake, TOTAL), INT64_MAX);
	fake_u64(&fake, at(&fake, ZONE_STAT) + 8, (uint64_t)-3);
	fake_u64(&fake, at(&fake, NODE_STAT), UINT64_MAX / 4);
	fake_u64(&fake, fake.base + 0xa020, 0x10); // the list of inodes is torn
	fake_u32(&fake, at(&fake, HSTATES), 63);
	fake_u32(&fake, at(&fake, MAX_HSTATE), UINT32_MAX);
	fake_u64(&fake, at(&fake, COMMITTED), INT64_MAX);
	m = load(&fake);
	assert_true(m.total == MEMSTAT_UNKNOWN);
	assert_int_equal(m.free, 0);
	assert_true(m.slab == MEMSTAT_UNKNOWN);
	assert_true(m.buffers == MEMSTAT_UNKNOWN);
	assert_true(m.cached == MEMSTAT_UNKNOWN);
	assert_true(m.commit_limit == MEMSTAT_UNKNOWN);
	assert_true(m.committed == MEMSTAT_UNKNOWN);
	assert_int_equal(m.huge_total, 0);
	assert_int_equal(m.swap_total, 300);
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(everything), cmocka_unit_test(damage)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
