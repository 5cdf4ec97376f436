// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/symbols.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/mkkallsyms.h"
#include "tests/support/test.h"

/* A file with this text, gone when the test ends. */
static const char *file(const char *text)
{
	static char path[] = "/tmp/test_symbols.XXXXXX";
	int fd;

	memset(path + sizeof(path) - 7, 'X', 6);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

static struct symtab *load(const char *text)
{
	const char *path = file(text);
	struct symtab *tab = NULL;

	assert_ok(symtab_load(path, &tab));
	unlink(path);
	return tab;
}

static const char kallsyms_text[] = "0000000000000000 A __per_cpu_start\n"
				    "ffffffff81000000 T _text\n"
				    "ffffffff81000000 T _stext\n"
				    "ffffffff81000100 t do_one.constprop.0\n"
				    "ffffffff81000180 D init_task\n"
				    "ffffffff81000200 T dup\n"
				    "\n"
				    "ffffffffc0002000 t mod_init\t[virtio_net]\n"
				    "ffffffffc0002010 t dup\t[virtio_net]\n"
				    "ffffffffc0001000 T other  [ext4]\n";

static void test_file(void **state)
{
	struct symbols symbols = {0};
	struct symtab *tab = load(kallsyms_text);
	struct symbol symbol;
	uint64_t addr;

	assert_int_equal(symtab_nr(tab), 9);
	assert_true(symbols_add(&symbols, tab));
	assert_true(symbols_lookup(&symbols, "_stext", &addr));
	assert_int_equal(addr, 0xffffffff81000000);
	assert_true(symbols_lookup(&symbols, "dup", &addr));
	assert_int_equal(addr, 0xffffffff81000200);
	assert_false(symbols_lookup(&symbols, "du", &addr));
	assert_false(symbols_lookup(&symbols, "", &addr));

	assert_true(symbols_at(&symbols, 0xffffffff81000180 - 1, &symbol));
	assert_string_equal(symbol.name, "do_one.constprop.0");
	assert_int_equal(symbol.addr, 0xffffffff81000100);
	assert_int_equal(symbol.size, 0x80);
	assert_int_equal(symbol.type, 't');
	assert_string_equal(symbol.module, "");
	assert_true(symbols_at(&symbols, 0xffffffff81000000, &symbol));
	assert_string_equal(symbol.name, "_text");
	assert_int_equal(symbol.size, 0x100);
	assert_true(symbols_at(&symbols, 0xffffffffc0002008, &symbol));
	assert_string_equal(symbol.name, "mod_init");
	assert_string_equal(symbol.module, "virtio_net");
	assert_true(symbols_at(&symbols, 0xffffffffc0001000, &symbol));
	assert_string_equal(symbol.module, "ext4");
	// behind the last one, and between per-CPU offsets and the image
	assert_false(symbols_at(&symbols, 0xffffffffc0002011, &symbol));
	assert_false(symbols_at(&symbols, 0x1000, &symbol));
	symbols_deinit(&symbols);
}

/* The KASLR offset moves what is in the image only. */
static void test_shift(void **state)
{
	struct symbols symbols = {0};
	struct symtab *tab = load(kallsyms_text);
	uint64_t addr;

	symtab_shift(tab, 0xffffffff81000000, 0x200000);
	assert_true(symbols_add(&symbols, tab));
	assert_true(symbols_lookup(&symbols, "_text", &addr));
	assert_int_equal(addr, 0xffffffff81200000);
	assert_true(symbols_lookup(&symbols, "__per_cpu_start", &addr));
	assert_int_equal(addr, 0);
	symbols_deinit(&symbols);
}

static void test_bad_files(void **state)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{"", "has no symbols"},
		{"\n\n", "has no symbols"},
		{"0000000000000000 T _text\n0 t x\n", "all addresses are zero"},
		{"ffffffff81000000 T _text\nhello\n", "the line at offset 25 names no symbol"},
		{"ffffffff81000000 T \n", "offset 0"},
		{"ffffffff81000000 T\n", "offset 0"},
		{"ffffffff81000000T _text\n", "offset 0"},
		{"fffffffff81000000 T _text\n", "offset 0"},
		{"xyz T _text\n", "offset 0"},
		{"ffffffff81000000 T _text and more\n", "offset 0"},
		{"ffffffff81000000 T _text [mod\n", "offset 0"},
	};
	struct symtab *tab = NULL;
	char *huge = malloc(3000);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *path = file(bad[i].text);

		assert_err(symtab_load(path, &tab), ERROR_FORMAT, bad[i].message);
		unlink(path);
	}
	assert_non_null(huge);
	snprintf(huge, 3000, "ffffffff81000000 T %02000d\n", 0);
	assert_err(symtab_load(file(huge), &tab), ERROR_FORMAT, "offset 0");
	free(huge);
	assert_err(symtab_load("/nonexistent/System.map", &tab), ERROR_OS, "/nonexistent");
}

static void test_table(void **state)
{
	_cleanup_symtab_ struct symtab *tab = NULL;
	struct symbols symbols = {0};
	struct symbol symbol;
	char name[KALLSYMS_NAME_MAX + 1];
	uint64_t addr;

	assert_ok(symtab_create(&tab));
	// as a symbol table of a module comes, in any order and with sizes
	for (unsigned int i = 0; i < 5000; i++) {
		int len = snprintf(name, sizeof(name), "f%u", i);

		assert_ok(symtab_add(tab, 0x100000 - i * 16, 10, 't', name, (size_t)len, "m", 1));
	}
	memset(name, 'x', sizeof(name));
	assert_err(symtab_add(tab, 1, 0, 't', name, KALLSYMS_NAME_MAX, NULL, 0), ERROR_FORMAT,
		   "1024 characters");
	assert_err(symtab_add(tab, 1, 0, 't', name, 0, NULL, 0), ERROR_FORMAT, "0 characters");
	assert_ok(symtab_finish(tab));
	assert_true(symbols_add(&symbols, TAKE_PTR(tab)));
	assert_true(symbols_lookup(&symbols, "f4999", &addr));
	assert_int_equal(addr, 0x100000 - 4999 * 16);
	assert_true(symbols_at(&symbols, 0x100000 - 16 + 9, &symbol));
	assert_string_equal(symbol.name, "f1");
	assert_int_equal(symbol.size, 10);
	// between two
	assert_false(symbols_at(&symbols, 0x100000 - 16 + 10, &symbol));
	symbols_deinit(&symbols);
}

static bool count(void *arg, const struct symbol *symbol)
{
	size_t *nr = arg;

	assert_true(*symbol->name);
	return ++*nr < 1005;
}

/* kallsyms first, then tables in their order. */
static void test_sources(void **state)
{
	const struct mklayout *layout = &mklayouts[4];
	_cleanup_free_ struct mksymbol *encoded = mksymbols(layout, 1000);
	struct symbols symbols = {0};
	struct mkkallsyms mk;
	struct symbol symbol;
	uint64_t addr;
	size_t nr = 0;

	mkkallsyms(&mk, layout, encoded, 1000, MKPLACE, mkvoffset(layout));
	mkkallsyms_load(&mk, &symbols.kallsyms);
	assert_true(symbols_add(&symbols, load("1000 T kallsyms_names\n"
					       "ffffffffc0000000 t in_module\n"
					       "ffffffffc0000010 t end\n")));
	for (size_t i = 1; i < SYMBOLS_MAX_TABS; i++)
		assert_true(symbols_add(&symbols, load("2000 T second\n2010 T end\n")));
	assert_false(symbols_add(&symbols, symbols.tabs[0]));
	assert_true(symbols_lookup(&symbols, "kallsyms_names", &addr));
	assert_int_equal(addr, encoded[998].addr);
	assert_true(symbols_lookup(&symbols, "in_module", &addr));
	assert_true(symbols_at(&symbols, encoded[500].addr, &symbol));
	assert_string_equal(symbol.name, encoded[500].name);
	assert_true(symbols_at(&symbols, 0xffffffffc0000008, &symbol));
	assert_string_equal(symbol.name, "in_module");
	assert_true(symbols_at(&symbols, 0x2008, &symbol));
	assert_string_equal(symbol.name, "second");
	symbols_each(&symbols, count, &nr);
	assert_int_equal(nr, 1005);
	symbols_deinit(&symbols);
	assert_false(symbols_lookup(&symbols, "second", &addr));
	mkkallsyms_deinit(&mk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),    cmocka_unit_test(test_shift),
		cmocka_unit_test(test_table),   cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
