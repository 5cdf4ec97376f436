// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/system.h"

#include <string.h>

#include "dump/info.h"
#include "dump/reader.h"
#include "kernel/kernel.h"
#include "kernel/printk_clock.h"

#define NSEC_PER_SEC INT64_C(1000000000)

/* Exported since it changed, Linux commit ca4a9241cc5e ("kdump: append uts_namespace.name offset to
 * VMCOREINFO"); before, a struct kref stood in front. */
#define UTS_NAME_OFFSET 4

/* struct new_utsname is six strings of the same size; what they say of themselves is the check. */
static void read_uts(struct kernel *kernel, struct dump_utsname *uts)
{
	const struct vmcoreinfo *info = kernel_vmcoreinfo(kernel);
	const char *release = vmcoreinfo_text(info, "OSRELEASE");
	struct dump_utsname copy;
	char *fields[] = {copy.sysname, copy.nodename, copy.release,
			  copy.version, copy.machine,  copy.domainname};
	uint64_t address, offset = UTS_NAME_OFFSET;

	_Static_assert(sizeof(copy) == 6 * (size_t)DUMP_UTS_LEN, "bytes, and nothing between them");
	vmcoreinfo_offset(info, "uts_namespace.name", &offset);
	if (kernel_symbol(kernel, "init_uts_ns", &address) &&
	    kernel_read(kernel, address + offset, &copy, sizeof(copy)) &&
	    !strncmp(copy.sysname, "Linux", sizeof(copy.sysname))) {
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			fields[i][DUMP_UTS_LEN - 1] = '\0';
		*uts = copy;
	}
	if (!uts->release[0] && release)
		strncpy(uts->release, release, DUMP_UTS_LEN - 1);
}

struct log_facts {
	struct printk_clock clock;
	struct printk_panic panic;
};

static bool add_record(void *arg, const struct printk_record *record)
{
	struct log_facts *facts = arg;

	printk_clock_add(&facts->clock, record);
	printk_panic_add(&facts->panic, record);
	return true;
}

static void take_panic(const struct printk_panic *panic, struct system_info *ret)
{
	uint32_t caller = panic->message.caller_id;

	memcpy(ret->panic, panic->message.text, sizeof(ret->panic));
	if (panic->task) {
		ret->panic_cpu = panic->cpu;
		ret->panic_pid = panic->pid;
		memcpy(ret->panic_comm, panic->comm, sizeof(ret->panic_comm));
	} else if (panic->kind != PANIC_NONE && caller & PRINTK_CALLER_CPU) {
		ret->panic_cpu = caller & ~PRINTK_CALLER_CPU;
	} else if (panic->kind != PANIC_NONE) {
		ret->panic_pid = caller;
	}
}

struct error *system_info_read(struct kernel *kernel, struct system_info *ret)
{
	const struct dump_facts *facts = &kernel->dump->facts;
	struct log_facts log = {0};
	struct printk_summary summary = {0};
	struct dump_amounts amounts = {0};
	struct error *err, *nomem;
	uint64_t crash_time = facts->time_sec;

	*ret = (struct system_info){
		.uts = facts->uts,
		.nr_cpus = facts->nr_cpus,
		.uptime_nsec = -1,
		.panic_pid = -1,
		.panic_cpu = -1,
	};
	read_uts(kernel, &ret->uts);
	nomem = dump_measure(kernel->dump, &amounts);
	ret->memory = amounts.ram;
	err = printk_walk(kernel, add_record, &log, &summary);
	printk_clock_end(&log.clock, kernel);
	if (summary.records) {
		ret->uptime_nsec = (int64_t)log.clock.last_stamp;
		take_panic(&log.panic, ret);
		if (log.clock.known)
			crash_time = (uint64_t)((log.clock.boot_nsec + ret->uptime_nsec) /
						NSEC_PER_SEC);
	}
	vmcoreinfo_dec(kernel_vmcoreinfo(kernel), "CRASHTIME", &crash_time);
	ret->crash_time = (int64_t)crash_time;
	if (!err)
		return nomem;
	error_ignore(nomem);
	return err;
}
