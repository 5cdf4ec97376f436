// SPDX-License-Identifier: GPL-2.0-or-later
// wrap: sys_calloc sys_realloc
#include "dump/writer.h"

#include <elf.h>
#include <stdlib.h>

#include "dump/notes.h"
#include "tests/support/test.h"
#include "util/sys.h"

static int allocs_left = -1;

void *__real_sys_calloc(size_t nr, size_t size);
void *__wrap_sys_calloc(size_t nr, size_t size);
void *__real_sys_realloc(void *old, size_t size);
void *__wrap_sys_realloc(void *old, size_t size);

void *__wrap_sys_calloc(size_t nr, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_calloc(nr, size) : NULL;
}

void *__wrap_sys_realloc(void *old, size_t size)
{
	return allocs_left && allocs_left-- ? __real_sys_realloc(old, size) : NULL;
}

static const char text[] = "OSRELEASE=6.1\nPAGESIZE=4096\n", erased[] = "erase x.y 8\n";

static size_t count_notes(const struct writer_notes *notes, bool big_endian)
{
	struct bytes cursor = bytes_make(notes->data, notes->len, big_endian, 8);
	struct note note;
	size_t nr = 0;

	while (note_next(&cursor, &note))
		nr++;
	assert_false(cursor.bad);
	return nr;
}

static void check_texts(const struct writer_notes *notes)
{
	const char *data = notes->data;

	assert_int_equal(notes->vmcoreinfo_len, strlen(text));
	assert_memory_equal(data + notes->vmcoreinfo_off, text, strlen(text));
	assert_int_equal(notes->eraseinfo_len, strlen(erased));
	assert_memory_equal(data + notes->eraseinfo_off, erased, strlen(erased));
}

/* What the notes have already stays as it is. */
static void test_carried_over(void **state)
{
	_cleanup_free_ void *buf = NULL;
	struct dump_facts facts = {.word = 8, .big_endian = true};
	struct writer_notes notes;
	size_t len = 0;

	(void)state;
	assert_ok(notes_append(&buf, &len, true, "CORE", NT_PRSTATUS, "registers", 9));
	assert_ok(notes_append(&buf, &len, true, "VMCOREINFO", 0, text, strlen(text)));
	assert_ok(notes_append(&buf, &len, true, "ERASEINFO", 0, erased, strlen(erased)));
	facts.notes = buf;
	facts.notes_len = len;
	assert_true(notes_scan(&facts));
	assert_ok(writer_notes_init(&notes, &facts));
	assert_int_equal(notes.len, len);
	assert_memory_equal(notes.data, buf, len);
	check_texts(&notes);
	writer_notes_deinit(&notes);
}

/* What they lack is appended. */
static void test_appended(void **state)
{
	struct dump_facts facts = {
		.word = 8,
		.vmcoreinfo = text,
		.vmcoreinfo_len = strlen(text),
		.eraseinfo = erased,
		.eraseinfo_len = strlen(erased),
	};
	_cleanup_free_ void *buf = NULL;
	struct writer_notes notes;
	size_t len = 0;

	(void)state;
	assert_ok(writer_notes_init(&notes, &facts));
	assert_int_equal(count_notes(&notes, false), 2);
	check_texts(&notes);
	writer_notes_deinit(&notes);

	// behind a note whose padding is missing at the end
	assert_ok(notes_append(&buf, &len, false, "CORE", NT_PRSTATUS, "registers", 9));
	facts.notes = buf;
	facts.notes_len = len - 3;
	assert_ok(writer_notes_init(&notes, &facts));
	assert_int_equal(count_notes(&notes, false), 3);
	check_texts(&notes);
	writer_notes_deinit(&notes);
}

static void test_none(void **state)
{
	struct dump_facts facts = {.word = 8};
	struct writer_notes notes;

	(void)state;
	assert_ok(writer_notes_init(&notes, &facts));
	assert_int_equal(notes.len, 0);
	assert_null(notes.data);
	assert_int_equal(notes.vmcoreinfo_len + notes.vmcoreinfo_off, 0);
	writer_notes_deinit(&notes);
}

static void test_no_memory(void **state)
{
	struct dump_facts facts = {
		.word = 8,
		.notes = text,
		.notes_len = 4,
		.vmcoreinfo = text,
		.vmcoreinfo_len = strlen(text),
		.eraseinfo = erased,
		.eraseinfo_len = strlen(erased),
	};

	(void)state;
	for (int n = 0; n < 3; n++) {
		struct writer_notes notes;

		allocs_left = n;
		assert_ptr_equal(writer_notes_init(&notes, &facts), &error_nomem);
		writer_notes_deinit(&notes);
	}
	allocs_left = -1;
}

static void test_chunk_blocks(void **state)
{
	(void)state;
	assert_int_equal(dump_chunk_blocks(4096), 64);
	assert_int_equal(dump_chunk_blocks(65536), 4);
	assert_int_equal(dump_chunk_blocks(1U << 20), 1);
	assert_int_equal(dump_chunk_blocks(1U << 24), 1);
	dump_writer_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_carried_over), cmocka_unit_test(test_appended),
		cmocka_unit_test(test_none),         cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_chunk_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
