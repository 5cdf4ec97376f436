// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "analyze/command.h"
#include "analyze/sys.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/knowledge.h"
#include "kernel/modules.h"
#include "kernel/percpu.h"
#include "kernel/system.h"
#include "util/rows.h"

#define LOAD_SHIFT 11 /* FSHIFT of include/linux/sched/loadavg.h */

static const struct cli_option options[] = {
	{'t', NULL, NULL, "only what taints the kernel"},
};

static void add_text(struct rows *rows, const char *key, const char *label, const char *text)
{
	if (*text)
		rows_text(rows, key, label, text);
}

/* "0.87, 0.22, 0.08" */
static void add_load(struct rows *rows, struct kernel *kernel)
{
	uint8_t word = kernel->dump->facts.word;
	uint64_t avenrun, load[3];
	char text[80];

	if (!kernel_lookup(kernel, "avenrun", &avenrun))
		return;
	for (unsigned int i = 0; i < 3; i++) {
		if (!kernel_read_word(kernel, avenrun + (uint64_t)word * i, &load[i]) ||
		    load[i] >> 32)
			return;
		load[i] = (load[i] * 100 + (1 << (LOAD_SHIFT - 1))) >> LOAD_SHIFT;
	}
	snprintf(text, sizeof(text),
		 "%" PRIu64 ".%02" PRIu64 ", %" PRIu64 ".%02" PRIu64 ", %" PRIu64 ".%02" PRIu64,
		 load[0] / 100, load[0] % 100, load[1] / 100, load[1] % 100, load[2] / 100,
		 load[2] % 100);
	rows_text(rows, "load_average", "LOAD AVERAGE", text);
}

/* The idle tasks are not counted by the kernel, and shown by ps. */
static void add_tasks(struct rows *rows, struct kernel *kernel)
{
	_cleanup_percpu_ struct percpu *percpu = NULL;
	uint64_t nr;

	if (!kernel_variable(kernel, "nr_threads", 4, &nr) ||
	    error_ignore(percpu_create(kernel, &percpu)))
		return;
	for (unsigned int cpu = 0; cpu < percpu->nr; cpu++)
		nr += percpu->cpus[cpu].present;
	rows_number(rows, "tasks", "TASKS", nr);
}

void sys_taint_row(struct rows *rows, struct analysis *analysis)
{
	struct kernel *kernel = analysis->kernel;
	char text[100];
	uint64_t mask;
	int len;

	if (!kernel_variable(kernel, "tainted_mask", kernel->dump->facts.word, &mask))
		return;
	if (rows->as_json)
		rows_hex(rows, "tainted_mask", "", mask);
	len = snprintf(text, sizeof(text), rows->as_json ? "" : "%" PRIx64 "  ", mask);
	for (unsigned int bit = 0; bit < 64; bit++)
		if (mask >> bit & 1)
			text[len++] = taint_letter(bit);
	text[len] = '\0';
	rows_text(rows, "taint", "TAINTED_MASK", text);
}

/* The labels and their order are those of crash. */
void sys_rows(struct rows *rows, struct analysis *analysis, const struct system_info *info)
{
	rows_text(rows, "path", "DUMPFILE", analysis->path);
	if (info->nr_cpus)
		rows_number(rows, "cpus", "CPUS", info->nr_cpus);
	if (info->crash_time)
		rows_time(rows, "crash_time", "DATE", info->crash_time);
	if (info->uptime_nsec >= 0)
		rows_duration(rows, "uptime", "UPTIME", (uint64_t)info->uptime_nsec);
	add_load(rows, analysis->kernel);
	add_tasks(rows, analysis->kernel);
	add_text(rows, "nodename", "NODENAME", info->uts.nodename);
	add_text(rows, "release", "RELEASE", info->uts.release);
	add_text(rows, "version", "VERSION", info->uts.version);
	add_text(rows, "machine", "MACHINE", info->uts.machine);
	rows_size(rows, "memory", "MEMORY", info->memory);
	add_text(rows, "panic", "PANIC", info->panic);
	if (info->panic_pid >= 0)
		rows_number(rows, "panic_pid", "PID", (uint64_t)info->panic_pid);
	add_text(rows, "panic_command", "COMMAND", info->panic_comm);
	if (info->panic_cpu >= 0)
		rows_number(rows, "panic_cpu", "CPU", (uint64_t)info->panic_cpu);
}

static int sys(struct analysis *analysis, struct cli *cli)
{
	struct system_info info;
	struct error *err;
	struct rows rows;
	bool taint = false;

	while (cli_next(cli) != -1)
		taint = true;
	if (cli_operand(cli))
		return cli_fail(cli, error_create(ERROR_USAGE, "sys takes no operands"));
	if ((err = analysis_open(analysis)))
		return cli_fail(cli, err);
	if (!taint)
		err = system_info_read(analysis->kernel, &info);
	rows_begin(&rows, stdout, cli->json, "sys");
	if (taint)
		sys_taint_row(&rows, analysis);
	else
		sys_rows(&rows, analysis, &info);
	rows_end(&rows);
	if (!err)
		return CLI_DONE;
	cli_fail(cli, err);
	return CLI_DAMAGED;
}

const struct command command_sys = {
	.name = "sys",
	.tool = {.name = COMMAND_TOOL,
		 .synopsis = "DUMP sys [-t]",
		 .summary = "The machine, its kernel, when and why it died.",
		 .options = options,
		 .nr_options = sizeof(options) / sizeof(options[0])},
	.run = sys,
};
