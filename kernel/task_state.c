// SPDX-License-Identifier: GPL-2.0-or-later
/* The states of a task in words. */
#include <stdio.h>
#include <string.h>

#include "kernel/tasks.h"

static const struct {
	uint32_t bit;
	const char *letters, *name;
} states[] = {
	// the one that tells most comes first
	{TASK_EXIT_ZOMBIE, "ZO", "EXIT_ZOMBIE"},
	{TASK_EXIT_DEAD, "DE", "EXIT_DEAD"},
	{TASK_DEAD, "DE", "TASK_DEAD"},
	{TASK_STOPPED, "ST", "TASK_STOPPED"},
	{TASK_TRACED, "TR", "TASK_TRACED"},
	{TASK_PARKED, "PA", "TASK_PARKED"},
	{TASK_INTERRUPTIBLE, "IN", "TASK_INTERRUPTIBLE"},
	{TASK_UNINTERRUPTIBLE, "UN", "TASK_UNINTERRUPTIBLE"},
	{TASK_WAKING, "WA", "TASK_WAKING"},
	{TASK_NEW, "NE", "TASK_NEW"},
	{TASK_WAKEKILL, "UN", "TASK_WAKEKILL"},
	{TASK_RTLOCK_WAIT, "UN", "TASK_RTLOCK_WAIT"},
	{TASK_FROZEN, "UN", "TASK_FROZEN"},
	{TASK_NOLOAD, "ID", "TASK_NOLOAD"},
	{TASK_FREEZABLE, "IN", "TASK_FREEZABLE"},
};

#define NR_STATES (sizeof(states) / sizeof(states[0]))

const char *task_state_letters(uint32_t state)
{
	uint32_t idle = TASK_UNINTERRUPTIBLE | TASK_NOLOAD;

	if (!state)
		return "RU";
	// it waits, and does not count as load: TASK_IDLE
	if ((state & idle) == idle)
		return "ID";
	for (size_t i = 0; i < NR_STATES; i++)
		if (state & states[i].bit)
			return states[i].letters;
	return "??";
}

const char *task_state_text(uint32_t state, char buf[static TASK_STATE_TEXT])
{
	size_t len = 0;

	buf[0] = '\0';
	if (!state)
		snprintf(buf, TASK_STATE_TEXT, "TASK_RUNNING");
	for (size_t i = 0; i < NR_STATES && len < TASK_STATE_TEXT; i++) {
		if (state & states[i].bit)
			len += (size_t)snprintf(buf + len, TASK_STATE_TEXT - len, "%s%s",
						len ? "|" : "", states[i].name);
		state &= ~states[i].bit;
	}
	if (state && len < TASK_STATE_TEXT)
		snprintf(buf + len, TASK_STATE_TEXT - len, "%s0x%x", len ? "|" : "", state);
	return buf;
}
