// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pcp.h"

#include "kernel/kernel.h"
#include "kernel/memmap.h"
#include "kernel/zones.h"
#include "tests/support/mkzones.h"
#include "tests/support/test.h"
#include "util/sparsebits.h"

struct found {
	struct sparsebits set;
	struct error *torn;
};

static void deinit(struct found *f)
{
	sparsebits_deinit(&f->set);
	error_destroy(f->torn);
}

static struct found find(struct mkzones *mk)
{
	_cleanup_btf_ struct btf *btf = mkzones_btf(mk);
	_cleanup_kernel_ struct kernel *kernel = NULL;
	_cleanup_zones_ struct zones *zones = NULL;
	struct found f = {0};
	struct memmap map;

	assert_ok(kernel_open(&mk->mem->reader, NULL, &kernel));
	assert_ok(zones_create(kernel, true, btf, &zones));
	assert_ok(memmap_init(&map, kernel));
	assert_ok(pcp_find(kernel, btf, &map, zones, &f.set, &f.torn));
	return f;
}

static void fill(struct mkzones *mk)
{
	mkzones_fill(mk, 0, 0, 0, (uint64_t[]){0x10, 0x12, 0x11}, 3, 3);
	mkzones_fill(mk, 0, 0, 5, (uint64_t[]){0x20, 0x30}, 2, 4); // order 1
	mkzones_fill(mk, 1, 1, 13, (uint64_t[]){0x2000}, 1, 512);  // huge
	mkzones_fill(mk, 2, 1, 9, (uint64_t[]){0x4000}, 1, 8);     // order 3
	mkzones_fill(mk, 2, 2, 0, (uint64_t[]){0x5000}, 1, 1);     // of a CPU that is none
}

static void test_all(void **state)
{
	(void)state;
	for (int old = 0; old < 2; old++) {
		struct mkzones mk;
		struct found f;

		mkzones_init(&mk, old);
		fill(&mk);
		f = find(&mk);
		assert_null(f.torn);
		assert_int_equal(sparsebits_count(&f.set), 3 + 4 + 512 + 8);
		assert_true(sparsebits_test(&f.set, 0x12));
		assert_true(sparsebits_test(&f.set, 0x21));
		assert_false(sparsebits_test(&f.set, 0x22));
		assert_true(sparsebits_test(&f.set, 0x21ff));
		assert_true(sparsebits_test(&f.set, 0x4007));
		deinit(&f);
		mem_destroy(mk.mem);
	}
}

/* Of a CPU in a zone all counts or nothing. */
static void test_torn(void **state)
{
	static const struct {
		uint64_t place, value;
		const char *why;
	} damage[] = {
		{0, 2, "CPU 0: 7 pages are on the lists, and 2 counted"},
		{16, 0xffffea0000000000, "is no struct page"},
		{16, 0xffff888100000000, "a list of order 0: it breaks off"},
		{16, MKZONES_VMEMMAP + 0x11 * 64 + 8, "pages are on the lists"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct mkzones mk;
		struct found f;

		mkzones_init(&mk, false);
		fill(&mk);
		mem_write_u64(mk.mem, mkzones_paddr(mkzones_lists(&mk, 0, 0)) + damage[i].place,
			      damage[i].value);
		f = find(&mk);
		assert_non_null(f.torn);
		if (!strstr(f.torn->message, damage[i].why))
			fail_msg("%s", f.torn->message);
		assert_int_equal(sparsebits_count(&f.set), 512 + 8);
		deinit(&f);
		mem_destroy(mk.mem);
	}
}

static void test_loop(void **state)
{
	struct mkzones mk;
	struct found f;

	(void)state;
	mkzones_init(&mk, false);
	fill(&mk);
	mkzones_fill(&mk, 1, 0, 0, (uint64_t[]){0x40, 0x41}, 2, 2);
	mem_write_u64(mk.mem, 0x4000000 + 0x41 * 64 + 8, mkzones_page(0x41) + 8);
	f = find(&mk);
	assert_non_null(f.torn);
	if (!strstr(f.torn->message, "it comes back to"))
		fail_msg("%s", f.torn->message);
	deinit(&f);
	mem_destroy(mk.mem);
}

static void test_no_types(void **state)
{
	_cleanup_kernel_ struct kernel *kernel = NULL;
	_cleanup_sparsebits_ struct sparsebits set = {0};
	struct zones zones = {0};
	struct memmap map = {0};
	struct error *torn;
	struct mkzones mk;
	struct btf *btf;

	(void)state;
	mkzones_init(&mk, false);
	assert_ok(kernel_open(&mk.mem->reader, NULL, &kernel));
	btf = mkzones_btf(&mk);
	*(char *)memmem(btf->data.data, btf->data.len, "MIGRATE_PCPTYPES", 16) = 'x';
	assert_err(pcp_find(kernel, btf, &map, &zones, &set, &torn), ERROR_NOT_FOUND, "lists");
	btf_destroy(btf);
	kernel_close(TAKE_PTR(kernel));
	mem_destroy(mk.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_no_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
