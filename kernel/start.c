// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/start.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "dump/notes.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/percpu.h"
#include "kernel/stacks.h"
#include "kernel/tasks.h"
#include "kernel/unwind.h"
#include "kernel/unwinder.h"
#include "util/checked.h"

#define CRASH_NOTE_LEN 1024U /* more than any architecture's note_buf_t has of NT_PRSTATUS */

const char *start_source_name(enum start_source source)
{
	static const char *const names[] = {"none", "task", "crash_notes", "dump", "given"};

	return names[source];
}

/* Takes the registers out of an NT_PRSTATUS note. */
static bool take_note(struct unwinder *unwinder, const struct note *note, struct start *ret)
{
	const struct prstatus_layout *layout = &unwinder->kernel->as.arch->prstatus;
	struct bytes desc = note->desc;
	struct unwind_state *state = &ret->state;

	if (!note_is(note, "CORE", NT_PRSTATUS) || desc.len < layout->size ||
	    layout->reg_size > desc.len - layout->reg)
		return false;
	*state = (struct unwind_state){0};
	memcpy(state->regs, desc.data + layout->reg, min_u64(layout->reg_size, UNWIND_REGS_MAX));
	unwind_take_regs(&unwinder->env, state);
	state->at = state->sp;
	bytes_seek(&desc, layout->pid);
	ret->pid = (int32_t)bytes_u32(&desc);
	return true;
}

/* Whether these registers can be those of the CPU. */
static bool fits(const struct unwinder *unwinder, unsigned int cpu, uint64_t task_stack,
		 const struct start *start)
{
	struct stack stack = stacks_at(unwinder->stacks, task_stack, start->state.sp);

	return start->state.user || stack.cpu == (int32_t)cpu ||
	       (stack.cpu < 0 && (!task_stack || strcmp(stack.name, STACK_UNKNOWN) != 0));
}

static bool find_crash_note(struct unwinder *unwinder, unsigned int cpu, struct start *ret)
{
	struct kernel *kernel = unwinder->kernel;
	uint8_t word = kernel->dump->facts.word, buf[CRASH_NOTE_LEN];
	struct bytes cursor;
	struct note note;
	uint64_t notes, at;

	if (!kernel_variable(kernel, "crash_notes", word, &notes) ||
	    !percpu_address(unwinder->percpu, notes, cpu, &at))
		return false;
	cursor = bytes_make(buf, kernel_read_some(kernel, at, buf, sizeof(buf)),
			    kernel->as.big_endian, word);
	return note_next(&cursor, &note) && take_note(unwinder, &note, ret);
}

/* The NT_PRSTATUS note number nr of the dump. */
static bool get_dump_note(struct unwinder *unwinder, unsigned int nr, struct start *ret)
{
	const struct dump_facts *facts = &unwinder->kernel->dump->facts;
	struct bytes cursor = bytes_make(facts->notes, facts->notes_len, facts->big_endian,
					 facts->word);
	struct note note;

	while (note_next(&cursor, &note))
		if (note_is(&note, "CORE", NT_PRSTATUS) && !nr--)
			return take_note(unwinder, &note, ret);
	return false;
}

/* There is one for each CPU that is present, in their order; what it says of its stack counts
 * more. */
static bool find_dump_note(struct unwinder *unwinder, unsigned int cpu, uint64_t task_stack,
			   struct start *ret)
{
	unsigned int nr = 0, nr_notes = unwinder->kernel->dump->facts.nr_cpus;
	struct start first;
	bool found;

	for (unsigned int i = 0; i < cpu; i++)
		nr += i >= unwinder->percpu->nr || unwinder->percpu->cpus[i].present;
	found = get_dump_note(unwinder, nr, &first);
	if (found && fits(unwinder, cpu, task_stack, &first)) {
		*ret = first;
		return true;
	}
	for (unsigned int i = 0; i < nr_notes && task_stack; i++)
		if (get_dump_note(unwinder, i, ret) && !ret->state.user &&
		    fits(unwinder, cpu, task_stack, ret))
			return true;
	if (found)
		*ret = first;
	return found;
}

unsigned int start_nr_cpus(const struct unwinder *unwinder)
{
	return (unsigned int)max_u64(unwinder->percpu->nr, unwinder->kernel->dump->facts.nr_cpus);
}

void start_of_cpu(struct unwinder *unwinder, unsigned int cpu, uint64_t task_stack,
		  struct start *ret)
{
	struct symbol symbol;
	uint64_t offset;

	*ret = (struct start){.pid = -1};
	if (find_crash_note(unwinder, cpu, ret))
		ret->source = START_CRASH_NOTE;
	else if (find_dump_note(unwinder, cpu, task_stack, ret))
		ret->source = START_DUMP_NOTE;
	else
		return;
	ret->doubtful = !fits(unwinder, cpu, task_stack, ret);
	// which saves its own, where it was not given any
	ret->interrupted = ret->source == START_CRASH_NOTE && !ret->state.user &&
			   (!unwinder_function(unwinder, ret->state.ip, true, &symbol, &offset) ||
			    strcmp(symbol.name, "__crash_kexec") != 0);
}

void start_of_task(struct unwinder *unwinder, const struct task *task, struct start *ret)
{
	const struct arch_unwind *arch = unwinder->kernel->as.arch->unwind;
	struct symbol symbol;
	uint64_t offset;

	if (task->running && task->cpu >= 0) {
		start_of_cpu(unwinder, (unsigned int)task->cpu, task->stack, ret);
		return;
	}
	*ret = (struct start){.pid = -1};
	if (!arch->sleeping(&unwinder->env, task->addr, &ret->state))
		return;
	ret->source = START_SLEEPING;
	// it has never run: no call returns to where a function begins
	ret->state.exact = unwinder_function(unwinder, ret->state.ip, true, &symbol, &offset) &&
			   !offset;
}

struct error *start_trace(struct unwinder *unwinder, const struct start *start, uint64_t task_stack,
			  struct trace *trace)
{
	struct error *err;

	trace->nr = 0;
	if (start->source == START_NONE)
		return NULL;
	err = unwinder_trace(unwinder, &start->state, task_stack, trace);
	if (!err && start->interrupted)
		trace->frames[0].kind = FRAME_EXCEPTION;
	return err;
}
