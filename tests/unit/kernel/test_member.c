// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/member.h"

#include <elf.h>

#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "tests/support/mkkernel.h"
#include "tests/support/test.h"

static const struct member_path paths[] = {
	{"thing.now", "thing.then", false}, {"thing.renamed", "thing.small", false},
	{"thing.gone", NULL, true},         {"thing.text", NULL, false},
	{"thing.bits", NULL, false},        {"thing.all", NULL, false},
};
#define NR (sizeof(paths) / sizeof(paths[0]))

static void make(struct fakekernel *fake, bool big_endian)
{
	static const struct mkname none[] = {{"x", 0x1000}};
	struct mkbtf *mk = mkbtf_create(big_endian);
	uint32_t u64 = mkbtf_int(mk, "unsigned long", 8, 64);
	uint32_t u16 = mkbtf_int(mk, "unsigned short", 2, 16);
	uint32_t text = mkbtf_array(mk, mkbtf_int(mk, "char", 1, 8), 4);
	uint32_t pair = mkbtf_type(mk, BTF_STRUCT, "pair", 24);

	mkbtf_member(mk, "a", u64, 0);
	mkbtf_type(mk, BTF_STRUCT, "thing", 64);
	mkbtf_member(mk, "now", u64, 64);
	mkbtf_member(mk, "small", u16, 128);
	mkbtf_member(mk, "text", text, 144);
	mkbtf_member(mk, "bits", u16, 3U << 24 | 200);
	mkbtf_member(mk, "all", pair, 256);
	mkbtf_flag(mk);
	mkkernel(fake, EM_X86_64, big_endian, none, 1, mk);
}

static void numbers_and_texts(void **state)
{
	for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
		struct btf_member members[NR];
		struct fakekernel fake;
		const struct btf *btf;
		uint64_t at, value;
		char text[8];

		make(&fake, big_endian);
		at = fake.base + 0x100;
		fake_u64(&fake, at + 8, 0x1122334455667788);
		fake_u16(&fake, at + 16, 0xabcd);
		memcpy(fake_at(&fake, at + 18, 4), "abcd", 4);
		assert_ok(kernel_btf(fake.kernel, &btf));
		assert_ok(members_find(btf, paths, NR, members));
		assert_true(member_read(fake.kernel, &members[0], at, &value));
		assert_int_equal(value, 0x1122334455667788);
		assert_true(member_read(fake.kernel, &members[1], at, &value));
		assert_int_equal(value, 0xabcd);
		assert_false(member_known(&members[2]));
		assert_false(member_read(fake.kernel, &members[2], at, &value));
		assert_true(member_read_text(fake.kernel, &members[3], at, text, sizeof(text)));
		assert_string_equal(text, "abcd");
		assert_true(member_read_text(fake.kernel, &members[3], at, text, 3));
		assert_string_equal(text, "ab");
		// bit fields and structs are no numbers for this
		assert_false(member_read(fake.kernel, &members[4], at, &value));
		assert_false(member_read(fake.kernel, &members[5], at, &value));
		assert_false(member_read(fake.kernel, &members[0], 0x10, &value));
		assert_false(member_read_text(fake.kernel, &members[3], 0x10, text, sizeof(text)));
		assert_false(member_read_text(fake.kernel, &members[2], at, text, sizeof(text)));
		fakekernel_deinit(&fake);
	}
}

static void missing(void **state)
{
	static const struct member_path bad = {"thing.gone", "thing.lost", false};
	struct btf_member member;
	struct fakekernel fake;
	const struct btf *btf;

	make(&fake, false);
	assert_ok(kernel_btf(fake.kernel, &btf));
	assert_err(members_find(btf, &bad, 1, &member), ERROR_NOT_FOUND, "no thing.gone");
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_and_texts),
					   cmocka_unit_test(missing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
