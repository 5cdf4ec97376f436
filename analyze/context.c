// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/context.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/modules.h"
#include "kernel/panic_task.h"
#include "kernel/percpu.h"
#include "kernel/symbols.h"
#include "kernel/system.h"
#include "kernel/tasks.h"
#include "kernel/unwinder.h"
#include "kernel/user.h"
#include "util/sys.h"
#include "util/utf8.h"

static void say(const struct analysis *analysis, const char *text)
{
	cli_say(analysis->cli, "%s: %s", analysis->path, text);
}

/* Says what is wrong, for things that a command can do without. */
static void say_error(const struct analysis *analysis, struct error *err)
{
	if (err && err->code != ERROR_NOT_FOUND)
		say(analysis, err->message);
	error_destroy(err);
}

struct error *analysis_symbols(struct analysis *analysis, bool modules, struct symbols **ret)
{
	struct error *err = analysis_open(analysis);
	const struct modules *list;
	size_t lost = 0;

	if (err || (err = kernel_symbols(analysis->kernel, ret)))
		return err;
	if (!modules || analysis->asked_module_symbols)
		return NULL;
	analysis->asked_module_symbols = true;
	err = analysis_modules(analysis, &list);
	if (!err)
		err = modules_add_symbols(analysis->kernel, list, &lost);
	if (lost)
		say(analysis, "the symbols of some modules cannot be read");
	say_error(analysis, err);
	return NULL;
}

struct error *analysis_types(struct analysis *analysis, struct types **ret)
{
	struct error *err = analysis_open(analysis);

	if (!err && !analysis->types)
		err = types_create(analysis->kernel, &analysis->types);
	if (!err)
		*ret = analysis->types;
	return err;
}

struct error *analysis_modules(struct analysis *analysis, const struct modules **ret)
{
	struct error *err = analysis_open(analysis);

	if (err)
		return err;
	if (!analysis->modules) {
		if ((err = modules_create(analysis->kernel, &analysis->modules)))
			return err;
		if (analysis->modules->torn)
			say(analysis, analysis->modules->torn->message);
	}
	*ret = analysis->modules;
	return NULL;
}

struct error *analysis_tasks(struct analysis *analysis, const struct tasks **ret)
{
	struct error *err = analysis_open(analysis);

	if (err)
		return err;
	if (!analysis->tasks) {
		if ((err = tasks_create(analysis->kernel, &analysis->tasks)))
			return err;
		for (size_t i = 0; i < analysis->tasks->nr_complaints; i++)
			say(analysis, analysis->tasks->complaints[i]);
	}
	*ret = analysis->tasks;
	return NULL;
}

/* "CPU that panicked: 1 (panic_cpu), 0 (log)" */
static void say_dispute(const struct analysis *analysis, const struct evidence *evidence,
			const char *name)
{
	const struct fact *fact = evidence_find(evidence, name);
	const struct witness *witness;
	char text[256];
	int len;

	if (!fact || fact_judge(fact, &witness) != FACT_DISPUTED)
		return;
	len = snprintf(text, sizeof(text), "%s: witnesses differ:", name);
	for (size_t i = 0; i < fact->nr && len < (int)sizeof(text); i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s %" PRIu64 " (%s)",
				i ? "," : "", fact->witnesses[i].value, fact->witnesses[i].source);
	say(analysis, text);
}

struct error *analysis_panic(struct analysis *analysis, const struct panic_task **ret)
{
	const struct tasks *tasks;
	struct system_info info;
	struct error *err = analysis_tasks(analysis, &tasks);

	if (err)
		return err;
	if (!analysis->panic) {
		bool known = !error_ignore(system_info_read(analysis->kernel, &info));

		err = panic_task_create(analysis->kernel, tasks, known ? &info : NULL,
					&analysis->panic);
		if (err)
			return err;
		say_dispute(analysis, &analysis->panic->evidence, PANIC_FACT_CPU);
		say_dispute(analysis, &analysis->panic->evidence, PANIC_FACT_PID);
	}
	*ret = analysis->panic;
	return NULL;
}

struct error *analysis_task(struct analysis *analysis, const struct task **ret)
{
	const struct panic_task *panic;
	const struct tasks *tasks;
	const struct task *task = NULL;
	struct error *err = analysis_tasks(analysis, &tasks);

	if (err)
		return err;
	if (analysis->task)
		task = tasks_by_addr(tasks, analysis->task);
	else if ((err = analysis_panic(analysis, &panic)))
		return err;
	else
		task = panic->task ? panic->task : tasks_on_cpu(tasks, 0);
	if (!task && tasks->nr)
		task = &tasks->tasks[0];
	if (!task)
		return error_create(ERROR_NOT_FOUND, "there are no tasks");
	*ret = task;
	return NULL;
}

struct error *analysis_unwinder(struct analysis *analysis, struct unwinder **ret)
{
	struct error *err = analysis_open(analysis);

	if (!err && !analysis->unwinder)
		err = unwinder_create(analysis->kernel, &analysis->unwinder);
	if (!err)
		*ret = analysis->unwinder;
	return err;
}

void analysis_forget(struct analysis *analysis)
{
	unwinder_destroy(analysis->unwinder);
	panic_task_destroy(analysis->panic);
	tasks_destroy(analysis->tasks);
	modules_destroy(analysis->modules);
	types_destroy(analysis->types);
}

struct error *analysis_expr(struct analysis *analysis, bool types, struct expr_env *ret)
{
	struct error *err = analysis_open(analysis);
	struct symbols *symbols = NULL;

	if (err)
		return err;
	*ret = (struct expr_env){.kernel = analysis->kernel};
	if (types && (err = analysis_types(analysis, &ret->types)))
		return err;
	if ((err = analysis_symbols(analysis, true, &symbols)))
		error_destroy(err);
	ret->symbols = symbols;
	return NULL;
}

struct error *parse_address(struct analysis *analysis, const char *text, uint64_t *ret)
{
	struct expr_env env = {.hex = true};
	struct error *err;

	// a number needs no symbols
	if (strspn(text, "0123456789abcdefABCDEFxX") == strlen(text) &&
	    isxdigit((unsigned char)*text))
		return expr_number(&env, text, ret);
	if ((err = analysis_expr(analysis, false, &env)))
		return err;
	env.hex = true;
	return expr_number(&env, text, ret);
}

struct error *parse_count(const char *what, const char *text, uint64_t *ret)
{
	return cli_parse_number(what, text, 0, UINT64_MAX, ret);
}

struct error *parse_task(struct analysis *analysis, const char *text, const struct task **ret)
{
	const struct tasks *tasks;
	const struct task *task = NULL;
	struct error *err = analysis_tasks(analysis, &tasks);
	unsigned long number;
	uint64_t addr;
	char *end;

	if (err)
		return err;
	number = strtoul(text, &end, 10);
	if (*text && !*end && number <= INT32_MAX)
		task = tasks_by_pid(tasks, (int32_t)number);
	if (!task && !(err = parse_address(analysis, text, &addr)))
		task = tasks_by_addr(tasks, addr);
	error_destroy(err);
	if (!task)
		return error_create(ERROR_USAGE, "there is no task '%s'", text);
	*ret = task;
	return NULL;
}

void cpu_list_deinit(struct cpu_list *list)
{
	free(list->name);
	free(list->wanted);
}

static struct error *add_cpus(struct cpu_list *list, const char *text)
{
	while (*text) {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (end == text)
			break;
		if (*end == '-') {
			text = end + 1;
			last = strtoul(text, &end, 10);
			if (end == text)
				break;
		}
		if (last >= list->nr || first > last)
			return error_create(ERROR_USAGE, "there is no CPU %lu", last);
		for (unsigned long cpu = first; cpu <= last; cpu++)
			list->wanted[cpu] = true;
		text = end + (*end == ',');
		if (*end && *end != ',')
			break;
	}
	return *text ? error_create(ERROR_USAGE, "'%s' is no list of CPUs (0,2-4 or a)", text)
		     : NULL;
}

struct error *parse_cpus(struct analysis *analysis, const char *text, struct cpu_list *ret)
{
	const struct tasks *tasks;
	const struct task *task;
	struct error *err;
	char *colon;

	*ret = (struct cpu_list){.name = sys_malloc(strlen(text) + 1)};
	if (!ret->name)
		return &error_nomem;
	strcpy(ret->name, text);
	colon = strchr(ret->name, ':');
	if (!colon)
		return NULL;
	*colon++ = '\0';
	if ((err = analysis_tasks(analysis, &tasks)))
		return err;
	ret->nr = tasks->percpu->nr;
	ret->wanted = sys_calloc(ret->nr, sizeof(ret->wanted[0]));
	if (!ret->wanted)
		return &error_nomem;
	if (!strcmp(colon, "a") || !strcmp(colon, "all")) {
		for (unsigned int cpu = 0; cpu < ret->nr; cpu++)
			ret->wanted[cpu] = tasks->percpu->cpus[cpu].present;
	} else if (!*colon) {
		if ((err = analysis_task(analysis, &task)))
			return err;
		if (task->cpu >= 0 && (unsigned int)task->cpu < ret->nr)
			ret->wanted[task->cpu] = true;
	} else {
		return add_cpus(ret, colon);
	}
	return NULL;
}

struct error *analysis_user(struct analysis *analysis, struct addrspace *ret)
{
	const struct task *task;
	struct error *err = analysis_task(analysis, &task);

	if (err)
		return err;
	if (!task->mm)
		return error_create(ERROR_USAGE, "the task %d has no user memory", task->pid);
	return user_addrspace(analysis->kernel, task->mm, ret);
}

void print_task(FILE *out, const struct task *task)
{
	fprintf(out, "PID: %-7d  TASK: %" PRIx64 "  CPU: %-3d  COMMAND: \"", task->pid, task->addr,
		task->cpu);
	utf8_put_safe(out, task->comm);
	fputs("\"\n", out);
}

const char *symbol_text(const struct symbols *symbols, uint64_t addr, char buf[static SYMBOL_TEXT])
{
	struct symbol symbol;
	int len;

	if (!symbols || !symbols_at(symbols, addr, &symbol)) {
		buf[0] = '\0';
		return buf;
	}
	len = snprintf(buf, SYMBOL_TEXT, "%.128s", symbol.name);
	if (addr != symbol.addr)
		len += snprintf(buf + len, (size_t)(SYMBOL_TEXT - len), "+%" PRIu64,
				addr - symbol.addr);
	if (symbol.module[0])
		snprintf(buf + len, (size_t)(SYMBOL_TEXT - len), " [%.40s]", symbol.module);
	for (char *p = buf; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = '?';
	return buf;
}

struct cvalue_format analysis_format(struct analysis *analysis, bool hex)
{
	struct cvalue_format format = {.out = stdout, .hex = hex};
	struct symbols *symbols;

	if (!error_ignore(analysis_symbols(analysis, true, &symbols)))
		format.symbols = symbols;
	return format;
}
