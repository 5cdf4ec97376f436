/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How large a dump would be, and how long it would take to make, at each level and with each codec:
 * from a sample of pages that is encoded for trial. */
#ifndef FILTER_ESTIMATE_H
#define FILTER_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

#include "dump/level.h"
#include "util/error.h"

struct census;
struct codec;
struct dump_reader;
struct json;

#define ESTIMATE_MAX_CODECS 8

struct estimate {
	size_t nr_pages; /**< in the sample */
	unsigned int nr_threads;
	const struct codec *codecs[ESTIMATE_MAX_CODECS]; /**< NULL: pages are stored as they are */
	size_t nr_codecs;
	struct {
		uint64_t bytes, nsec;
	} results[DUMP_LEVEL_MAX + 1][ESTIMATE_MAX_CODECS];
};

/** census has to have samples; scan_nsec is what it took. */
struct error *estimate_make(const struct dump_reader *dump, unsigned int page_shift,
			    const struct census *census, uint64_t scan_nsec,
			    unsigned int nr_threads, struct estimate *ret);

/** As a table on stdout, and as the member "estimate" of an object. */
void estimate_print(const struct estimate *estimate);
void estimate_json(const struct estimate *estimate, struct json *json);

#endif
