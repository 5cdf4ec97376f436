// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/reader.h"

#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "dump/format.h"
#include "dump/machine.h"
#include "dump/vmcoreinfo.h"
#include "util/checked.h"
#include "util/file.h"
#include "util/sys.h"

/* Probed in this order: Xen's cores are ELF files too. */
const struct dump_format *const dump_formats[] = {
	&xen_format,  &elf_format,     &kdump_format,    &flattened_format,
	&raw_format,  &lime_format,    &ramdump_format,  &avml_format,
	&vmss_format, &s390_format,    &lkcd_format,     &sadump_format,
	&qevm_format, &libvirt_format, &pagedump_format, &hibernation_format,
};
const size_t dump_nr_formats = sizeof(dump_formats) / sizeof(dump_formats[0]);

uint64_t dump_file_end(const struct file *file)
{
	return file->proc ? INT64_MAX : file->size;
}

enum dump_status dump_why(struct dump_scratch *scratch, const char *fmt, ...)
{
	int n = snprintf(scratch->why, sizeof(scratch->why),
			 "%.80s: ", scratch->reader->file->path);
	va_list args;

	va_start(args, fmt);
	vsnprintf(scratch->why + n, sizeof(scratch->why) - (size_t)n, fmt, args);
	va_end(args);
	return DUMP_UNREADABLE;
}

/* Of the byte at off of the file; the name is that of the file behind it. */
static void read_failed(struct dump_scratch *scratch, uint64_t off, int errnum)
{
	const char *path = file_where(scratch->reader->file, &off);
	char reason[64];

	snprintf(scratch->why, sizeof(scratch->why), "%.80s: read at offset %#llx: %s", path,
		 (unsigned long long)off,
		 errnum ? strerror_r(errnum, reason, sizeof(reason)) : "the file ends there");
}

void dump_warn(struct dump_reader *reader, const char *fmt, ...)
{
	va_list args;
	int n;

	if (reader->warning[0])
		return;
	n = snprintf(reader->warning, sizeof(reader->warning), "%.80s: ", reader->file->path);
	va_start(args, fmt);
	vsnprintf(reader->warning + n, sizeof(reader->warning) - (size_t)n, fmt, args);
	va_end(args);
}

size_t dump_pread(struct dump_scratch *scratch, uint64_t off, void *buf, size_t len)
{
	const struct file *file = scratch->reader->file;
	size_t got = 0;
	ssize_t n = 0;

	if (off > INT64_MAX - len) {
		dump_why(scratch, "offset %#llx is out of any file", (unsigned long long)off);
		return 0;
	}
	while (got < len) {
		n = file_pread(file, off + got, (char *)buf + got, len - got);
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	if (got < len)
		read_failed(scratch, off + got, n ? errno : 0);
	return got;
}

struct error *dump_read_blob(struct dump_reader *reader, const char *what, uint64_t off,
			     uint64_t size, size_t max, void **buf, size_t *len)
{
	uint64_t end = dump_file_end(reader->file);
	size_t done = 0;
	struct error *err;
	char *p;

	if (!size)
		return NULL;
	if (size > max - *len || off > end || size > end - off) {
		dump_warn(reader, "%s at offset %#llx, %#llx bytes: left out, %s", what,
			  (unsigned long long)off, (unsigned long long)size,
			  size > max - *len ? "too large" : "beyond the end of the file");
		return NULL;
	}
	p = sys_realloc(*buf, *len + size);
	if (!p)
		return &error_nomem;
	*buf = p;
	if ((err = file_read(reader->file, off, p + *len, size, &done))) {
		dump_warn(reader, "%s at offset %#llx: left out, read error", what,
			  (unsigned long long)off);
		error_destroy(err);
	}
	*len += done;
	return NULL;
}

static void fill(char *field, const char *text)
{
	if (text && !field[0])
		snprintf(field, DUMP_UTS_LEN, "%s", text);
}

struct error *dump_complete(struct dump_facts *facts)
{
	const struct machine *machine = machine_find(facts->machine, facts->word,
						     facts->big_endian);
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	struct error *err;

	if ((err = vmcoreinfo_create(facts->vmcoreinfo, facts->vmcoreinfo_len, &info)))
		return err;
	fill(facts->uts.release, vmcoreinfo_text(info, "OSRELEASE"));
	if (facts->uts.release[0])
		fill(facts->uts.sysname, "Linux");
	if (machine && !machine_find_name(facts->uts.machine))
		facts->uts.machine[0] = '\0'; // "Unknown", says QEMU
	fill(facts->uts.machine, machine ? machine->name : NULL);
	if (!facts->time_sec)
		vmcoreinfo_dec(info, "CRASHTIME", &facts->time_sec);
	return NULL;
}

static struct error *unknown_format(const char *path, const struct bytes *head)
{
	char hex[3 * 16 + 1] = "";

	if (!head->len)
		return error_create(ERROR_FORMAT, "%s: the file is empty", path);
	for (size_t i = 0; i < head->len && i < 16; i++)
		snprintf(hex + 3 * i, 4, " %02x", head->data[i]);
	return error_create(ERROR_FORMAT,
			    "%s: not a dump that we know, it begins with%s (of raw "
			    "memory say FILE@ADDRESS)",
			    path, hex);
}

const struct dump_format *dump_find_format(const struct bytes *head)
{
	for (size_t i = 0; i < dump_nr_formats; i++) {
		if (dump_formats[i]->probe(head))
			return dump_formats[i];
	}
	return NULL;
}

static struct error *open_file(struct file *file, const struct dump_open_options *options,
			       bool contained, struct dump_reader **ret)
{
	const struct dump_format *format;
	uint8_t buf[DUMP_PROBE_LEN];
	struct bytes head;
	struct error *err;
	size_t len = 0;

	if ((err = file_read(file, 0, buf, sizeof(buf), &len)))
		return err;
	head = bytes_make(buf, len, false, 8);
	format = dump_find_format(&head);
	if (!format)
		return unknown_format(file->path, &head);
	if (!format->open || (contained && format == &flattened_format))
		return error_create(ERROR_UNSUPPORTED, "%s: is a %s%s, which we cannot read",
				    file->path, format->description,
				    contained ? " in a container" : "");
	if ((err = format->open(file, options, ret)))
		return err;
	(*ret)->format = (*ret)->format ? (*ret)->format : format;
	return NULL;
}

struct error *dump_open_file(struct file *file, const struct dump_open_options *options,
			     struct dump_reader **ret)
{
	return open_file(file, options, false, ret);
}

struct error *dump_open_payload(struct file *file, const struct dump_open_options *options,
				struct dump_reader **ret)
{
	return open_file(file, options, true, ret);
}

struct error *dump_open(const char *path, struct dump_reader **ret)
{
	return dump_open_inputs(&path, 1, NULL, ret);
}

void dump_close(struct dump_reader *reader)
{
	if (reader)
		reader->ops->destroy(reader);
}

struct error *dump_scratch_create(const struct dump_reader *reader, struct dump_scratch **ret)
{
	return reader->ops->scratch_create(reader, ret);
}

void dump_scratch_destroy(struct dump_scratch *scratch)
{
	if (scratch)
		scratch->reader->ops->scratch_destroy(scratch);
}

enum dump_status dump_read(const struct dump_reader *reader, struct dump_scratch *scratch,
			   uint64_t paddr, void *buf, size_t len, size_t *done)
{
	*done = 0;
	return reader->ops->read(reader, scratch, paddr, buf, len, done);
}

bool dump_read_full(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		    void *buf, size_t len)
{
	size_t done;

	return dump_read(reader, scratch, paddr, buf, len, &done) == DUMP_OK;
}

void dump_next_run(const struct dump_reader *reader, struct dump_scratch *scratch, uint64_t paddr,
		   struct dump_run *ret)
{
	*ret = (struct dump_run){.start = reader->facts.max_paddr, .end = UINT64_MAX};
	ret->status = DUMP_ABSENT;
	if (paddr < reader->facts.max_paddr)
		reader->ops->run(reader, scratch, paddr, ret);
}
