// SPDX-License-Identifier: GPL-2.0-or-later
#include "dump/kdump_front.h"

#include "dump/flattened.h"
#include "dump/writer.h"
#include "util/checked.h"

struct error *kdump_front_header(struct kdump_header *header, const struct dump_facts *facts,
				 const struct writer_notes *notes,
				 const struct dump_writer_options *options, const char *path)
{
	uint64_t note = facts->block_size + (uint64_t)KDUMP_SUB_LEN;
	uint64_t nr;

	if (!is_power_of_two(facts->block_size) || facts->block_size < KDUMP_MIN_BLOCK ||
	    facts->block_size > KDUMP_MAX_BLOCK || facts->max_paddr >> KDUMP_MAX_PADDR_SHIFT)
		return error_create(ERROR_UNSUPPORTED,
				    "%s: no kdump file can have blocks of %u bytes up to "
				    "address %#llx",
				    path, facts->block_size, (unsigned long long)facts->max_paddr);
	nr = div_round_up(facts->max_paddr, facts->block_size);
	*header = (struct kdump_header){
		.abi = kdump_abi_of(facts->machine, facts->word, facts->big_endian),
		.uts = facts->uts,
		.big_endian = facts->big_endian,
		.time_sec = facts->time_sec,
		.time_usec = facts->time_usec,
		.status = options->codec ? options->codec->id : CODEC_NONE,
		.block_size = facts->block_size,
		.nr_cpus = facts->nr_cpus,
		.phys_base = facts->phys_base,
		.dump_level = facts->dump_level,
		.size_vmcoreinfo = notes->vmcoreinfo_len,
		.size_note = notes->len,
		.size_eraseinfo = notes->eraseinfo_len,
	};
	if (facts->incomplete)
		header->status |= KDUMP_STATUS_INCOMPLETE;
	if (header->size_vmcoreinfo)
		header->off_vmcoreinfo = note + notes->vmcoreinfo_off;
	if (header->size_note)
		header->off_note = note;
	if (header->size_eraseinfo)
		header->off_eraseinfo = note + notes->eraseinfo_off;
	header->max_mapnr = nr - min_u64(nr, kdump_first_pfn(header));
	header->bitmap_blocks = (uint32_t)(2 * kdump_bitmap_blocks(header->max_mapnr,
								   header->block_size));
	return NULL;
}

uint64_t kdump_front_end(const struct kdump_header *header, const struct writer_notes *notes)
{
	return header->block_size + (uint64_t)KDUMP_SUB_LEN + notes->len;
}

struct error *kdump_front_write(struct sink *sink, const struct kdump_header *header,
				const struct writer_notes *notes)
{
	uint8_t main[KDUMP_MAIN_LEN], sub[KDUMP_SUB_LEN];
	uint64_t off = header->block_size;
	struct error *err;

	kdump_header_encode(header, main, sub);
	err = sink_write(sink, off, sub, sizeof(sub));
	return err ? err : sink_write(sink, off + sizeof(sub), notes->data, notes->len);
}
