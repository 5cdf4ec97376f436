// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory of processes that the user wants to keep. */
#include "dump/reader.h"
#include "kernel/keep.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/member.h"
#include "kernel/tasks.h"
#include "kernel/user.h"
#include "util/checked.h"

#define MAX_STACK (8U << 20) // bytes from the stack pointer upwards, the usual limit
#define RED_ZONE  128U       // that x86_64 and ppc64 use below it; ppc64 up to 512
#define MAX_PADS  5U         // words that may stand behind the registers on the kernel stack

enum member { TASK_SIZE, START_STACK, NR_MEMBERS };

static const struct member_path paths[NR_MEMBERS] = {
	[TASK_SIZE] = {"mm_struct.task_size", NULL, true},
	[START_STACK] = {"mm_struct.start_stack", NULL, true},
};

/* The stack pointer in struct pt_regs, where it has a name or is a well-known register. */
static const struct {
	const char *path;
	unsigned int index;
} stack_pointers[] = {
	{"pt_regs.sp", 0},     // x86, arm64, riscv
	{"pt_regs.uregs", 13}, // arm
	{"pt_regs.gprs", 15},  // s390x
	{"pt_regs.gpr", 1},    // ppc64
	{"pt_regs.regs", 3},   // loongarch64
};

struct finder {
	struct kernel *kernel;
	struct sparsebits *set;
	struct btf_member members[NR_MEMBERS];
	uint64_t stack_size, regs_size, sp_offset;
	bool has_regs;
	struct error *err;
};

static bool add(struct finder *f, uint64_t paddr, uint64_t len)
{
	unsigned int shift = f->kernel->page_shift;

	if (!f->err && len)
		f->err = sparsebits_add(f->set, paddr >> shift, ((paddr + len - 1) >> shift) + 1);
	return !f->err;
}

static uint64_t task_size(struct finder *f, uint64_t mm)
{
	uint64_t size;

	if (member_read(f->kernel, &f->members[TASK_SIZE], mm, &size) && size)
		return size;
	return f->kernel->dump->facts.word == 4 ? 0xc0000000 : 1ULL << 47;
}

static struct error *keep_process(struct finder *f, const struct task *task)
{
	struct addrspace as;
	struct error *err;

	if (!task->mm)
		return error_create(ERROR_NOT_FOUND, "task %d (%s) has no memory of its own",
				    task->pid, task->comm);
	if ((err = user_addrspace(f->kernel, task->mm, &as)))
		return error_prefix(err, "task %d", task->pid);
	return keep_mapped(f->kernel, &as, 0, task_size(f, task->mm) - 1, true, f->set);
}

/* The mapped memory around an address of a process, upwards and as far as limit. */
static bool keep_around(struct finder *f, const struct addrspace *as, uint64_t vaddr,
			uint64_t limit)
{
	struct mapping map;

	for (uint64_t done = 0; done < limit; done += map.len) {
		addrspace_translate(as, vaddr + done, &map);
		if (map.status != MAP_OK)
			return done != 0;
		map.len = min_u64(map.len - 1, limit - done - 1) + 1;
		if (!add(f, map.paddr, map.len))
			return false;
	}
	return true;
}

/* The registers with which a task came into the kernel stand at the end of its stack there, with a
 * few words behind them on some machines and versions. */
static bool user_sp(struct finder *f, const struct addrspace *as, const struct task *task,
		    uint64_t *ret)
{
	uint64_t word = f->kernel->dump->facts.word, end = task->stack + f->stack_size;
	uint64_t size = task_size(f, task->mm);
	struct mapping map;

	for (uint64_t pad = 0; f->has_regs && pad < MAX_PADS; pad++) {
		uint64_t regs = end - pad * word - align_up(f->regs_size, word);
		uint64_t sp;

		if (!kernel_read_word(f->kernel, regs + f->sp_offset, &sp) || !sp || sp >= size ||
		    sp % word)
			continue;
		addrspace_translate(as, sp, &map);
		if (map.status == MAP_OK) {
			*ret = sp;
			return true;
		}
	}
	return false;
}

static struct error *keep_stack(struct finder *f, const struct task *task)
{
	struct addrspace as;
	uint64_t sp;

	if (error_ignore(user_addrspace(f->kernel, task->mm, &as)))
		return NULL;
	if (user_sp(f, &as, task, &sp))
		keep_around(f, &as, align_down(sp - RED_ZONE, f->kernel->page_size), MAX_STACK);
	// the first one of a process, down from where it began: arguments and environment too
	if (task->pid == task->tgid &&
	    member_read(f->kernel, &f->members[START_STACK], task->mm, &sp)) {
		uint64_t page = f->kernel->page_size;

		sp = align_down(sp, page);
		keep_around(f, &as, sp, MAX_STACK);
		for (uint64_t down = page; down < MAX_STACK && down < sp; down += page)
			if (!keep_around(f, &as, sp - down, page))
				break;
	}
	return TAKE_PTR(f->err);
}

static void find_registers(struct finder *f, const struct btf *btf)
{
	struct btf_member member;

	if (!btf_find_size(btf, "pt_regs", &f->regs_size))
		return;
	for (size_t i = 0; i < sizeof(stack_pointers) / sizeof(stack_pointers[0]); i++) {
		if (!btf_find_member(btf, stack_pointers[i].path, &member))
			continue;
		f->sp_offset = member.offset +
			       stack_pointers[i].index * f->kernel->dump->facts.word;
		f->has_regs = true;
		return;
	}
}

static struct error *keep_pids(struct finder *f, const struct keep_options *options,
			       const struct tasks *tasks)
{
	struct error *err = NULL;

	for (size_t i = 0; !err && i < options->nr_pids; i++) {
		const struct task *task = tasks_by_pid(tasks, options->pids[i]);

		err = task ? keep_process(f, task)
			   : error_create(ERROR_NOT_FOUND, "there is no task %d", options->pids[i]);
	}
	return err;
}

static struct error *keep_tasks(struct finder *f, const struct keep_options *options)
{
	_cleanup_tasks_ struct tasks *tasks = NULL;
	const struct btf *btf;
	struct error *err;

	if ((err = kernel_btf(f->kernel, &btf)) ||
	    (err = members_find(btf, paths, NR_MEMBERS, f->members)) ||
	    (err = tasks_create(f->kernel, &tasks)) || (err = keep_pids(f, options, tasks)))
		return err;
	f->stack_size = tasks->stack_size;
	find_registers(f, btf);
	for (size_t i = 0; !err && options->user_stacks && i < tasks->nr; i++)
		if (tasks->tasks[i].mm)
			err = keep_stack(f, &tasks->tasks[i]);
	return err;
}

struct error *keep_wanted(struct kernel *kernel, const struct keep_options *options,
			  struct sparsebits *set)
{
	struct finder f = {.kernel = kernel, .set = set};

	for (size_t i = 0; i < options->nr_ranges; i++)
		if (!add(&f, options->ranges[i].start,
			 options->ranges[i].end - options->ranges[i].start))
			return f.err;
	return options->nr_pids || options->user_stacks ? keep_tasks(&f, options) : NULL;
}
