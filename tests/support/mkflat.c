// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/mkflat.h"

#include "dump/flattened.h"
#include "util/bytes.h"
#include "util/checked.h"

void mkflat_begin(struct mkfile *file)
{
	uint8_t header[FLATTENED_HEADER_LEN] = FLATTENED_SIGNATURE;

	store_u64(header + FLATTENED_SIGNATURE_LEN, FLATTENED_TYPE, true);
	store_u64(header + FLATTENED_SIGNATURE_LEN + 8, FLATTENED_VERSION, true);
	mkfile_put(file, 0, header, sizeof(header));
}

void mkflat_record(struct mkfile *file, uint64_t off, uint64_t len, const void *data, size_t size)
{
	uint8_t record[FLATTENED_RECORD_LEN];

	store_u64(record, off, true);
	store_u64(record + 8, len, true);
	mkfile_put(file, file->len, record, sizeof(record));
	mkfile_put(file, file->len, data, size);
}

void mkflat_end(struct mkfile *file)
{
	mkflat_record(file, UINT64_MAX, UINT64_MAX, NULL, 0);
}

void mkflat(const struct mkfile *payload, size_t step, bool backwards, struct mkfile *ret)
{
	size_t nr = div_round_up(payload->len, step);

	mkflat_begin(ret);
	for (size_t i = 0; i < nr; i++) {
		size_t off = (backwards ? nr - 1 - i : i) * step;
		size_t len = min_u64(step, payload->len - off);

		mkflat_record(ret, off, len, payload->data + off, len);
	}
	mkflat_end(ret);
}
