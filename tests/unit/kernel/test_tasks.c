// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tasks.h"

#include "kernel/percpu.h"
#include "tests/support/mkkernel.h"
#include "tests/support/mktasks.h"
#include "tests/support/test.h"

static const struct mktask some[] = {
	{0, 0, "swapper/0", TASK_RUNNING, 0, 0},
	{1, 1, "init", TASK_INTERRUPTIBLE, 1, 0},
	{2, 2, "kthreadd", TASK_UNINTERRUPTIBLE | TASK_NOLOAD, 0, 0},
	{40, 40, "a name of 16 by", TASK_RUNNING, 1, 1},
	{41, 40, "thread", TASK_UNINTERRUPTIBLE, 0, 1},
	{0, 0, "swapper/1", TASK_RUNNING, 1, 1},
};
static const size_t idle[] = {0, 5}, running[] = {0, 3};

#define NR (sizeof(some) / sizeof(some[0]))

static struct tasks *load(struct fakekernel *fake)
{
	struct tasks *tasks = NULL;

	assert_ok(tasks_create(fake->kernel, &tasks));
	return tasks;
}

static void everything(void **state)
{
	static const int32_t pids[] = {0, 0, 1, 2, 40, 41};
	struct fakekernel fake;

	for (unsigned int big_endian = 0; big_endian < 2; big_endian++) {
		_cleanup_tasks_ struct tasks *tasks = NULL;
		const struct task *task;
		uint64_t value;

		mktasks(&fake, big_endian, some, NR, idle, running, 2);
		fake_word(&fake, mktask_at(&fake, 3) + MKTASK_MM, 0x1234);
		fake_word(&fake, mktask_at(&fake, 3) + MKTASK_ARRIVAL, 99);
		tasks = load(&fake);
		assert_int_equal(tasks->nr_complaints, 0);
		assert_int_equal(tasks->nr, NR);
		for (size_t i = 0; i < NR; i++)
			assert_int_equal(tasks->tasks[i].pid, pids[i]);
		assert_string_equal(tasks->tasks[1].comm, "swapper/1");
		assert_true(tasks->tasks[1].idle);
		assert_int_equal(tasks->tasks[1].ppid, 0);

		task = tasks_by_pid(tasks, 40);
		assert_ptr_equal(task, tasks_by_addr(tasks, mktask_at(&fake, 3)));
		assert_ptr_equal(task, tasks_on_cpu(tasks, 1));
		assert_string_equal(task->comm, "a name of 16 by");
		assert_int_equal(task->ppid, 1);
		assert_int_equal(task->cpu, 1);
		assert_int_equal(task->mm, 0x1234);
		assert_int_equal(task->last_arrival, 99);
		assert_true(task->running && !task->idle && !task->torn);
		assert_int_equal(tasks_by_pid(tasks, 41)->tgid, 40);
		assert_int_equal(tasks_by_pid(tasks, 41)->state, TASK_UNINTERRUPTIBLE);
		assert_null(tasks_by_pid(tasks, 3));
		assert_null(tasks_on_cpu(tasks, 2));

		assert_int_equal(tasks->stack_size, 0x4000);
		assert_int_equal(tasks->now, 1001);
		assert_int_equal(tasks_clock(tasks, tasks_by_pid(tasks, 2)), 1000);
		assert_true(tasks->percpu->cpus[1].present && !tasks->percpu->cpus[1].online);
		assert_true(task_read(fake.kernel, tasks, task->addr, TASK_F_PID, &value));
		assert_int_equal(value, 40);
		assert_false(task_read(fake.kernel, tasks, task->addr, TASK_F_POLICY, &value));
		fakekernel_deinit(&fake);
	}
}

/* What comes behind a link that leads nowhere is found from the other end. */
static void torn_list(void **state)
{
	struct fakekernel fake;
	struct tasks *tasks;

	mktasks(&fake, false, some, NR, idle, running, 2);
	fake_word(&fake, mktask_at(&fake, 1) + MKTASK_TASKS, 0x10);
	tasks = load(&fake);
	assert_int_equal(tasks->nr, NR);
	assert_int_equal(tasks->nr_complaints, 1);
	assert_non_null(strstr(tasks->complaints[0], "tasks: list at 0x"));
	assert_non_null(strstr(tasks->complaints[0], "1 links from its front, 2 from its back"));
	tasks_destroy(tasks);
	fakekernel_deinit(&fake);
}

/* A list that comes back to its middle, one that leads into the void at both ends. */
static void loops(void **state)
{
	struct fakekernel fake;
	struct tasks *tasks;
	uint64_t head;

	mktasks(&fake, false, some, NR, idle, running, 2);
	fake_word(&fake, mktask_at(&fake, 2) + MKTASK_TASKS, mktask_at(&fake, 1) + MKTASK_TASKS);
	tasks = load(&fake);
	assert_int_equal(tasks->nr, NR);
	assert_non_null(strstr(tasks->complaints[0], "it comes back to 0x"));
	tasks_destroy(tasks);
	fakekernel_deinit(&fake);

	mktasks(&fake, false, some, NR, idle, running, 2);
	head = mktask_at(&fake, 0) + MKTASK_TASKS;
	fake_word(&fake, head, 0x10);
	fake_word(&fake, head + 8, 0x10);
	tasks = load(&fake);
	// init_task, the idle ones and what runs are left, and the threads of none
	assert_int_equal(tasks->nr, 3);
	assert_non_null(tasks_by_pid(tasks, 40));
	assert_int_equal(tasks->nr_complaints, 3);
	assert_non_null(
		strstr(tasks->complaints[1], "0 tasks are on the lists, and the kernel counted 4"));
	assert_non_null(strstr(tasks->complaints[2], "runs on CPU 1 and is on no list"));
	tasks_destroy(tasks);
	fakekernel_deinit(&fake);
}

static void unreadable(void **state)
{
	const struct task *task;
	struct fakekernel fake;
	struct tasks *tasks;

	mktasks(&fake, false, some, NR, idle, running, 2);
	fake_word(&fake, mktask_rq(&fake, 1) + MKRQ_CURR, 0x4000);
	fake_word(&fake, mktask_rq(&fake, 0) + MKRQ_CURR, 0);
	tasks = load(&fake);
	assert_int_equal(tasks->nr, NR + 1);
	task = tasks_by_addr(tasks, 0x4000);
	assert_true(task->torn && task->running);
	assert_string_equal(task->comm, "");
	assert_int_equal(task->cpu, -1);
	assert_null(tasks_on_cpu(tasks, 0));
	assert_int_equal(tasks->nr_complaints, 3);
	assert_non_null(strstr(tasks->complaints[0], "what runs on CPU 0 is unknown"));
	assert_non_null(strstr(tasks->complaints[2], "1 tasks cannot be read"));
	tasks_destroy(tasks);
	fakekernel_deinit(&fake);
}

static void not_there(void **state)
{
	static const struct mkname none[] = {{"x", 0x1000}};
	static const struct mkfield fields[] = {{"pid", 0}, {NULL, 0}};
	struct mkbtf *types = mkbtf_create(false);
	struct fakekernel fake;
	struct tasks *tasks;

	mkkernel_struct(types, "task_struct", 8, fields);
	mkkernel(&fake, 62, false, none, 1, types);
	assert_err(tasks_create(fake.kernel, &tasks), ERROR_NOT_FOUND, "no task_struct.__state");
	fakekernel_deinit(&fake);
	mkkernel(&fake, 62, false, none, 1, NULL);
	assert_err(tasks_create(fake.kernel, &tasks), ERROR_NOT_FOUND, "no types (BTF)");
	fakekernel_deinit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything), cmocka_unit_test(torn_list), cmocka_unit_test(loops),
		cmocka_unit_test(unreadable), cmocka_unit_test(not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
