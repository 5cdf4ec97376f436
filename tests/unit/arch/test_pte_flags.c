// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch/pte_flags.h"

#include "arch/arch.h"
#include "tests/support/test.h"

static void names(void **state)
{
	static const struct {
		const struct arch *arch;
		uint64_t entry;
		const char *text;
	} all[] = {
		{&arch_x86_64, 0x80000000256001e1, "PRESENT|ACCESSED|DIRTY|PSE|GLOBAL|NX"},
		{&arch_x86_64, 0x27a01067, "PRESENT|RW|USER|ACCESSED|DIRTY"},
		{&arch_i386, 0x3, "PRESENT|RW"},
		{&arch_arm64, 0x0060000000000f83, "VALID|RDONLY|SHARED|AF|NG|PXN|UXN"},
		{&arch_riscv64, 0xcf, "PRESENT|READ|WRITE|EXEC|ACCESSED|DIRTY"},
		{&arch_x86_64, 0, ""},
		{&arch_s390x, 0x400, ""},
	};
	char text[PTE_FLAGS_LEN];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		pte_flags_text(all[i].arch, all[i].entry, text);
		assert_string_equal(text, all[i].text);
	}
	// all of them fit
	for (size_t i = 0; i < nr_archs; i++) {
		pte_flags_text(archs[i], UINT64_MAX, text);
		assert_true(strlen(text) < PTE_FLAGS_LEN - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
