/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of vmcore-filter share. */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "dump/job.h"
#include "kernel/job.h"
#include "kernel/keep.h"
#include "kernel/open.h"
#include "util/cli.h"

enum filter_mode {
	FILTER_DUMP, /**< the default */
	FILTER_INFO,
	FILTER_MEM_USAGE,
	FILTER_DMESG,
	FILTER_VTOP,
};

/** Room for the lists that --keep grows. */
struct keep_list {
	struct keep_options options; /**< points into what follows */
	int32_t *pids;
	struct range *ranges;
};

struct filter {
	struct cli cli;
	struct dump_job_options options;
	enum filter_mode mode;
	const char *source, *target;
	const char *vmcoreinfo; /**< -i */
	const char *vmlinux;    /**< -x */
	uint64_t vaddr;         /**< --vtop */
	unsigned int level;     /**< bits that --exclude adds to every level */
	bool partial, per_node;
	struct keep_list keep;

	struct dump_reader *dump;
	struct kernel_opened opened;
	struct dump_job job;
	struct kernel_job kernel_job;
};

/** Adds one --keep=WHAT. */
struct error *keep_list_add(struct keep_list *list, const char *what);
void keep_list_deinit(struct keep_list *list);

/** --mem-usage: prints the table, or one JSON object; the source is open. Returns an exit code. */
int mem_usage(struct filter *filter);

/** --vtop. */
int vtop(struct filter *filter);

#endif
