// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/backtrace.h"
#include "kernel/start.h"
#include "kernel/unwind.h"
#include "kernel/unwinder.h"
#include "tests/support/mkkernel.h"
#include "util/bytes.h"

#define CODE  0x2000U
#define STACK 0x8000U

struct machine {
	struct fakekernel fake;
	struct unwinder *unwinder;
	struct frame frames[5];
	uint8_t regs[2][UNWIND_REGS_MAX];
	struct trace trace; /* of what stands here */
	struct start start;
	struct backtrace_format format;
	char *text;
	size_t len;
};

static const struct mkname names[] = {
	{"_text", CODE},          {"_stext", CODE}, {"f1", CODE + 0x100}, {"f2", CODE + 0x200},
	{"_etext", CODE + 0x300}, {"data", 0x5000}, {"_end", 0x6000},
};

static void make(struct machine *m)
{
	const struct stack irq = {0xffff800000010000, 0xffff800000014000, "IRQ stack", 0};
	const struct stack task = {0xffff800000008000, 0xffff80000000c000, STACK_PROCESS, -1};
	uint64_t base;

	*m = (struct machine){0};
	mkkernel(&m->fake, EM_X86_64, false, names, sizeof(names) / sizeof(names[0]), NULL);
	base = m->fake.base;
	m->frames[0] = (struct frame){.ip = base + CODE + 0x110, .at = irq.low, .stack = irq};
	m->frames[1] = (struct frame){.ip = base + CODE + 0x120,
				      .at = task.low + 0x100,
				      .kind = FRAME_INTERRUPT,
				      .exact = true,
				      .regs = 1,
				      .stack = task};
	// its call is the last instruction of f1
	m->frames[2] = (struct frame){
		.ip = base + CODE + 0x200, .at = task.low + 0x200, .guessed = true, .stack = task};
	m->frames[3] = (struct frame){
		.ip = base + CODE + 0x210, .at = task.low + 0x220, .stack = task};
	m->frames[4] = (struct frame){.ip = 0x401000,
				      .at = task.low + 0x300,
				      .kind = FRAME_USER,
				      .exact = true,
				      .regs = 2,
				      .stack = task};
	m->trace = (struct trace){.frames = m->frames, .nr = 5, .regs = m->regs, .nr_regs = 2};
	for (unsigned int i = 0; i < 21; i++)
		store_u64(m->regs[0] + 8 * i, 0x1000 + i, false);
	store_u64(m->regs[1] + 128, 0x401000, false);
	m->start.source = START_SLEEPING;
	fake_u64(&m->fake, base + STACK + 0x208, base + 0x5004); // data+4
	fake_u64(&m->fake, base + STACK + 0x210, 0x1234);
	assert_ok(unwinder_create(m->fake.kernel, &m->unwinder));
	m->format.out = open_memstream(&m->text, &m->len);
	assert_non_null(m->format.out);
}

static void deinit(struct machine *m)
{
	fclose(m->format.out);
	free(m->text);
	unwinder_destroy(m->unwinder);
	fakekernel_deinit(&m->fake);
}

static void prints(struct machine *m, const char *want)
{
	rewind(m->format.out);
	backtrace_print(m->unwinder, &m->start, &m->trace, &m->format);
	putc('\0', m->format.out);
	fflush(m->format.out);
	assert_string_equal(m->text, want);
}

#define INTERRUPTED                                                                 \
	"    [exception RIP: f1+32]\n"                                              \
	"    RIP: 0000000000001010  RSP: 0000000000001013  RFLAGS: 00001012\n"      \
	"    RAX: 000000000000100a  RBX: 0000000000001005  RCX: 000000000000100b\n" \
	"    RDX: 000000000000100c  RSI: 000000000000100d  RDI: 000000000000100e\n" \
	"    RBP: 0000000000001004   R8: 0000000000001009   R9: 0000000000001008\n" \
	"    R10: 0000000000001007  R11: 0000000000001006  R12: 0000000000001003\n" \
	"    R13: 0000000000001002  R14: 0000000000001001  R15: 0000000000001000\n" \
	"    ORIG_RAX: 000000000000100f  CS: 1011  SS: 1014\n"
#define NOTHING "0000000000000000"
#define USER                                                              \
	"    RIP: 0000000000401000  RSP: " NOTHING "  RFLAGS: 00000000\n" \
	"    RAX: " NOTHING "  RBX: " NOTHING "  RCX: " NOTHING "\n"      \
	"    RDX: " NOTHING "  RSI: " NOTHING "  RDI: " NOTHING "\n"      \
	"    RBP: " NOTHING "   R8: " NOTHING "   R9: " NOTHING "\n"      \
	"    R10: " NOTHING "  R11: " NOTHING "  R12: " NOTHING "\n"      \
	"    R13: " NOTHING "  R14: " NOTHING "  R15: " NOTHING "\n"      \
	"    ORIG_RAX: " NOTHING "  CS: 0000  SS: 0000\n"

static void as_crash_does(void **state)
{
	struct machine m;

	make(&m);
	prints(&m, " #0 [ffff800000010000] f1 at ffff800000002110\n"
		   "--- <IRQ stack> ---\n" INTERRUPTED
		   " #1 [ffff800000008200] f1 at ffff800000002200 (guessed)\n"
		   " #2 [ffff800000008220] f2 at ffff800000002210\n" USER);
	deinit(&m);
}

static void offsets_and_lines(void **state)
{
	struct machine m;

	make(&m);
	m.trace.frames += 2;
	m.trace.nr = 2;
	m.trace.end = TRACE_LOST;
	m.trace.end_at = 0x1230;
	m.format.offsets = m.format.lines = true;
	prints(&m, " #0 [ffff800000008200] f1+256 at ffff800000002200 (guessed)\n"
		   "    faddr2line vmlinux f1+0x100/0x100\n"
		   " #1 [ffff800000008220] f2+16 at ffff800000002210\n"
		   "    faddr2line vmlinux f2+0x10/0x100\n"
		   "    (the trace ends here: the stack leads back to 0x1230)\n");
	deinit(&m);
}

static void words(void **state)
{
	struct machine m;

	make(&m);
	m.trace.frames += 2;
	m.trace.nr = 2;
	m.format.words = true;
	prints(&m, " #0 [ffff800000008200] f1 at ffff800000002200 (guessed)\n"
		   "    ffff800000008208: ffff800000005004 0000000000001234 \n"
		   "    ffff800000008218: 0000000000000000 0000000000000000 \n"
		   " #1 [ffff800000008220] f2 at ffff800000002210\n");
	m.format.names = true;
	prints(&m, " #0 [ffff800000008200] f1 at ffff800000002200 (guessed)\n"
		   "    ffff800000008208: data+4           0000000000001234 \n"
		   "    ffff800000008218: 0000000000000000 0000000000000000 \n"
		   " #1 [ffff800000008220] f2 at ffff800000002210\n");
	// a stack that is not in the dump, up to its end
	m.frames[2].at = 0x10000;
	m.frames[2].stack = (struct stack){0x10000, 0x14000, "NMI exception stack", 0};
	prints(&m, " #0 [0000000000010000] f1 at ffff800000002200 (guessed)\n"
		   "    10008: unreadable at 10008 \n"
		   "--- <NMI exception stack> ---\n"
		   " #1 [ffff800000008220] f2 at ffff800000002210\n");
	deinit(&m);
}

static void nothing_to_begin_with(void **state)
{
	struct machine m;

	make(&m);
	m.trace.nr = 0;
	m.start.source = START_NONE;
	prints(&m, "    (nothing in the dump tells where this task was)\n");
	m.start = (struct start){.source = START_DUMP_NOTE, .doubtful = true, .state.sp = 0x1230};
	m.trace.nr = 1;
	m.frames[0].ip = 0x99;
	prints(&m,
	       "    (the registers in the dump are in doubt: 0000000000001230 is on no stack of "
	       "this CPU)\n"
	       " #0 [ffff800000010000] unknown or invalid address at 0000000000000099\n");
	m.frames[0].kind = FRAME_EXCEPTION;
	prints(&m,
	       "    (the registers in the dump are in doubt: 0000000000001230 is on no stack of "
	       "this CPU)\n"
	       "    [exception RIP: unknown or invalid address]\n"
	       "    RIP: 0000000000000099\n");
	deinit(&m);
}

static void as_json(void **state)
{
	struct machine m;
	struct json json;

	make(&m);
	m.trace.frames += 2;
	m.trace.nr = 2;
	json_init(&json, m.format.out, false);
	json_begin_object(&json, NULL);
	backtrace_json(m.unwinder, &m.start, &m.trace, &json);
	json_end_object(&json);
	fflush(m.format.out);
	assert_string_equal(
		m.text,
		"{\"start\": \"task\", \"complete\": true, \"frames\": ["
		"{\"kind\": \"call\", \"function\": \"f1\", \"offset\": 256, \"size\": 256, "
		"\"ip\": \"0xffff800000002200\", \"sp\": \"0xffff800000008200\", "
		"\"stack\": \"process stack\", \"sure\": false}, "
		"{\"kind\": \"call\", \"function\": \"f2\", \"offset\": 16, \"size\": 256, "
		"\"ip\": \"0xffff800000002210\", \"sp\": \"0xffff800000008220\", "
		"\"stack\": \"process stack\", \"sure\": true}]}\n");
	// registers of what was interrupted, and how it ends
	rewind(m.format.out);
	m.trace.frames--;
	m.trace.nr = 1;
	m.trace.end = TRACE_NO_DATA;
	m.trace.end_at = 0x99;
	json_init(&json, m.format.out, false);
	json_begin_object(&json, NULL);
	backtrace_json(m.unwinder, &m.start, &m.trace, &json);
	json_end_object(&json);
	fflush(m.format.out);
	assert_non_null(strstr(m.text,
			       "\"complete\": false, \"end\": \"nothing tells who called the "
			       "code at 0x99\""));
	assert_non_null(strstr(m.text, "\"kind\": \"interrupt\""));
	assert_non_null(strstr(m.text, "\"registers\": {\"RIP\": \"0x1010\""));
	assert_non_null(strstr(m.text, "\"R8\": \"0x1009\""));
	deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_crash_does), cmocka_unit_test(offsets_and_lines),
		cmocka_unit_test(words),         cmocka_unit_test(nothing_to_begin_with),
		cmocka_unit_test(as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
