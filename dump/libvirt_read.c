// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What libvirt's save writes (struct virQEMUSaveHeader of its src/qemu/qemu_saveimage.h): 16 bytes
 * of magic, version, length of the description that follows the header, whether the guest ran, and
 * how the QEMU stream behind that is compressed, in the byte order of the host.
 */
#include <stdio.h>
#include <string.h>

#include "dump/format.h"
#include "dump/qemu_save.h"
#include "dump/unpack.h"
#include "util/file.h"

#define MAGIC_LEN   16U
#define HEADER_LEN  92U
#define MAX_VERSION 2U

/* By their number, qemuSaveFormat there. Sparse is mapped-ram. */
static const struct {
	const char *name;
	const struct unpack_method *method;
	bool plain;
} compressions[] = {
	{"raw", NULL, true},    {"gzip", &unpack_gzip, false}, {"bzip2", NULL, false},
	{"xz", NULL, false},    {"lzop", NULL, false},         {"zstd", &unpack_zstd, false},
	{"sparse", NULL, true},
};
#define NR_COMPRESSIONS (sizeof(compressions) / sizeof(compressions[0]))

struct header {
	uint32_t version, data_len, compression;
};

static struct error *read_header(const struct file *file, struct header *ret)
{
	uint8_t buf[HEADER_LEN];
	struct error *err = file_read_full(file, 0, buf, sizeof(buf));
	bool big_endian;

	if (err)
		return err;
	if (!memcmp(buf, "LibvirtQemudPart", MAGIC_LEN))
		return error_create(ERROR_FORMAT, "%s: a libvirt save that was not finished",
				    file->path);
	big_endian = load_u32(buf + MAGIC_LEN, false) > MAX_VERSION;
	ret->version = load_u32(buf + MAGIC_LEN, big_endian);
	ret->data_len = load_u32(buf + MAGIC_LEN + 4, big_endian);
	ret->compression = load_u32(buf + MAGIC_LEN + 12, big_endian);
	if (ret->version < 1 || ret->version > MAX_VERSION)
		return error_create(ERROR_UNSUPPORTED, "%s: libvirt save of version %u", file->path,
				    ret->version);
	if (ret->version == 1)
		ret->compression = 0;
	if (ret->compression >= NR_COMPRESSIONS)
		return error_create(ERROR_UNSUPPORTED, "%s: libvirt save with compression %u",
				    file->path, ret->compression);
	return NULL;
}

static struct error *libvirt_open(struct file *file, const struct dump_open_options *options,
				  struct dump_reader **ret)
{
	char variant[sizeof((*ret)->variant)];
	struct header header = {0};
	struct error *err = read_header(file, &header);
	const char *name;

	if (err)
		return err;
	name = compressions[header.compression].name;
	if (!compressions[header.compression].plain && !compressions[header.compression].method)
		return error_create(ERROR_UNSUPPORTED,
				    "%s: libvirt save compressed with %s; what \"%s -dc\" makes of "
				    "the bytes from %u on can be read",
				    file->path, name, name, HEADER_LEN + header.data_len);
	if ((err = qemu_open(file, HEADER_LEN + (uint64_t)header.data_len,
			     compressions[header.compression].method, options, ret)))
		return err;
	snprintf(variant, sizeof(variant), "%s, %.48s", name, (*ret)->variant);
	memcpy((*ret)->variant, variant, sizeof(variant));
	(*ret)->format = &libvirt_format;
	return NULL;
}

static bool libvirt_probe(const struct bytes *head)
{
	return head->len >= MAGIC_LEN && (!memcmp(head->data, "LibvirtQemudSave", MAGIC_LEN) ||
					  !memcmp(head->data, "LibvirtQemudPart", MAGIC_LEN));
}

const struct dump_format libvirt_format = {
	.name = "libvirt",
	.description = "libvirt save file",
	.plain = true,
	.probe = libvirt_probe,
	.open = libvirt_open,
};
