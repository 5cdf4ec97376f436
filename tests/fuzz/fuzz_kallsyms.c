// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory with the tables of kallsyms in it, from the scan to the lookups. */
#include <stdlib.h>
#include <string.h>

#include "kernel/kallsyms.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/mkkallsyms.h"

#define NR 700U

struct input {
	const uint8_t *data;
	size_t len;
};

static bool read_input(void *arg, uint64_t addr, void *buf, size_t len)
{
	const struct input *input = arg;

	memset(buf, 0, len);
	if (addr < input->len)
		memcpy(buf, input->data + addr, len < input->len - addr ? len : input->len - addr);
	return addr <= input->len;
}

static void look_up(const struct kallsyms *ks)
{
	static struct kallsyms_symbol symbol, at;
	uint64_t addr;

	for (size_t i = 0; i < ks->nr; i++) {
		if (!kallsyms_get(ks, i, &symbol))
			continue;
		if (strlen(symbol.name) >= KALLSYMS_NAME_MAX ||
		    !kallsyms_at(ks, symbol.addr, &at) || at.addr != symbol.addr)
			abort();
		kallsyms_lookup(ks, symbol.name, &addr);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	struct input input = {.data = data, .len = len};
	const uint8_t *mark = memmem(data, len, digits, sizeof(digits));
	_cleanup_kallsyms_ struct kallsyms *ks = NULL;
	struct kallsyms_tables tables = {0};

	if (!mark || !kallsyms_find(read_input, &input, (uint64_t)(mark - data), &tables))
		return 0;
	if (!error_ignore(kallsyms_create(&tables, read_input, &input, &ks)))
		look_up(ks);
	return 0;
}

void fuzz_seeds(fuzz_use_seed *use)
{
	for (size_t i = 0; i < mklayouts_nr; i++) {
		struct mksymbol *symbols = mksymbols(&mklayouts[i], NR);
		struct mkkallsyms mk;

		mkkallsyms(&mk, &mklayouts[i], symbols, NR, 0, mkvoffset(&mklayouts[i]));
		use(mklayouts[i].name, mk.data, mk.len);
		mkkallsyms_deinit(&mk);
		free(symbols);
	}
}
