// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/output.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"

static void slurp(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	assert_true(n >= 0);
	buf[n] = '\0';
	close(fd);
}

void output_of(int (*fn)(void *arg), void *arg, struct output *ret)
{
	int out = memfd_create("out", 0), err = memfd_create("err", 0), status = 0;
	pid_t pid;

	assert_true(out >= 0 && err >= 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		signal(SIGSEGV, SIG_DFL); // cmocka would go on with the next test
		exit(fn(arg));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ret->code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
	slurp(out, ret->out, sizeof(ret->out));
	slurp(err, ret->err, sizeof(ret->err));
}
