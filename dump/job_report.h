/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the writing tools tell people and scripts about a finished job. */
#ifndef DUMP_JOB_REPORT_H
#define DUMP_JOB_REPORT_H

#include "dump/job.h"
#include "util/cli.h"
#include "util/json.h"

/**
 * The end of a writing tool: says on stderr what went wrong (err, which it takes, may be NULL),
 * what the source lacked and what was written, with -v where the time went; with --json puts the
 * report object on stdout, to which more (may be NULL) adds the tool's own members. Returns the
 * exit code.
 */
int dump_job_end(const struct dump_job *job, const struct cli *cli, const char *command,
		 struct error *err, void (*more)(void *arg, struct json *json), void *arg);

#endif
