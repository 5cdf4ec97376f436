// SPDX-License-Identifier: GPL-2.0-or-later
/* vmcore-filter: leaves page types out of a dump. See man/vmcore-filter.8. */
#include "filter/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/reader.h"
#include "kernel/exclude.h"
#include "kernel/info.h"
#include "kernel/kernel.h"
#include "kernel/printk_save.h"
#include "util/rows.h"
#include "util/stop.h"

enum {
	OPT_EXCLUDE = JOB_OPT_TOOL,
	OPT_KEEP,
	OPT_KEEP_GOING,
	OPT_INFO,
	OPT_MEM_USAGE,
	OPT_PER_NODE,
	OPT_DUMP_DMESG,
	OPT_PARTIAL,
	OPT_VTOP,
};

static const struct cli_option options[] = {
	DUMP_JOB_LEVEL_OPTIONS,
	{OPT_EXCLUDE, "exclude", "NAME[,NAME...]",
	 "leave out by name: zero, cache, private-cache, user,\nfree, zsmalloc, pagetable-user, "
	 "pcp-free"},
	{OPT_KEEP, "keep", "WHAT", "keep task:PID, user-stacks or range:START-END"},
	{OPT_KEEP_GOING, "keep-going", NULL,
	 "keep every page when the kernel is not understood\nwell enough for the level"},
	{'i', NULL, "FILE", "take VMCOREINFO from this text"},
	DUMP_JOB_OPTIONS,
	{OPT_INFO, "info", "FILE", "say what FILE is and what it lacks, and nothing else"},
	{OPT_MEM_USAGE, "mem-usage", NULL,
	 "only count the pages of each type, and estimate the\nsize of a dump at each level"},
	{OPT_PER_NODE, "per-node", NULL, "with it: for each node of the machine too"},
	{OPT_DUMP_DMESG, "dump-dmesg", NULL, "write only the kernel log, to TARGET"},
	{OPT_PARTIAL, "partial-dmesg", NULL, "with it: only what came after the last dmesg -c"},
	{OPT_VTOP, "vtop", "ADDRESS", "only translate a virtual address of the kernel"},
};

static const struct cli_tool tool = {
	.name = "vmcore-filter",
	.synopsis = "[options] SOURCE TARGET\n-F [options] SOURCE >FILE\n"
		    "--mem-usage [--per-node] SOURCE\n"
		    "--dump-dmesg [--partial-dmesg] SOURCE TARGET\n"
		    "--vtop ADDRESS SOURCE\n--info FILE",
	.summary =
		"Leaves page types out of a dump. SOURCE is any dump that vmcore-convert --list\n"
		"calls readable; TARGET a file, a block device or -.",
	.options = options,
	.nr_options = sizeof(options) / sizeof(options[0]),
};

static void filter_deinit(struct filter *f)
{
	dump_job_deinit(&f->job);
	kernel_job_deinit(&f->kernel_job);
	kernel_opened_deinit(&f->opened);
	dump_close(f->dump);
	keep_list_deinit(&f->keep);
	cli_deinit(&f->cli);
}

static struct error *set_mode(struct filter *f, enum filter_mode mode)
{
	if (f->mode != FILTER_DUMP && f->mode != mode)
		return error_create(ERROR_USAGE, "--info, --mem-usage, --dump-dmesg and --vtop do "
						 "not go together");
	f->mode = mode;
	return NULL;
}

static struct error *take_option(struct filter *f, int value)
{
	const char *arg = f->cli.arg;
	struct error *err;

	switch (value) {
	case OPT_EXCLUDE: return exclude_parse(arg, &f->level, &f->kernel_job.classes);
	case OPT_KEEP: return keep_list_add(&f->keep, arg);
	case OPT_KEEP_GOING: f->kernel_job.keep_going = true; return NULL;
	case 'i': f->vmcoreinfo = arg; return NULL;
	case OPT_INFO: f->source = arg; return set_mode(f, FILTER_INFO);
	case OPT_MEM_USAGE: return set_mode(f, FILTER_MEM_USAGE);
	case OPT_PER_NODE: f->per_node = true; return NULL;
	case OPT_DUMP_DMESG: return set_mode(f, FILTER_DMESG);
	case OPT_PARTIAL: f->partial = true; return NULL;
	case OPT_VTOP:
		err = cli_parse_number("address", arg, 0, UINT64_MAX, &f->vaddr);
		return err ? err : set_mode(f, FILTER_VTOP);
	default: return dump_job_option(&f->options, value, arg);
	}
}

static struct error *take_operands(struct filter *f)
{
	if (f->mode == FILTER_DUMP || f->mode == FILTER_DMESG)
		return dump_job_operands(&f->options, &f->cli, &f->source, &f->target);
	if (f->mode != FILTER_INFO && !(f->source = cli_operand(&f->cli)))
		return error_create(ERROR_USAGE, "SOURCE is missing, see --help");
	if (cli_operand(&f->cli))
		return error_create(ERROR_USAGE, "%s takes one FILE",
				    f->mode == FILTER_INFO        ? "--info"
				    : f->mode == FILTER_MEM_USAGE ? "--mem-usage"
								  : "--vtop");
	return NULL;
}

static struct error *parse(struct filter *f, int argc, char **argv)
{
	struct error *err = NULL;
	int value;

	dump_job_options_init(&f->options, 0);
	cli_init(&f->cli, &tool, argc, argv);
	while (!err && (value = cli_next(&f->cli)) != -1)
		err = take_option(f, value);
	if (err || (err = dump_job_options_finish(&f->options, &f->cli)))
		return err;
	for (size_t i = 0; i < f->options.nr_levels; i++)
		f->options.levels[i] |= f->level;
	return take_operands(f);
}

static struct error *open_source(struct filter *f)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	struct error *err;

	if ((f->vmcoreinfo && (err = vmcoreinfo_load(f->vmcoreinfo, &text, &len))) ||
	    (err = dump_open(f->source, &f->dump)) ||
	    (err = kernel_open_best(f->dump, text, len, &f->opened)))
		return err;
	if (f->opened.source && f->cli.verbose)
		cli_say(&f->cli, "%s: VMCOREINFO is from %s", f->source, f->opened.source);
	return NULL;
}

static int print_info(struct filter *f)
{
	struct error *err;
	struct rows rows;

	rows_begin(&rows, stdout, f->cli.json, "info");
	err = kernel_info(&rows, f->opened.kernel);
	rows_end(&rows);
	return err ? cli_fail(&f->cli, err) : cli_close_stdout(&f->cli, CLI_DONE);
}

static int save_log(struct filter *f)
{
	const struct printk_save_options how = {.force = f->options.force, .partial = f->partial};
	struct printk_summary summary;
	struct error *err = printk_save(f->opened.kernel, f->target, &how, &summary);

	if (err)
		return cli_fail(&f->cli, err);
	return cli_close_stdout(&f->cli,
				summary.dropped && !f->options.usable ? CLI_DAMAGED : CLI_DONE);
}

static struct error *run(struct filter *f)
{
	struct kernel_job *kj = &f->kernel_job;
	const struct keep_options *keep = &f->keep.options;
	struct error *err;

	kernel_job_attach(kj, f->opened.kernel);
	kj->thorough = true;
	if (keep->nr_pids || keep->user_stacks || keep->nr_ranges)
		kj->keep = keep;
	dump_job_phase(&f->job, "open");
	if ((err = kernel_job_prepare(kj)))
		return err;
	if (!f->job.facts.vmcoreinfo) { // the new dump has what was missing
		f->job.facts.vmcoreinfo = f->opened.vmcoreinfo;
		f->job.facts.vmcoreinfo_len = f->opened.vmcoreinfo_len;
	}
	return dump_job_run(&f->job);
}

int main(int argc, char **argv)
{
	_cleanup_(filter_deinit) struct filter f = {0};
	struct error *err = parse(&f, argc, argv);

	if (err)
		return cli_fail(&f.cli, err);
	dump_job_init(&f.job, &f.options);
	f.kernel_job.job = &f.job;
	f.job.target_path = f.target;
	f.job.stop = stop_install();
	err = open_source(&f);
	if (err && f.mode != FILTER_DUMP)
		return cli_fail(&f.cli, err);
	switch (f.mode) {
	case FILTER_INFO: return print_info(&f);
	case FILTER_MEM_USAGE: return mem_usage(&f);
	case FILTER_DMESG: return save_log(&f);
	case FILTER_VTOP: return vtop(&f);
	default: break;
	}
	if (!err)
		err = run(&f);
	return kernel_job_end(&f.kernel_job, &f.cli, "filter", err);
}
