/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel adds to a job (dump/job.h): the page selector of each dump level that is tried, a
 * decision when the kernel is not understood well enough for it, facts for the headers of the dump,
 * and its part of the reports.
 */
#ifndef KERNEL_JOB_H
#define KERNEL_JOB_H

#include <stdbool.h>
#include <stdio.h>

#include "dump/job.h"
#include "kernel/check.h"
#include "kernel/system.h"
#include "util/error.h"

struct cli;
struct json;
struct keep_options;
struct kernel;
struct page_selector;
struct pages;

struct kernel_job {
	/* Set by the tool. */
	struct dump_job *job; /**< has to outlive this */
	bool keep_going;     /**< a level that is not possible becomes the best one that is, instead
			      * of an error; why then stands in lacking */
	bool valuable_first; /**< as in struct select_options */
	uint32_t classes;    /**< to be left out besides the level: bit per enum page_class */
	bool thorough;       /**< as in struct pages_options */
	const struct keep_options *keep; /**< likewise */
	/** Adds the tool's own members to the report object; may be NULL. */
	void (*report)(void *arg, struct json *json);
	void *report_arg;

	struct kernel *kernel;
	struct kernel *own;             /**< the same where kernel_job_open() made it; owned */
	struct pages *pages;            /**< owned; NULL when the kernel is not understood */
	struct check check;             /**< of the run */
	struct system_info system;      /**< what the kernel says of itself and of its end */
	struct page_selector *selector; /**< of the level tried last, or NULL; owned */
	struct error *lacking; /**< why not everything asked for could be left out; owned */
};

/** Opens the kernel of a dump, which becomes the source of the job and has to outlive this. */
struct error *kernel_job_open(struct kernel_job *kernel_job, const struct dump_reader *dump);

/** The same for a kernel that is open already, and has to outlive this. */
void kernel_job_attach(struct kernel_job *kernel_job, struct kernel *kernel);

void kernel_job_deinit(struct kernel_job *kernel_job);

/** dump_job_prepare(), facts that only the kernel knows, and what there is to know of its pages. */
struct error *kernel_job_prepare(struct kernel_job *kernel_job);

/** dump_job_end() with --show-stats, and the kernel's members in the JSON report. */
int kernel_job_end(struct kernel_job *kernel_job, const struct cli *cli, const char *command,
		   struct error *err);

#endif
