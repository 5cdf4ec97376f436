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
	&xen_format,      &elf_format,  &kdump_format,   &flattened_format, &lime_format,
	&avml_format,     &vmss_format, &s390_format,    &lkcd_format,      &sadump_format,
	&pagedump_format, &qevm_format, &libvirt_format,
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
		n = sys_pread(file->fd, (char *)buf + got, len - got, (off_t)(off + got));
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	if (got < len) {
		unsigned long long pos = off + got;
		char reason[64];

		dump_why(scratch, "read at offset %#llx: %s", pos,
			 n ? strerror_r(errno, reason, sizeof(reason)) : "the file ends there");
	}
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

/* What the headers leave open and the notes know. */
static struct error *complete(struct dump_facts *facts)
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
	return error_create(ERROR_FORMAT, "%s: not a dump that we know, it begins with%s", path,
			    hex);
}

static const struct dump_format *find_format(const struct bytes *head)
{
	for (size_t i = 0; i < dump_nr_formats; i++) {
		if (dump_formats[i]->probe(head))
			return dump_formats[i];
	}
	return NULL;
}

struct error *dump_open(const char *path, struct dump_reader **ret)
{
	_cleanup_reader_ struct dump_reader *reader = NULL;
	_cleanup_file_ struct file *file = NULL;
	const struct dump_format *format;
	uint8_t buf[DUMP_PROBE_LEN];
	struct bytes head;
	struct error *err;
	size_t len = 0;

	if ((err = file_open(path, &file)) || (err = file_read(file, 0, buf, sizeof(buf), &len)))
		return err;
	head = bytes_make(buf, len, false, 8);
	format = find_format(&head);
	if (!format)
		return unknown_format(path, &head);
	if (!format->open)
		return error_create(ERROR_UNSUPPORTED, "%s: recognised as %s, which we cannot read",
				    path, format->description);
	if ((err = format->open(file, &reader)))
		return err;
	TAKE_PTR(file);
	reader->format = format;
	if ((err = complete(&reader->facts)))
		return err;
	*ret = TAKE_PTR(reader);
	return NULL;
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
	if (paddr >= reader->facts.max_paddr)
		*ret = (struct dump_run){reader->facts.max_paddr, UINT64_MAX, DUMP_ABSENT};
	else
		reader->ops->run(reader, scratch, paddr, ret);
}
