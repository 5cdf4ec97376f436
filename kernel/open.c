// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/open.h"

#include <string.h>

#include "dump/notes.h"
#include "dump/reader.h"
#include "kernel/find.h"
#include "kernel/kernel.h"
#include "util/file.h"
#include "util/sys.h"

void kernel_opened_deinit(struct kernel_opened *opened)
{
	kernel_close(opened->kernel);
	free(opened->vmcoreinfo);
	*opened = (struct kernel_opened){0};
}

static struct error *keep_text(struct kernel_opened *opened, const char *text, size_t len,
			       const char *source)
{
	opened->vmcoreinfo = sys_malloc(len + 1);
	if (!opened->vmcoreinfo)
		return &error_nomem;
	memcpy(opened->vmcoreinfo, text, len);
	opened->vmcoreinfo_len = len;
	opened->source = source;
	return NULL;
}

static struct error *open_with(const struct dump_reader *dump, struct kernel_opened *opened)
{
	const struct kernel_options how = {
		.vmcoreinfo = opened->vmcoreinfo,
		.vmcoreinfo_len = opened->vmcoreinfo_len,
	};

	return kernel_open(dump, &how, &opened->kernel);
}

/* What the memory tells replaces what the file has only if it is better. */
static struct error *find(const struct dump_reader *dump, struct kernel_opened *ret)
{
	_cleanup_(kernel_opened_deinit) struct kernel_opened opened = {0};
	_cleanup_found_ struct find_result *found = NULL;
	const struct find_options how = {0};
	const struct found_kernel *best;
	struct error *err = kernel_find(dump, &how, &found);

	if (err)
		return err;
	if (!found->nr || !found->kernels[0]->vmcoreinfo)
		return NULL;
	best = found->kernels[0];
	if ((err = keep_text(&opened, best->vmcoreinfo, best->vmcoreinfo_len,
			     found_source_names[best->source])) ||
	    (err = open_with(dump, &opened)))
		return err;
	if (opened.kernel->translates) {
		struct kernel_opened old = *ret;

		*ret = opened;
		opened = old;
	}
	return NULL;
}

struct error *kernel_open_best(const struct dump_reader *dump, const char *text, size_t len,
			       struct kernel_opened *ret)
{
	_cleanup_(kernel_opened_deinit) struct kernel_opened opened = {0};
	struct error *err;

	if ((text && (err = keep_text(&opened, text, len, "the text given"))) ||
	    (err = open_with(dump, &opened)))
		return err;
	if (!text && !opened.kernel->translates && (err = find(dump, &opened)))
		return err;
	*ret = opened;
	opened = (struct kernel_opened){0};
	return NULL;
}

struct error *vmcoreinfo_load(const char *path, char **ret, size_t *len)
{
	_cleanup_file_ struct file *file = NULL;
	_cleanup_free_ char *buf = sys_malloc(VMCOREINFO_MAX_LEN);
	struct error *err;

	if (!buf)
		return &error_nomem;
	if ((err = file_open(path, &file)) ||
	    (err = file_read(file, 0, buf, VMCOREINFO_MAX_LEN, len)))
		return err;
	if (!memmem(buf, *len, "=", 1))
		return error_create(ERROR_FORMAT, "%s: no line of it is KEY=VALUE", path);
	*ret = TAKE_PTR(buf);
	return NULL;
}
