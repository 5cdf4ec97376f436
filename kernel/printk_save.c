// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk_save.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/printk_text.h"
#include "util/cleanup.h"
#include "util/file.h"

static struct error *print_to(struct kernel *kernel, int fd, const char *path, bool partial,
			      struct printk_summary *summary)
{
	_cleanup_close_ int copy = dup(fd);
	FILE *out = copy < 0 ? NULL : fdopen(copy, "w");
	const struct printk_format as_dmesg = {.partial = partial};
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

struct error *printk_save(struct kernel *kernel, const char *path,
			  const struct printk_save_options *options, struct printk_summary *summary)
{
	const struct target_options how = {.force = options->force};
	_cleanup_target_ struct target *target = NULL;
	struct error *err, *commit;

	*summary = (struct printk_summary){0};
	if (!strcmp(path, "-"))
		return print_to(kernel, STDOUT_FILENO, path, options->partial, summary);
	if ((err = target_create(path, &how, &target)))
		return err;
	err = print_to(kernel, target->fd, path, options->partial, summary);
	if (err && !summary->records)
		return err;
	commit = target_commit(target);
	if (!err)
		return commit;
	error_destroy(commit);
	return err;
}
