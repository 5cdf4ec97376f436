// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/estimate.h"

#include <stdio.h>
#include <time.h>

#include "dump/codec.h"
#include "dump/kdump_header.h"
#include "dump/reader.h"
#include "kernel/census.h"
#include "kernel/select.h"
#include "util/checked.h"
#include "util/cli.h"
#include "util/json.h"
#include "util/sys.h"
#include "util/zero.h"

#define LEVELS    (DUMP_LEVEL_MAX + 1U)
#define DESC_SIZE 24U // struct page_desc

/* What the sample tells of a codec: sums over its pages that are not zero. */
struct trial {
	uint64_t bytes, nsec;
	uint64_t zero_bytes, zero_nsec; /* of a single page that is */
};

/* And of the pages of a verdict. */
struct sample {
	uint64_t nr, zero; /* pages that could be read */
	uint64_t read_nsec;
	struct trial trials[ESTIMATE_MAX_CODECS];
};

struct tester {
	const struct dump_reader *dump;
	struct dump_scratch *scratch;
	size_t page_size;
	uint8_t *page, *out;
	const struct codec *const *codecs;
	void *states[ESTIMATE_MAX_CODECS];
	size_t nr_codecs;
};

static uint64_t now_nsec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void tester_deinit(struct tester *t)
{
	for (size_t i = 0; i < t->nr_codecs; i++)
		if (t->states[i])
			t->codecs[i]->destroy(t->states[i]);
	dump_scratch_destroy(t->scratch);
	free(t->page);
	free(t->out);
}

static struct error *tester_init(struct tester *t, const struct dump_reader *dump,
				 unsigned int page_shift, const struct estimate *estimate)
{
	struct error *err;

	*t = (struct tester){
		.dump = dump,
		.page_size = 1UL << page_shift,
		.codecs = estimate->codecs,
		.nr_codecs = estimate->nr_codecs,
		.page = sys_malloc(1UL << page_shift),
		.out = sys_malloc(1UL << page_shift),
	};
	if (!t->page || !t->out)
		return &error_nomem;
	for (size_t i = 0; i < t->nr_codecs; i++) {
		const struct codec *codec = t->codecs[i];

		if (codec &&
		    (err = codec->create(codec->default_level, t->page_size, &t->states[i])))
			return err;
	}
	return dump_scratch_create(dump, &t->scratch);
}

/* Bytes of t->page as a file has them. */
static uint64_t encode(struct tester *t, size_t codec, uint64_t *nsec)
{
	uint64_t start = now_nsec(), len = t->page_size;

	if (t->codecs[codec])
		len = t->codecs[codec]->encode(t->states[codec], t->page, t->page_size, t->out,
					       t->page_size);
	*nsec += now_nsec() - start;
	return len ? len : t->page_size;
}

static void try_page(struct tester *t, uint64_t pfn, struct sample *sample)
{
	uint64_t start = now_nsec(), nsec = 0;

	if (!dump_read_full(t->dump, t->scratch, pfn * t->page_size, t->page, t->page_size))
		return;
	sample->read_nsec += now_nsec() - start;
	sample->nr++;
	if (is_zero(t->page, t->page_size)) {
		sample->zero++;
		for (size_t i = 0; i < t->nr_codecs; i++)
			sample->trials[i].zero_bytes = encode(t, i, &nsec);
		return;
	}
	for (size_t i = 0; i < t->nr_codecs; i++)
		sample->trials[i].bytes += encode(t, i, &sample->trials[i].nsec);
}

/* Adds the pages of a verdict to a result. Those filled with zero take no space where the level
 * leaves them out, but a descriptor. */
static void add_pages(const struct sample *sample, const struct trial *trial, uint64_t pages,
		      bool drops_zero, uint64_t *bytes, uint64_t *nsec)
{
	uint64_t others = sample->nr - sample->zero;
	double share = sample->nr ? (double)sample->zero / (double)sample->nr : 0;
	double zero = (double)pages * share, rest = (double)pages - zero;

	if (!sample->nr)
		return;
	*bytes += pages * DESC_SIZE;
	*nsec += (uint64_t)((double)pages * (double)sample->read_nsec / (double)sample->nr);
	if (!drops_zero)
		*bytes += (uint64_t)(zero * (double)trial->zero_bytes);
	if (others) {
		*bytes += (uint64_t)(rest * (double)trial->bytes / (double)others);
		*nsec += (uint64_t)(rest * (double)trial->nsec / (double)others);
	}
}

static void compute(struct estimate *e, const struct census *census, const struct sample *samples,
		    uint64_t fixed, uint64_t scan_nsec)
{
	for (unsigned int level = 0; level < LEVELS; level++) {
		uint32_t dropped = select_classes(level);

		for (size_t codec = 0; codec < e->nr_codecs; codec++) {
			uint64_t bytes = fixed, nsec = 0;

			for (unsigned int i = 0; i < NR_VERDICTS; i++)
				if (!(dropped >> i & 1))
					add_pages(&samples[i], &samples[i].trials[codec],
						  census->sum.pages[i], level & DUMP_LEVEL_ZERO,
						  &bytes, &nsec);
			e->results[level][codec].bytes = bytes;
			e->results[level][codec].nsec = nsec / e->nr_threads + scan_nsec;
		}
	}
}

static void list_codecs(struct estimate *e)
{
	e->codecs[e->nr_codecs++] = NULL;
	for (size_t i = 0; i < nr_codecs && e->nr_codecs < ESTIMATE_MAX_CODECS; i++)
		if (codec_available(codecs[i]) && codec_find(codecs[i]->id) == codecs[i])
			e->codecs[e->nr_codecs++] = codecs[i];
}

struct error *estimate_make(const struct dump_reader *dump, unsigned int page_shift,
			    const struct census *census, uint64_t scan_nsec,
			    unsigned int nr_threads, struct estimate *ret)
{
	_cleanup_free_ struct sample *samples = sys_calloc(NR_VERDICTS, sizeof(*samples));
	_cleanup_(tester_deinit) struct tester tester = {0};
	uint64_t bitmap = div_round_up(dump->facts.max_paddr >> page_shift, 8);
	struct error *err;

	*ret = (struct estimate){.nr_threads = nr_threads};
	list_codecs(ret);
	if (!samples)
		return &error_nomem;
	if ((err = tester_init(&tester, dump, page_shift, ret)))
		return err;
	for (unsigned int i = 0; i < NR_VERDICTS; i++) {
		for (size_t j = 0; j < census->samples[i].nr; j++)
			try_page(&tester, census->samples[i].pfn[j], &samples[i]);
		ret->nr_pages += samples[i].nr;
	}
	// block 0, sub header, two bitmaps
	compute(ret, census, samples,
		3 * tester.page_size + dump->facts.notes_len +
			2 * align_up(bitmap, tester.page_size),
		scan_nsec);
	return NULL;
}

static const char *name_of(const struct codec *codec)
{
	return codec ? codec->name : "none";
}

void estimate_print(const struct estimate *e)
{
	char size[32];

	printf("Estimated size of a dump, and seconds to make it (sample of %zu pages, %u "
	       "threads):\n\n"
	       "LEVEL",
	       e->nr_pages, e->nr_threads);
	for (size_t i = 0; i < e->nr_codecs; i++)
		printf("  %18s", name_of(e->codecs[i]));
	printf("\n");
	for (unsigned int level = 0; level < LEVELS; level++) {
		printf("%5u", level);
		for (size_t i = 0; i < e->nr_codecs; i++)
			printf("  %10s %7.1f", cli_format_size(e->results[level][i].bytes, size),
			       (double)e->results[level][i].nsec / 1e9);
		printf("\n");
	}
}

void estimate_json(const struct estimate *e, struct json *json)
{
	json_begin_object(json, "estimate");
	json_u64(json, "sample_pages", e->nr_pages);
	json_u64(json, "threads", e->nr_threads);
	json_begin_array(json, "dumps");
	for (unsigned int level = 0; level < LEVELS; level++) {
		for (size_t i = 0; i < e->nr_codecs; i++) {
			json_begin_object(json, NULL);
			json_u64(json, "level", level);
			json_string(json, "codec", name_of(e->codecs[i]));
			json_u64(json, "bytes", e->results[level][i].bytes);
			json_fixed(json, "seconds", e->results[level][i].nsec / 1000000, 3);
			json_end_object(json);
		}
	}
	json_end_array(json);
	json_end_object(json);
}
