// SPDX-License-Identifier: GPL-2.0-or-later
/* Headerless images: machine and places of memory from the image alone. */
#include "kernel/find_kernel.h"

#include <elf.h>

#include "arch/arch.h"
#include "tests/support/mkimage.h"
#include "tests/support/test.h"

#define LOW_MEMORY 0x8000000ULL
#define HIGH       0x100000000ULL

/* What a file has of the memory of a machine with its RAM below a hole and from 4 GiB on. */
static struct mem *flatten(const struct mem *from)
{
	struct mem *mem = mem_create();

	for (size_t i = 0; i < from->nr_pages; i++) {
		uint64_t paddr = from->pages[i].paddr;

		mkimage_put(mem, paddr < HIGH ? paddr : paddr - HIGH + LOW_MEMORY,
			    from->pages[i].data, MEM_PAGE);
	}
	mem->reader.facts.machine = EM_NONE;
	mem->reader.facts.word = 0;
	return mem;
}

static struct find_result *find(struct mem *mem)
{
	const struct find_options options = {.unplaced = true, .nr_threads = 1};
	struct find_result *result;

	assert_ok(kernel_find(&mem->reader, &options, &result));
	return result;
}

static void write_ram(struct mem *mem, const struct mkimage *made, uint64_t high_end)
{
	// as firmware tells it: the end of low memory is its own
	const uint64_t ram[] = {0,           0x9f,           0x100, LOW_MEMORY / 4096 - 0x26,
				HIGH / 4096, high_end / 4096};

	mem_write_u32(mem, mkimage_at(made, MKIMAGE_BOOT_PARAMS) + 0x1000, 3);
	for (size_t i = 0; i < 6; i++)
		mem_write_u64(mem, mkimage_at(made, MKIMAGE_BOOT_PARAMS) + 0x1040 + 8 * i, ram[i]);
}

/* The image below the hole, and above it. */
static void test_two_blocks(void **state)
{
	static const uint64_t places[] = {0x6000000, HIGH + 0x2000000};

	for (size_t i = 0; i < 2; i++) {
		const struct mkimage_options options = {.phys = places[i],
							.note = HIGH + 0x1000000};
		struct mem *mem = mem_create(), *file;
		struct find_result *result;
		struct found_kernel *kernel;
		struct mkimage made;
		uint64_t value;

		mkimage(&made, mem, &options);
		write_ram(mem, &made, HIGH + 0x4000000);
		*mem_at(mem, HIGH + 0x3fff000) = 1;
		*mem_at(mem, LOW_MEMORY - 1) = 1;
		file = flatten(mem);
		result = find(file);
		assert_int_equal(result->nr, 1);
		kernel = result->kernels[0];
		assert_ptr_equal(kernel->arch, &arch_x86_64);
		assert_int_equal(kernel->facts.machine, EM_X86_64);
		assert_int_equal(kernel->facts.max_paddr, HIGH + 0x4000000);
		assert_int_equal(kernel->placement.nr, 2);
		assert_int_equal(kernel->placement.segments[0].paddr, 0);
		assert_int_equal(kernel->placement.segments[0].len, LOW_MEMORY);
		assert_int_equal(kernel->placement.segments[1].paddr, HIGH);
		assert_int_equal(kernel->placement.segments[1].off, LOW_MEMORY);
		assert_int_equal(kernel->placement.segments[1].len, 0x4000000);
		assert_true(kernel->translates);
		assert_int_equal(kernel->source, FOUND_INFO_NOTE);
		assert_int_equal(kernel->vmcoreinfo_paddr, LOW_MEMORY + 0x1000000 + 24);
		assert_true(evidence_value(&kernel->evidence, "image_voffset", &value));
		assert_int_equal(value, made.voffset);
		assert_true(evidence_value(&kernel->evidence, "page_table_root", &value));
		assert_int_equal(value, made.phys + MKIMAGE_ROOT);
		assert_true(evidence_value(&kernel->evidence, "ram_base", &value));
		assert_int_equal(value, 0);
		find_result_destroy(result);
		mem_destroy(file);
		mem_destroy(mem);
	}
}

/* One block, at 0 or elsewhere. */
static void test_one_block(void **state)
{
	static const uint64_t bases[] = {0, 0x2000000};

	for (size_t i = 0; i < 2; i++) {
		const struct mkimage_options options = {0};
		struct mem *mem = mem_create(), *file = mem_create();
		struct find_result *result;
		struct found_kernel *kernel;
		struct mkimage made;
		uint64_t value;

		mkimage(&made, mem, &options);
		for (size_t k = 0; k < mem->nr_pages; k++)
			mkimage_put(file, mem->pages[k].paddr - bases[i], mem->pages[k].data,
				    MEM_PAGE);
		file->reader.facts.machine = EM_NONE;
		file->reader.facts.word = 0;
		result = find(file);
		assert_int_equal(result->nr, 1);
		kernel = result->kernels[0];
		assert_int_equal(kernel->placement.nr, 1);
		assert_int_equal(kernel->placement.segments[0].paddr, bases[i]);
		assert_int_equal(kernel->placement.segments[0].off, 0);
		assert_true(kernel->translates);
		assert_true(evidence_value(&kernel->evidence, "image_voffset", &value));
		assert_int_equal(value, made.voffset);
		find_result_destroy(result);
		mem_destroy(file);
		mem_destroy(mem);
	}
}

/* RAM that contradicts the place of the image is not believed. */
static void test_bad_ram(void **state)
{
	const struct mkimage_options options = {.phys = HIGH + 0x2000000};
	struct mem *mem = mem_create(), *file;
	struct find_result *result;
	struct mkimage made;

	mkimage(&made, mem, &options);
	write_ram(mem, &made, HIGH + 0x5000000);
	*mem_at(mem, HIGH + 0x3fff000) = 1;
	file = flatten(mem);
	result = find(file);
	assert_int_equal(result->nr, 1);
	assert_int_equal(result->kernels[0]->placement.nr, 1);
	assert_int_equal(result->kernels[0]->placement.segments[0].paddr, HIGH - LOW_MEMORY);
	find_result_destroy(result);
	mem_destroy(file);
	mem_destroy(mem);
}

/* A dump that knows its machine is not made another. */
static void test_other_machine(void **state)
{
	const struct find_options options = {.nr_threads = 1};
	const struct mkimage_options made_options = {0};
	struct mem *mem = mem_create();
	struct find_result *result;
	struct mkimage made;

	mkimage(&made, mem, &made_options);
	mem->reader.facts.machine = EM_AARCH64;
	assert_ok(kernel_find(&mem->reader, &options, &result));
	assert_int_equal(result->nr, 1);
	assert_ptr_equal(result->kernels[0]->arch, &arch_arm64);
	assert_false(result->kernels[0]->translates);
	assert_int_equal(result->kernels[0]->role, FOUND_REMAINS);
	find_result_destroy(result);
	mem_destroy(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_blocks),
		cmocka_unit_test(test_one_block),
		cmocka_unit_test(test_bad_ram),
		cmocka_unit_test(test_other_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
