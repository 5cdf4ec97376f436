// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cdecl.h"

#include "tests/support/mktypes.h"
#include "tests/support/test.h"

static const char body[] = "struct thing {\n"
			   "    int number;\n"
			   "    unsigned char small;\n"
			   "    _Bool yes;\n"
			   "    unsigned short bits_a : 3;\n"
			   "    short bits_b : 5;\n"
			   "    unsigned long word;\n"
			   "    struct list_head list;\n"
			   "    char name[8];\n"
			   "    struct thing *self;\n"
			   "    work_fn fn;\n"
			   "    const char *text;\n"
			   "    union {\n"
			   "        int inner;\n"
			   "        atomic_t count;\n"
			   "    };\n"
			   "    struct {\n"
			   "        long x;\n"
			   "    } pair[2];\n"
			   "    enum color color;\n"
			   "    enum flags flags;\n"
			   "    pid_t pids[3];\n"
			   "    volatile void * const pointer;\n"
			   "    unsigned char tail[];\n"
			   "}";

static const char offsets[] = "struct thing {\n"
			      "    [0] int number;\n"
			      "    [4] unsigned char small;\n"
			      "    [5] _Bool yes;\n"
			      "    [6] unsigned short bits_a : 3;\n"
			      "    [6] short bits_b : 5;\n"
			      "    [8] unsigned long word;\n"
			      "   [16] struct list_head list;\n"
			      "   [32] char name[8];\n"
			      "   [40] struct thing *self;\n"
			      "   [48] work_fn fn;\n"
			      "   [56] const char *text;\n"
			      "        union {\n"
			      "   [64]     int inner;\n"
			      "   [64]     atomic_t count;\n"
			      "        };\n"
			      "        struct {\n"
			      "   [72]     long x;\n"
			      "   [72] } pair[2];\n"
			      "   [88] enum color color;\n"
			      "   [92] enum flags flags;\n"
			      "   [96] pid_t pids[3];\n"
			      "  [112] volatile void * const pointer;\n"
			      "  [120] unsigned char tail[];\n"
			      "}";

struct fixture {
	struct fakekernel fake;
	struct types *types;
	char text[4096];
};

static struct ctype parse(struct fixture *f, const char *text)
{
	struct ctype type = {0};

	assert_ok(types_parse(f->types, text, &type));
	return type;
}

static const char *print_struct(struct fixture *f, const char *name,
				const struct cdecl_format *format)
{
	struct ctype type = parse(f, name);
	FILE *out = fmemopen(f->text, sizeof(f->text), "w");

	assert_non_null(out);
	cdecl_print_struct(out, &type, format);
	fclose(out);
	return f->text;
}

static void setup(struct fixture *f)
{
	mktypes(&f->fake, false);
	assert_ok(types_create(f->fake.kernel, &f->types));
}

static void teardown(struct fixture *f)
{
	types_destroy(f->types);
	fakekernel_deinit(&f->fake);
}

static void structs(void **state)
{
	const struct cdecl_format plain = {0}, with = {.offsets = true};
	const struct cdecl_format hex = {.offsets = true, .hex = true};
	const struct cdecl_format at = {.offsets = true, .base = 0xffff888000001000};
	struct fixture f;

	setup(&f);
	assert_string_equal(print_struct(&f, "struct thing", &plain), body);
	assert_string_equal(print_struct(&f, "struct thing", &with), offsets);
	assert_string_equal(print_struct(&f, "struct list_head", &hex),
			    "struct list_head {\n"
			    "   [0x0] struct list_head *next;\n"
			    "   [0x8] struct list_head *prev;\n"
			    "}");
	assert_string_equal(print_struct(&f, "struct list_head", &at),
			    "struct list_head {\n"
			    "  [ffff888000001000] struct list_head *next;\n"
			    "  [ffff888000001008] struct list_head *prev;\n"
			    "}");
	assert_string_equal(print_struct(&f, "enum color", &plain),
			    "enum color {\n  RED = 0\n  GREEN = 5\n  BLUE = -1\n}");
	assert_string_equal(print_struct(&f, "struct empty", &plain), "struct empty {\n}");
	teardown(&f);
}

static void declarations(void **state)
{
	static const struct {
		const char *type, *name, *text;
	} all[] = {
		{"struct thing *", "x", "struct thing *x"},
		{"struct thing", "", "struct thing"},
		{"char *[4]", "names", "char *names[4]"},
		{"void *", "", "void *"},
		{"unsigned long", "jiffies", "unsigned long jiffies"},
		{"struct later *", "l", "struct later *l"},
		{"work_fn", "fn", "work_fn fn"},
		{"int []", "", "int[]"},
	};
	struct fixture f;
	struct ctype type;
	char text[CDECL_LEN];

	setup(&f);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		type = parse(&f, all[i].type);
		cdecl_text(&type, all[i].name, text);
		assert_string_equal(text, all[i].text);
	}
	// functions, and pointers to them
	assert_true(types_find(f.types, BTF_TYPEDEF, "work_fn", &type));
	{
		struct btf_type plain;
		struct ctype of = type;

		assert_true(btf_get(type.btf, type.id, &plain));
		of.id = plain.type;
		cdecl_text(&of, "work", text);
		assert_string_equal(text, "void (*work)(struct thing *, const char *, ...)");
		of.elements = 3;
		cdecl_text(&of, "work", text);
		assert_string_equal(text, "void (*work[3])(struct thing *, const char *, ...)");
	}
	assert_true(types_of_symbol(f.types, "do_it", &type));
	type.pointers = 1;
	cdecl_text(&type, "", text);
	assert_string_equal(text, "int (*)(struct thing *)");
	teardown(&f);
}

static void typedefs_and_members(void **state)
{
	const struct cdecl_format with = {.offsets = true};
	struct btf_member member;
	struct ctype_view view;
	struct btf_type plain;
	struct ctype type;
	struct fixture f;
	FILE *out;

	setup(&f);
	type = parse(&f, "atomic_t");
	assert_true(btf_get(type.btf, type.id, &plain));
	type.id = plain.type;
	out = fmemopen(f.text, sizeof(f.text), "w");
	cdecl_print_typedef(out, &type, "atomic_t");
	putc('|', out);
	cdecl_print(out, &type, "a");
	putc('|', out);
	type = parse(&f, "struct list_head");
	cdecl_print(out, &type, "head");
	putc('|', out);
	ctype_look(&type, &view);
	assert_true(btf_find_in(&view.type, "prev", &member));
	cdecl_print_member(out, &view.type, &member, &with);
	fclose(out);
	assert_string_equal(f.text, "typedef struct {\n    int counter;\n} atomic_t|"
				    "struct {\n    int counter;\n} a|"
				    "struct list_head head|"
				    "   [8] struct list_head *prev;\n");
	teardown(&f);
}

/* Types that go round in circles, and names that would command a terminal. */
static void hostile(void **state)
{
	struct fixture f;
	struct ctype type;
	char text[CDECL_LEN];

	setup(&f);
	type = (struct ctype){.btf = types_btf(f.types), .id = 100000};
	cdecl_text(&type, "x", text);
	assert_string_equal(text, "? x");
	type = parse(&f, "int");
	cdecl_text(&type, "a\033[31m", text);
	assert_string_equal(text, "int a?[31m");
	memset(f.text, 'y', 2000);
	f.text[2000] = '\0';
	cdecl_text(&type, f.text, text);
	assert_int_equal(strlen(text), CDECL_LEN - 1);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structs),
		cmocka_unit_test(declarations),
		cmocka_unit_test(typedefs_and_members),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
