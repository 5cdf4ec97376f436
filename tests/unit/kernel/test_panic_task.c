// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/panic_task.h"

#include <elf.h>
#include <stdio.h>

#include "arch/arch.h"
#include "dump/notes.h"
#include "dump/vmcoreinfo.h"
#include "kernel/kernel.h"
#include "kernel/system.h"
#include "kernel/tasks.h"
#include "tests/support/mktasks.h"
#include "tests/support/test.h"

static const struct mktask some[] = {
	{0, 0, "swapper/0", 0, 0, 0}, {7, 7, "first", 0, 0, 0}, {8, 8, "second", 0, 1, 0},
	{0, 0, "swapper/1", 0, 1, 0}, {9, 9, "third", 1, 1, 0},
};
static const size_t idle[] = {0, 3}, running[] = {1, 2};

struct fixture {
	struct fakekernel fake;
	struct tasks *tasks;
	struct panic_task *panic;
	void *notes;
};

/* What the kernel's variables say; -1: nothing. */
static void setup(struct fixture *f, int panic_cpu, int crashing_cpu)
{
	*f = (struct fixture){0};
	mktasks(&f->fake, false, some, 5, idle, running, 2);
	f->fake.kernel->as.arch = &arch_x86_64;
	fake_u32(&f->fake, f->fake.base + MKTASK_PANIC, (uint32_t)panic_cpu);
	fake_u32(&f->fake, f->fake.base + MKTASK_CRASHING, (uint32_t)crashing_cpu);
	assert_ok(tasks_create(f->fake.kernel, &f->tasks));
}

static const struct panic_task *find(struct fixture *f, int64_t log_cpu, int64_t log_pid)
{
	const struct system_info info = {.panic_cpu = log_cpu, .panic_pid = log_pid};

	assert_ok(panic_task_create(f->fake.kernel, f->tasks, &info, &f->panic));
	return f->panic;
}

static enum fact_state judge(const struct fixture *f, const char *fact)
{
	const struct witness *witness;
	const struct fact *found = evidence_find(&f->panic->evidence, fact);

	return found ? fact_judge(found, &witness) : FACT_UNKNOWN;
}

static void teardown(struct fixture *f)
{
	panic_task_destroy(f->panic);
	tasks_destroy(f->tasks);
	fakekernel_deinit(&f->fake);
	free(f->notes);
}

static void agreed(void **state)
{
	struct fixture f;

	setup(&f, 1, 1);
	assert_int_equal(find(&f, 1, 8)->task->pid, 8);
	assert_int_equal(f.panic->cpu, 1);
	assert_int_equal(judge(&f, PANIC_FACT_CPU), FACT_AGREED);
	assert_int_equal(judge(&f, PANIC_FACT_PID), FACT_AGREED);
	teardown(&f);
}

static void disputed(void **state)
{
	struct fixture f;

	// most say 1; the log then names another task than the one that runs there
	setup(&f, 1, 0);
	assert_int_equal(find(&f, 1, 9)->cpu, 1);
	assert_int_equal(judge(&f, PANIC_FACT_CPU), FACT_DISPUTED);
	assert_int_equal(judge(&f, PANIC_FACT_PID), FACT_DISPUTED);
	assert_int_equal(f.panic->task->pid, 8);
	teardown(&f);
}

static void log_alone(void **state)
{
	struct fixture f;

	setup(&f, -1, -1);
	assert_int_equal(find(&f, -1, 9)->task->pid, 9);
	assert_int_equal(f.panic->cpu, -1);
	teardown(&f);

	setup(&f, -1, -1);
	assert_null(find(&f, -1, -1)->task);
	teardown(&f);

	setup(&f, 100, -1); // a CPU that there is not
	assert_null(find(&f, -1, -1)->task);
	teardown(&f);

	setup(&f, 0, -1);
	assert_ok(panic_task_create(f.fake.kernel, f.tasks, NULL, &f.panic));
	assert_int_equal(f.panic->task->pid, 7);
	teardown(&f);
}

/* Registers that the crashing kernel saved say which task they are of. */
static void saved(void **state)
{
	struct dump_facts *facts;
	uint8_t prstatus[336] = {0};
	struct fixture f;
	char text[2048];
	size_t len = 0;

	setup(&f, 1, -1);
	facts = &f.fake.reader.facts;
	for (uint8_t pid = 7; pid <= 8; pid++) {
		prstatus[32] = pid;
		assert_ok(notes_append(&f.notes, &len, false, "CORE", NT_PRSTATUS, prstatus,
				       sizeof(prstatus)));
	}
	facts->notes = f.notes;
	facts->notes_len = len;
	facts->nr_cpus = 2;
	// what QEMU saves has the number of the CPU there
	assert_int_equal(find(&f, -1, -1)->task->pid, 8);
	assert_int_equal(judge(&f, PANIC_FACT_PID), FACT_SINGLE);
	panic_task_destroy(f.panic);
	snprintf(text, sizeof(text), "%sCRASHTIME=5\n", facts->vmcoreinfo);
	vmcoreinfo_destroy(f.fake.kernel->vmcoreinfo);
	assert_ok(vmcoreinfo_create(text, strlen(text), &f.fake.kernel->vmcoreinfo));
	assert_int_equal(find(&f, -1, -1)->task->pid, 8);
	assert_int_equal(judge(&f, PANIC_FACT_PID), FACT_AGREED);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreed),
		cmocka_unit_test(disputed),
		cmocka_unit_test(log_alone),
		cmocka_unit_test(saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
