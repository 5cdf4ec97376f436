// SPDX-License-Identifier: GPL-2.0-or-later
/* Formats that we know by their first bytes, so that they can be named, but do not read. */
#include <elf.h>

#include "dump/format.h"

static bool begins(const struct bytes *head, const char *magic, size_t len)
{
	return head->len >= len && !memcmp(head->data, magic, len);
}

/* Xen's "xl dump-core" has sections and no program headers. */
static bool xen_probe(const struct bytes *head)
{
	bool big_endian = head->len > EI_DATA && head->data[EI_DATA] == ELFDATA2MSB;

	return head->len >= sizeof(Elf64_Ehdr) && begins(head, ELFMAG, SELFMAG) &&
	       head->data[EI_CLASS] == ELFCLASS64 &&
	       !load_u16(head->data + offsetof(Elf64_Ehdr, e_phnum), big_endian) &&
	       load_u16(head->data + offsetof(Elf64_Ehdr, e_shnum), big_endian);
}

/* vmss.h of crash: four generations of one magic. */
static bool vmss_probe(const struct bytes *head)
{
	uint32_t magic = head->len >= 4 ? load_u32(head->data, false) : 0;

	return magic == 0xbed0bed0 || magic == 0xbed2bed2 || magic == 0xbed3bed3 ||
	       magic == 0xbad1bad1 || magic == 0xbad2bad2;
}

static bool s390_probe(const struct bytes *head)
{
	return begins(head, "\xa8\x19\x01\x73\x61\x8f\x23\xfd", 8) ||
	       begins(head, "\xa8\x19\x01\x73\x61\x8f\x23\xfe", 8);
}

static bool lkcd_probe(const struct bytes *head)
{
	return begins(head, "\xa8\x19\x01\x73\x61\x8f\x23\xed", 8) ||
	       begins(head, "\xed\x23\x8f\x61\x73\x01\x19\xa8", 8);
}

static bool avml_probe(const struct bytes *head)
{
	return begins(head, "AVML", 4);
}

/* SWAPFILE's signature stands at the end of the first page, and is replaced by HIBERNATE_SIG
 * (kernel/power/swap.c). */
static bool hibernation_probe(const struct bytes *head)
{
	return head->len >= 4096 && !memcmp(head->data + 4096 - 10, "S1SUSPEND", 9);
}

static bool sadump_probe(const struct bytes *head)
{
	return begins(head, "sadump\0", 8);
}

static bool pagedump_probe(const struct bytes *head)
{
	return begins(head, "PAGEDUMP", 8) || begins(head, "PAGEDU64", 8);
}

#define RECOGNISED(id, text)                     \
	const struct dump_format id##_format = { \
		.name = #id,                     \
		.description = (text),           \
		.probe = id##_probe,             \
	}

RECOGNISED(xen, "Xen core of xl dump-core");
RECOGNISED(avml, "AVML memory image");
RECOGNISED(vmss, "VMware suspend state");
RECOGNISED(hibernation, "hibernation image in a swap partition or file");
RECOGNISED(sadump, "Fujitsu sadump");
RECOGNISED(s390, "s390 stand-alone dump");
RECOGNISED(lkcd, "LKCD dump");
RECOGNISED(pagedump, "Windows crash dump");
