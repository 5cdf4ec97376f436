// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/evidence.h"

#include <stdio.h>

#include "tests/support/test.h"

static enum fact_state judge(const struct evidence *evidence, const char *name, uint64_t *value)
{
	const struct fact *fact = evidence_find(evidence, name);
	const struct witness *witness;
	enum fact_state state;

	assert_non_null(fact);
	state = fact_judge(fact, &witness);
	assert_true((state == FACT_UNKNOWN) == !witness);
	*value = witness ? witness->value : 0;
	return state;
}

static void test_states(void **state)
{
	struct evidence evidence = {0};
	uint64_t value;

	assert_null(evidence_find(&evidence, "phys_base"));
	assert_false(evidence_value(&evidence, "phys_base", &value));
	evidence_say(&evidence, "phys_base", FACT_HEX, "image", 5);
	assert_int_equal(judge(&evidence, "phys_base", &value), FACT_SINGLE);
	assert_int_equal(value, 5);
	// the same again does not make it two
	evidence_say(&evidence, "phys_base", FACT_HEX, "image", 5);
	assert_int_equal(judge(&evidence, "phys_base", &value), FACT_SINGLE);
	evidence_say(&evidence, "phys_base", FACT_HEX, "vmcoreinfo", 5);
	assert_int_equal(judge(&evidence, "phys_base", &value), FACT_AGREED);
	evidence_say(&evidence, "phys_base", FACT_HEX, "page tables", 6);
	assert_int_equal(judge(&evidence, "phys_base", &value), FACT_DISPUTED);
	assert_int_equal(value, 5);
	assert_true(evidence_value(&evidence, "phys_base", &value) && value == 5);
	assert_int_equal(evidence.nr, 1);
}

/* Most of them win, and of equals the first. A source that contradicts itself is two. */
static void test_disputes(void **state)
{
	struct evidence evidence = {0};
	uint64_t value;

	evidence_say(&evidence, "a", FACT_DEC, "one", 1);
	evidence_say(&evidence, "a", FACT_DEC, "two", 2);
	assert_int_equal(judge(&evidence, "a", &value), FACT_DISPUTED);
	assert_int_equal(value, 1);
	evidence_say(&evidence, "a", FACT_DEC, "three", 2);
	assert_int_equal(judge(&evidence, "a", &value), FACT_DISPUTED);
	assert_int_equal(value, 2);
	evidence_say(&evidence, "b", FACT_DEC, "one", 1);
	evidence_say(&evidence, "b", FACT_DEC, "one", 2);
	assert_int_equal(judge(&evidence, "b", &value), FACT_DISPUTED);
}

static void test_lost(void **state)
{
	struct evidence evidence = {0};
	uint64_t value = 4711;

	evidence_lose(&evidence, "root", FACT_HEX, "page tables", "wiped out");
	assert_int_equal(judge(&evidence, "root", &value), FACT_UNKNOWN);
	assert_false(evidence_value(&evidence, "root", &value));
	evidence_say(&evidence, "root", FACT_HEX, "image", 7);
	assert_int_equal(judge(&evidence, "root", &value), FACT_SINGLE);
	assert_int_equal(value, 7);
	assert_string_equal(evidence_find(&evidence, "root")->witnesses[0].lost, "wiped out");
}

static void test_texts(void **state)
{
	struct evidence evidence = {0};
	const struct witness *witness;
	char longer[200];
	uint64_t value;

	evidence_say_text(&evidence, "release", "banner", "6.1.0");
	evidence_say_text(&evidence, "release", "image", "6.1.0");
	assert_int_equal(fact_judge(evidence_find(&evidence, "release"), &witness), FACT_AGREED);
	assert_string_equal(witness->text, "6.1.0");
	evidence_say_text(&evidence, "release", "vmcoreinfo", "6.1.1");
	assert_int_equal(fact_judge(evidence_find(&evidence, "release"), &witness), FACT_DISPUTED);
	assert_string_equal(witness->text, "6.1.0");
	assert_false(evidence_value(&evidence, "release", &value));
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	evidence_say_text(&evidence, "long", "somebody", longer);
	assert_int_equal(fact_judge(evidence_find(&evidence, "long"), &witness), FACT_SINGLE);
	assert_int_equal(strlen(witness->text), EVIDENCE_TEXT_LEN - 1);
	assert_string_equal(fact_state_names[FACT_DISPUTED], "disputed");
}

static void test_full(void **state)
{
	static char names[EVIDENCE_MAX_FACTS + 5][8], sources[EVIDENCE_MAX_WITNESSES + 5][8];
	struct evidence evidence = {0};

	for (size_t i = 0; i < EVIDENCE_MAX_FACTS + 5; i++) {
		snprintf(names[i], sizeof(names[i]), "f%zu", i);
		evidence_say(&evidence, names[i], FACT_DEC, "x", i);
	}
	assert_int_equal(evidence.nr, EVIDENCE_MAX_FACTS);
	for (size_t i = 0; i < EVIDENCE_MAX_WITNESSES + 5; i++) {
		snprintf(sources[i], sizeof(sources[i]), "s%zu", i);
		evidence_say(&evidence, "f3", FACT_DEC, sources[i], 3);
	}
	assert_int_equal(evidence_find(&evidence, "f3")->nr, EVIDENCE_MAX_WITNESSES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states), cmocka_unit_test(test_disputes),
		cmocka_unit_test(test_lost),   cmocka_unit_test(test_texts),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
