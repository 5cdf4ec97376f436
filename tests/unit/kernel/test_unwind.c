// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop, on arm64 for its simple frame records and on x86_64 for what has no unwind data. */
#include "tests/support/test.h"

#include <elf.h>

#include "kernel/unwind.h"
#include "kernel/unwinder.h"
#include "tests/support/mkkernel.h"
#include "util/bytes.h"

#define CODE    0x2000U /* functions of 0x100 bytes each, f0, f1, ... */
#define IRQ     0x20000U
#define STACK   0x40000U /* of a task */
#define SIZE    0x20000U
#define IPS     0x10000U
#define ENTRIES 0x11000U

#define PT_REGS 0x800U /* of a frame that was interrupted, from STACK */

struct machine {
	struct fakekernel fake;
	struct unwinder *unwinder;
	struct unwind_state start;
	struct trace trace;
	uint64_t base;
};

static const struct mkname names[] = {
	{"__per_cpu_offset", 0x100},
	{"nr_cpu_ids", 0x180},
	{"irq_stack_ptr", 0x190},
	{"_text", CODE},
	{"_stext", CODE},
	{"f1", CODE + 0x100},
	{"f2", CODE + 0x200},
	{"f3", CODE + 0x300},
	{"el1h_64_irq", CODE + 0x400},
	{"el1h_64_sync", CODE + 0x500},
	{"_etext", CODE + 0x1000},
	{"__start_orc_unwind_ip", IPS},
	{"__start_orc_unwind", ENTRIES},
	{"__stop_orc_unwind", ENTRIES + 4 * 6},
	{"__start_init_stack", STACK},
	{"__end_init_stack", STACK + SIZE},
};

static void make(struct machine *m, uint16_t arch)
{
	*m = (struct machine){0};
	mkkernel(&m->fake, arch, false, names, sizeof(names) / sizeof(names[0]), NULL);
	m->base = m->fake.base;
	fake_u32(&m->fake, m->base + 0x180, 1);
	fake_u64(&m->fake, m->base + 0x190, m->base + IRQ);
}

/* All memory is as it shall be: from now on it is read. */
static void run(struct machine *m)
{
	if (!m->unwinder)
		assert_ok(unwinder_create(m->fake.kernel, &m->unwinder));
	assert_int_equal(m->unwinder->stacks->task_size, SIZE);
	assert_ok(unwinder_trace(m->unwinder, &m->start, m->base + STACK, &m->trace));
}

static void deinit(struct machine *m)
{
	trace_deinit(&m->trace);
	unwinder_destroy(m->unwinder);
	fakekernel_deinit(&m->fake);
}

static void record(struct machine *m, uint64_t at, uint64_t next, uint64_t code)
{
	fake_u64(&m->fake, m->base + at, next ? m->base + next : 0);
	fake_u64(&m->fake, m->base + at + 8, code ? m->base + code : 0);
}

/* A task that sleeps in f1 with its first record at this place. */
static void sleeper(struct machine *m, uint64_t at)
{
	m->start = (struct unwind_state){.ip = m->base + CODE + 0x110,
					 .sp = m->base + at,
					 .fp = m->base + at,
					 .at = m->base + at};
}

static void check(const struct machine *m, size_t i, uint64_t ip, uint64_t at, const char *stack)
{
	assert_true(i < m->trace.nr);
	assert_int_equal(m->trace.frames[i].ip, m->base + ip);
	assert_int_equal(m->trace.frames[i].at, m->base + at);
	assert_string_equal(m->trace.frames[i].stack.name, stack);
}

static void ends_as(const struct machine *m, size_t nr, enum trace_end end, uint64_t at)
{
	char text[TRACE_END_TEXT];

	if (m->trace.nr != nr || m->trace.end != end)
		fail_msg("%zu frames, %s", m->trace.nr, trace_end_text(&m->trace, text));
	if (end != TRACE_ROOT && end != TRACE_TOO_LONG)
		assert_int_equal(m->trace.end_at, m->base + at);
}

static void to_the_root(void **state)
{
	struct machine m;

	make(&m, EM_AARCH64);
	sleeper(&m, STACK + 0x100);
	record(&m, STACK + 0x100, STACK + 0x200, CODE + 0x210);
	record(&m, STACK + 0x200, STACK + 0x300, CODE + 0x310);
	record(&m, STACK + 0x300, 0, 0);
	run(&m);
	ends_as(&m, 3, TRACE_ROOT, 0);
	check(&m, 0, CODE + 0x110, STACK + 0x100, STACK_PROCESS);
	check(&m, 1, CODE + 0x210, STACK + 0x100, STACK_PROCESS);
	check(&m, 2, CODE + 0x310, STACK + 0x200, STACK_PROCESS);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(m.trace.frames[i].kind, FRAME_CALL);
		assert_false(m.trace.frames[i].guessed);
	}
	run(&m); // once more, with the same trace
	ends_as(&m, 3, TRACE_ROOT, 0);
	deinit(&m);
}

static void from_stack_to_stack(void **state)
{
	struct machine m;

	make(&m, EM_AARCH64);
	sleeper(&m, IRQ + 0x100);
	record(&m, IRQ + 0x100, STACK + 0x200, CODE + 0x210);
	record(&m, STACK + 0x200, STACK + 0x300, CODE + 0x310);
	record(&m, STACK + 0x300, 0, 0);
	run(&m);
	ends_as(&m, 3, TRACE_ROOT, 0);
	check(&m, 1, CODE + 0x210, IRQ + 0x100, "IRQ stack");
	check(&m, 2, CODE + 0x310, STACK + 0x200, STACK_PROCESS);
	deinit(&m);
}

/* Registers of what was interrupted, in the middle of a stack. */
static void interrupted(void **state)
{
	static const struct {
		uint64_t handler;
		enum frame_kind kind;
	} cases[] = {{CODE + 0x410, FRAME_INTERRUPT}, {CODE + 0x510, FRAME_EXCEPTION}};

	for (size_t i = 0; i < 2; i++) {
		uint64_t regs = STACK + PT_REGS;
		struct machine m;

		make(&m, EM_AARCH64);
		sleeper(&m, STACK + 0x100);
		record(&m, STACK + 0x100, regs + 304, cases[i].handler);
		record(&m, regs + 304, STACK + 0x1000, CODE + 0x200);
		fake_u64(&m.fake, m.base + regs + 8, 0x1122);                    // x1
		fake_u64(&m.fake, m.base + regs + 232, m.base + STACK + 0x1000); // x29
		fake_u64(&m.fake, m.base + regs + 240, m.base + CODE + 0x330);   // x30
		fake_u64(&m.fake, m.base + regs + 248, m.base + STACK + 0xf00);
		fake_u64(&m.fake, m.base + regs + 256, m.base + CODE + 0x200);
		fake_u64(&m.fake, m.base + regs + 264, 5);
		record(&m, STACK + 0x1000, 0, 0);
		run(&m);
		ends_as(&m, 4, TRACE_ROOT, 0);
		check(&m, 2, CODE + 0x200, regs, STACK_PROCESS);
		assert_int_equal(m.trace.frames[2].kind, cases[i].kind);
		assert_true(m.trace.frames[2].exact);
		assert_int_equal(m.trace.frames[2].regs, 1);
		assert_int_equal(load_u64(m.trace.regs[0] + 8, false), 0x1122);
		// f2 had not yet made a frame
		check(&m, 3, CODE + 0x330, STACK + 0xf00, STACK_PROCESS);
		assert_false(m.trace.frames[3].exact);
		deinit(&m);
	}
}

static void up_to_user_mode(void **state)
{
	struct machine m;

	make(&m, EM_AARCH64);
	sleeper(&m, STACK + 0x100);
	record(&m, STACK + 0x100, STACK + PT_REGS + 304, CODE + 0x210);
	fake_u64(&m.fake, m.base + STACK + PT_REGS + 256, 0x400120);
	run(&m);
	ends_as(&m, 3, TRACE_ROOT, 0);
	assert_int_equal(m.trace.frames[2].kind, FRAME_USER);
	assert_int_equal(m.trace.frames[2].ip, 0x400120);
	deinit(&m);

	// a CPU that was in user mode
	make(&m, EM_AARCH64);
	m.start = (struct unwind_state){
		.ip = 0x400120, .exact = true, .user = true, .has_regs = true};
	run(&m);
	ends_as(&m, 1, TRACE_ROOT, 0);
	assert_int_equal(m.trace.frames[0].kind, FRAME_USER);
	deinit(&m);
}

/* Stacks that would lead anywhere, and round and round. */
static void hostile(void **state)
{
	struct machine m;

	// back to itself, and below
	for (uint64_t to = 0x200; to >= 0x100; to -= 0x100) {
		make(&m, EM_AARCH64);
		sleeper(&m, STACK + 0x100);
		record(&m, STACK + 0x100, STACK + 0x200, CODE + 0x210);
		record(&m, STACK + 0x200, STACK + to, CODE + 0x310);
		run(&m);
		// places that are the same may follow each other, but not for ever
		ends_as(&m, to == 0x200 ? 5 : 3, TRACE_LOST, STACK + to);
		deinit(&m);
	}
	// to another stack and back
	make(&m, EM_AARCH64);
	sleeper(&m, STACK + 0x100);
	record(&m, STACK + 0x100, IRQ + 0x200, CODE + 0x210);
	record(&m, IRQ + 0x200, STACK + 0x300, CODE + 0x310);
	record(&m, STACK + 0x300, IRQ + 0x400, CODE + 0x210);
	run(&m);
	ends_as(&m, 3, TRACE_LOST, STACK + 0x300);
	deinit(&m);
	// no code, and no memory
	make(&m, EM_AARCH64);
	sleeper(&m, STACK + 0x100);
	record(&m, STACK + 0x100, STACK + 0x200, CODE + 0x210);
	record(&m, STACK + 0x200, STACK + 0x300, 0x5000);
	run(&m);
	ends_as(&m, 2, TRACE_NO_CODE, STACK + 0x200);
	deinit(&m);
	make(&m, EM_AARCH64);
	sleeper(&m, STACK + 0x100);
	record(&m, STACK + 0x100, 0x7000000, CODE + 0x210);
	run(&m);
	ends_as(&m, 2, TRACE_UNREADABLE, 0x7000000);
	deinit(&m);
	make(&m, EM_AARCH64);
	sleeper(&m, STACK);
	for (uint64_t at = STACK; at + 16 < STACK + SIZE; at += 16)
		record(&m, at, at + 16, CODE + 0x210);
	run(&m);
	ends_as(&m, TRACE_MAX_FRAMES, TRACE_TOO_LONG, 0);
	deinit(&m);
}

/* Stacks that nobody knows are followed too, but only so many. */
static void many_stacks(void **state)
{
	struct machine m;

	make(&m, EM_AARCH64);
	sleeper(&m, STACK + 0x100);
	record(&m, STACK + 0x100, 0x60100, CODE + 0x210);
	for (uint64_t i = 3; i < 14; i++)
		record(&m, 0x20000 * i + 0x100, 0x20000 * (i + 1) + 0x100, CODE + 0x310);
	run(&m);
	assert_true(m.trace.nr > 10);
	assert_string_equal(m.trace.frames[4].stack.name, STACK_UNKNOWN);
	deinit(&m);
}

/* x86_64: ORC for f1 (none), f2 (a frame of 16 bytes), f3 (end). */
static void make_x86(struct machine *m)
{
	static const uint16_t flags[] = {0, 5, 0x400, 0};
	static const int16_t sizes[] = {0, 16, 0, 0};

	make(m, EM_X86_64);
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t place = m->base + IPS + 4 * i, entry = m->base + ENTRIES + 6 * i;

		fake_u32(&m->fake, place, (uint32_t)(m->base + CODE + 0x100 * (i + 1) - place));
		fake_u16(&m->fake, entry, (uint16_t)sizes[i]);
		fake_u16(&m->fake, entry + 4, flags[i]);
	}
	m->start = (struct unwind_state){.ip = m->base + CODE + 0x150,
					 .sp = m->base + STACK + 0x100,
					 .at = m->base + STACK + 0x100,
					 .exact = true};
}

static void put_call(struct machine *m, uint64_t end, uint64_t target)
{
	*fake_at(&m->fake, m->base + end - 5, 1) = 0xe8;
	fake_u32(&m->fake, m->base + end - 4, (uint32_t)(target - end));
}

static void scanned(void **state)
{
	struct machine m;

	make_x86(&m);
	put_call(&m, CODE + 0x220, CODE + 0x300); // of something else
	put_call(&m, CODE + 0x240, CODE + 0x100); // of f1
	put_call(&m, CODE + 0x310, CODE + 0x200);
	fake_u64(&m.fake, m.base + STACK + 0x100, m.base + CODE + 0x230); // behind no call
	fake_u64(&m.fake, m.base + STACK + 0x108, m.base + CODE + 0x220);
	fake_u64(&m.fake, m.base + STACK + 0x118, m.base + CODE + 0x240);
	fake_u64(&m.fake, m.base + STACK + 0x128, m.base + CODE + 0x310);
	run(&m);
	ends_as(&m, 3, TRACE_ROOT, 0);
	check(&m, 1, CODE + 0x240, STACK + 0x118, STACK_PROCESS);
	check(&m, 2, CODE + 0x310, STACK + 0x128, STACK_PROCESS);
	// a call of this very function, and from there by unwind data to the root
	for (size_t i = 0; i < 3; i++)
		assert_false(m.trace.frames[i].guessed);
	deinit(&m);
}

static void guessed(void **state)
{
	struct machine m;

	// only some call; the root alone does not make it sure
	make_x86(&m);
	put_call(&m, CODE + 0x220, CODE + 0x300);
	fake_u64(&m.fake, m.base + STACK + 0x118, m.base + CODE + 0x220);
	fake_u64(&m.fake, m.base + STACK + 0x128, m.base + CODE + 0x310);
	run(&m);
	ends_as(&m, 3, TRACE_ROOT, 0);
	assert_false(m.trace.frames[0].guessed);
	assert_true(m.trace.frames[1].guessed && m.trace.frames[2].guessed);
	deinit(&m);

	// the right call, but then it is lost
	make_x86(&m);
	put_call(&m, CODE + 0x240, CODE + 0x100);
	fake_u64(&m.fake, m.base + STACK + 0x118, m.base + CODE + 0x240);
	fake_u64(&m.fake, m.base + STACK + 0x128, 0x1234);
	run(&m);
	ends_as(&m, 2, TRACE_NO_CODE, STACK + 0x128);
	assert_true(m.trace.frames[1].guessed);
	deinit(&m);

	// no call at all
	make_x86(&m);
	fake_u64(&m.fake, m.base + STACK + 0x118, m.base + CODE + 0x240);
	run(&m);
	ends_as(&m, 1, TRACE_NO_DATA, CODE + 0x150);
	deinit(&m);
}

static void begun_at_a_place(void **state)
{
	struct unwind_state start = {0};
	struct machine m;

	make(&m, EM_AARCH64);
	record(&m, STACK + 0x200, STACK + 0x300, CODE + 0x310);
	assert_ok(unwinder_create(m.fake.kernel, &m.unwinder));
	assert_true(unwinder_start_at(m.unwinder, m.base + STACK + 0x200, 0, &start));
	assert_int_equal(start.ip, m.base + CODE + 0x310);
	assert_int_equal(start.fp, m.base + STACK + 0x300);
	assert_false(unwinder_start_at(m.unwinder, m.base + STACK + 0x400, 0, &start));
	deinit(&m);

	make_x86(&m);
	put_call(&m, CODE + 0x240, CODE + 0x100);
	fake_u64(&m.fake, m.base + STACK + 0x118, m.base + CODE + 0x240);
	assert_ok(unwinder_create(m.fake.kernel, &m.unwinder));
	assert_true(unwinder_start_at(m.unwinder, m.base + STACK + 0x103, 0, &start));
	assert_int_equal(start.ip, m.base + CODE + 0x240);
	assert_int_equal(start.sp, m.base + STACK + 0x120);
	assert_false(unwinder_start_at(m.unwinder, m.base + STACK + 0x120, 0, &start));
	deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_the_root),      cmocka_unit_test(from_stack_to_stack),
		cmocka_unit_test(interrupted),      cmocka_unit_test(up_to_user_mode),
		cmocka_unit_test(hostile),          cmocka_unit_test(many_stacks),
		cmocka_unit_test(scanned),          cmocka_unit_test(guessed),
		cmocka_unit_test(begun_at_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
