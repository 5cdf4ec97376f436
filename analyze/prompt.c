// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyze/prompt.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command.h"
#include "util/file.h"
#include "util/sys.h"

#define PROMPT     "vmcore> "
#define MAX_SCRIPT (16U << 20)
#define PIECE      65536U

// a signal handler is given nothing but the number
static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* Ends a command that runs, and nothing else. */
static void catch_interrupts(struct analysis *analysis)
{
	struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	analysis->stop = &interrupted;
}

int prompt_run(struct analysis *analysis)
{
	struct error *err = analysis_open(analysis);
	int code = CLI_DONE;
	size_t len;

	if (err)
		return cli_fail(analysis->cli, err);
	command_run_script(analysis, "sys");
	catch_interrupts(analysis);
	while (!analysis->done) {
		_cleanup_free_ char *line = prompt_read_line(PROMPT);

		if (!line)
			break;
		interrupted = 0;
		for (const char *at = line; *at && !analysis->done; at += len + (at[len] != '\0'))
			code = command_run_line(analysis, at, &len);
	}
	analysis->stop = NULL;
	return analysis->done ? CLI_DONE : code;
}

static struct error *read_stream(char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	ssize_t got;

	do {
		char *grown = sys_realloc(text, len + PIECE + 1);

		if (!grown)
			return &error_nomem;
		text = grown;
		got = sys_read(0, text + len, PIECE);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0 && len < MAX_SCRIPT);
	text[len] = '\0';
	*ret = TAKE_PTR(text);
	return NULL;
}

static struct error *read_file(const char *path, char **ret)
{
	_cleanup_file_ struct file *file = NULL;
	_cleanup_free_ char *text = NULL;
	struct error *err = file_open(path, &file);
	size_t len;

	if (err)
		return err;
	if (file->size > MAX_SCRIPT)
		return error_create(ERROR_USAGE, "%s: too long for commands", path);
	text = sys_malloc((size_t)file->size + 1);
	if (!text)
		return &error_nomem;
	if ((err = file_read(file, 0, text, (size_t)file->size, &len)))
		return err;
	text[len] = '\0';
	*ret = TAKE_PTR(text);
	return NULL;
}

int prompt_run_file(struct analysis *analysis, const char *path)
{
	_cleanup_free_ char *text = NULL;
	struct error *err = strcmp(path, "-") ? read_file(path, &text) : read_stream(&text);

	return err ? cli_fail(analysis->cli, err) : command_run_script(analysis, text);
}
