// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/printk_panic.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util/checked.h"

#define FACILITY_KERN 0
#define OOPS_RECORDS \
	24U /**< an oops says within so many records what it is about; arm64 has most */

static const char *const complaints[] = {
	"BUG: ",
	"kernel BUG at ",
	"Unable to handle kernel ",
	"watchdog: BUG: ",
	"sysrq: Trigger a crash",
	"SysRq : Trigger a crash", // before Linux 5.0
};

static bool starts(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

static bool is_complaint(const char *line)
{
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		if (starts(line, complaints[i]))
			return true;
	return false;
}

/* "Oops: 0002 [#1] PREEMPT SMP": die() of every architecture counts its reports in this way. */
static bool is_oops(const char *line)
{
	const char *p = strstr(line, "[#");

	return p && isdigit((unsigned char)p[2]);
}

static void set_message(struct printk_panic *panic, enum panic_kind kind,
			const struct panic_line *line)
{
	panic->kind = kind;
	panic->message = *line;
	panic->task_after = false;
	panic->task = panic->task && panic->task_caller == line->caller_id;
}

static bool parse_number(const char *p, uint32_t *ret)
{
	char *end;
	unsigned long value = strtoul(p, &end, 10);

	*ret = (uint32_t)value;
	return end != p && value < UINT32_MAX;
}

/* "CPU: 1 PID: 431 Comm: sh Kdump: loaded Not tainted 6.1.0", since 6.12 with " UID: 0" behind the
 * first number. A name may have blanks in it. */
static void add_task(struct printk_panic *panic, const struct panic_line *line)
{
	static const char *const ends[] = {" Kdump: ", " Not tainted", " Tainted: "};
	const char *text = line->text, *pid = strstr(text, " PID: "), *comm, *end;
	uint32_t cpu_nr, pid_nr;

	if (panic->task_after || !starts(text, "CPU: ") || !pid ||
	    !(comm = strstr(pid, " Comm: ")) || !parse_number(text + 5, &cpu_nr) ||
	    !parse_number(pid + 6, &pid_nr))
		return;
	if (panic->kind != PANIC_NONE && panic->message.caller_id != line->caller_id)
		return;
	comm += 7;
	end = comm + strlen(comm);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const char *p = strstr(comm, ends[i]);

		end = p && p < end ? p : end;
	}
	panic->task = true;
	panic->task_after = panic->kind != PANIC_NONE;
	panic->task_caller = line->caller_id;
	panic->cpu = cpu_nr;
	panic->pid = pid_nr;
	memset(panic->comm, 0, sizeof(panic->comm));
	memcpy(panic->comm, comm, min_u64((uint64_t)(end - comm), COMM_LEN - 1));
}

static void add_line(struct printk_panic *panic, const struct panic_line *line)
{
	const struct panic_line *complaint = &panic->complaint;

	if (starts(line->text, "Kernel panic")) {
		if (panic->kind == PANIC_PANIC)
			return;
		if (panic->kind == PANIC_OOPS && strstr(line->text, "Fatal exception"))
			panic->kind = PANIC_PANIC;
		else
			set_message(panic, PANIC_PANIC, line);
	} else if (is_complaint(line->text)) {
		panic->complaint = *line;
		if (panic->kind <= PANIC_COMPLAINT)
			set_message(panic, PANIC_COMPLAINT, line);
	} else if (is_oops(line->text) && panic->kind <= PANIC_OOPS) {
		bool about = complaint->text[0] && complaint->caller_id == line->caller_id &&
			     line->seq - complaint->seq <= OOPS_RECORDS;

		set_message(panic, PANIC_OOPS, about ? complaint : line);
	} else {
		add_task(panic, line);
	}
}

void printk_panic_add(struct printk_panic *panic, const struct printk_record *record)
{
	const char *text = record->text, *end = text + record->len, *next;

	// what programs write into /dev/kmsg is not the kernel's own word
	if (record->facility != FACILITY_KERN)
		return;
	for (; text; text = next) {
		struct panic_line line = {.seq = record->seq, .caller_id = record->caller_id};
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t len = (size_t)((newline ? newline : end) - text);

		next = newline ? newline + 1 : NULL;
		memcpy(line.text, text, min_u64(len, PANIC_LEN - 1));
		add_line(panic, &line);
	}
}
