// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "analyze/bt_stack.h"
#include "analyze/command.h"
#include "analyze/context.h"
#include "kernel/backtrace.h"
#include "kernel/kernel.h"
#include "kernel/percpu.h"
#include "kernel/start.h"
#include "kernel/system.h"
#include "kernel/tasks.h"
#include "kernel/unwind.h"
#include "kernel/unwinder.h"
#include "util/rows.h"

static const struct cli_option options[] = {
	{'a', NULL, NULL, "what runs on each CPU"},
	{'c', NULL, "CPU[,CPU...]", "what runs on these CPUs: 0,2-4"},
	{'e', NULL, NULL, "the stack's exception frames, whether the trace has them or not"},
	{'f', NULL, NULL, "the words of the stack in each frame"},
	{'F', NULL, NULL, "as -f, symbols by their names"},
	{'l', NULL, NULL, "below each frame what scripts/faddr2line takes for its line"},
	{'s', NULL, NULL, "offsets behind the names of functions"},
	{'S', NULL, "SP", "begin with the frame at this address of the stack"},
	{'t', NULL, NULL, "every address of code on the stack, from where the trace begins"},
	{'T', NULL, NULL, "every address of code on the whole stack"},
};

enum mode { MODE_TRACE, MODE_TEXT, MODE_ALL_TEXT, MODE_EXCEPTIONS };

struct request {
	struct analysis *analysis;
	struct cli *cli;
	struct rows rows;
	struct unwinder *unwinder;
	const struct tasks *tasks; /* NULL: the kernel has no types that would tell */
	struct trace trace;
	struct backtrace_format format;
	enum mode mode;
	bool all;          /* -a */
	const char *cpus;  /* -c */
	const char *stack; /* -S */
	uint64_t sp;
	size_t nr; /* traces until now */
};

static struct error *parse(struct request *request)
{
	struct cli *cli = request->cli;
	int value;

	while ((value = cli_next(cli)) != -1) {
		switch (value) {
		case 'a': request->all = true; break;
		case 'c': request->cpus = cli->arg; break;
		case 'e': request->mode = MODE_EXCEPTIONS; break;
		case 'f': request->format.words = true; break;
		case 'F': request->format.words = request->format.names = true; break;
		case 'l': request->format.lines = true; break;
		case 's': request->format.offsets = true; break;
		case 'S': request->stack = cli->arg; break;
		case 't': request->mode = MODE_TEXT; break;
		case 'T': request->mode = MODE_ALL_TEXT; break;
		default: break;
		}
	}
	if ((request->all || request->cpus) && (cli->next < cli->argc || request->stack))
		return error_create(ERROR_USAGE, "bt -a and -c take no task and no stack besides");
	if (request->all && request->cpus)
		return error_create(ERROR_USAGE, "bt takes one of -a and -c");
	return NULL;
}

static void print_head(const struct request *request, const struct task *task, unsigned int cpu)
{
	if (request->nr)
		putchar('\n');
	if (task)
		print_task(stdout, task);
	else
		printf("CPU: %u\n", cpu);
}

static void head_json(struct json *json, const struct task *task, unsigned int cpu)
{
	json_begin_object(json, NULL);
	if (task) {
		json_i64(json, "pid", task->pid);
		json_hex(json, "task", task->addr);
		json_i64(json, "cpu", task->cpu);
		json_string(json, "comm", task->comm);
		json_string(json, "state", task_state_letters(task->state));
		json_bool(json, "running", task->running);
	} else {
		json_u64(json, "cpu", cpu);
	}
}

/* -t, -T, -e: what stands on the stack, the task's or the one where the trace begins. */
static struct error *show_stack(struct request *request, const struct task *task,
				const struct start *start)
{
	struct unwinder *unwinder = request->unwinder;
	uint64_t task_stack = task ? task->stack : 0, from = start->state.at;
	struct stack stack = stacks_at(unwinder->stacks, task_stack,
				       start->source == START_NONE ? task_stack : from);
	struct json *json = request->cli->json ? &request->rows.json : NULL;
	struct error *err = NULL;

	// that of user mode is none of the kernel's
	if (start->state.user)
		stack = stacks_at(unwinder->stacks, task_stack, task_stack);
	if (request->mode == MODE_ALL_TEXT || start->source == START_NONE || start->state.user)
		from = stack.low;
	if (json)
		json_begin_array(json, request->mode == MODE_EXCEPTIONS ? "exceptions" : "text");
	if (request->mode == MODE_EXCEPTIONS) {
		err = bt_print_exceptions(unwinder, &stack, json, stdout);
	} else {
		if (!json && from != stack.low) {
			fputs("              START: ", stdout);
			backtrace_print_function(unwinder, start->state.ip, start->state.exact,
						 false, stdout);
			printf(" at %016llx\n", (unsigned long long)start->state.ip);
		}
		bt_print_text(unwinder, &stack, from, json, stdout);
	}
	if (json)
		json_end_array(json);
	return err;
}

static struct error *show_trace(struct request *request, const struct task *task,
				const struct start *start)
{
	struct error *err = start_trace(request->unwinder, start, task ? task->stack : 0,
					&request->trace);

	if (err)
		return err;
	if (request->cli->json)
		backtrace_json(request->unwinder, start, &request->trace, &request->rows.json);
	else
		backtrace_print(request->unwinder, start, &request->trace, &request->format);
	return NULL;
}

static struct error *show(struct request *request, const struct task *task, unsigned int cpu,
			  const struct start *start)
{
	struct json *json = &request->rows.json;
	struct error *err;

	if (request->cli->json)
		head_json(json, task, cpu);
	else
		print_head(request, task, cpu);
	request->nr++;
	err = request->mode == MODE_TRACE ? show_trace(request, task, start)
					  : show_stack(request, task, start);
	if (request->cli->json)
		json_end_object(json);
	return err;
}

static struct error *show_task(struct request *request, const struct task *task)
{
	struct start start;

	start_of_task(request->unwinder, task, &start);
	if (request->stack) {
		if (!unwinder_start_at(request->unwinder, request->sp, task->stack, &start.state))
			return error_create(ERROR_USAGE, "at '%s' no frame begins", request->stack);
		start.source = START_GIVEN;
		start.interrupted = start.doubtful = false;
	}
	return show(request, task, 0, &start);
}

static struct error *show_cpu(struct request *request, unsigned int cpu)
{
	const struct task *task = request->tasks ? tasks_on_cpu(request->tasks, cpu) : NULL;
	struct start start;

	start_of_cpu(request->unwinder, cpu, task ? task->stack : 0, &start);
	return show(request, task, cpu, &start);
}

static struct error *show_cpus(struct request *request)
{
	const struct percpu *percpu = request->unwinder->percpu;
	_cleanup_cpus_ struct cpu_list list = {0};
	unsigned int nr = start_nr_cpus(request->unwinder);
	struct error *err = NULL;
	char text[256];

	if (request->cpus) {
		snprintf(text, sizeof(text), ":%s", request->cpus);
		if ((err = parse_cpus(request->analysis, text, &list)))
			return err;
	}
	for (unsigned int cpu = 0; cpu < nr && !err; cpu++)
		if (request->cpus ? cpu < list.nr && list.wanted[cpu]
				  : cpu >= percpu->nr || percpu->cpus[cpu].present)
			err = show_cpu(request, cpu);
	return err;
}

/* Of a kernel without types: the CPU that the log names, else all. */
static struct error *show_panic_cpu(struct request *request)
{
	struct system_info info;

	error_ignore(system_info_read(request->analysis->kernel, &info));
	if (info.panic_cpu < 0 || info.panic_cpu >= start_nr_cpus(request->unwinder))
		return show_cpus(request);
	return show_cpu(request, (unsigned int)info.panic_cpu);
}

static struct error *show_operands(struct request *request)
{
	const char *word = cli_operand(request->cli);
	const struct task *task;
	struct error *err = NULL;

	if (!word && !request->tasks)
		return show_panic_cpu(request);
	if (!word && !(err = analysis_task(request->analysis, &task)))
		return show_task(request, task);
	for (; word && !err; word = cli_operand(request->cli))
		if (!(err = parse_task(request->analysis, word, &task)))
			err = show_task(request, task);
	return err;
}

/* Tasks are known by types, which a kernel may be without; its CPUs have registers all the same. */
static struct error *find_tasks(struct request *request)
{
	struct error *err = analysis_tasks(request->analysis, &request->tasks);

	if (!err || err->code != ERROR_NOT_FOUND || request->cli->next < request->cli->argc ||
	    request->stack)
		return err;
	cli_say(request->cli, "%s: %s: only CPUs are shown", request->analysis->path, err->message);
	error_destroy(err);
	return NULL;
}

static int run(struct analysis *analysis, struct cli *cli)
{
	struct request request = {
		.analysis = analysis,
		.cli = cli,
		.format = {.out = stdout},
	};
	struct error *err = parse(&request);

	if (err || (err = analysis_unwinder(analysis, &request.unwinder)) ||
	    (err = find_tasks(&request)) ||
	    (request.stack && (err = parse_address(analysis, request.stack, &request.sp))))
		return cli_fail(cli, err);
	rows_begin(&request.rows, stdout, cli->json, "bt");
	rows_begin_list(&request.rows, "traces", "");
	err = request.all || request.cpus ? show_cpus(&request) : show_operands(&request);
	rows_end_list(&request.rows);
	rows_end(&request.rows);
	trace_deinit(&request.trace);
	return err ? cli_fail(cli, err) : CLI_DONE;
}

const struct command command_bt = {
	.name = "bt",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP bt [options] [PID | TASK]...\n"
			     "DUMP bt [options] -a | -c CPU[,CPU...]",
		 .summary = "Backtraces: of these tasks, without one of the task that panicked.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = run,
	.names_task = true,
};
