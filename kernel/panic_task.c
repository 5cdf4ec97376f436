// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/panic_task.h"

#include <elf.h>

#include "arch/arch.h"
#include "dump/notes.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/percpu.h"
#include "kernel/system.h"
#include "kernel/tasks.h"
#include "util/sys.h"

/* Variables that hold the number of a CPU, -1 while nobody panics. */
static const char *const variables[] = {
	"panic_cpu",    // kernel/panic.c, Linux commit 1717f2096b54 (4.5)
	"crashing_cpu", // arch/x86 and arch/powerpc
};

static void say_variables(struct kernel *kernel, struct evidence *evidence)
{
	uint64_t cpu;

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		if (kernel_variable(kernel, variables[i], 4, &cpu) && (uint32_t)cpu != UINT32_MAX)
			evidence_say(evidence, PANIC_FACT_CPU, FACT_DEC, variables[i], cpu);
}

/* The pid in the registers that the crashing kernel saved of each of its CPUs, in their order. What
 * others save (QEMU) has the number of the CPU there. */
static bool saved_pid(struct kernel *kernel, const struct percpu *percpu, unsigned int cpu,
		      uint64_t *ret)
{
	const struct dump_facts *facts = &kernel->dump->facts;
	const struct arch *arch = kernel->as.arch;
	struct bytes notes = bytes_make(facts->notes, facts->notes_len, facts->big_endian,
					facts->word);
	unsigned int rank = 0, present = 0;
	uint64_t crash_time;
	struct note note;

	for (unsigned int i = 0; i < percpu->nr; i++) {
		rank += i < cpu && percpu->cpus[i].present;
		present += percpu->cpus[i].present;
	}
	if (present != facts->nr_cpus ||
	    !vmcoreinfo_dec(kernel_vmcoreinfo(kernel), "CRASHTIME", &crash_time))
		return false;
	while (note_next(&notes, &note)) {
		if (!note_is(&note, "CORE", NT_PRSTATUS) || rank--)
			continue;
		bytes_seek(&note.desc, arch->prstatus.pid);
		*ret = bytes_u32(&note.desc);
		return !note.desc.bad;
	}
	return false;
}

static void say_pid(struct kernel *kernel, const struct tasks *tasks, struct panic_task *panic)
{
	struct evidence *evidence = &panic->evidence;
	uint64_t pid;

	if (panic->cpu < 0)
		return;
	panic->task = tasks_on_cpu(tasks, (unsigned int)panic->cpu);
	if (panic->task)
		evidence_say(evidence, PANIC_FACT_PID, FACT_DEC, "run queue",
			     (uint64_t)panic->task->pid);
	if (saved_pid(kernel, tasks->percpu, (unsigned int)panic->cpu, &pid))
		evidence_say(evidence, PANIC_FACT_PID, FACT_DEC, "NT_PRSTATUS", pid);
}

struct error *panic_task_create(struct kernel *kernel, const struct tasks *tasks,
				const struct system_info *info, struct panic_task **ret)
{
	struct panic_task *panic = sys_calloc(1, sizeof(*panic));
	uint64_t value;

	if (!panic)
		return &error_nomem;
	panic->cpu = -1;
	say_variables(kernel, &panic->evidence);
	if (info && info->panic_cpu >= 0)
		evidence_say(&panic->evidence, PANIC_FACT_CPU, FACT_DEC, "log",
			     (uint64_t)info->panic_cpu);
	if (evidence_value(&panic->evidence, PANIC_FACT_CPU, &value) && value < PERCPU_MAX)
		panic->cpu = (int64_t)value;
	say_pid(kernel, tasks, panic);
	if (info && info->panic_pid >= 0)
		evidence_say(&panic->evidence, PANIC_FACT_PID, FACT_DEC, "log",
			     (uint64_t)info->panic_pid);
	// where the run queue is silent, and where two others contradict it
	if (evidence_value(&panic->evidence, PANIC_FACT_PID, &value) &&
	    (!panic->task || panic->task->pid != (int32_t)value))
		panic->task = tasks_by_pid(tasks, (int32_t)value);
	*ret = panic;
	return NULL;
}

void panic_task_destroy(struct panic_task *panic)
{
	free(panic);
}
