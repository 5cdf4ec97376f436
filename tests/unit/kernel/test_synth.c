// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/synth.h"

#include "arch/recover.h"
#include "dump/vmcoreinfo.h"
#include "kernel/evidence.h"
#include "kernel/image.h"
#include "kernel/kallsyms.h"
#include "tests/support/mkbtf.h"
#include "tests/support/mkimage.h"
#include "tests/support/test.h"

struct fixture {
	struct mem *mem;
	struct mkimage made;
	struct kallsyms *ks;
	struct image image;
	struct evidence evidence;
	struct btf *btf;
};

static void init(struct fixture *f, const struct mklayout *layout)
{
	const struct mkimage_options options = {.layout = layout};
	struct kallsyms_tables tables = {0};
	uint64_t start, stop;

	*f = (struct fixture){.mem = mem_create()};
	mkimage(&f->made, f->mem, &options);
	assert_true(kallsyms_find(mem_read, f->mem, f->made.digits, &tables));
	assert_ok(kallsyms_create(&tables, mem_read, f->mem, &f->ks));
	assert_true(image_locate(f->ks, mem_read, f->mem, &f->image));
	assert_true(kallsyms_lookup(f->ks, "__start_BTF", &start));
	assert_true(kallsyms_lookup(f->ks, "__stop_BTF", &stop));
	assert_ok(btf_create(mem_read, f->mem, start - f->made.voffset, stop - start, 8, NULL,
			     &f->btf));
}

static void deinit(struct fixture *f)
{
	btf_destroy(f->btf);
	kallsyms_destroy(f->ks);
	mem_destroy(f->mem);
}

static struct vmcoreinfo *make(struct fixture *f, bool types, char **text)
{
	const struct synth_input in = {
		.image = &f->image,
		.btf = types ? f->btf : NULL,
		.recover = &arch_x86_64_recover,
		.evidence = &f->evidence,
		.page_size = 4096,
	};
	struct vmcoreinfo *info = NULL;
	size_t len;

	assert_ok(synth_vmcoreinfo(&in, text, &len));
	assert_int_equal(strlen(*text), len);
	assert_ok(vmcoreinfo_create(*text, len, &info));
	return info;
}

static void expect(const struct vmcoreinfo *info, const char *key, const char *value)
{
	const char *got = vmcoreinfo_text(info, key);

	if (!value && got)
		fail_msg("%s is %s", key, got);
	if (value && (!got || strcmp(got, value) != 0))
		fail_msg("%s is %s, not %s", key, got, value);
}

static void test_lines(void **state)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	_cleanup_free_ char *text = NULL;
	struct fixture f;
	uint64_t value;

	init(&f, &mklayouts[4]);
	evidence_say(&f.evidence, "phys_base", FACT_DEC, "image", (uint64_t)-4096);
	evidence_say(&f.evidence, "kaslr_offset", FACT_HEX, "image", 0x9000000);
	evidence_say(&f.evidence, "vmalloc_base", FACT_HEX, "image", MKIMAGE_VMALLOC);
	evidence_say(&f.evidence, "vmemmap_base", FACT_HEX, "image", MKIMAGE_VMEMMAP);
	evidence_say(&f.evidence, "section_size_bits", FACT_DEC, "image", 27);
	evidence_say(&f.evidence, "max_physmem_bits", FACT_DEC, "image", 46);
	info = make(&f, true, &text);
	expect(info, "OSRELEASE", MKIMAGE_RELEASE);
	expect(info, "BUILD-ID", MKIMAGE_BUILD_ID);
	expect(info, "PAGESIZE", "4096");
	expect(info, "SYMBOL(_stext)", "ffffffff8a000000");
	expect(info, "SYMBOL(init_uts_ns)", "ffffffff8a205000");
	// macros of the kernel
	expect(info, "SYMBOL(swapper_pg_dir)", "ffffffff8a210000");
	expect(info, "SYMBOL(init_top_pgt)", "ffffffff8a210000");
	expect(info, "SYMBOL(node_online_map)", "ffffffff8a203100");
	// the value of the variable
	expect(info, "SYMBOL(mem_section)", "ffff9a0005f01000");
	expect(info, "LENGTH(mem_section)", "4096");
	expect(info, "SIZE(page)", "64");
	expect(info, "SIZE(nodemask_t)", "128");
	expect(info, "LENGTH(node_data)", "1024");
	expect(info, "OFFSET(mem_section.section_mem_map)", "0");
	expect(info, "OFFSET(zone.free_area)", "192");
	expect(info, "LENGTH(zone.free_area)", "11");
	expect(info, "LENGTH(free_area.free_list)", "5");
	expect(info, "NUMBER(PG_lru)", "4");
	expect(info, "NUMBER(PG_head_mask)", "65536");
	expect(info, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "-268435456");
	expect(info, "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", "-184549376");
	expect(info, "NUMBER(phys_base)", "-4096");
	expect(info, "KERNELOFFSET", "9000000");
	expect(info, "NUMBER(VMALLOC_START)", "0xffffb00040000000");
	expect(info, "SYMBOL(vmemmap)", "ffffe6a840000000");
	// what is not known has no line
	expect(info, "NUMBER(sme_mask)", NULL);
	expect(info, "NUMBER(PG_private)", NULL);
	expect(info, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", NULL);
	expect(info, "SIZE(printk_info)", NULL);
	expect(info, "SYMBOL(prb)", NULL);
	// tables that have no symbols themselves
	assert_true(vmcoreinfo_symbol(info, "kallsyms_names", &value));
	assert_int_equal(value, f.made.tables.names + f.made.voffset);
	assert_true(vmcoreinfo_symbol(info, "kallsyms_relative_base", &value));
	assert_int_equal(value, f.made.tables.base_place + f.made.voffset);
	deinit(&f);
}

static void test_without_types(void **state)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	_cleanup_free_ char *text = NULL;
	struct fixture f;

	init(&f, &mklayouts[14]);
	info = make(&f, false, &text);
	expect(info, "OSRELEASE", MKIMAGE_RELEASE);
	expect(info, "SYMBOL(swapper_pg_dir)", "ffffffff8a210000");
	expect(info, "SIZE(page)", NULL);
	expect(info, "SYMBOL(node_online_map)", NULL);
	expect(info, "LENGTH(mem_section)", NULL);
	expect(info, "SYMBOL(kallsyms_relative_base)", NULL);
	deinit(&f);
}

/* Page types of kernels that had other encodings. */
static void test_old_page_types(void **state)
{
	static const struct {
		const char *enumerator, *member, *buddy, *offline;
		uint64_t value;
	} cases[] = {
		{"PG_buddy", "page_type", "-1073741825", "-257", 0x40000000},
		{"PG_other", "page_type", "-129", "-257", 0},
		{"PG_other", "no_page_type", NULL, NULL, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
		_cleanup_free_ char *text = NULL;
		struct mkbtf *mk = mkbtf_create(false);
		struct fixture f;
		uint32_t type = mkbtf_int(mk, "int", 4, 32);

		init(&f, &mklayouts[4]);
		mkbtf_type(mk, BTF_STRUCT, "page", 64);
		mkbtf_member(mk, cases[i].member, type, 384);
		mkbtf_type(mk, BTF_ENUM, "", 4);
		mkbtf_enumerator(mk, cases[i].enumerator, cases[i].value);
		btf_destroy(f.btf);
		f.btf = mkbtf_load(mk, 8);
		info = make(&f, true, &text);
		expect(info, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", cases[i].buddy);
		expect(info, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", cases[i].offline);
		mkbtf_destroy(mk);
		deinit(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_without_types),
		cmocka_unit_test(test_old_page_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
