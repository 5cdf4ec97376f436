// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/list.h"

#include "tests/support/fakekernel.h"
#include "tests/support/test.h"

#define NR 5

static uint64_t at(const struct fakekernel *fake, unsigned int i)
{
	return fake->base + 0x100 + 0x20 * (uint64_t)i;
}

/* A struct list_head at number 0, and NR links behind it. */
static void make(struct fakekernel *fake, uint8_t word)
{
	fakekernel_init(fake, word, word == 4, 0x2000);
	for (unsigned int i = 0; i <= NR; i++) {
		fake_word(fake, at(fake, i), at(fake, (i + 1) % (NR + 1)));
		fake_word(fake, at(fake, i) + word, at(fake, (i + NR) % (NR + 1)));
	}
}

static void both_ways(void **state)
{
	for (uint8_t word = 4; word <= 8; word += 4) {
		struct fakekernel fake;
		uint64_t link;

		make(&fake, word);
		fakekernel_open(&fake, NULL);
		for (unsigned int backwards = 0; backwards < 2; backwards++) {
			_cleanup_list_ struct list_walk walk;

			list_init_head(&walk, fake.kernel, at(&fake, 0), backwards);
			for (unsigned int i = 1; i <= NR; i++) {
				assert_true(list_next(&walk, &link));
				assert_int_equal(link, at(&fake, backwards ? NR + 1 - i : i));
			}
			assert_false(list_next(&walk, &link));
			assert_int_equal(walk.end, LIST_DONE);
			assert_ok(list_error(&walk));
		}
		fakekernel_deinit(&fake);
	}
}

/* From any link, to NULL, to a nulls marker, to a link that is named. */
static void other_ends(void **state)
{
	static const uint64_t ends[] = {0, 0x1235};
	uint64_t link;

	for (unsigned int i = 0; i < 3; i++) {
		_cleanup_list_ struct list_walk walk;
		struct fakekernel fake;

		make(&fake, 8);
		if (i < 2)
			fake_word(&fake, at(&fake, 3), ends[i]);
		fakekernel_open(&fake, NULL);
		list_init(&walk, fake.kernel, at(&fake, 1), 0, i < 2 ? at(&fake, 1) : at(&fake, 4));
		while (list_next(&walk, &link))
			;
		assert_int_equal(walk.end, LIST_DONE);
		assert_int_equal(walk.nr, 3);
		fakekernel_deinit(&fake);
	}
}

/* The link that begins the walk may be the one that ends it. */
static void round_trip(void **state)
{
	_cleanup_list_ struct list_walk walk;
	struct fakekernel fake;
	uint64_t link;

	make(&fake, 8);
	fakekernel_open(&fake, NULL);
	list_init(&walk, fake.kernel, at(&fake, 2), 0, at(&fake, 2));
	while (list_next(&walk, &link))
		;
	assert_int_equal(walk.nr, NR + 1);
	fakekernel_deinit(&fake);
}

static void wrong_ends(void **state)
{
	struct fakekernel fake;
	struct list_walk walk;
	uint64_t link;

	make(&fake, 8);
	fake_word(&fake, at(&fake, 4), at(&fake, 2));
	fakekernel_open(&fake, NULL);
	list_init_head(&walk, fake.kernel, at(&fake, 0), false);
	while (list_next(&walk, &link))
		;
	assert_int_equal(walk.nr, 4);
	assert_int_equal(walk.at, at(&fake, 2));
	assert_err(list_error(&walk), ERROR_FORMAT, "comes back to 0xffff800000000140");
	list_deinit(&walk);
	fakekernel_deinit(&fake);

	make(&fake, 8);
	fake_word(&fake, at(&fake, 2), 0x10);
	fakekernel_open(&fake, NULL);
	list_init_head(&walk, fake.kernel, at(&fake, 0), false);
	while (list_next(&walk, &link))
		;
	assert_int_equal(walk.nr, 2);
	assert_err(list_error(&walk), ERROR_FORMAT, "breaks off at 0x10");
	list_deinit(&walk);
	list_init_head(&walk, fake.kernel, 0x10, false);
	assert_false(list_next(&walk, &link));
	assert_int_equal(walk.end, LIST_UNREADABLE);
	list_deinit(&walk);
	fakekernel_deinit(&fake);
}

struct seen {
	struct fakekernel *fake;
	uint64_t links[NR + 1];
	size_t nr, stop;
};

static struct error *note(void *arg, uint64_t link)
{
	struct seen *seen = arg;

	assert_true(seen->nr <= NR);
	seen->links[seen->nr++] = link;
	return seen->nr == seen->stop ? error_create(ERROR_USAGE, "enough") : NULL;
}

static void from_both_ends(void **state)
{
	struct fakekernel fake;
	struct seen seen = {.fake = &fake};
	struct error *torn;

	make(&fake, 8);
	fakekernel_open(&fake, NULL);
	assert_ok(list_each(fake.kernel, at(&fake, 0), note, &seen, &torn));
	assert_null(torn);
	assert_int_equal(seen.nr, NR);
	seen = (struct seen){.stop = 2};
	assert_err(list_each(fake.kernel, at(&fake, 0), note, &seen, &torn), ERROR_USAGE, "enough");
	fakekernel_deinit(&fake);

	make(&fake, 8);
	fake_word(&fake, at(&fake, 2), 0x10); // next of 2 is lost: 1 2 from the front, 5 4 3
	fakekernel_open(&fake, NULL);
	seen = (struct seen){0};
	assert_ok(list_each(fake.kernel, at(&fake, 0), note, &seen, &torn));
	assert_int_equal(seen.nr, NR);
	assert_int_equal(seen.links[1], at(&fake, 2));
	assert_int_equal(seen.links[2], at(&fake, 5));
	assert_int_equal(seen.links[4], at(&fake, 3));
	assert_err(torn, ERROR_FORMAT, "2 links from its front, 3 from its back");
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),      cmocka_unit_test(other_ends),
		cmocka_unit_test(round_trip),     cmocka_unit_test(wrong_ends),
		cmocka_unit_test(from_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
