// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/keep.h"

#include "arch/visit.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/modules.h"
#include "kernel/percpu.h"
#include "kernel/tasks.h"
#include "util/checked.h"

#define SMALLEST_TABLE 1024U // arm; s390x has two in a page
#define MAX_LOG        (1ULL << 30)
#define MAX_PERCPU     (1ULL << 26) // of one CPU
#define MAX_STACK      (1U << 20)
#define MAX_TASK       (1U << 16)
#define MAX_MODULE     (1ULL << 30)
#define NR_NOTE_VARS   2

struct adder {
	const struct kernel *kernel;
	struct sparsebits *set;
	struct error *err;
};

static bool add(struct adder *a, uint64_t paddr, uint64_t len)
{
	unsigned int shift = a->kernel->page_shift;

	if (!a->err && len)
		a->err = sparsebits_add(a->set, paddr >> shift, ((paddr + len - 1) >> shift) + 1);
	return !a->err;
}

struct tables {
	struct adder adder;
	struct sparsebits seen; // a loop in damaged tables ends here
	bool pages;
};

static bool on_table(void *arg, unsigned int level, uint64_t paddr, uint64_t len)
{
	struct tables *t = arg;
	uint64_t unit = paddr / SMALLEST_TABLE;

	if (sparsebits_test(&t->seen, unit) || !add(&t->adder, paddr, len))
		return false;
	t->adder.err = sparsebits_add(&t->seen, unit, unit + 1);
	return !t->adder.err && (t->pages || level > 0);
}

static void on_leaf(void *arg, uint64_t vaddr, uint64_t paddr, uint64_t len)
{
	struct tables *t = arg;

	if (t->pages)
		add(&t->adder, paddr, len);
}

struct error *keep_mapped(const struct kernel *kernel, const struct addrspace *as, uint64_t first,
			  uint64_t last, bool pages, struct sparsebits *set)
{
	struct tables t = {.adder = {.kernel = kernel, .set = set}, .pages = pages};
	const struct pgtable_visitor visitor = {.table = on_table, .leaf = on_leaf, .arg = &t};

	pgtable_visit(as, first, last, &visitor);
	sparsebits_deinit(&t.seen);
	return t.adder.err;
}

struct error *keep_page_tables(struct kernel *kernel, struct sparsebits *set)
{
	return keep_mapped(kernel, &kernel->as, 0, UINT64_MAX, false, set);
}

struct error *keep_virtual(const struct kernel *kernel, uint64_t vaddr, uint64_t len,
			   struct sparsebits *set)
{
	struct adder a = {.kernel = kernel, .set = set};
	struct mapping map;

	for (uint64_t done = 0; done < len; done += map.len) {
		addrspace_translate(&kernel->as, vaddr + done, &map);
		map.len = min_u64(map.len - 1, len - done - 1) + 1;
		if (map.status == MAP_OK && !add(&a, map.paddr, map.len))
			break;
	}
	return a.err;
}

/* The text of VMCOREINFO, and the note that has it. */
static struct error *keep_vmcoreinfo(struct kernel *kernel, struct sparsebits *set)
{
	static const char *const pointers[NR_NOTE_VARS] = {"vmcoreinfo_data", "vmcoreinfo_note"};
	struct error *err = NULL;
	uint64_t vaddr;

	for (size_t i = 0; !err && i < NR_NOTE_VARS; i++)
		if (kernel_variable(kernel, pointers[i], kernel->dump->facts.word, &vaddr) && vaddr)
			err = keep_virtual(kernel, vaddr,
					   kernel->dump->facts.vmcoreinfo_len + kernel->page_size,
					   set);
	return err;
}

static struct error *keep_log(struct kernel *kernel, struct sparsebits *set)
{
	uint64_t vaddr, len;

	if (!kernel_variable(kernel, "log_buf", kernel->dump->facts.word, &vaddr) ||
	    !kernel_variable(kernel, "log_buf_len", 4, &len))
		return NULL;
	return keep_virtual(kernel, vaddr, min_u64(len, MAX_LOG), set);
}

static struct error *keep_percpu(struct kernel *kernel, const struct percpu *percpu,
				 struct sparsebits *set)
{
	struct error *err = NULL;
	uint64_t start, end, vaddr;

	if (!kernel_lookup(kernel, "__per_cpu_start", &start) ||
	    !kernel_lookup(kernel, "__per_cpu_end", &end) || end < start)
		return NULL;
	for (unsigned int cpu = 0; !err && cpu < percpu->nr; cpu++)
		if (percpu_address(percpu, start, cpu, &vaddr))
			err = keep_virtual(kernel, vaddr, min_u64(end - start, MAX_PERCPU), set);
	return err;
}

static struct error *keep_modules(struct kernel *kernel, struct sparsebits *set)
{
	_cleanup_modules_ struct modules *modules = NULL;
	struct error *err = modules_create(kernel, &modules);

	if (err)
		return err;
	for (size_t i = 0; i < modules->nr; i++) {
		const struct module *module = &modules->modules[i];

		err = keep_virtual(kernel, module->addr, kernel->page_size, set);
		for (size_t j = 0; !err && j < module->nr_ranges; j++)
			err = keep_virtual(kernel, module->ranges[j].base,
					   min_u64(module->ranges[j].size, MAX_MODULE), set);
		if (err)
			return err;
	}
	return NULL;
}

static struct error *keep_tasks(struct kernel *kernel, const struct tasks *tasks,
				struct sparsebits *set)
{
	uint64_t task = kernel->page_size;
	const struct btf *btf;
	struct error *err = kernel_btf(kernel, &btf);

	if (err)
		return err;
	(void)btf_find_size(btf, "task_struct", &task);
	for (size_t i = 0; !err && i < tasks->nr; i++) {
		const struct task *t = &tasks->tasks[i];

		err = keep_virtual(kernel, t->addr, min_u64(task, MAX_TASK), set);
		if (!err && t->stack)
			err = keep_virtual(kernel, t->stack, min_u64(tasks->stack_size, MAX_STACK),
					   set);
	}
	return err;
}

/* What is not to be found is done without. */
static struct error *or_without(struct error *err)
{
	if (err && err->code != ERROR_NOMEM) {
		error_destroy(err);
		err = NULL;
	}
	return err;
}

struct error *keep_essentials(struct kernel *kernel, struct sparsebits *set)
{
	_cleanup_tasks_ struct tasks *tasks = NULL;
	struct error *err;

	if ((err = keep_vmcoreinfo(kernel, set)) || (err = keep_log(kernel, set)) ||
	    (err = or_without(keep_modules(kernel, set))) ||
	    (err = or_without(tasks_create(kernel, &tasks))) || !tasks)
		return err;
	if ((err = keep_percpu(kernel, tasks->percpu, set)))
		return err;
	return or_without(keep_tasks(kernel, tasks, set));
}
