// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/expr.h"

#include "kernel/knowledge.h"
#include "kernel/percpu.h"
#include "tests/support/mktypes.h"
#include "tests/support/test.h"

struct fixture {
	struct fakekernel fake;
	struct types *types;
	struct percpu *percpu;
	struct expr_env env;
};

static void setup(struct fixture *f)
{
	struct symbols *symbols;

	*f = (struct fixture){0};
	mktypes(&f->fake, false);
	assert_ok(types_create(f->fake.kernel, &f->types));
	assert_ok(percpu_create(f->fake.kernel, &f->percpu));
	assert_ok(kernel_symbols(f->fake.kernel, &symbols));
	f->env = (struct expr_env){.kernel = f->fake.kernel, .symbols = symbols, .types = f->types};
}

static void teardown(struct fixture *f)
{
	types_destroy(f->types);
	percpu_destroy(f->percpu);
	fakekernel_deinit(&f->fake);
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} all[] = {
		{"1 + 2 * 3", 7},
		{"(1 + 2) * 3", 9},
		{"1 << 4 | 1", 17},
		{"0x10 + 10", 26},
		{"41dc065", 0x41dc065},
		{"ff", 0xff},
		{"4k", 4096},
		{"2M", 2U << 20},
		{"1g - 1", (1U << 30) - 1},
		{"10 / 3", 3},
		{"10 % 3", 1},
		{"~0", UINT64_MAX},
		{"-1", UINT64_MAX},
		{"!5 + !0", 1},
		{"6 & 3 ^ 8", 10},
		{"1 << 64", 0},
		{"0xffffffffffffffff", UINT64_MAX},
		{"7 - 8 + 2", 1},
	};
	struct expr_env none = {0}, hex = {.hex = true};
	uint64_t value;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_ok(expr_number(&none, all[i].text, &value));
		assert_int_equal(value, all[i].value);
	}
	assert_ok(expr_number(&hex, "10 + 10", &value));
	assert_int_equal(value, 0x20);
}

static void wrong(void **state)
{
	static const struct {
		const char *text, *why;
		enum error_code code;
	} all[] = {
		{"", "ends too early", ERROR_USAGE},
		{"1 +", "ends too early", ERROR_USAGE},
		{"1 2", "at '2'", ERROR_USAGE},
		{"(1", "ends too early", ERROR_USAGE},
		{"1)", "at ')'", ERROR_USAGE},
		{"1 / 0", "division by zero", ERROR_USAGE},
		{"1 % 0", "division by zero", ERROR_USAGE},
		{"0x10000000000000000", "makes no sense", ERROR_USAGE},
		{"12xyz", "makes no sense", ERROR_USAGE},
		{"nobody", "no symbol nobody", ERROR_NOT_FOUND},
		{"*5", "* of what is no pointer", ERROR_USAGE},
		{"&5 + 0", "", ERROR_USAGE},
		{"jiffies.x", ".x of what is no struct", ERROR_USAGE},
		{"counters.nobody", "there is no nobody in thing", ERROR_NOT_FOUND},
		{"counters", "no number", ERROR_FORMAT},
		{"thing + 1", "is not known", ERROR_USAGE},
		{"sizeof(struct later)", "", ERROR_USAGE},
		{"*(int *)0x10", "can be read at 0x10", ERROR_FORMAT},
		{"&counters.bits_a", "has no address", ERROR_USAGE},
		{"((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1",
		 "too deep", ERROR_USAGE},
	};
	struct fixture f;
	uint64_t value;

	setup(&f);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct error *err = expr_number(&f.env, all[i].text, &value);

		// an & of a number is that number
		if (!strcmp(all[i].text, "&5 + 0")) {
			assert_null(err);
			continue;
		}
		if (!err)
			fail_msg("'%s' is %llu", all[i].text, (unsigned long long)value);
		if (err->code != all[i].code || !strstr(err->message, all[i].why))
			fail_msg("'%s': %s", all[i].text, err->message);
		error_destroy(err);
	}
	teardown(&f);
}

static void symbols(void **state)
{
	struct fixture f;
	uint64_t value;

	setup(&f);
	f.env.types = NULL;
	assert_ok(expr_number(&f.env, "thing + 0x10", &value));
	assert_int_equal(value, f.fake.base + MKTYPES_THING + 0x10);
	// symbols have dots in them, and the longest one is meant
	assert_ok(expr_number(&f.env, "thing.behind", &value));
	assert_int_equal(value, f.fake.base + MKTYPES_THING + 0x100);
	assert_ok(expr_number(&f.env, "&thing", &value));
	assert_int_equal(value, f.fake.base + MKTYPES_THING);
	// a symbol comes before a number
	assert_err(expr_number(&f.env, "thing.nobody", &value), ERROR_USAGE, ".nobody of what");
	teardown(&f);
}

static void check(struct fixture *f, const char *text, uint64_t want)
{
	struct error *err;
	uint64_t value = 0;

	err = expr_number(&f->env, text, &value);
	if (err)
		fail_msg("'%s': %s", text, err->message);
	if (value != want)
		fail_msg("'%s': 0x%llx is not 0x%llx", text, (unsigned long long)value,
			 (unsigned long long)want);
}

static void typed(void **state)
{
	struct cvalue value;
	struct fixture f;
	uint64_t at;

	setup(&f);
	at = f.fake.base + MKTYPES_THING;
	check(&f, "jiffies", 4711);
	check(&f, "jiffies + 1", 4712);
	check(&f, "&jiffies", f.fake.base + MKTYPES_JIFFIES);
	check(&f, "*&jiffies", 4711);
	check(&f, "sizeof(struct thing)", MKTYPES_SIZE);
	check(&f, "sizeof(jiffies)", 8);
	check(&f, "((struct thing *)&thing)->word", 1234);
	check(&f, "((struct thing *)&thing)->self->self->number", (uint64_t)-7);
	check(&f, "((struct thing *)&thing)->bits_b", (uint64_t)-3);
	check(&f, "((struct thing *)&thing)->pids[2]", 12);
	check(&f, "((struct thing *)&thing)->pair[1].x", 2);
	check(&f, "((struct thing *)&thing)->count.counter", 9);
	check(&f, "*((struct thing *)&thing)->pids", 10);
	check(&f, "&((struct thing *)&thing)->list", at + 16);
	check(&f, "(struct thing *)&thing + 1", at + MKTYPES_SIZE);
	check(&f, "&((struct thing *)&thing)[2].word", at + 2 * MKTYPES_SIZE + 8);
	check(&f, "((struct thing *)&thing)->pids", at + 96);
	check(&f, "do_it", f.fake.base + MKTYPES_DO_IT);
	check(&f, "(long)5", 5);
	// a variable whose type nobody knows gets the one it is told
	check(&f, "(int)thing", (uint64_t)-7);
	assert_ok(expr_evaluate(&f.env, "thing", &value));
	assert_true(value.stored && !value.typed);
	// arrays of the table: a text ends with its NUL, others with their symbol
	assert_ok(expr_evaluate(&f.env, "linux_banner", &value));
	assert_int_equal(value.type.elements, 13);
	assert_ok(expr_evaluate(&f.env, "avenrun", &value));
	assert_int_equal(value.type.elements, 3);
	teardown(&f);
}

static void percpu(void **state)
{
	struct fixture f;
	uint64_t value;

	setup(&f);
	assert_true(expr_is_percpu(&f.env, f.fake.base + MKTYPES_COUNTERS));
	assert_false(expr_is_percpu(&f.env, f.fake.base + MKTYPES_THING));
	check(&f, "counters.number", 0);
	f.env.percpu = f.percpu;
	check(&f, "counters.number", 100);
	f.env.cpu = 1;
	check(&f, "counters.number", 101);
	check(&f, "jiffies", 4711);
	f.env.cpu = 2;
	assert_err(expr_number(&f.env, "counters.number", &value), ERROR_NOT_FOUND, "no CPU 2");
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers), cmocka_unit_test(wrong),  cmocka_unit_test(symbols),
		cmocka_unit_test(typed),   cmocka_unit_test(percpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
