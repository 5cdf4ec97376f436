// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_calloc
#include "dump/elf_vaddr.h"

#include "tests/support/test.h"
#include "util/sys.h"

#define DIRECT 0xffff888000000000ULL
#define TEXT   0xffffffff81000000ULL
#define GIB    (1ULL << 30)

static int allocs_left = -1;

void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);

void *__wrap_sys_calloc(size_t nr, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_calloc(nr, size) : NULL;
}

static struct elf_vaddr learn(const struct dump_segment *segments, size_t nr)
{
	struct dump_facts facts = {.segments = segments, .nr_segments = nr};
	struct elf_vaddr vaddr;

	assert_ok(elf_vaddr_init(&vaddr, &facts));
	return vaddr;
}

/* kexec: the kernel's text first, RAM in the direct map after it. */
static void test_kexec(void **state)
{
	static const struct dump_segment segments[] = {
		{.paddr = 0x12600000, .memsz = 0x3430000, .vaddr = TEXT},
		{.paddr = 0x1000, .memsz = 0x9f000, .vaddr = DIRECT + 0x1000},
		{.paddr = 0x100000, .memsz = GIB, .vaddr = DIRECT + 0x100000},
		{.paddr = 4 * GIB, .memsz = GIB, .vaddr = DIRECT + 4 * GIB},
	};
	struct elf_vaddr vaddr = learn(segments, 4);

	(void)state;
	assert_int_equal(vaddr.direct_map, DIRECT);
	assert_int_equal(vaddr.nr_aliases, 1);
	assert_int_equal(vaddr.aliases[0].vaddr, TEXT);
	assert_int_equal(vaddr.aliases[0].memsz, 0x3430000);
}

/* QEMU: 0 or p_paddr; kexec's -1 for memory that is not mapped. */
static void test_nothing_known(void **state)
{
	static const struct dump_segment segments[] = {
		{.paddr = 0x1000, .memsz = GIB, .vaddr = 0x1000},
		{.paddr = GIB, .memsz = GIB},
		{.paddr = 2 * GIB, .memsz = GIB, .vaddr = UINT64_MAX},
		{.paddr = 3 * GIB, .memsz = GIB, .vaddr = UINT32_MAX},
		{.paddr = 4 * GIB, .memsz = 0, .vaddr = DIRECT},
	};
	struct elf_vaddr vaddr = learn(segments, 5);

	(void)state;
	assert_int_equal(vaddr.direct_map, 0);
	assert_int_equal(vaddr.nr_aliases, 0);
	vaddr = learn(NULL, 0);
	assert_int_equal(vaddr.direct_map, 0);
	vaddr = learn(segments, 4);
	assert_int_equal(vaddr.direct_map, 0);
}

/* QEMU -p: thousands of mappings, the direct map in pieces that add up. */
static void test_paging(void **state)
{
	static struct dump_segment segments[3000];
	struct elf_vaddr vaddr;

	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		segments[i].paddr = i << 20;
		segments[i].memsz = i % 3 ? 4096 : 2048;
		segments[i].vaddr = i % 3 ? 0xffffc90000000000ULL + i * 0x100001000ULL
					  : DIRECT + segments[i].paddr;
	}
	vaddr = learn(segments, 3000);
	assert_int_equal(vaddr.direct_map, DIRECT);
	assert_int_equal(vaddr.nr_aliases, 0);
}

static void test_no_memory(void **state)
{
	static const struct dump_segment segment = {.memsz = 1, .vaddr = DIRECT};
	struct dump_facts facts = {.segments = &segment, .nr_segments = 1};
	struct elf_vaddr vaddr;

	(void)state;
	allocs_left = 0;
	assert_ptr_equal(elf_vaddr_init(&vaddr, &facts), &error_nomem);
	allocs_left = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kexec),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_paging),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
