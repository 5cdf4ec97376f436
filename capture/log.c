// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/printk_text.h"
#include "util/cleanup.h"
#include "util/file.h"

static struct error *print_to(struct kernel *kernel, int fd, const char *path,
			      struct printk_summary *summary)
{
	static const struct printk_format as_dmesg;
	_cleanup_close_ int copy = dup(fd);
	FILE *out = copy < 0 ? NULL : fdopen(copy, "w");
	struct error *err, *full = NULL;

	if (!out)
		return error_os(errno, "%s", path);
	TAKE_FD(copy);
	err = printk_print_all(kernel, &as_dmesg, out, summary);
	if (ferror(out) | fclose(out))
		full = error_os(errno, "%s", path);
	if (!err)
		return full;
	error_destroy(full);
	return err;
}

struct error *log_save(struct kernel *kernel, const char *path, bool force,
		       struct printk_summary *summary)
{
	const struct target_options how = {.force = force};
	_cleanup_target_ struct target *target = NULL;
	struct error *err, *commit;

	*summary = (struct printk_summary){0};
	if (!strcmp(path, "-"))
		return print_to(kernel, STDOUT_FILENO, path, summary);
	if ((err = target_create(path, &how, &target)))
		return err;
	err = print_to(kernel, target->fd, path, summary);
	if (err && !summary->records)
		return err;
	commit = target_commit(target);
	if (!err)
		return commit;
	error_destroy(commit);
	return err;
}
