// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <elf.h>

#include "arch/arch.h"
#include "dump/notes.h"
#include "kernel/start.h"
#include "kernel/tasks.h"
#include "kernel/unwind.h"
#include "kernel/unwinder.h"
#include "tests/support/mkkernel.h"
#include "util/bytes.h"

#define CODE   0x2000U
#define NOTES  0x10000U /* crash_notes of CPU 0, those of CPU 1 a page behind */
#define TASK   0x20000U
#define IRQ    0x30000U /* of CPU 0; that of CPU 1 behind */
#define STACK0 0x40000U /* of the tasks on the CPUs */
#define STACK1 0x50000U
#define SIZE   0x4000U

struct machine {
	struct fakekernel fake;
	struct unwinder *unwinder;
	uint64_t base;
	void *notes;
	size_t notes_len;
};

static const struct mkname names[] = {
	{"__per_cpu_offset", 0x100},
	{"nr_cpu_ids", 0x180},
	{"crash_notes", 0x188},
	{"irq_stack_ptr", 0x190},
	{"_text", CODE},
	{"_stext", CODE},
	{"f1", CODE + 0x100},
	{"__crash_kexec", CODE + 0x200},
	{"f3", CODE + 0x300},
	{"_etext", CODE + 0x1000},
	{"__start_init_stack", STACK0},
	{"__end_init_stack", STACK0 + SIZE},
};

static void make(struct machine *m, struct mkbtf *types)
{
	*m = (struct machine){0};
	mkkernel(&m->fake, EM_AARCH64, false, names, sizeof(names) / sizeof(names[0]), types);
	m->base = m->fake.base;
	fake_u64(&m->fake, m->base + 0x108, 0x1000);
	fake_u32(&m->fake, m->base + 0x180, 2);
	fake_u64(&m->fake, m->base + 0x188, m->base + NOTES);
	fake_u64(&m->fake, m->base + 0x190, m->base + IRQ);
	fake_u64(&m->fake, m->base + 0x1190, m->base + IRQ + SIZE);
}

static void open_unwinder(struct machine *m)
{
	m->fake.reader.facts.notes = m->notes;
	m->fake.reader.facts.notes_len = m->notes_len;
	notes_scan(&m->fake.reader.facts);
	assert_ok(unwinder_create(m->fake.kernel, &m->unwinder));
}

static void deinit(struct machine *m)
{
	unwinder_destroy(m->unwinder);
	fakekernel_deinit(&m->fake);
	free(m->notes);
}

static void make_prstatus(uint8_t desc[392], int32_t pid, uint64_t pc, uint64_t sp, uint64_t pstate)
{
	memset(desc, 0, 392);
	store_u32(desc + 32, (uint32_t)pid, false);
	store_u64(desc + 112 + 232, sp, false); // x29
	store_u64(desc + 112 + 248, sp, false);
	store_u64(desc + 112 + 256, pc, false);
	store_u64(desc + 112 + 264, pstate, false);
}

static void dump_note(struct machine *m, int32_t pid, uint64_t pc, uint64_t sp)
{
	uint8_t desc[392];

	make_prstatus(desc, pid, pc, sp, 5);
	assert_ok(notes_append(&m->notes, &m->notes_len, false, "CORE", NT_PRSTATUS, desc,
			       sizeof(desc)));
}

static void crash_note(struct machine *m, unsigned int cpu, uint64_t pc, uint64_t sp,
		       uint64_t pstate)
{
	uint8_t desc[392];
	void *buf = NULL;
	size_t len = 0;

	make_prstatus(desc, 77, pc, sp, pstate);
	assert_ok(notes_append(&buf, &len, false, "CORE", NT_PRSTATUS, desc, sizeof(desc)));
	memcpy(fake_at(&m->fake, m->base + NOTES + 0x1000 * cpu, len), buf, len);
	free(buf);
}

static void notes_of_the_kernel(void **state)
{
	struct machine m;
	struct start start;

	make(&m, NULL);
	crash_note(&m, 0, m.base + CODE + 0x210, m.base + STACK0 + 0x100, 5);
	crash_note(&m, 1, m.base + CODE + 0x310, m.base + IRQ + SIZE + 0x100, 5);
	dump_note(&m, 1, 0x1234, 0x5678); // counts less
	dump_note(&m, 2, 0x1234, 0x5678);
	open_unwinder(&m);
	assert_int_equal(start_nr_cpus(m.unwinder), 2);

	// it saved the registers itself
	start_of_cpu(m.unwinder, 0, m.base + STACK0, &start);
	assert_int_equal(start.source, START_CRASH_NOTE);
	assert_string_equal(start_source_name(start.source), "crash_notes");
	assert_int_equal(start.pid, 77);
	assert_int_equal(start.state.ip, m.base + CODE + 0x210);
	assert_int_equal(start.state.at, m.base + STACK0 + 0x100);
	assert_true(start.state.exact && start.state.has_regs);
	assert_true(!start.interrupted && !start.doubtful);
	// this one was interrupted, on its IRQ stack
	start_of_cpu(m.unwinder, 1, m.base + STACK1, &start);
	assert_int_equal(start.state.ip, m.base + CODE + 0x310);
	assert_true(start.interrupted && !start.doubtful);
	deinit(&m);
}

static void doubtful_and_user(void **state)
{
	struct machine m;
	struct start start;

	make(&m, NULL);
	crash_note(&m, 0, m.base + CODE + 0x310, m.base + IRQ + SIZE + 0x100, 5);
	crash_note(&m, 1, 0x400120, 0x7ffff000, 0);
	open_unwinder(&m);
	start_of_cpu(m.unwinder, 0, m.base + STACK0, &start); // CPU 1's IRQ stack
	assert_int_equal(start.source, START_CRASH_NOTE);
	assert_true(start.doubtful);
	start_of_cpu(m.unwinder, 1, m.base + STACK1, &start);
	assert_true(start.state.user && !start.doubtful && !start.interrupted);
	deinit(&m);
}

/* QEMU counts its CPUs in its own way; the stacks tell. */
static void notes_of_the_dump(void **state)
{
	struct machine m;
	struct start start;

	make(&m, NULL);
	dump_note(&m, 1, m.base + CODE + 0x310, m.base + STACK0 + 0x100);
	dump_note(&m, 2, m.base + CODE + 0x110, m.base + STACK1 + 0x100);
	dump_note(&m, 3, m.base + CODE + 0x120, m.base + IRQ + 0x100);
	open_unwinder(&m);
	assert_int_equal(start_nr_cpus(m.unwinder), 3);
	start_of_cpu(m.unwinder, 0, m.base + STACK0, &start);
	assert_int_equal(start.source, START_DUMP_NOTE);
	assert_int_equal(start.state.ip, m.base + CODE + 0x310);
	assert_true(!start.interrupted && !start.doubtful);
	start_of_cpu(m.unwinder, 1, m.base + STACK1, &start);
	assert_int_equal(start.state.ip, m.base + CODE + 0x110);
	// the other way round
	start_of_cpu(m.unwinder, 0, m.base + STACK1, &start);
	assert_int_equal(start.state.ip, m.base + CODE + 0x110);
	// on none of them
	start_of_cpu(m.unwinder, 1, m.base + 0x70000, &start);
	assert_int_equal(start.state.ip, m.base + CODE + 0x110);
	assert_true(start.doubtful);
	start_of_cpu(m.unwinder, 2, 0, &start);
	assert_int_equal(start.state.ip, m.base + CODE + 0x120);
	start_of_cpu(m.unwinder, 3, 0, &start);
	assert_int_equal(start.source, START_NONE);
	deinit(&m);
}

static struct mkbtf *task_types(void)
{
	static const struct mkfield context[] = {{"fp", 0}, {"sp", 8}, {"pc", 16}, {NULL, 0}};
	struct mkbtf *mk = mkbtf_create(false);
	uint32_t id = mkkernel_struct(mk, "cpu_context", 24, context), thread;

	thread = mkbtf_type(mk, BTF_STRUCT, "thread_struct", 64);
	mkbtf_member(mk, "cpu_context", id, 8 * 8);
	mkbtf_type(mk, BTF_STRUCT, "task_struct", 0x400);
	mkbtf_member(mk, "thread", thread, 8 * 0x100);
	return mk;
}

static void sleeping_tasks(void **state)
{
	struct task task = {.pid = 5};
	struct trace trace = {0};
	struct machine m;
	struct start start;

	make(&m, task_types());
	task.addr = m.base + TASK;
	task.stack = m.base + STACK1;
	fake_u64(&m.fake, m.base + TASK + 0x108, m.base + STACK1 + 0x100);
	fake_u64(&m.fake, m.base + TASK + 0x110, m.base + STACK1 + 0x100);
	fake_u64(&m.fake, m.base + TASK + 0x118, m.base + CODE + 0x110);
	fake_u64(&m.fake, m.base + TASK + 0x1118, m.base + CODE + 0x100); // has never run
	open_unwinder(&m);
	start_of_task(m.unwinder, &task, &start);
	assert_int_equal(start.source, START_SLEEPING);
	assert_int_equal(start.state.ip, m.base + CODE + 0x110);
	assert_int_equal(start.pid, -1);
	assert_false(start.state.exact);
	assert_ok(start_trace(m.unwinder, &start, task.stack, &trace));
	assert_int_equal(trace.nr, 1);
	assert_int_equal(trace.end, TRACE_ROOT);
	task.addr += 0x1000;
	start_of_task(m.unwinder, &task, &start);
	assert_true(start.state.exact);
	task.addr = 0x1000; // what cannot be read
	start_of_task(m.unwinder, &task, &start);
	assert_int_equal(start.source, START_NONE);
	assert_ok(start_trace(m.unwinder, &start, task.stack, &trace));
	assert_int_equal(trace.nr, 0);
	trace_deinit(&trace);
	deinit(&m);
}

static void running_tasks(void **state)
{
	struct task task = {.pid = 5, .cpu = 1, .running = true};
	struct trace trace = {0};
	struct machine m;
	struct start start;

	make(&m, task_types());
	crash_note(&m, 1, m.base + CODE + 0x310, m.base + STACK1 + 0x100, 5);
	open_unwinder(&m);
	task.stack = m.base + STACK1;
	start_of_task(m.unwinder, &task, &start);
	assert_int_equal(start.source, START_CRASH_NOTE);
	assert_ok(start_trace(m.unwinder, &start, task.stack, &trace));
	assert_int_equal(trace.frames[0].kind, FRAME_EXCEPTION);
	trace_deinit(&trace);
	// its CPU has left no registers; those of the task are old
	task.cpu = 0;
	start_of_task(m.unwinder, &task, &start);
	assert_int_equal(start.source, START_NONE);
	deinit(&m);
}

static void damaged_notes(void **state)
{
	struct machine m;
	struct start start;
	uint8_t desc[392];

	make(&m, NULL);
	make_prstatus(desc, 1, 0, 0, 0);
	assert_ok(notes_append(&m.notes, &m.notes_len, false, "CORE", NT_PRSTATUS, desc, 391));
	// of a length that no note has
	crash_note(&m, 0, m.base + CODE, m.base + STACK0, 5);
	fake_u32(&m.fake, m.base + NOTES + 4, 0x7fffffff);
	open_unwinder(&m);
	start_of_cpu(m.unwinder, 0, 0, &start);
	assert_int_equal(start.source, START_NONE);
	start_of_cpu(m.unwinder, 1, 0, &start);
	assert_int_equal(start.source, START_NONE);
	deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_of_the_kernel), cmocka_unit_test(doubtful_and_user),
		cmocka_unit_test(notes_of_the_dump),   cmocka_unit_test(sleeping_tasks),
		cmocka_unit_test(running_tasks),       cmocka_unit_test(damaged_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
