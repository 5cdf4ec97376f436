// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/zones.h"

#include "kernel/kernel.h"
#include "tests/support/mkzones.h"
#include "tests/support/test.h"

struct machine {
	struct mkzones mk;
	struct kernel *kernel;
	struct btf *btf;
	struct zones *zones;
};

static struct machine make(bool old)
{
	struct machine m = {0};

	mkzones_init(&m.mk, old);
	m.btf = mkzones_btf(&m.mk);
	return m;
}

static struct error *find(struct machine *m, bool typed)
{
	zones_destroy(m->zones);
	m->zones = NULL;
	if (!m->kernel)
		assert_ok(kernel_open(&m->mk.mem->reader, NULL, &m->kernel));
	return zones_create(m->kernel, typed, typed ? m->btf : NULL, &m->zones);
}

static void deinit(struct machine *m)
{
	zones_destroy(m->zones);
	btf_destroy(m->btf);
	kernel_close(m->kernel);
	mem_destroy(m->mk.mem);
}

#define BLOCK 1024U // the largest order is 10

static void test_counters(void **state)
{
	struct machine m = make(false);

	(void)state;
	assert_ok(find(&m, false));
	assert_int_equal(m.zones->nr_nodes, 2);
	assert_int_equal(m.zones->nr_zones, MKZONES_ZONES);
	assert_int_equal(m.zones->zones[1].addr, mkzones_zone(1));
	assert_int_equal(m.zones->zones[2].node, 1);
	assert_int_equal(m.zones->free_pages, 1110);
	assert_int_equal(m.zones->nr_cpus, 2); // those with registers
	assert_int_equal(m.zones->slack, 2 * BLOCK + 2 * 3 * 125);
	assert_false(m.zones->deltas);
	assert_null(m.zones->percpu);
	deinit(&m);
}

static void test_deltas(void **state)
{
	(void)state;
	for (int old = 0; old < 2; old++) {
		struct machine m = make(old);

		mkzones_delta(&m.mk, 0, 0, -7);
		mkzones_delta(&m.mk, 0, 1, 3);
		mkzones_delta(&m.mk, 2, 1, 20);
		mkzones_delta(&m.mk, 0, 2, 50);                                  // is not possible
		mem_write_u64(m.mk.mem, mkzones_paddr(mkzones_zone(1)) + 32, 2); // isolated
		assert_ok(find(&m, true));
		assert_int_equal(m.zones->free_pages, 1126);
		assert_true(m.zones->deltas);
		assert_int_equal(m.zones->nr_cpus, 3);
		assert_int_equal(m.zones->slack, 3 * BLOCK + 3 * 3 * MKZONES_LIMIT + 2 * BLOCK);
		deinit(&m);
	}
}

/* What cannot be read is said, or makes the bound wider. */
static void test_holes(void **state)
{
	struct machine m = make(false);

	(void)state;
	mem_drop(m.mk.mem, mkzones_paddr(mkzones_stats(&m.mk, 1, 1)));
	assert_ok(find(&m, true));
	assert_false(m.zones->deltas);
	mem_drop(m.mk.mem, mkzones_paddr(mkzones_zone(2)));
	kernel_close(TAKE_PTR(m.kernel));
	assert_err(find(&m, true), ERROR_NOT_FOUND, "node at 0x");
	deinit(&m);
}

static void test_missing_keys(void **state)
{
	static const char *const keys[] = {
		"OFFSET(zone.vm_stat)",        "SIZE(zone)",        "NUMBER(NR_FREE_PAGES)",
		"OFFSET(pglist_data.node_id)", "SYMBOL(node_data)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct machine m = make(false);
		char *key = strstr(m.mk.mem->info, keys[i]);

		assert_non_null(key);
		*key = '#';
		assert_err(find(&m, false), ERROR_NOT_FOUND, keys[i]);
		deinit(&m);
	}
}

static void test_silly_values(void **state)
{
	struct machine m = make(false);

	(void)state;
	mem_write_u64(m.mk.mem, mkzones_paddr(mkzones_node(0)) + 1000, UINT64_MAX); // zones
	mem_write_u64(m.mk.mem, mkzones_paddr(mkzones_zone(0)) + 32, UINT64_MAX);   // isolated
	mem_write_u64(m.mk.mem, mkzones_paddr(mkzones_node(1)) + 1016, UINT64_MAX); // spanned
	assert_ok(find(&m, true));
	assert_true(m.zones->nr_zones < 40);
	assert_true(m.zones->slack < 1 << 20);
	assert_int_equal(m.zones->nodes[1].end, UINT64_MAX);
	deinit(&m);
	m = make(false);
	for (unsigned int i = 0; i < MKZONES_ZONES; i++)
		mem_write_u64(m.mk.mem, mkzones_paddr(mkzones_zone(i)) + 72, (uint64_t)-5);
	assert_ok(find(&m, false));
	assert_int_equal(m.zones->free_pages, 0);
	for (unsigned int i = 0; i < MKZONES_ZONES; i++)
		mem_write_u64(m.mk.mem, mkzones_paddr(mkzones_zone(i)) + 24, 0);
	kernel_close(TAKE_PTR(m.kernel));
	assert_err(find(&m, false), ERROR_NOT_FOUND, "no zone has any pages");
	deinit(&m);
}

static void test_nodes(void **state)
{
	struct machine m = make(false);
	uint64_t end;

	(void)state;
	assert_ok(find(&m, false));
	assert_int_equal(zones_node_at(m.zones, 0, &end), 2);
	assert_int_equal(end, 1);
	assert_int_equal(zones_node_at(m.zones, 1, &end), 0);
	assert_int_equal(end, 0x4000);
	assert_int_equal(zones_node_at(m.zones, 0x4000, &end), 1);
	assert_int_equal(end, 0x5000);
	assert_int_equal(zones_node_at(m.zones, 0x7fff, &end), 0);
	assert_int_equal(end, 0x8000);
	assert_int_equal(zones_node_at(m.zones, 0x8000, &end), 2);
	assert_int_equal(end, UINT64_MAX);
	deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters),     cmocka_unit_test(test_deltas),
		cmocka_unit_test(test_holes),        cmocka_unit_test(test_missing_keys),
		cmocka_unit_test(test_silly_values), cmocka_unit_test(test_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
