// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/command.h"
#include "analyze/line.h"
#include "util/sys.h"

#define PAGER "less"

/* Points stdout at fd, which it takes. */
static struct error *redirect(struct output *output, int fd)
{
	fflush(stdout);
	output->saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (output->saved < 0 || dup2(fd, STDOUT_FILENO) < 0)
		return error_os(errno, "%s", output->why);
	return NULL;
}

static struct error *open_pipe(struct output *output, const char *command)
{
	const char *pager = getenv("PAGER");

	if (!*command)
		command = pager && *pager ? pager : PAGER;
	output->why = command;
	fflush(stdout);
	output->pipe = popen(command, "we");
	return output->pipe ? redirect(output, fileno(output->pipe))
			    : error_os(errno, "%s", command);
}

static struct error *open_file(struct output *output, const char *path, bool append)
{
	int fd = sys_open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC),
			  0666);
	struct error *err;

	output->why = path;
	if (fd < 0)
		return error_os(errno, "%s", path);
	err = redirect(output, fd);
	close(fd);
	return err;
}

struct error *output_begin(struct output *output, struct analysis *analysis,
			   const struct line *line)
{
	struct error *err = NULL;

	*output = (struct output){.analysis = analysis, .saved = -1, .was_safe = analysis->safe};
	if (line->pipe) {
		err = open_pipe(output, line->pipe);
	} else if (line->file) {
		err = open_file(output, line->file, line->append);
		analysis->safe = false; // a file gets what the dump has
	}
	if (err)
		output_end(output, CLI_DONE);
	return err;
}

int output_end(struct output *output, int code)
{
	bool failed = fflush(stdout) || ferror(stdout);
	int errnum = errno;

	output->analysis->safe = output->was_safe;
	if (output->saved >= 0) {
		dup2(output->saved, STDOUT_FILENO);
		close(output->saved);
		clearerr(stdout);
	}
	if (output->pipe) {
		pclose(output->pipe);
		signal(SIGPIPE, SIG_DFL);
	}
	if (!output->why || !failed || errnum == EPIPE)
		return code;
	cli_say(output->analysis->cli, "%s: %s", output->why, strerror(errnum));
	return CLI_FAILED;
}
