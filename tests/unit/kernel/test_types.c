// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/types.h"

#include <elf.h>

#include "tests/support/mkkernel.h"
#include "tests/support/mktypes.h"
#include "tests/support/test.h"

static struct types *load(struct fakekernel *fake)
{
	struct types *types = NULL;

	mktypes(fake, false);
	assert_ok(types_create(fake->kernel, &types));
	return types;
}

static void names(void **state)
{
	static const struct {
		const char *text;
		enum ctype_shape shape;
		uint64_t size;
	} good[] = {
		{"struct thing", CTYPE_STRUCT, MKTYPES_SIZE},
		{"thing", CTYPE_STRUCT, MKTYPES_SIZE},
		{" struct  thing * ", CTYPE_POINTER, 8},
		{"thing**", CTYPE_POINTER, 8},
		{"struct thing [3]", CTYPE_ARRAY, 3 * MKTYPES_SIZE},
		{"struct thing *[0x10]", CTYPE_ARRAY, 128},
		{"unsigned long", CTYPE_NUMBER, 8},
		{"long unsigned int", CTYPE_NUMBER, 8},
		{"const volatile int", CTYPE_NUMBER, 4},
		{"unsigned", CTYPE_NUMBER, 4},
		{"char unsigned", CTYPE_NUMBER, 1},
		{"short", CTYPE_NUMBER, 2},
		{"enum color", CTYPE_NUMBER, 4},
		{"color", CTYPE_NUMBER, 4},
		{"pid_t", CTYPE_NUMBER, 4},
		{"atomic_t", CTYPE_STRUCT, 4},
		{"work_fn", CTYPE_POINTER, 8},
		{"void *", CTYPE_POINTER, 8},
		{"struct empty", CTYPE_STRUCT, 0},
	};
	struct fakekernel fake;
	_cleanup_types_ struct types *types = load(&fake);

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct ctype_view view;
		struct ctype type;
		uint64_t size;

		assert_ok(types_parse(types, good[i].text, &type));
		ctype_look(&type, &view);
		assert_int_equal(view.shape, good[i].shape);
		assert_true(ctype_size(&type, &size));
		assert_int_equal(size, good[i].size);
	}
	fakekernel_deinit(&fake);
}

static void no_names(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
	} bad[] = {
		{"struct nobody", ERROR_NOT_FOUND},
		{"union thing", ERROR_NOT_FOUND},
		{"enum thing", ERROR_NOT_FOUND},
		{"double", ERROR_NOT_FOUND},
		{"struct", ERROR_USAGE},
		{"", ERROR_USAGE},
		{"thing thing", ERROR_USAGE},
		{"thing (", ERROR_USAGE},
		{"thing [3", ERROR_USAGE},
		{"5", ERROR_NOT_FOUND},
	};
	struct fakekernel fake;
	_cleanup_types_ struct types *types = load(&fake);
	struct ctype type;
	char text[400];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(types_parse(types, bad[i].text, &type), bad[i].code, "");
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_err(types_parse(types, text, &type), ERROR_USAGE, "too long");
	fakekernel_deinit(&fake);
}

static void shapes(void **state)
{
	struct fakekernel fake;
	_cleanup_types_ struct types *types = load(&fake);
	struct ctype_view view;
	struct ctype type;
	uint64_t size;

	assert_ok(types_parse(types, "struct later", &type));
	ctype_look(&type, &view);
	assert_int_equal(view.shape, CTYPE_INCOMPLETE);
	assert_false(ctype_size(&type, &size));
	assert_ok(types_parse(types, "void", &type));
	ctype_look(&type, &view);
	assert_int_equal(view.shape, CTYPE_VOID);
	assert_false(ctype_size(&type, &size));
	assert_ok(types_parse(types, "struct thing *[4]", &type));
	ctype_look(&type, &view);
	assert_int_equal(view.elements, 4);
	type = view.target;
	ctype_look(&type, &view);
	assert_int_equal(view.shape, CTYPE_POINTER);
	type = view.target;
	ctype_look(&type, &view);
	assert_int_equal(view.shape, CTYPE_STRUCT);
	assert_string_equal(view.type.name, "thing");
	assert_ok(types_parse(types, "int []", &type));
	assert_true(type.unsized);
	assert_false(ctype_size(&type, &size));
	type = (struct ctype){.btf = types_btf(types), .id = 4711};
	ctype_look(&type, &view);
	assert_int_equal(view.shape, CTYPE_BAD);
	assert_ok(types_parse(types, "unsigned char", &type));
	assert_true(ctype_is_char(&type));
	assert_ok(types_parse(types, "_Bool", &type));
	assert_false(ctype_is_char(&type));
	fakekernel_deinit(&fake);
}

static void variables(void **state)
{
	struct fakekernel fake;
	_cleanup_types_ struct types *types = load(&fake);
	struct ctype_view view;
	struct ctype type;

	assert_true(types_of_symbol(types, "counters", &type));
	ctype_look(&type, &view);
	assert_string_equal(view.type.name, "thing");
	assert_true(types_of_symbol(types, "do_it", &type));
	ctype_look(&type, &view);
	assert_int_equal(view.shape, CTYPE_FUNCTION);
	assert_true(types_of_symbol(types, "jiffies", &type));
	ctype_look(&type, &view);
	assert_string_equal(view.type.name, "long unsigned int");
	assert_true(types_of_symbol(types, "linux_banner", &type));
	assert_true(type.unsized);
	assert_false(types_of_symbol(types, "thing", &type));
	// in the table, but of a type that this kernel lacks
	assert_false(types_of_symbol(types, "init_task", &type));
	fakekernel_deinit(&fake);
}

/* Types of modules, which continue those of the kernel. */
static void modules(void **state)
{
	static const struct mkname known[] = {{"btf_modules", 0x1000}};
	static const struct mkfield module[] = {{"btf", 16}, {"list", 0}, {NULL, 0}};
	static const struct mkfield btf[] = {{"data", 0}, {"data_size", 8}, {NULL, 0}};
	struct mkbtf *mk = mkbtf_create(false), *split = mkbtf_create(false);
	struct types *types = NULL;
	struct fakekernel fake;
	struct ctype type;
	uint64_t size, at;

	mkkernel_struct(mk, "btf_module", 24, module);
	mkkernel_struct(mk, "btf", 16, btf);
	split->first_id = mk->nr + 1;
	split->first_str = (uint32_t)mk->strings_len;
	split->strings_len = 1;
	mkbtf_type(split, BTF_STRUCT, "of_module", 40);
	mkbtf_member(split, "word", 1, 0);
	mkkernel(&fake, EM_X86_64, false, known, 1, mk);
	at = fake.base;
	mkbtf_finish(split, at + 0x5000);
	memcpy(fake_at(&fake, at + 0x5000, split->blob_len), split->blob, split->blob_len);
	// one module, and one whose types make no sense
	fake_u64(&fake, at + 0x1000, at + 0x2000);
	fake_u64(&fake, at + 0x2000, at + 0x3000);
	fake_u64(&fake, at + 0x3000, at + 0x1000);
	fake_u64(&fake, at + 0x2010, at + 0x4000);
	fake_u64(&fake, at + 0x3010, at + 0x4010);
	fake_u64(&fake, at + 0x4000, at + 0x6000);
	fake_u64(&fake, at + 0x4008, 100);
	fake_u64(&fake, at + 0x4010, at + 0x5000);
	fake_u64(&fake, at + 0x4018, split->blob_len);
	assert_ok(types_create(fake.kernel, &types));
	assert_ok(types_parse(types, "struct of_module", &type));
	assert_ptr_not_equal(type.btf, types_btf(types));
	assert_true(ctype_size(&type, &size));
	assert_int_equal(size, 40);
	assert_false(types_find(types, BTF_UNION, "of_module", &type));
	types_destroy(types);
	mkbtf_destroy(split);
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),     cmocka_unit_test(no_names), cmocka_unit_test(shapes),
		cmocka_unit_test(variables), cmocka_unit_test(modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
