// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "dump/vmcoreinfo.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	_cleanup_vmcoreinfo_ struct vmcoreinfo *info = NULL;
	const char *text;
	uint64_t v;
	int64_t n;

	if (error_ignore(vmcoreinfo_create((const char *)data, len, &info)))
		return 0;
	text = vmcoreinfo_text(info, "OSRELEASE");
	if (text && strlen(text) > len)
		abort();
	vmcoreinfo_symbol(info, "init_uts_ns", &v);
	vmcoreinfo_size(info, "page", &v);
	vmcoreinfo_offset(info, "page.flags", &v);
	vmcoreinfo_length(info, "mem_section", &v);
	vmcoreinfo_number(info, "phys_base", &n);
	vmcoreinfo_hex(info, "KERNELOFFSET", &v);
	vmcoreinfo_dec(info, "PAGESIZE", &v);
	return 0;
}

void fuzz_seeds(fuzz_use_seed *use)
{
	static const char text[] = "OSRELEASE=6.1.0-49-amd64\nPAGESIZE=4096\n"
				   "SYMBOL(init_uts_ns)=ffffffff82e14d40\nSIZE(page)=64\n"
				   "OFFSET(page.flags)=0\nLENGTH(mem_section)=2048\n"
				   "NUMBER(phys_base)=-148897792\nKERNELOFFSET=1fa00000\n";

	use("plain", text, sizeof(text) - 1);
}
