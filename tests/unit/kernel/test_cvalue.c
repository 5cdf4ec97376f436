// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cvalue.h"

#include <stdlib.h>

#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "tests/support/mkkernel.h"
#include "tests/support/mktypes.h"
#include "tests/support/test.h"
#include "util/json.h"

struct fixture {
	struct fakekernel fake;
	struct types *types;
	struct symbols *symbols;
	char text[8192];
};

static void setup(struct fixture *f, bool big_endian)
{
	f->types = NULL;
	mktypes(&f->fake, big_endian);
	assert_ok(types_create(f->fake.kernel, &f->types));
	assert_ok(kernel_symbols(f->fake.kernel, &f->symbols));
}

static void teardown(struct fixture *f)
{
	types_destroy(f->types);
	fakekernel_deinit(&f->fake);
}

static struct cvalue stored(struct fixture *f, const char *type, uint64_t addr)
{
	struct cvalue value = {.typed = true, .stored = true, .addr = addr};

	assert_ok(types_parse(f->types, type, &value.type));
	return value;
}

static const char *print(struct fixture *f, const struct cvalue *value, bool hex, bool as_json,
			 unsigned int elements)
{
	FILE *out = fmemopen(f->text, sizeof(f->text), "w");
	struct json json;
	struct cvalue_format format = {
		.out = out, .hex = hex, .elements = elements, .symbols = f->symbols};

	assert_non_null(out);
	json_init(&json, out, false);
	format.json = as_json ? &json : NULL;
	cvalue_print(f->fake.kernel, value, &format, 0, NULL);
	fclose(out);
	return f->text;
}

static void everything(void **state)
{
	static const char want[] = "{\n"
				   "  number = -7,\n"
				   "  small = 65 'A',\n"
				   "  yes = true,\n"
				   "  bits_a = 5,\n"
				   "  bits_b = -3,\n"
				   "  word = 1234,\n"
				   "  list = {\n"
				   "    next = 0xffff800000004010 <thing+16>,\n"
				   "    prev = 0x0\n"
				   "  },\n"
				   "  name = \"ab\\\"\\033\\n\\000\\000\",\n"
				   "  self = 0xffff800000004000 <thing>,\n"
				   "  fn = 0xffff800000006000 <do_it>,\n"
				   "  text = 0xffff800000005008 <linux_banner> \"Linux banner\",\n"
				   "  {\n"
				   "    inner = 9,\n"
				   "    count = {\n"
				   "      counter = 9\n"
				   "    }\n"
				   "  },\n"
				   "  pair = {{\n"
				   "      x = -1\n"
				   "    }, {\n"
				   "      x = 2\n"
				   "    }},\n"
				   "  color = GREEN,\n"
				   "  flags = (F_A | F_D | unknown: 0x40),\n"
				   "  pids = {10, 11, 12},\n"
				   "  pointer = 0x123456,\n"
				   "  tail = 0xffff800000004078 <thing+120> \"\"\n"
				   "}";

	for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
		struct fixture f;
		struct cvalue value;

		setup(&f, big_endian);
		value = stored(&f, "struct thing", f.fake.base + MKTYPES_THING);
		assert_string_equal(print(&f, &value, false, false, 0), want);
		teardown(&f);
	}
}

static void json(void **state)
{
	static const char want[] =
		"{\"number\": -7, \"small\": 65, \"yes\": true, \"bits_a\": 5, \"bits_b\": -3, "
		"\"word\": 1234, \"list\": {\"next\": \"0xffff800000004010\", \"prev\": \"0\"}, "
		"\"name\": \"ab\\\"\\u001b\\n\", \"self\": \"0xffff800000004000\", "
		"\"fn\": \"0xffff800000006000\", \"text\": \"0xffff800000005008\", "
		"\"inner\": 9, \"count\": {\"counter\": 9}, \"pair\": [{\"x\": -1}, {\"x\": 2}], "
		"\"color\": \"GREEN\", \"flags\": 73, \"pids\": [10, 11, 12], "
		"\"pointer\": \"0x123456\", \"tail\": \"0xffff800000004078\"}\n";
	struct fixture f;
	struct cvalue value;

	setup(&f, false);
	value = stored(&f, "struct thing", f.fake.base + MKTYPES_THING);
	assert_string_equal(print(&f, &value, false, true, 0), want);
	teardown(&f);
}

static void hexadecimal(void **state)
{
	struct fixture f;
	struct cvalue value;

	setup(&f, false);
	value = stored(&f, "int", f.fake.base + MKTYPES_THING);
	assert_string_equal(print(&f, &value, true, false, 0), "0xfffffff9");
	value = stored(&f, "unsigned char", f.fake.base + MKTYPES_THING + 4);
	assert_string_equal(print(&f, &value, true, false, 0), "0x41");
	value = (struct cvalue){.number = (uint64_t)-1};
	assert_string_equal(print(&f, &value, true, false, 0), "0xffffffffffffffff");
	assert_string_equal(print(&f, &value, false, false, 0), "-1");
	teardown(&f);
}

/* Arrays and texts that are cut, and what cannot be read. */
static void limits(void **state)
{
	struct fixture f;
	struct cvalue value;

	setup(&f, false);
	value = stored(&f, "int [3]", f.fake.base + MKTYPES_THING + 96);
	assert_string_equal(print(&f, &value, false, false, 2), "{10, 11...}");
	value = stored(&f, "char [13]", f.fake.base + MKTYPES_BANNER);
	assert_string_equal(print(&f, &value, false, false, 0), "\"Linux banner\"");
	assert_string_equal(print(&f, &value, false, false, 5), "\"Linux\"...");
	value = stored(&f, "char *", f.fake.base + MKTYPES_THING + 56);
	assert_non_null(strstr(print(&f, &value, false, false, 5), " \"Linux\"..."));

	value = stored(&f, "struct list_head", 0x10);
	assert_string_equal(print(&f, &value, false, false, 0),
			    "{\n  next = <unreadable at 0x10>,\n  prev = <unreadable at 0x18>\n}");
	assert_string_equal(print(&f, &value, false, true, 0),
			    "{\"next\": null, \"prev\": null}\n");
	value = stored(&f, "char [4]", f.fake.base + MKKERNEL_LEN - 2);
	assert_string_equal(print(&f, &value, false, false, 0),
			    "\"\\000\\000\" <unreadable at 0xffff800000400000>");
	value = stored(&f, "struct later", f.fake.base);
	assert_string_equal(print(&f, &value, false, false, 0), "<incomplete type>");
	value = stored(&f, "struct empty", f.fake.base);
	assert_string_equal(print(&f, &value, false, false, 0), "{<No data fields>}");
	// a char * that leads nowhere
	value = (struct cvalue){.typed = true, .number = 0x400};
	assert_ok(types_parse(f.types, "char *", &value.type));
	assert_string_equal(print(&f, &value, false, false, 0), "0x400 <unreadable>");
	teardown(&f);
}

static void numbers(void **state)
{
	struct btf_member member;
	struct ctype_view view;
	struct cvalue value, bits;
	struct fixture f;
	uint64_t number;

	setup(&f, false);
	value = stored(&f, "int", f.fake.base + MKTYPES_THING);
	assert_true(cvalue_number(f.fake.kernel, &value, &number));
	assert_int_equal((int64_t)number, -7);
	value = stored(&f, "struct thing", f.fake.base + MKTYPES_THING);
	assert_false(cvalue_number(f.fake.kernel, &value, &number));
	ctype_look(&value.type, &view);
	assert_true(btf_find_in(&view.type, "bits_b", &member));
	bits = cvalue_member(&value, value.type.btf, &member);
	assert_true(cvalue_number(f.fake.kernel, &bits, &number));
	assert_int_equal((int64_t)number, -3);
	value = stored(&f, "int [3]", 0x1234);
	assert_true(cvalue_number(f.fake.kernel, &value, &number));
	assert_int_equal(number, 0x1234);
	value = stored(&f, "int", 0x10);
	assert_false(cvalue_number(f.fake.kernel, &value, &number));
	value = (struct cvalue){.number = 5};
	assert_true(cvalue_number(f.fake.kernel, &value, &number));
	assert_int_equal(number, 5);
	value = (struct cvalue){.stored = true, .addr = 5};
	assert_false(cvalue_number(f.fake.kernel, &value, &number));
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),  cmocka_unit_test(json),
		cmocka_unit_test(hexadecimal), cmocka_unit_test(limits),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
