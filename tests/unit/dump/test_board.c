// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/board.h"

#include <elf.h>

#include "dump/machine.h"
#include "tests/support/test.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

/* The low part of an image, and where the rest stands. */
static void images_are_cut_as_qemu_does(void **state)
{
	static const struct {
		const char *type;
		uint64_t size, base, low, high;
	} cases[] = {
		{"q35", 1 * GIB, 0, 1 * GIB, 0},
		{"q35", 0xb0000000 - 4096, 0, 0xb0000000 - 4096, 0},
		{"q35", 0xb0000000, 0, 2 * GIB, 4 * GIB},
		{"q35", 64 * GIB, 0, 2 * GIB, 4 * GIB},
		{"q35,max-ram-below-4g=768M", 1 * GIB, 0, 768 * MIB, 4 * GIB},
		{"q35,max-ram-below-4g=0x30000000", 1 * GIB, 0, 768 * MIB, 4 * GIB},
		{"q35,max-ram-below-4g=3G", 8 * GIB, 0, 2 * GIB, 4 * GIB},
		{"pc", 3 * GIB, 0, 3 * GIB, 0},
		{"pc", 0xe0000000 - 4096, 0, 0xe0000000 - 4096, 0},
		{"pc", 0xe0000000, 0, 3 * GIB, 4 * GIB},
		{"pc,max-ram-below-4g=1G", 2 * GIB, 0, 1 * GIB, 4 * GIB},
		{"pc,max-ram-below-4g=3328M", 3400 * MIB, 0, 3 * GIB, 4 * GIB},
		{"virt-arm64", 16 * GIB, 1 * GIB, 16 * GIB, 0},
		{"virt-riscv64", 4 * GIB, 2 * GIB, 4 * GIB, 0},
		{"virt-loongarch64", 128 * MIB, 0, 128 * MIB, 0},
		{"virt-loongarch64", 4 * GIB, 0, 256 * MIB, 2 * GIB},
		{"s390-ccw", 4 * GIB, 0, 4 * GIB, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board_layout layout;
		uint64_t len = cases[i].size;

		assert_ok(board_parse(cases[i].type, cases[i].size, &layout));
		assert_int_equal(board_paddr(&layout, 0, &len), cases[i].base);
		assert_int_equal(len, cases[i].low);
		if (cases[i].low == cases[i].size)
			continue;
		len = 4096;
		assert_int_equal(board_paddr(&layout, cases[i].low + 8192, &len),
				 cases[i].high + 8192);
		assert_int_equal(len, 4096);
		len = 8192;
		assert_int_equal(board_paddr(&layout, cases[i].low - 4096, &len),
				 cases[i].base + cases[i].low - 4096);
		assert_int_equal(len, 4096);
	}
}

static void other_words_are_refused(void **state)
{
	struct board_layout layout;

	(void)state;
	assert_err(board_parse("q36", 1, &layout), ERROR_USAGE, "no machine type 'q36'");
	assert_err(board_parse("", 1, &layout), ERROR_USAGE, "no machine type ''");
	assert_err(board_parse("q35,smp=2", 1, &layout), ERROR_USAGE, "'q35,smp=2' is not NAME");
	assert_err(board_parse("q35,max-ram-below-4g=x", 1, &layout), ERROR_USAGE, "'x'");
}

static void names_in_saves_are_known(void **state)
{
	static const struct {
		const char *board, *block, *type;
	} cases[] = {
		{"pc-q35-10.0", "pc.ram", "q35"},
		{"pc-i440fx-7.2", "ram0", "pc"},
		{"virt-9.1", "mach-virt.ram", "virt-arm64"},
		{"virt", "riscv_virt_board.ram", "virt-riscv64"},
		{"virt-9.1", "loongarch.ram", "virt-loongarch64"},
		{"s390-ccw-virtio-9.0", "s390.ram", "s390-ccw"},
		{"pseries-8.0", "ppc_spapr.ram", "pseries"},
		{"virt-9.1", "ram0", NULL},
		{"virtual", "mach-virt.ram", NULL},
		{"microvm", "microvm.ram", NULL},
		{"", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board_layout layout;
		bool known = board_guess(cases[i].board, cases[i].block, GIB, &layout);

		assert_int_equal(known, cases[i].type != NULL);
		if (known)
			assert_string_equal(layout.board->name, cases[i].type);
	}
}

static void every_machine_has_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < nr_boards; i++) {
		const struct board *type = &boards[i];

		assert_non_null(machine_find(type->e_machine, type->word, type->big_endian));
		assert_true(type->low % (2 * MIB) == 0 && type->low <= type->high);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_are_cut_as_qemu_does),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(names_in_saves_are_known),
		cmocka_unit_test(every_machine_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
