/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front of a kdump file that is written: headers made of facts, and notes. */
#ifndef DUMP_KDUMP_FRONT_H
#define DUMP_KDUMP_FRONT_H

#include <stdint.h>

#include "dump/kdump_header.h"
#include "util/error.h"

struct dump_writer_options;
struct sink;
struct writer_notes;

/** Everything but sub_hdr_size, which says where the bitmaps stand. path is for messages. */
struct error *kdump_front_header(struct kdump_header *header, const struct dump_facts *facts,
				 const struct writer_notes *notes,
				 const struct dump_writer_options *options, const char *path);

/** First byte behind sub header and notes. */
uint64_t kdump_front_end(const struct kdump_header *header, const struct writer_notes *notes);

/** Writes both; block 0, which makes the file valid, is left to the caller. */
struct error *kdump_front_write(struct sink *sink, const struct kdump_header *header,
				const struct writer_notes *notes);

#endif
